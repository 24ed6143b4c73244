import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Damping, dampingTimes } from "../../../../src/protocols/bgp/session-damping.ts";

describe("Damping", () => {
  it("doubles the rest with each failure up to two minutes", () => {
    const damping = new Damping(dampingTimes);
    const rests = Array.from({ length: 10 }, () => damping.failed("other") / 1_000);
    assert.deepEqual(rests, [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]);
    assert.equal(damping.failures, 10);
  });

  it("stays at two minutes after any number of failures", () => {
    const damping = new Damping(dampingTimes);
    for (let failure = 0; failure < 5_000; failure++) damping.failed("other");
    assert.equal(damping.failed("other"), 120_000);
  });

  it("rests for a minute at least, after jitter, once the peer takes no more prefixes", () => {
    const damping = new Damping(dampingTimes);
    const rests = Array.from({ length: 9 }, () => damping.failed("prefixLimit") / 1_000);
    assert.deepEqual(rests, [80, 80, 80, 80, 80, 80, 80, 120, 120]);
  });

  const cases = [
    { upMs: 59_999, want: 8_000 },
    { upMs: 60_000, want: 1_000 },
  ];
  for (const { upMs, want } of cases)
    it(`rests for ${want} ms at the fourth failure if it was up for ${upMs} ms before`, () => {
      const damping = new Damping(dampingTimes);
      for (let failure = 0; failure < 3; failure++) damping.failed("other");
      damping.wasEstablished(upMs);
      assert.equal(damping.failed("other"), want);
    });

  it("begins anew when it is told to forget", () => {
    const damping = new Damping(dampingTimes);
    damping.failed("other");
    damping.forget();
    assert.equal(damping.failed("other"), 1_000);
  });
});
