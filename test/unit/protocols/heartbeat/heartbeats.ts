/** Heartbeats for tests: one with what a test does not care about filled in, and arbitrary ones. */
import fc from "fast-check";
import type { Address } from "../../../../src/net/address.ts";
import type { MemberList } from "../../../../src/protocols/heartbeat/member-list.ts";
import {
  type Heartbeat,
  LARGEST_ENTRY_COUNT,
  type TableEntry,
  type TableUpdate,
} from "../../../../src/protocols/heartbeat/packet.ts";
import { address } from "../../../support/builders.ts";

/** A heartbeat at rest, but for these parts of it. */
export function heartbeat({
  table,
  ...parts
}: Partial<Omit<Heartbeat, "table">> & { table?: Partial<TableUpdate> } = {}): Heartbeat {
  return {
    boot: 0x0102030405060708n,
    seq: 9,
    ack: { boot: 0x1112131415161718n, seq: 10 },
    epoch: 3,
    quorum: true,
    leaving: false,
    answerMe: false,
    witness: false,
    forced: false,
    intervalMs: 100,
    ...parts,
    table: { version: 7, from: 7, upTo: 7, known: 5, entries: [], ...table },
  };
}

const plain = { noNullPrototype: true } as const;
const uint32 = fc.nat(0xffffffff);
const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const boot = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as const, value })),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ({ family: 6 as const, value })),
  fc.nat(255).map((low) => ({ family: 4 as const, value: 0xc0a83200n + BigInt(low) })),
  fc.nat(255).map((low) => ({ family: 6 as const, value: (0xfd50n << 112n) + BigInt(low) })),
);

const claim = fc.record(
  {
    state: fc.constantFrom("claims" as const, "holds" as const, "keeps" as const),
    term: number,
    generation: number,
    gives: fc.boolean(),
  },
  plain,
);

const entry: fc.Arbitrary<TableEntry> = fc.record(
  { address: anyAddress, vote: fc.record({ boot, claim: number, priority: number }, plain), claim, wants: number },
  { ...plain, requiredKeys: ["address"] },
);

const text = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength, maxLength })
    .map((codes) => String.fromCharCode(...codes));

const list: fc.Arbitrary<MemberList> = fc.record(
  {
    uid: text(0, 64),
    epoch: number,
    members: fc.array(text(1, 253), { maxLength: 7 }),
    witness: fc.boolean(),
    forced: fc.boolean(),
  },
  plain,
);

const withoutList: fc.Arbitrary<Heartbeat> = fc.record(
  {
    boot,
    seq: uint32,
    ack: fc.record({ boot: fc.oneof(fc.constant(0n), boot), seq: uint32 }, plain),
    epoch: number,
    quorum: fc.boolean(),
    leaving: fc.boolean(),
    answerMe: fc.boolean(),
    witness: fc.boolean(),
    forced: fc.boolean(),
    intervalMs: number,
    table: fc.record(
      {
        version: number,
        from: number,
        upTo: number,
        known: number,
        entries: fc.array(entry, { maxLength: LARGEST_ENTRY_COUNT }),
      },
      plain,
    ),
  },
  plain,
);

/** Any heartbeat that can be sent. */
export const anyHeartbeat: fc.Arbitrary<Heartbeat> = fc.oneof(
  withoutList,
  fc.tuple(withoutList, list).map(([each, sent]) => ({ ...each, list: sent })),
);

/** Of each kind one, as a member that leaves has them. */
export const leavingEntries: readonly TableEntry[] = [
  {
    address: address("192.168.50.200"),
    vote: { boot: 0x2122232425262728n, claim: 2, priority: 1 },
    claim: { state: "holds", term: 4, generation: 1, gives: true },
  },
  { address: address("192.168.50.201"), vote: { boot: 0x3132333435363738n, claim: 300, priority: 0 } },
  { address: address("fd50::200"), vote: { boot: 0x2122232425262728n, claim: 1, priority: 0 }, wants: 6 },
  { address: address("fd50::2ff") },
  { address: address("192.168.50.201"), claim: { state: "keeps", term: 5, generation: 0, gives: false } },
];

/** A list that others may not have yet. */
export const newerList: MemberList = { uid: "a-1", epoch: 300, members: ["n1", "n2.x"], witness: true, forced: false };
