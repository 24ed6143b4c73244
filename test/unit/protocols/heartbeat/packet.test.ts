import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeHeartbeat,
  encodeHeartbeat,
  type Heartbeat,
  LARGEST_ENTRY_COUNT,
  OtherVersionError,
  type TableEntry,
  TooManyEntriesError,
} from "../../../../src/protocols/heartbeat/packet.ts";
import { SEAL_LENGTH } from "../../../../src/protocols/heartbeat/seal.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { address } from "../../../support/builders.ts";
import { heartbeat, leavingEntries } from "./heartbeats.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex"));

/** Version 1.1, the length of the header, flags (a quorum), process, sequence, acknowledged process and sequence, epoch 3, versions, interval. */
const restHeader = "11 1f 01 0102030405060708 00000009 1112131415161718 0000000a 03 07 07 07 05 64";

describe("the format, byte by byte", () => {
  const cases: readonly { name: string; hex: string; value: Heartbeat }[] = [
    {
      name: "at rest",
      hex: `${restHeader}
            00                      # no processes
            00                      # no entries`,
      value: heartbeat(),
    },
    {
      name: "the first one to a stranger: leaving, answer-me, witness and a forced list, nothing acknowledged, large numbers",
      hex: `11 29
            1e                      # leaving, answer-me, witness, forced
            ffffffffffffffff        # process
            ffffffff                # sequence
            0000000000000000 00000000
            80 01                   # epoch 128
            ff ff ff ff ff ff ff 0f # version 2^53 - 1
            00                      # from the beginning
            ff 7f                   # up to 16383
            00                      # nothing of the receiver's table
            e8 07                   # each second
            00 00`,
      value: heartbeat({
        boot: 0xffffffffffffffffn,
        seq: 0xffffffff,
        ack: { boot: 0n, seq: 0 },
        epoch: 128,
        quorum: false,
        leaving: true,
        answerMe: true,
        witness: true,
        forced: true,
        intervalMs: 1_000,
        table: { version: Number.MAX_SAFE_INTEGER, from: 0, upTo: 16383, known: 0 },
      }),
    },
    {
      name: "votes, claims and wants",
      hex: `${restHeader}
            02 2122232425262728 3132333435363738   # two processes
            05                      # five entries
            0b 1e                   # 11 bytes: a vote and a claim that holds and gives
              00 c0a832c8           #   no byte shared: 192.168.50.200
              00 02 01              #   vote: the first process's claim 2 with priority 1
              04 01                 #   claim: term 4, generation 1
            07 02                   # 7 bytes: a vote
              03 c9                 #   three bytes as before: 192.168.50.201
              01 ac 02 00           #   vote: the second process's claim 300 with priority 0
            16 43                   # 22 bytes: IPv6, a vote and a want
              00 fd500000000000000000000000000200
              00 01 00
              06                    #   wants: generation 6
            03 01                   # 3 bytes: IPv6, a vote for nobody
              0f ff                 #   15 bytes as before: fd50::2ff
            04 24                   # 4 bytes: a claim that is kept
              04                    #   the last IPv4 address again
              05 00`,
      value: heartbeat({ table: { entries: leavingEntries } }),
    },
  ];
  const withoutComments = (hex: string): Uint8Array => bytesOf(hex.replace(/#.*$/gm, ""));
  for (const { name, hex, value } of cases)
    it(`${name}`, () => {
      assert.equal(
        Buffer.from(encodeHeartbeat(value)).toString("hex"),
        Buffer.from(withoutComments(hex)).toString("hex"),
      );
      assert.deepEqual(decodeHeartbeat(withoutComments(hex)), value);
    });
});

describe("what a later version may add is skipped", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a higher minor version", `1f ${restHeader.slice(3)} 00 00`],
    ["flags", restHeader.replace("1f 01", "1f c1").concat("00 00")],
    ["fields at the end of the header", `${restHeader.replace("11 1f", "11 22")} aabbcc 00 00`],
    ["bytes at the end of all", `${restHeader} 00 00 aabbcc`],
  ];
  for (const [name, hex] of cases) it(name, () => assert.deepEqual(decodeHeartbeat(bytesOf(hex)), heartbeat()));

  it("fields at the end of an entry, and a flag of it", () => {
    const entry = { address: address("192.0.2.7"), wants: 6 };
    const hex = `${restHeader} 00 01 0a c0 00 c0000207 06 aabbcc`;
    assert.deepEqual(decodeHeartbeat(bytesOf(hex)), heartbeat({ table: { entries: [entry] } }));
  });
});

