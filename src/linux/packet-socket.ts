import {
  attachFilter,
  bindSocket,
  closeSocket,
  openSocket,
  receiveNow,
  SystemCallError,
  sendMessage,
  watchReadable,
} from "./libc.ts";
import { onInterface } from "./packet-filter.ts";

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCKADDR_LL_LENGTH = 20;
const LARGEST_FRAME = 2048;
/** So that a flood cannot keep the thread from its other work: the rest is read in the next turn of the event loop. */
const FRAMES_PER_TURN = 256;

/** Sends and receives whole Ethernet frames of one type on one interface. Needs CAP_NET_RAW. */
export type PacketSocket = {
  /** @throws {SystemCallError} ENETDOWN while the interface is down, ENOBUFS if its queue is full */
  send(frame: Uint8Array): void;
  close(): void;
};

/** What a packet socket is to be. */
export type PacketSocketOptions = {
  readonly interfaceIndex: number;
  readonly etherType: number;
  /** A classic BPF program; only frames that it accepts are received, and none of a VLAN above the interface. */
  readonly filter: Uint8Array;
  /** The frame is only valid during the call. */
  readonly onFrame: (frame: Uint8Array) => void;
};

/** Opens the socket; no frame that the filter refuses is ever queued. @throws {SystemCallError} */
export function openPacketSocket(options: PacketSocketOptions): PacketSocket {
  // Protocol 0 receives nothing until bind names one, so that the filter is there first.
  const fd = openSocket(AF_PACKET, SOCK_RAW, 0);
  try {
    attachFilter(fd, onInterface(options.interfaceIndex, options.filter));
    bindSocket(fd, linkAddress(options));
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  const into = new Uint8Array(LARGEST_FRAME);
  const watch = watchReadable(fd, () => receiveFrames(fd, into, options.onFrame));
  return {
    send: (frame) => sendMessage(fd, frame),
    close: () => {
      watch.close();
      closeSocket(fd);
    },
  };
}

function receiveFrames(fd: number, into: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
  for (let i = 0; i < FRAMES_PER_TURN; i++) {
    const length = receiveFrame(fd, into);
    if (length === undefined) return;
    onFrame(into.subarray(0, length));
  }
}

function receiveFrame(fd: number, into: Uint8Array): number | undefined {
  try {
    return receiveNow(fd, into);
  } catch (error) {
    // Said once when the interface goes down; the socket serves again when it comes up.
    if (error instanceof SystemCallError && error.code === "ENETDOWN") return undefined;
    throw error;
  }
}

function linkAddress({ interfaceIndex, etherType }: PacketSocketOptions): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_LL_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  return bytes;
}
