import type { HoldFrame } from "../announce/hold-output.ts";
import { decodeFrame, type EthernetFrame, etherType } from "../linux/ethernet.ts";
import { SystemCallError } from "../linux/libc.ts";
import { openGroupMembership } from "../linux/multicast.ts";
import { arpFilter, ndpFilter } from "../linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../linux/packet-socket.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { answerArp, arpClaim, type Claim } from "../protocols/arp/answer.ts";
import * as arp from "../protocols/arp/packet.ts";
import { MalformedPacketError } from "../protocols/malformed-packet.ts";
import { answerSolicitation, neighbourClaim } from "../protocols/ndp/answer.ts";
import { decodeNdp, solicitedNodeGroup } from "../protocols/ndp/message.ts";
import type { Counters } from "./counters.ts";
import { createFrameQueue, type QueuedFrame } from "./frame-queue.ts";
import { arpFrame, frameBytes, framesFor, ndpFrame, requestBytes } from "./frames.ts";
import type { LanEvent } from "./holding-ports.ts";

/** One network that an interface is on: answers for the addresses held there, and sends the frames of their holds. */
export type Lan = {
  readonly index: number;
  /** Receives what is sent about the address. @throws {SystemCallError} */
  join(address: Address): void;
  /** The opposite of join; frames that wait are dropped. */
  leave(address: Address): void;
  /** Puts a frame in the queue; `flush` sends it. */
  send(address: Address, frame: HoldFrame): void;
  /** Asks at once, for its own address, who has another; the answer is a claim. False if the frame did not leave. */
  ask(target: Address, own: Address): boolean;
  /** Sends what may leave now. */
  flush(nowMs: number): void;
  /** When `flush` has more to do; Infinity if nothing waits. */
  wakeAtMs(): number;
  close(): void;
};

/** What a LAN needs to know and whom it tells. */
export type LanOptions = {
  readonly index: number;
  readonly mac: Mac;
  /** Whether the speaker, and not the kernel, is to answer for the address on this LAN. */
  readonly answersFor: (address: Address) => boolean;
  /** Whether a hardware address is one of this machine's. */
  readonly isOwnMac: (mac: Mac) => boolean;
  /** Another station says on this LAN that it has this address, whosever it is; or a probe for the address has left or failed. */
  readonly onEvent: (address: Address, event: LanEvent) => void;
  readonly counters: Counters;
};

/** Opens the sockets on an interface. @throws {SystemCallError} */
export function openLan(options: LanOptions): Lan {
  const { index, mac, counters } = options;
  const queue = createFrameQueue();
  const groups = openGroupMembership(index);
  const [arpSocket, ndpSocket] = openSockets(options);
  const sendQueued = ({ address, form, purpose }: QueuedFrame): void => {
    const sent = trySend(address.family === 4 ? arpSocket : ndpSocket, frameBytes(form, address, mac), counters);
    if (sent) counters[`${purpose}Frames`]++;
    if (purpose === "probe") options.onEvent(address, { kind: sent ? "probeLeft" : "probeFailed" });
  };
  return {
    index,
    join: (address) => {
      if (address.family === 6) groups.join(solicitedNodeGroup(address));
    },
    leave: (address) => {
      queue.discard(address);
      if (address.family === 6) groups.leave(solicitedNodeGroup(address));
    },
    send: (address, frame) => {
      for (const entry of framesFor(address, frame)) queue.offer(entry.frame, entry.priority);
    },
    ask: (target, own) => {
      const socket = target.family === 4 ? arpSocket : ndpSocket;
      const sent = trySend(socket, requestBytes({ target, own, mac }), counters);
      if (sent) counters.gatewayFrames++;
      return sent;
    },
    flush: (nowMs) => queue.take(nowMs).forEach(sendQueued),
    wakeAtMs: () => queue.wakeAtMs(),
    close: () => {
      arpSocket.close();
      ndpSocket.close();
      groups.close();
    },
  };
}

function openSockets(options: LanOptions): readonly [arp: PacketSocket, ndp: PacketSocket] {
  const arpSocket: PacketSocket = openPacketSocket({
    interfaceIndex: options.index,
    etherType: etherType.arp,
    filter: arpFilter,
    onFrame: (bytes) => receive(bytes, options, (frame) => receiveArp(frame, options, arpSocket)),
  });
  try {
    const ndpSocket: PacketSocket = openPacketSocket({
      interfaceIndex: options.index,
      etherType: etherType.ipv6,
      filter: ndpFilter,
      onFrame: (bytes) => receive(bytes, options, (frame) => receiveNdp(frame, options, ndpSocket)),
    });
    return [arpSocket, ndpSocket];
  } catch (error) {
    arpSocket.close();
    throw error;
  }
}

function receive(bytes: Uint8Array, options: LanOptions, accept: (frame: EthernetFrame) => void): void {
  const frame = decodeFrame(bytes);
  if (frame === undefined || options.isOwnMac(frame.source)) return;
  try {
    accept(frame);
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
    options.counters.malformedFrames++;
  }
}

function receiveArp(frame: EthernetFrame, options: LanOptions, socket: PacketSocket): void {
  const packet = arp.decodeArp(frame.payload);
  tellClaim(arpClaim(packet), options);
  const answer = answerArp(packet, options.mac, options.answersFor);
  if ("silent" in answer) return;
  const bytes = arpFrame(answer.reply, options.mac, answer.reply.targetMac);
  if (trySend(socket, bytes, options.counters)) options.counters.arpAnswers++;
}

function receiveNdp(frame: EthernetFrame, options: LanOptions, socket: PacketSocket): void {
  const message = decodeNdp(frame.payload);
  const senderMac = frame.source.slice();
  tellClaim(neighbourClaim(message, senderMac), options);
  const answer = answerSolicitation(message, senderMac, options);
  if ("silent" in answer) return;
  const bytes = ndpFrame(answer.reply, options.mac, answer.destinationMac);
  if (trySend(socket, bytes, options.counters)) options.counters.ndpAnswers++;
}

function tellClaim(claim: Claim | undefined, { isOwnMac, onEvent }: LanOptions): void {
  if (claim !== undefined && !isOwnMac(claim.mac)) onEvent(claim.address, { kind: "claim", mac: claim.mac });
}

/** A frame that the kernel does not take is lost like one on the wire: requests and announcements are repeated anyway. */
function trySend(socket: PacketSocket, bytes: Uint8Array, counters: Counters): boolean {
  try {
    socket.send(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    counters.sendFailures++;
    return false;
  }
}
