import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { backoffMs, RECONNECT } from "../../../src/kube/backoff.ts";
import { TokenBucket } from "../../../src/kube/token-bucket.ts";

describe("the back-off", () => {
  it("doubles from 0.5 s to 30 s", () => {
    const lowest = [0, 1, 2, 5, 6, 50].map((failures) => backoffMs(failures, 0));
    assert.deepEqual(lowest, [500, 1_000, 2_000, 15_000, 15_000, 15_000]);
    assert.equal(backoffMs(50, 1), 30_000);
  });

  it("stays within its bounds", () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
        const ms = backoffMs(failures, random);
        return ms >= RECONNECT.minMs && ms <= RECONNECT.maxMs;
      }),
    );
  });
});

describe("a token bucket", () => {
  it("gives its burst at once and then its rate", () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
    const taken = [0, 0, 0, 0, 499, 500, 501, 1_000].map((nowMs) => bucket.take(nowMs));
    assert.deepEqual(taken, [true, true, true, false, false, true, false, true]);
  });

  it("has one when the wait that it named is over", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), fc.nat(1_000), (perSecond, startMs) => {
        const bucket = new TokenBucket({ burst: 1, perSecond }, startMs);
        bucket.take(startMs);
        return bucket.take(startMs + bucket.waitMs(startMs));
      }),
    );
  });

  it("does not save up more than its burst", () => {
    const bucket = new TokenBucket({ burst: 2, perSecond: 1 }, 0);
    assert.deepEqual(
      [1, 2, 3].map(() => bucket.take(3_600_000)),
      [true, true, false],
    );
  });
});
