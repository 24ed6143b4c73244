import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { diagnosticWords } from "../../../../src/protocols/bfd/diagnostic.ts";
import { type BfdPacket, bfdStates, decodeBfd, encodeBfd } from "../../../../src/protocols/bfd/packet.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { mutated, randomFrom } from "../../../fuzz/mutation.ts";
import { anyPacket, packet } from "./packets.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));
const changed = (at: number, value: number): Uint8Array => Object.assign(encodeBfd(packet()), { [at]: value });

describe("the 24 bytes (RFC 5880, 4.1)", () => {
  const full: BfdPacket = {
    ...packet({ diagnostic: 7, state: "up", poll: true, demand: true, controlPlaneIndependent: true, multiplier: 5 }),
    ...{ myDiscriminator: 0x01020304, yourDiscriminator: 0xfffffffe, desiredMinTxUs: 50_000 },
    ...{ requiredMinRxUs: 0xffffffff, requiredMinEchoRxUs: 1 },
  };
  const rows: readonly (readonly [string, BfdPacket, string])[] = [
    ["every field", full, "27 ea 05 18 01020304 fffffffe 0000c350 ffffffff 00000001"],
    [
      "the first of a session",
      packet({ state: "down", yourDiscriminator: 0, desiredMinTxUs: 1_000_000 }),
      "20 40 03 18 0000000b 00000000 000f4240 000186a0 00000000",
    ],
    [
      "an answer to a poll",
      packet({ state: "init", final: true }),
      "20 90 03 18 0000000b 0000000a 000186a0 000186a0 00000000",
    ],
    [
      "a farewell",
      packet({ state: "adminDown", diagnostic: 7, yourDiscriminator: 0 }),
      "27 00 03 18 0000000b 00000000 000186a0 000186a0 00000000",
    ],
  ];
  for (const [name, value, bytes] of rows)
    it(name, () => {
      assert.equal(hex(encodeBfd(value)), bytes.replace(/ /g, ""));
      assert.deepEqual(decodeBfd(bytesOf(bytes)), value);
    });

  it("each flag alone is read from its bit and written to it", () => {
    const bits = { poll: 0x20, final: 0x10, controlPlaneIndependent: 0x08, demand: 0x02 } as const;
    for (const [name, bit] of Object.entries(bits)) {
      assert.equal(encodeBfd(packet({ [name]: true }))[1], 0xc0 | bit);
      assert.deepEqual(decodeBfd(changed(1, 0xc0 | bit)), packet({ [name]: true }));
    }
  });

  it("what was encoded decodes to the same", () => {
    fc.assert(fc.property(anyPacket, (value) => assert.deepEqual(decodeBfd(encodeBfd(value)), value)));
  });

  it("nothing of a decoded packet changes when the receive buffer is used again", () => {
    const buffer = encodeBfd(packet());
    const decoded = decodeBfd(buffer);
    buffer.fill(0);
    assert.deepEqual(decoded, packet());
  });
});

