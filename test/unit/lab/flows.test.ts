import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Attempt, counts, goodSince, outageMs } from "../../lab/flows.ts";

/** "+0 -5": an attempt at 0 ms with an answer, one at 5 ms without. */
function tried(text: string): readonly Attempt[] {
  return text.split(" ").map((word) => ({ atMs: Number(word.slice(1)), open: word.startsWith("+") }));
}

describe("what became of a client's attempts", () => {
  const cases: readonly { readonly name: string; readonly attempts: string; readonly want: number }[] = [
    { name: "none failed", attempts: "+0 +5 +10", want: 0 },
    { name: "from the first that failed to the first that worked again", attempts: "+0 -5 -10 +15", want: 10 },
    { name: "one that worked in between does not end it", attempts: "+0 -5 +10 -15 +20", want: 15 },
    { name: "failures are heard of late, and in no order", attempts: "+0 +15 -5 -10", want: 10 },
    { name: "what failed before does not count", attempts: "-0 +5 +10", want: 0 },
    { name: "what never worked again has no end", attempts: "+0 -5 -10", want: Number.POSITIVE_INFINITY },
  ];
  for (const { name, attempts, want } of cases) it(name, () => assert.equal(outageMs(tried(attempts), 1), want));

  it("attempts and losses are counted from a moment on", () => {
    assert.deepEqual(counts(tried("-0 +5 -10 +15"), 5), { attempts: 3, lost: 1 });
  });

  it("all is good once there were attempts and none was lost", () => {
    assert.ok(goodSince(tried("-0 +5 +10"), 5));
    assert.ok(!goodSince(tried("+0 +5 -10"), 5));
    assert.ok(!goodSince(tried("+0"), 5));
  });
});
