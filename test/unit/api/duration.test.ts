import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatDuration, longestDurationMs, notADuration, parseDuration } from "../../../src/api/duration.ts";

describe("a duration", () => {
  const right: readonly (readonly [text: string, seconds: number, canonical: string])[] = [
    ["24h", 86_400, "24h"],
    ["5m", 300, "5m"],
    ["0s", 0, "0s"],
    ["0h0m0s", 0, "0s"],
    ["1h30m", 5_400, "1h30m"],
    ["1h0m7s", 3_607, "1h7s"],
    ["90m", 5_400, "1h30m"],
    ["8760h", 31_536_000, "8760h"],
    ["31536000s", 31_536_000, "8760h"],
  ];
  for (const [text, seconds, canonical] of right)
    it(`${text} is ${seconds} seconds, written ${canonical}`, () => {
      assert.equal(parseDuration(text), seconds * 1_000);
      assert.equal(formatDuration(seconds * 1_000), canonical);
    });

  const wrong = ["", "0", "24", "h", "1d", "1.5h", "-1h", "1h ", " 1h", "30m1h", "1h1h", "500ms", "8760h1s", "99999h"];
  for (const text of wrong) it(`"${text}" is none`, () => assert.equal(parseDuration(text), undefined));

  it("is read back as it was written, to the second", () => {
    const seconds = fc.integer({ min: 0, max: longestDurationMs / 1_000 });
    fc.assert(fc.property(seconds, (s) => assert.equal(parseDuration(formatDuration(s * 1_000)), s * 1_000)));
  });

  it("that is none is told what was expected, and a long one is shortened", () => {
    assert.equal(
      notADuration("1d"),
      '"1d" is no duration: expected hours, minutes and seconds such as 24h, 1h30m or 0s, at most 8760h',
    );
    assert.ok(notADuration("1".repeat(100_000)).length < 200);
  });
});
