import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asPathProblem, encodeAs4Path, encodeAsPath } from "../../../../src/protocols/bgp/as-path.ts";
import { bytesOf, hexOf } from "./messages.ts";

const repeated = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

describe("AS_PATH", () => {
  const cases: readonly (readonly [string, readonly number[], boolean, string])[] = [
    ["empty", [], true, ""],
    ["four octets", [64512, 4_200_000_002], true, "0202 0000fc00 fa56ea02"],
    ["two octets", [64512, 65535, 65536], false, "0203 fc00 ffff 5ba0"],
    ["255 numbers are one segment", repeated(255), false, `02ff ${"0001".repeat(255)}`],
    ["256 are two", repeated(256), false, `02ff ${"0001".repeat(255)} 0201 0001`],
  ];
  for (const [name, path, fourOctetAs, hex] of cases)
    it(name, () => {
      const value = encodeAsPath(path, fourOctetAs);
      assert.equal(hexOf(value), hexOf(bytesOf(hex)));
      assert.equal(asPathProblem(value, fourOctetAs ? 4 : 2), undefined);
    });
});

describe("AS4_PATH goes with an AS_PATH of two octets that does not say all", () => {
  it("a number above 65535", () => {
    assert.equal(hexOf(encodeAs4Path([1, 65536], false) ?? bytesOf("")), "02020000000100010000");
  });

  it("no such number, or a peer that knows four octets", () => {
    assert.equal(encodeAs4Path([1, 65535], false), undefined);
    assert.equal(encodeAs4Path([1, 65536], true), undefined);
  });
});
