import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../../../src/net/address.ts";
import { formatMac } from "../../../../src/net/mac.ts";
import { type ArpPacket, decodeArp, encodeArp } from "../../../../src/protocols/arp/packet.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { fixture } from "../fixture.ts";

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
const ip = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as const, value }));
const packet: fc.Arbitrary<ArpPacket> = fc.record(
  {
    operation: fc.constantFrom("request" as const, "reply" as const),
    senderMac: mac,
    senderIp: ip,
    targetMac: mac,
    targetIp: ip,
  },
  { noNullPrototype: true },
);

const plain = ({ operation, senderMac, senderIp, targetMac, targetIp }: ArpPacket): string =>
  [operation, formatMac(senderMac), formatAddress(senderIp), formatMac(targetMac), formatAddress(targetIp)].join(" ");

describe("frames of other programs", () => {
  const cases = {
    "linux-request": "request de:f5:43:11:b6:6f 10.9.0.2 00:00:00:00:00:00 10.9.0.3",
    "linux-reply": "reply de:f5:43:11:b6:6f 10.9.0.2 82:28:72:40:50:52 10.9.0.1",
    "arping-probe": "request de:f5:43:11:b6:6f 0.0.0.0 00:00:00:00:00:00 10.9.0.3",
    "arping-gratuitous": "request de:f5:43:11:b6:6f 10.9.0.2 ff:ff:ff:ff:ff:ff 10.9.0.2",
    "linux-announcement": "request 02:00:00:00:00:0b 10.9.0.2 00:00:00:00:00:00 10.9.0.2",
  };
  for (const [name, want] of Object.entries(cases))
    it(`${name} is decoded, and encoded to the same bytes`, () => {
      const { payload } = fixture("arp", name);
      assert.equal(plain(decodeArp(payload)), want);
      assert.deepEqual(encodeArp(decodeArp(payload)), payload.slice(0, 28));
    });
});

describe("what is refused", () => {
  const valid = (): Uint8Array => fixture("arp", "linux-request").payload.slice(0, 28);
  const changed = (at: number, value: number): Uint8Array => Object.assign(valid(), { [at]: value });
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["nothing at all", new Uint8Array()],
    ["a byte less than a packet", valid().subarray(0, 27)],
    ["InfiniBand", changed(1, 32)],
    ["another protocol than IPv4", changed(3, 6)],
    ["hardware addresses of 8 bytes", changed(4, 8)],
    ["protocol addresses of 16 bytes", changed(5, 16)],
    ["operation 0", changed(7, 0)],
    ["RARP", changed(7, 3)],
    ["operation 65280", changed(6, 255)],
  ];
  for (const [name, bytes] of cases) it(name, () => assert.throws(() => decodeArp(bytes), MalformedPacketError));
});

it("what was encoded decodes to the same", () => {
  fc.assert(fc.property(packet, (value) => assert.deepEqual(decodeArp(encodeArp(value)), value)));
});

it("mutated packets decode, or are refused as malformed", () => {
  const mutation = fc.tuple(packet, fc.array(fc.tuple(fc.nat(27), fc.nat(255))), fc.nat(40));
  fc.assert(
    fc.property(mutation, ([value, changes, length]) => {
      const bytes = encodeArp(value);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        decodeArp(bytes.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof MalformedPacketError);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("nothing of a decoded packet changes when the receive buffer is used again", () => {
  const buffer = fixture("arp", "linux-reply").payload.slice();
  const decoded = decodeArp(buffer);
  const before = plain(decoded);
  buffer.fill(0);
  assert.equal(plain(decoded), before);
});
