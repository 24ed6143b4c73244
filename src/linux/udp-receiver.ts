import type { Address } from "../net/address.ts";
import { datagramFilter } from "./datagram-filter.ts";
import { attachFilter, bindSocket, closeSocket, openSocket, setSocketOption } from "./libc.ts";
import { decodePath, type PacketPath, pathOptions } from "./packet-path.ts";
import { messageReceiver } from "./receive-message.ts";
import { addressFamily, socketAddress } from "./socket-address.ts";
import { sourceFilter } from "./source-filter.ts";
import { readDatagrams } from "./udp-reading.ts";

const SOCK_DGRAM = 2;
const IPPROTO_UDP = 17;
const SOL_SOCKET = 1;
const [SO_REUSEPORT, SO_BINDTODEVICE] = [15, 25];

/** Of the thread: what is read is used up before the next is. */
const into = {
  message: new Uint8Array(new ArrayBuffer(2048)),
  sender: new Uint8Array(new ArrayBuffer(28)),
  control: new Uint8Array(new ArrayBuffer(128)),
};
const receive = messageReceiver(into);
const yes = Uint8Array.of(1, 0, 0, 0);

/** A port of one address of this host, and how each datagram came there. */
export type UdpReceiver = {
  /** From now on only what these sent is queued, from the first moment nobody. @throws {SystemCallError} if they are too many */
  setSources(sources: readonly Address[]): void;
  /**
   * Reads what waits (256 datagrams at most). To be called before silence is concluded: after a pause of the thread, timers come
   * before sockets.
   */
  drain(): void;
  close(): void;
};

/** What a receiver is to be. */
export type UdpReceiverOptions = {
  /** Of all addresses a socket in a VRF, or on an interface, would have to share the port with those outside of it, in vain. */
  readonly address: Address;
  readonly port: number;
  /** The VRF, or the interface of a link-local address; undefined: all that are in no VRF. */
  readonly device?: string | undefined;
  /** Let in only what no router has forwarded (TTL or hop limit 255): the kernel drops all else. */
  readonly onLink: boolean;
  /** The datagram, cut to 2,048 bytes, is only valid during the call. */
  readonly onDatagram: (datagram: Uint8Array, path: PacketPath) => void;
};

/**
 * Opens a receiver; programs of this user may share its port (SO_REUSEPORT), which it needs of its like in a VRF. Needs no capability
 * since Linux 5.7. @throws {SystemCallError} EADDRINUSE by another user's program, ENODEV without that device,
 * EADDRNOTAVAIL without that address
 */
export function openUdpReceiver(options: UdpReceiverOptions): UdpReceiver {
  const { address, port, onLink, onDatagram } = options;
  const { family } = address;
  const fd = openSocket(addressFamily[family], SOCK_DGRAM, IPPROTO_UDP);
  const setSources = (sources: readonly Address[]): void =>
    attachFilter(fd, onLink ? datagramFilter(family, sources.map(withoutTag)) : sourceFilter(family, sources));
  try {
    setSources([]);
    setOptions(fd, options);
    bindSocket(fd, socketAddress({ address, port }));
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  const reading = readDatagrams(fd, {
    receive,
    onReceived: ({ length, controlLength }) => {
      const path = decodePath(family, into.sender, into.control.subarray(0, controlLength));
      if (path !== undefined) onDatagram(into.message.subarray(0, length), path);
    },
  });
  return { setSources, ...reading };
}

const withoutTag = (address: Address) => ({ address, tag: new Uint8Array() });

function setOptions(fd: number, { address: { family }, device }: UdpReceiverOptions): void {
  // The kernel takes a port in a VRF and the same port outside of it for one.
  setSocketOption(fd, { level: SOL_SOCKET, name: SO_REUSEPORT }, yes);
  if (device !== undefined)
    setSocketOption(fd, { level: SOL_SOCKET, name: SO_BINDTODEVICE }, Buffer.from(`${device}\0`));
  for (const option of pathOptions(family)) setSocketOption(fd, option, yes);
}
