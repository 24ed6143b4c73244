import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Address,
  addressBytes,
  addressFromBytes,
  addressKey,
  bitLength,
  compareAddresses,
  formatAddress,
  notAnAddress,
  objectName,
  parseAddress,
  sameAddress,
} from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): Address => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value): Address => ({ family: 6, value })),
);

const isMapped = ({ family, value }: Address): boolean => family === 6 && value >> 32n === 0xffffn;

describe("an address as text", () => {
  const canonical = [
    ["192.0.2.7", "192.0.2.7"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["2001:DB8:0:0:0:0:0:7", "2001:db8::7"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ] as const;
  for (const [text, want] of canonical)
    it(`${text} is written ${want}`, () => assert.equal(formatAddress(address(text)), want));

  const wrong = [
    "",
    " 192.0.2.1",
    "192.0.2.1 ",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.01",
    "0300.0.2.1",
    "0xc0.0.2.1",
    "3221225985",
    "192.0.2.1/24",
    "::ffff:192.0.2.1",
    "::ffff:c000:201",
    "fe80::1%eth0",
    "2001:db8:::1",
    "2001:db8::12345",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "64:ff9b::192.0.2.033",
    "[2001:db8::1]",
    "example.com",
    "٣.1.1.1",
  ];
  for (const text of wrong) it(`"${text}" is none`, () => assert.equal(parseAddress(text), undefined));

  it("is read back as the address that was written", () => {
    const check = (each: Address): void => {
      const read = parseAddress(formatAddress(each));
      if (isMapped(each)) assert.equal(read, undefined);
      else assert.deepEqual(read, each);
    };
    fc.assert(fc.property(anyAddress, check));
  });

  it("never throws, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseAddress(text)));
  });
});

describe("an address as bytes", () => {
  it("is in network byte order", () => {
    assert.deepEqual([...addressBytes(address("192.0.2.7"))], [192, 0, 2, 7]);
    assert.equal(addressBytes(address("2001:db8::7")).length, 16);
  });

  it("is read back", () => {
    fc.assert(fc.property(anyAddress, (each) => assert.deepEqual(addressFromBytes(addressBytes(each)), each)));
  });

  it("cannot be of another length", () => {
    assert.throws(() => addressFromBytes(new Uint8Array(5)), RangeError);
  });
});

describe("the object name of an address", () => {
  it("is the text with dashes, IPv6 in full", () => {
    assert.equal(objectName(address("203.0.113.7")), "203-0-113-7");
    assert.equal(objectName(address("2001:db8:5::7")), "2001-0db8-0005-0000-0000-0000-0000-0007");
  });

  it("differs for different addresses and is a valid name", () => {
    const check = (a: Address, b: Address): void => {
      assert.equal(objectName(a) === objectName(b), sameAddress(a, b));
      assert.equal(addressKey(a) === addressKey(b), sameAddress(a, b));
      assert.match(objectName(a), /^[0-9a-f]+(-[0-9a-f]+)+$/);
    };
    fc.assert(fc.property(anyAddress, anyAddress, check));
  });
});

describe("a text that is no address", () => {
  it("is one that is longer than any address", () => {
    assert.deepEqual(parseAddress("2001:0db8:0000:0000:0000:0000:0000:0001"), address("2001:db8::1"));
    assert.equal(parseAddress(`${"0".repeat(50)}::1`), undefined);
  });

  it("is repeated in the message, of a long one the beginning", () => {
    assert.match(notAnAddress("web"), /^"web" is no IP address/);
    assert.ok(notAnAddress("x".repeat(100_000)).length < 200);
  });
});

describe("order", () => {
  it("IPv4 comes before IPv6, then by value", () => {
    const sorted = ["192.0.2.9", "192.0.2.10", "::1", "2001:db8::"].map(address);
    assert.deepEqual(sorted.toReversed().sort(compareAddresses), sorted);
    assert.deepEqual([bitLength(4), bitLength(6)], [32, 128]);
  });
});
