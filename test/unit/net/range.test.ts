import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type AddressRange,
  formatRange,
  mergeRanges,
  parseRange,
  rangeContains,
  rangeSize,
  rangesOverlap,
  sortedRangesContain,
  subtractRanges,
} from "../../../src/net/range.ts";
import { address, range } from "../../support/builders.ts";

const formatted = (ranges: readonly AddressRange[]): readonly string[] => ranges.map(formatRange);

describe("sorted ranges", () => {
  const anyRange = fc.tuple(fc.constantFrom(4 as const, 6 as const), fc.nat(40), fc.nat(3)).map(
    ([family, first, more]): AddressRange => ({
      first: { family, value: BigInt(first) },
      last: { family, value: BigInt(first + more) },
    }),
  );

  it("hold what one of them holds", () => {
    const check = (ranges: readonly AddressRange[], { first: sought }: AddressRange): void => {
      const held = ranges.some((each) => rangeContains(each, sought));
      assert.equal(sortedRangesContain(mergeRanges(ranges), sought), held);
    };
    fc.assert(fc.property(fc.array(anyRange, { maxLength: 12 }), anyRange, check));
  });
});

describe("a range as text", () => {
  const rows = [
    { name: "Cilium A21: a CIDR", text: "10.0.0.0/24", want: "10.0.0.0/24", hostBits: false },
    { name: "Cilium A21: a CIDR with host bits", text: "10.0.0.12/24", want: "10.0.0.0/24", hostBits: true },
    { name: "Cilium A21: an IPv6 CIDR", text: "::/112", want: "::/112", hostBits: false },
    { name: "first and last", text: "192.168.0.10-192.168.0.12", want: "192.168.0.10-192.168.0.12", hostBits: false },
    { name: "white space around", text: " 192.0.2.0 - 192.0.2.3 ", want: "192.0.2.0/30", hostBits: false },
    { name: "one address", text: "192.0.2.7", want: "192.0.2.7", hostBits: false },
    {
      name: "kube-vip A1.1: from an address to itself",
      text: "192.168.0.10-192.168.0.10",
      want: "192.168.0.10",
      hostBits: false,
    },
    { name: "everything", text: "0.0.0.0/0", want: "0.0.0.0/0", hostBits: false },
  ];
  for (const { name, text, want, hostBits } of rows)
    it(name, () => {
      const parsed = parseRange(text);
      assert.ok("range" in parsed);
      assert.equal(formatRange(parsed.range), want);
      assert.equal(parsed.hostBits ?? false, hostBits);
    });

  const wrong = [
    { name: "MetalLB O: a bad prefix length", text: "10.0.0.0/33" },
    { name: "no prefix length", text: "10.0.0.0/" },
    { name: "a prefix length with a leading zero", text: "10.0.0.0/08" },
    { name: "MetalLB O: the end before the start", text: "10.0.0.9-10.0.0.1" },
    { name: "two families", text: "10.0.0.1-2001:db8::1" },
    { name: "three parts", text: "10.0.0.1-10.0.0.2-10.0.0.3" },
    { name: "nothing", text: "" },
    { name: "leading zeros", text: "10.0.0.01" },
    { name: "a zone", text: "fe80::1%eth0-fe80::2" },
    { name: "an IPv4-mapped address", text: "::ffff:10.0.0.1" },
    { name: "a name", text: "example.com" },
    { name: "something over-long", text: "1".repeat(500) },
  ];
  for (const { name, text } of wrong)
    it(`${name} is refused, and the message says what is wrong`, () => {
      const parsed = parseRange(text);
      assert.ok("problem" in parsed);
      assert.ok(parsed.problem.length < 300 && parsed.problem.length > 10);
    });
});

describe("merging", () => {
  const rows = [
    {
      name: "kube-vip A1.5",
      texts: ["192.168.0.10-192.168.0.11", "192.168.0.10-192.168.0.13"],
      want: ["192.168.0.10-192.168.0.13"],
    },
    { name: "kube-vip A2.7", texts: ["192.168.0.200/30", "192.168.0.200/29"], want: ["192.168.0.200/29"] },
    { name: "kube-vip A2.11", texts: ["fe80::10/126", "fe80::12/127"], want: ["fe80::10/126"] },
    { name: "kube-vip A1.9", texts: ["fe80::10-fe80::12", "fe80::10-fe80::14"], want: ["fe80::10-fe80::14"] },
    {
      name: "kube-vip A1.4: apart",
      texts: ["192.168.1.20/31", "192.168.0.10/31"],
      want: ["192.168.0.10/31", "192.168.1.20/31"],
    },
    { name: "neighbours", texts: ["10.0.0.1", "10.0.0.0"], want: ["10.0.0.0/31"] },
    { name: "the last IPv4 and the first IPv6", texts: ["::", "255.255.255.255"], want: ["255.255.255.255", "::"] },
  ];
  for (const { name, texts, want } of rows)
    it(`${name}`, () => assert.deepEqual(formatted(mergeRanges(texts.map(range))), want));
});

const anyRange: fc.Arbitrary<AddressRange> = fc
  .tuple(fc.constantFrom(4 as const, 6 as const), fc.nat({ max: 60 }), fc.nat({ max: 12 }))
  .map(([family, first, more]) => ({
    first: { family, value: BigInt(first) },
    last: { family, value: BigInt(first + more) },
  }));

/** Every address of the small world in which the properties live. */
const world = [4 as const, 6 as const].flatMap((family) =>
  Array.from({ length: 80 }, (_, value) => ({ family, value: BigInt(value) })),
);

const isIn = (ranges: readonly AddressRange[], each: (typeof world)[number]): boolean =>
  ranges.some((one) => rangeContains(one, each));

describe("any ranges", () => {
  it("merged hold the same addresses, sorted and apart", () => {
    const check = (ranges: readonly AddressRange[]): void => {
      const merged = mergeRanges(ranges);
      for (const each of world) assert.equal(isIn(merged, each), isIn(ranges, each));
      const size = merged.reduce((sum, each) => sum + rangeSize(each), 0n);
      assert.equal(size, BigInt(world.filter((each) => isIn(ranges, each)).length));
      assert.deepEqual(mergeRanges(merged), merged);
    };
    fc.assert(fc.property(fc.array(anyRange), check));
  });

  it("less some holes hold exactly the rest", () => {
    const check = (ranges: readonly AddressRange[], holes: readonly AddressRange[]): void => {
      const rest = subtractRanges(mergeRanges(ranges), holes);
      for (const each of world) assert.equal(isIn(rest, each), isIn(ranges, each) && !isIn(holes, each));
    };
    fc.assert(fc.property(fc.array(anyRange), fc.array(anyRange), check));
  });

  it("overlap exactly if they have an address in common", () => {
    const check = (a: AddressRange, b: AddressRange): void =>
      assert.equal(
        rangesOverlap(a, b),
        world.some((each) => isIn([a], each) && isIn([b], each)),
      );
    fc.assert(fc.property(anyRange, anyRange, check));
  });

  it("are read back as they were written", () => {
    fc.assert(
      fc.property(anyRange, (each) => {
        const parsed = parseRange(formatRange(each));
        assert.deepEqual("range" in parsed && parsed.range, each);
      }),
    );
  });
});

describe("size", () => {
  it("of a /64 is exact", () => assert.equal(rangeSize(range("2001:db8::/64")), 2n ** 64n));
  it("of one address is one", () => assert.equal(rangeSize({ first: address("::1"), last: address("::1") }), 1n));
});
