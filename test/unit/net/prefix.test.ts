import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatPrefix, maskedPrefix, parsePrefix, prefixContains, prefixRange } from "../../../src/net/prefix.ts";
import { formatRange, rangeContains } from "../../../src/net/range.ts";
import { specialPurpose, specialRanges } from "../../../src/net/special.ts";
import { address, prefix } from "../../support/builders.ts";

describe("a prefix", () => {
  it("keeps its host bits in text and loses them when masked", () => {
    assert.equal(formatPrefix(prefix("192.0.2.7/24")), "192.0.2.7/24");
    assert.equal(formatPrefix(maskedPrefix(prefix("192.0.2.7/24"))), "192.0.2.0/24");
    assert.equal(formatPrefix(maskedPrefix(prefix("2001:db8::7/0"))), "::/0");
  });

  for (const text of [
    "192.0.2.0",
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/-1",
    "192.0.2.0/024",
    "192.0.2.0/8/8",
    "/8",
  ])
    it(`"${text}" is none`, () => assert.equal(parsePrefix(text), undefined));

  it("contains exactly the addresses of its range", () => {
    const check = (value: number, length: number, other: number): void => {
      const each = { address: { family: 4 as const, value: BigInt(value) }, length };
      const candidate = { family: 4 as const, value: BigInt(other) };
      assert.equal(prefixContains(each, candidate), rangeContains(prefixRange(each), candidate));
    };
    const anyValue = fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(fc.property(anyValue, fc.nat({ max: 32 }), anyValue, check));
  });

  it("of one family contains no address of the other", () => {
    assert.equal(prefixContains(prefix("0.0.0.0/0"), address("::1")), false);
  });
});

describe("special addresses", () => {
  const rows = [
    ["0.1.2.3", "this network"],
    ["127.0.0.53", "loopback"],
    ["169.254.169.254", "link-local"],
    ["224.0.0.18", "multicast"],
    ["239.255.255.255", "multicast"],
    ["240.0.0.1", "reserved or broadcast"],
    ["255.255.255.255", "reserved or broadcast"],
    ["::", "unspecified or loopback"],
    ["::1", "unspecified or loopback"],
    ["fe80::1", "link-local"],
    ["ff02::1", "multicast"],
    ["1.0.0.0", undefined],
    ["223.255.255.255", undefined],
    ["10.0.0.1", undefined],
    ["::2", undefined],
    ["fd00::1", undefined],
    ["2001:db8::1", undefined],
  ] as const;
  for (const [text, want] of rows)
    it(`${text}: ${want ?? "may be a Service's"}`, () => assert.equal(specialPurpose(address(text)), want));

  it("include IPv4-mapped ones, which a range can hold though no text means one", () => {
    assert.equal(specialPurpose({ family: 6, value: 0xffff_c000_0207n }), "IPv4-mapped");
  });

  it("are those of the ranges", () => {
    assert.ok(specialRanges.map(formatRange).includes("169.254.0.0/16"));
    for (const { first, last } of specialRanges) assert.ok(specialPurpose(first) && specialPurpose(last));
  });
});
