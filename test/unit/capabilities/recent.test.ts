import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recent } from "../../../capabilities/recent.ts";

describe("a shared answer", () => {
  it("is read once for all that ask within its time, and anew after it", async () => {
    let nowMs = 0;
    let reads = 0;
    const ask = recent(
      async () => ++reads,
      1_000,
      () => nowMs,
    );
    assert.deepEqual(await Promise.all([ask(), ask()]), [1, 1]);
    nowMs = 1_000;
    assert.equal(await ask(), 1);
    nowMs = 1_001;
    assert.equal(await ask(), 2);
  });

  it("is not shared if it is a failure, but with those who wait for it", async () => {
    let reads = 0;
    const read = (): Promise<string> => (++reads === 1 ? Promise.reject(new Error("no")) : Promise.resolve("yes"));
    const ask = recent(read, 1_000, () => 0);
    const first = await Promise.allSettled([ask(), ask()]);
    assert.deepEqual(
      first.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(await ask(), "yes");
    assert.equal(reads, 2);
  });
});
