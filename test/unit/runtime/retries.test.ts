import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { backOffMs, Retries } from "../../../src/runtime/retries.ts";

it("waits 50 ms after the first failure, twice as long after each further one, and never more than 30 s", () => {
  assert.deepEqual(
    [1, 2, 3, 10, 11, 50].map((failures) => backOffMs(failures, 0)),
    [50, 100, 200, 25_600, 30_000, 30_000],
  );
});

it("takes off at most half of the wait at random", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const whole = backOffMs(failures, 0);
      const wait = backOffMs(failures, random);
      assert.ok(wait <= whole && wait >= whole / 2);
    }),
  );
});

it("lets what failed wait alone", () => {
  const retries = new Retries();
  const delayMs = retries.failed("a", 1_000, { random: 0, atOnce: false });
  assert.equal(delayMs, 50);
  assert.equal(retries.notBeforeMs(["a", "b"]), 1_050);
  assert.equal(retries.notBeforeMs(["b"]), 0);
});

it("costs no wait the first time that something was merely stale", () => {
  const retries = new Retries();
  assert.equal(retries.failed("a", 0, { random: 0, atOnce: true }), 0);
  assert.equal(retries.failed("a", 0, { random: 0, atOnce: true }), 100);
});

it("begins anew after a success, and forgets what is not wanted any more", () => {
  const retries = new Retries();
  for (const key of ["a", "b", "c"]) retries.failed(key, 0, { random: 0, atOnce: false });
  retries.succeeded("a");
  assert.equal(retries.failed("a", 0, { random: 0, atOnce: false }), 50);
  retries.keepOnly((key) => key === "b");
  assert.equal(retries.size, 1);
  assert.equal(retries.notBeforeMs(["a", "c"]), 0);
});
