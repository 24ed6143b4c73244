import type { BfdPacket, BfdState } from "./packet.ts";

/** What the other end last said of itself, or what holds before it said anything. Intervals are in microseconds. */
export type Remote = {
  readonly state: BfdState;
  readonly diagnostic: number;
  /** 0: unknown. */
  readonly discriminator: number;
  readonly demand: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly multiplier: number;
  readonly transmitUs: number;
  readonly receiveUs: number;
};

/** RFC 5880, 6.8.1: before the first packet, and again a detection time after the last. */
export const unknownRemote: Remote = {
  state: "down",
  diagnostic: 0,
  discriminator: 0,
  demand: false,
  controlPlaneIndependent: false,
  multiplier: 0,
  transmitUs: 0,
  receiveUs: 1,
};

/** What a packet says of its sender. */
export function remoteOf(packet: BfdPacket): Remote {
  return {
    state: packet.state,
    diagnostic: packet.diagnostic,
    discriminator: packet.myDiscriminator,
    demand: packet.demand,
    controlPlaneIndependent: packet.controlPlaneIndependent,
    multiplier: packet.multiplier,
    transmitUs: packet.desiredMinTxUs,
    receiveUs: packet.requiredMinRxUs,
  };
}
