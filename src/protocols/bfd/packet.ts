/**
 * The control packet of bidirectional forwarding detection: RFC 5880, 4.1. What is left out stands in README.md beside this
 * file.
 */
import { MalformedPacketError } from "../malformed-packet.ts";

/** `bfd.SessionState`, of the sender; the place is the number on the wire. */
export const bfdStates = ["adminDown", "down", "init", "up"] as const;

/** How far a session is (RFC 5880, 6.2). */
export type BfdState = (typeof bfdStates)[number];

/** A control packet without authentication. Intervals are in microseconds, of 32 bits. */
export type BfdPacket = {
  /** Why the sender's state last changed: 0 to 31. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  /** C: the sender's forwarding, and its BFD, outlive its control plane. */
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  /** 1 to 255. */
  readonly multiplier: number;
  /** 1 to 2^32 - 1. */
  readonly myDiscriminator: number;
  /** 0 if the sender does not know it yet. */
  readonly yourDiscriminator: number;
  readonly desiredMinTxUs: number;
  /** 0: the sender wants no periodic packets. */
  readonly requiredMinRxUs: number;
  /** 0: the sender loops no echo packets back. */
  readonly requiredMinEchoRxUs: number;
};

const LENGTH = 24;
const VERSION = 1;
const flag = {
  poll: 0x20,
  final: 0x10,
  controlPlaneIndependent: 0x08,
  authentication: 0x04,
  demand: 0x02,
  multipoint: 0x01,
};

/** What is wrong with a packet, in words, if this is what is wrong. The bytes are 24 at least. */
type Check = (view: DataView) => string | undefined;

/** RFC 5880, 6.8.6, in its order; those that need to know the sessions are in admission.ts. */
const checks: readonly Check[] = [
  (view) => (view.getUint8(0) >> 5 === VERSION ? undefined : `version ${view.getUint8(0) >> 5}, not ${VERSION}`),
  (view) => (view.getUint8(3) >= LENGTH ? undefined : `its length field says ${view.getUint8(3)}, less than ${LENGTH}`),
  (view) =>
    view.getUint8(3) <= view.byteLength
      ? undefined
      : `its length field says ${view.getUint8(3)}, of ${view.byteLength} bytes`,
  (view) => (view.getUint8(2) === 0 ? "multiplier 0" : undefined),
  (view) => ((view.getUint8(1) & flag.multipoint) === 0 ? undefined : "the multipoint bit is set"),
  (view) => (view.getUint32(4) === 0 ? "discriminator 0 of its sender" : undefined),
  (view) =>
    view.getUint32(8) === 0 && isPastDown(view)
      ? `state ${stateOf(view)} without the discriminator of its receiver`
      : undefined,
  (view) =>
    (view.getUint8(1) & flag.authentication) === 0
      ? undefined
      : "it is authenticated, and no authentication is configured",
];

function stateOf(view: DataView): BfdState {
  const [state = "adminDown"] = bfdStates.slice(view.getUint8(1) >> 6);
  return state;
}

const isPastDown = (view: DataView): boolean => stateOf(view) === "init" || stateOf(view) === "up";

/**
 * Decodes a control packet. Bytes after the length that it states are padding (RFC 9764), as are those that an
 * authentication section would take.
 * @throws {MalformedPacketError} by RFC 5880, 6.8.6: shorter than 24 bytes or than its length field, another version,
 * multiplier or discriminator 0, multipoint, past Down without our discriminator, or with authentication
 */
export function decodeBfd(bytes: Uint8Array): BfdPacket {
  if (bytes.length < LENGTH) throw new MalformedPacketError(`BFD: ${bytes.length} bytes, not ${LENGTH}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const check of checks) {
    const problem = check(view);
    if (problem !== undefined) throw new MalformedPacketError(`BFD: ${problem}`);
  }
  const flags = view.getUint8(1);
  return {
    diagnostic: view.getUint8(0) & 0x1f,
    state: stateOf(view),
    poll: (flags & flag.poll) !== 0,
    final: (flags & flag.final) !== 0,
    controlPlaneIndependent: (flags & flag.controlPlaneIndependent) !== 0,
    demand: (flags & flag.demand) !== 0,
    multiplier: view.getUint8(2),
    myDiscriminator: view.getUint32(4),
    yourDiscriminator: view.getUint32(8),
    desiredMinTxUs: view.getUint32(12),
    requiredMinRxUs: view.getUint32(16),
    requiredMinEchoRxUs: view.getUint32(20),
  };
}

/** The 24 bytes of a packet. */
export function encodeBfd(packet: BfdPacket): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (VERSION << 5) | packet.diagnostic);
  view.setUint8(1, (bfdStates.indexOf(packet.state) << 6) | flagsOf(packet));
  view.setUint8(2, packet.multiplier);
  view.setUint8(3, LENGTH);
  view.setUint32(4, packet.myDiscriminator);
  view.setUint32(8, packet.yourDiscriminator);
  view.setUint32(12, packet.desiredMinTxUs);
  view.setUint32(16, packet.requiredMinRxUs);
  view.setUint32(20, packet.requiredMinEchoRxUs);
  return bytes;
}

const sentFlags = ["poll", "final", "controlPlaneIndependent", "demand"] as const;

function flagsOf(packet: BfdPacket): number {
  return sentFlags.reduce((bits, name) => (packet[name] ? bits | flag[name] : bits), 0);
}
