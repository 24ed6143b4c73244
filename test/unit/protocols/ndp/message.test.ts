import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../../../src/net/address.ts";
import { formatMac } from "../../../../src/net/mac.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { icmpChecksum } from "../../../../src/protocols/ndp/checksum.ts";
import { multicastMac, neighbourProbe, unsolicitedAdvertisement } from "../../../../src/protocols/ndp/frames.ts";
import {
  decodeNdp,
  encodeNdp,
  isMulticast,
  type NeighbourMessage,
  solicitedNodeGroup,
} from "../../../../src/protocols/ndp/message.ts";
import { address } from "../../../support/builders.ts";
import { fixture } from "../fixture.ts";

function plain(message: NeighbourMessage): string {
  const ends = [message.source, message.destination, message.target].map(formatAddress);
  if (message.kind === "solicitation")
    return ["NS", ...ends, message.sourceMac && formatMac(message.sourceMac)].join(" ");
  const flags = `${message.router ? "R" : ""}${message.solicited ? "S" : ""}${message.override ? "O" : ""}`;
  return ["NA", ...ends, message.targetMac && formatMac(message.targetMac), flags].join(" ");
}

describe("frames of other programs", () => {
  const cases = {
    "linux-solicitation": "NS fd09::2 ff02::1:ff00:3 fd09::3 de:f5:43:11:b6:6f",
    "linux-duplicate-test": "NS :: ff02::1:ff00:77 fd09::77 ",
    "linux-advertisement": "NA fd09::2 fd09::1 fd09::2 de:f5:43:11:b6:6f SO",
    "linux-unsolicited": "NA fd09::2 ff02::1 fd09::2 02:00:00:00:00:0b O",
  };
  for (const [name, want] of Object.entries(cases))
    it(`${name} is decoded`, () => assert.equal(plain(decodeNdp(fixture("ndp", name).payload)), want));

  for (const name of ["linux-solicitation", "linux-advertisement", "linux-unsolicited"])
    it(`${name} is encoded to the same bytes`, () => {
      const { payload } = fixture("ndp", name);
      assert.deepEqual(encodeNdp(decodeNdp(payload)), payload.slice());
    });

  it("our announcement of an address is the one that Linux sends", () => {
    const { payload, source, destination } = fixture("ndp", "linux-unsolicited");
    const ours = unsolicitedAdvertisement(address("fd09::2"), source);
    assert.deepEqual(encodeNdp(ours), payload.slice());
    assert.deepEqual(multicastMac(ours.destination), destination.slice());
  });

  it("our probe of an address is the one that Linux sends, but for the nonce", () => {
    const theirs = decodeNdp(fixture("ndp", "linux-duplicate-test").payload);
    assert.deepEqual(neighbourProbe(address("fd09::77")), theirs);
  });
});

describe("what is refused", () => {
  /** The bytes of a fixture with some set, and the checksum made right again. */
  const changed = (changes: Record<number, number>, name = "linux-solicitation"): Uint8Array => {
    const bytes = Object.assign(fixture("ndp", name).payload.slice(), changes, { 42: 0, 43: 0 });
    new DataView(bytes.buffer).setUint16(42, icmpChecksum(bytes.subarray(8, 40), bytes.subarray(40)));
    return bytes;
  };
  const whole = fixture("ndp", "linux-solicitation").payload.slice();
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["nothing at all", new Uint8Array()],
    ["a packet cut before its target ends", whole.subarray(0, 63)],
    ["a packet cut in its option", whole.subarray(0, 71)],
    ["IPv4", changed({ 0: 0x45 })],
    ["an extension header", changed({ 6: 44 })],
    ["hop limit 254: it came from another link", changed({ 7: 254 })],
    ["a payload shorter than a message", changed({ 5: 23 })],
    ["a wrong checksum", Object.assign(whole.slice(), { 43: 0 })],
    ["a router solicitation", changed({ 40: 133 })],
    ["code 1", changed({ 41: 1 })],
    ["a multicast target", changed({ 48: 0xff })],
    ["a question from a multicast address", changed({ 8: 0xff, 9: 0x02 })],
    ["an advertisement from a multicast address", changed({ 8: 0xff, 9: 0x02 }, "linux-unsolicited")],
    ["a source link-layer option with a group address", changed({ 66: 0xff })],
    ["a target link-layer option with a group address", changed({ 66: 0x33, 67: 0x33 }, "linux-unsolicited")],
    ["a source link-layer option of zeros", changed({ 66: 0, 67: 0, 68: 0, 69: 0, 70: 0, 71: 0 })],
    ["an option of length 0", changed({ 65: 0 })],
    ["an option longer than the packet", changed({ 65: 2 })],
    [
      "an unspecified source with link-layer option",
      changed(Object.fromEntries(Array.from({ length: 16 }, (_, i) => [8 + i, 0]))),
    ],
    ["duplicate detection to another group", changed({ 39: 0x78 }, "linux-duplicate-test")],
    ["a solicited advertisement to all nodes", changed({ 44: 0x60 }, "linux-unsolicited")],
  ];
  for (const [name, bytes] of cases) it(name, () => assert.throws(() => decodeNdp(bytes), MalformedPacketError));

  it("but not bytes after the payload, which are padding", () => {
    assert.deepEqual(decodeNdp(Uint8Array.of(...whole, 0, 0, 0)), decodeNdp(whole));
  });
});

const ip = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ({ family: 6 as const, value }));
const unicast = ip.filter((value) => value.value !== 0n && !isMulticast(value));
const station = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.with(0, (bytes[0] ?? 0) & 0xfe).with(5, (bytes[5] ?? 0) | 1));
const mac = fc.option(station, { nil: undefined });
const solicitation = fc.record(
  { kind: fc.constant("solicitation" as const), source: unicast, destination: ip, target: unicast, sourceMac: mac },
  { noNullPrototype: true },
);
const advertisement = fc.record(
  {
    kind: fc.constant("advertisement" as const),
    source: unicast,
    destination: unicast,
    target: unicast,
    targetMac: mac,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
  },
  { noNullPrototype: true },
);
const message: fc.Arbitrary<NeighbourMessage> = fc.oneof(solicitation, unicast.map(neighbourProbe), advertisement);

it("what was encoded decodes to the same", () => {
  fc.assert(fc.property(message, (value) => assert.deepEqual(decodeNdp(encodeNdp(value)), value)));
});

it("mutated messages decode, or are refused as malformed, whether their checksum is right or not", () => {
  const mutation = fc.tuple(message, fc.array(fc.tuple(fc.nat(71), fc.nat(255))), fc.nat(90), fc.boolean());
  fc.assert(
    fc.property(mutation, ([value, changes, length, repaired]) => {
      const bytes = encodeNdp(value).slice(0, length);
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      if (repaired && bytes.length > 44) {
        const view = new DataView(bytes.buffer);
        view.setUint16(42, 0);
        const icmp = bytes.subarray(40, Math.min(bytes.length, 40 + view.getUint16(4)));
        view.setUint16(42, icmpChecksum(bytes.subarray(8, 40), icmp));
      }
      try {
        decodeNdp(bytes);
      } catch (error) {
        assert.ok(error instanceof MalformedPacketError);
      }
    }),
    { numRuns: 3_000 },
  );
});

it("the solicited-node group takes the last 24 bits of the address", () => {
  assert.equal(formatAddress(solicitedNodeGroup(address("2001:db8::1:2aff:ee11:2233"))), "ff02::1:ff11:2233");
});