describe("RFC 5880, 6.8.6: what is discarded, and what just passes", () => {
  const withLength = (length: number, field: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes.set(changed(3, field).subarray(0, length));
    return bytes;
  };
  const atState = (place: number, yourDiscriminator: number): Uint8Array =>
    Object.assign(encodeBfd(packet({ yourDiscriminator })), { 1: place << 6 });
  const rows: readonly (readonly [string, Uint8Array, string | undefined])[] = [
    ["version 0", changed(0, 0x00), "version 0, not 1"],
    ["version 1", changed(0, 0x20), undefined],
    ["version 2", changed(0, 0x40), "version 2, not 1"],
    ["version 7", changed(0, 0xe0), "version 7, not 1"],
    ["length field 23", changed(3, 23), "its length field says 23, less than 24"],
    ["length field 0", changed(3, 0), "its length field says 0, less than 24"],
    ["length field 24", changed(3, 24), undefined],
    ["length field 25 of 24 bytes", changed(3, 25), "its length field says 25, of 24 bytes"],
    ["length field 255 of 24 bytes", changed(3, 255), "its length field says 255, of 24 bytes"],
    ["length field 30 of 30 bytes", withLength(30, 30), undefined],
    ["padding after the packet (RFC 9764)", withLength(1400, 24), undefined],
    ["multiplier 0", changed(2, 0), "multiplier 0"],
    ["multiplier 1", changed(2, 1), undefined],
    ["multiplier 255", changed(2, 255), undefined],
    ["the multipoint bit", changed(1, 0xc1), "the multipoint bit is set"],
    ["my discriminator 0", changed(7, 0), "discriminator 0 of its sender"],
    ["your discriminator 0 in AdminDown", atState(0, 0), undefined],
    ["your discriminator 0 in Down", atState(1, 0), undefined],
    ["your discriminator 0 in Init", atState(2, 0), "state init without the discriminator of its receiver"],
    ["your discriminator 0 in Up", atState(3, 0), "state up without the discriminator of its receiver"],
    ["your discriminator in Init", atState(2, 1), undefined],
    ["the authentication bit", changed(1, 0xc4), "it is authenticated, and no authentication is configured"],
    [
      "an authentication section (keyed SHA1)",
      Object.assign(withLength(52, 52), { 1: 0xc4, 24: 4, 25: 28 }),
      "it is authenticated, and no authentication is configured",
    ],
  ];
  for (const [name, bytes, problem] of rows)
    it(`${name}: ${problem === undefined ? "passes" : "discarded"}`, () => {
      if (problem === undefined) assert.ok(bfdStates.includes(decodeBfd(bytes).state));
      else assert.throws(() => decodeBfd(bytes), new MalformedPacketError(`BFD: ${problem}`));
    });
});

describe("hostile input", () => {
  const malformed = (bytes: Uint8Array): void => assert.throws(() => decodeBfd(bytes), MalformedPacketError);

  it("B5.54: every length below 24 bytes is refused, whatever its length field says", () => {
    for (let length = 0; length < 24; length++)
      for (const field of [0, length, 24, 255]) malformed(changed(3, field).subarray(0, length));
  });

  it("B5.54: a length field beyond the datagram is refused", () => {
    for (let field = 25; field < 256; field++) malformed(changed(3, field));
  });

  it("B5.55: an echo packet with a short header on our port is refused; we ask for none", () => {
    for (const length of [0, 1, 4, 8, 12]) malformed(new Uint8Array(length).fill(0xe0));
    malformed(new Uint8Array(24).fill(0xe0));
  });

  it("B5.56: multiplier 0, discriminator 0, the authentication bit: refused, each alone and all at once", () => {
    for (const [at, value] of [[2, 0] as const, [7, 0] as const, [1, 0xc4] as const]) malformed(changed(at, value));
    malformed(Object.assign(encodeBfd(packet()), { 1: 0xc4, 2: 0, 7: 0 }));
  });

  it("mutated packets decode, or are refused as malformed; what decodes is encoded and decoded to the same", () => {
    const random = randomFrom(5880);
    let decodedCount = 0;
    for (let i = 0; i < 100_000; i++) {
      const sample = packet({ state: bfdStates[random(4)] ?? "up", yourDiscriminator: random(3) });
      const bytes = mutated(encodeBfd(sample), random);
      try {
        const decoded = decodeBfd(bytes);
        assert.deepEqual(decodeBfd(encodeBfd(decoded)), decoded);
        decodedCount++;
      } catch (error) {
        assert.ok(error instanceof MalformedPacketError, String(error));
      }
    }
    assert.ok(decodedCount > 10_000 && decodedCount < 90_000, `${decodedCount} decoded`);
  });
});

it("diagnostics are told in words, also those that nobody has named", () => {
  assert.deepEqual([0, 1, 7, 9, 31].map(diagnosticWords), [
    "no diagnostic",
    "control detection time expired",
    "administratively down",
    "mis-connectivity defect",
    "diagnostic 31",
  ]);
});