describe("what is refused", () => {
  const cases: readonly { name: string; hex: string; why: RegExp }[] = [
    { name: "nothing at all", hex: "", why: /0 bytes left, not 1/ },
    { name: "a header that is longer than what is there", hex: "11 ff 01", why: /1 bytes left, not 255/ },
    {
      name: "a header that is shorter than its fields",
      hex: `${restHeader.replace("1f", "1e")} 00 00`,
      why: /0 bytes left/,
    },
    {
      name: "a sender without process id",
      hex: `${restHeader.replace("0102030405060708", "0".repeat(16))} 00 00`,
      why: /process 0/,
    },
    { name: "a claimant without process id", hex: `${restHeader} 01 0000000000000000 00`, why: /process 0/ },
    { name: "more entries than bytes", hex: `${restHeader} 00 ff7f 03 01 10 ff`, why: /0 bytes left/ },
    {
      name: "a number of nine bytes",
      hex: restHeader.replace("1f", "27").replace("03 07", `${"80".repeat(8)} 00 07`),
      why: /more than 8 bytes/,
    },
    {
      name: "a number above 2^53 - 1",
      hex: restHeader.replace("1f", "26").replace("03 07", `${"ff".repeat(7)}1f 07`),
      why: /above 2\^53/,
    },
    { name: "an entry of no bytes", hex: `${restHeader} 00 01 00`, why: /0 bytes left, not 1/ },
    {
      name: "an IPv4 address of which 5 bytes are shared",
      hex: `${restHeader} 00 01 02 00 05`,
      why: /5 bytes of an address/,
    },
    {
      name: "an IPv6 address of which 17 bytes are shared",
      hex: `${restHeader} 00 01 02 01 11`,
      why: /17 bytes of an address/,
    },
    {
      name: "a vote for a process that is not listed",
      hex: `${restHeader} 00 01 09 02 00 c0000207 00 01 00`,
      why: /process 0 of 0/,
    },
    {
      name: "a claim in a fourth state",
      hex: `${restHeader} 00 01 08 34 00 c0000207 01 01`,
      why: /state 3 of a claim/,
    },
  ];
  for (const { name, hex, why } of cases)
    it(name, () =>
      assert.throws(
        () => decodeHeartbeat(bytesOf(hex)),
        (error) => error instanceof MalformedPacketError && why.test(error.message),
      ),
    );

  for (const major of [0, 2, 15])
    it(`format ${major}, told apart from broken bytes`, () => {
      const bytes = Object.assign(encodeHeartbeat(heartbeat()), { 0: major << 4 });
      assert.throws(
        () => decodeHeartbeat(bytes),
        (error) => error instanceof OtherVersionError && error.major === major,
      );
    });
});

describe("what is not sent", () => {
  const entryOf = (parts: Partial<TableEntry>): Heartbeat =>
    heartbeat({ table: { entries: [{ address: address("192.0.2.7"), ...parts }] } });
  const cases: readonly (readonly [string, Heartbeat])[] = [
    ["a sequence of more than 32 bits", heartbeat({ seq: 2 ** 32 })],
    ["a negative sequence", heartbeat({ seq: -1 })],
    ["a process id of more than 64 bits", heartbeat({ boot: 2n ** 64n })],
    ["an epoch that is no integer", heartbeat({ epoch: 1.5 })],
    ["a version beyond the safe integers", heartbeat({ table: { version: 2 ** 53 } })],
    ["a negative want", entryOf({ wants: -1 })],
  ];
  for (const [name, value] of cases) it(name, () => assert.throws(() => encodeHeartbeat(value), RangeError));

  it("but a term beyond the safe integers, which a lying member brings about, is sent as the largest of them", () => {
    const claim = { state: "holds" as const, term: Number.MAX_SAFE_INTEGER + 1, generation: 1, gives: false };
    const sent = decodeHeartbeat(encodeHeartbeat(entryOf({ claim })));
    assert.equal(sent.table.entries[0]?.claim?.term, Number.MAX_SAFE_INTEGER);
  });

  it(`more than ${LARGEST_ENTRY_COUNT} entries`, () => {
    const entries = Array.from({ length: LARGEST_ENTRY_COUNT + 1 }, () => ({ address: address("192.0.2.7") }));
    assert.throws(() => encodeHeartbeat(heartbeat({ table: { entries } })), TooManyEntriesError);
  });
});

describe("how large they are", () => {
  const sealedLength = (value: Heartbeat): number => encodeHeartbeat(value).length + SEAL_LENGTH;

  it("at rest at most 100 bytes with the seal, and always the same number", () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const versions = { version: largest, from: largest, upTo: largest, known: largest };
    assert.ok(sealedLength(heartbeat({ epoch: largest, table: versions })) <= 100);
    const lengths = [0, 1, 2 ** 31, 2 ** 32 - 1].map((seq) => sealedLength(heartbeat({ seq, ack: { boot: 1n, seq } })));
    assert.equal(new Set(lengths).size, 1);
  });

  for (const [name, first] of [
    ["IPv4", address("192.168.50.128")],
    ["IPv6", address("fd50::ff80")],
  ] as const)
    it(`${LARGEST_ENTRY_COUNT} claims of one ${name} pool by seven processes fit into 1,400 bytes`, () => {
      const entries = Array.from({ length: LARGEST_ENTRY_COUNT }, (_, i) => ({
        address: { ...first, value: first.value + BigInt(5 * i) },
        vote: { boot: 1n + BigInt(i % 7), claim: 16383, priority: 127 },
        claim: { state: "holds" as const, term: 16383, generation: 127, gives: true },
      }));
      assert.ok(sealedLength(heartbeat({ table: { entries } })) <= 1400);
    });

  it("the strangest of all is less than 6,000 bytes, and 8,000 with a list, so that a receiver has room for it", () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const entries = Array.from({ length: LARGEST_ENTRY_COUNT }, (_, i) => ({
      address: { family: 6 as const, value: (BigInt(i + 1) << 120n) + BigInt(i) },
      vote: { boot: 2n ** 64n - 1n - BigInt(i), claim: largest, priority: largest },
      claim: { state: "keeps" as const, term: largest, generation: largest, gives: true },
      wants: largest,
    }));
    const value = heartbeat({ table: { entries } });
    assert.ok(sealedLength(value) < 6000);
    const names = [..."abcdefg"].map((letter) => letter.repeat(253));
    const list = { uid: "u".repeat(64), epoch: largest, members: names, witness: true, forced: true };
    assert.ok(sealedLength({ ...value, list }) < 8000);
    assert.deepEqual(decodeHeartbeat(encodeHeartbeat({ ...value, list })), { ...value, list });
  });
});
