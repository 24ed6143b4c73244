import fc from "fast-check";
import { type BfdPacket, bfdStates } from "../../../../src/protocols/bfd/packet.ts";

/** A packet of a session that is up, with what a test says. */
export function packet(said: Partial<BfdPacket> = {}): BfdPacket {
  return {
    diagnostic: 0,
    state: "up",
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    multiplier: 3,
    myDiscriminator: 0xb,
    yourDiscriminator: 0xa,
    desiredMinTxUs: 100_000,
    requiredMinRxUs: 100_000,
    requiredMinEchoRxUs: 0,
    ...said,
  };
}

const uint32 = (least: number): fc.Arbitrary<number> => fc.integer({ min: least, max: 2 ** 32 - 1 });

/** Any packet that may be sent. */
export const anyPacket: fc.Arbitrary<BfdPacket> = fc.record(
  {
    diagnostic: fc.nat(31),
    state: fc.constantFrom(...bfdStates),
    poll: fc.boolean(),
    final: fc.boolean(),
    controlPlaneIndependent: fc.boolean(),
    demand: fc.boolean(),
    multiplier: fc.integer({ min: 1, max: 255 }),
    myDiscriminator: uint32(1),
    yourDiscriminator: uint32(1),
    desiredMinTxUs: uint32(0),
    requiredMinRxUs: uint32(0),
    requiredMinEchoRxUs: uint32(0),
  },
  { noNullPrototype: true },
);
