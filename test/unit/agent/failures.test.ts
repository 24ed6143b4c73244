import assert from "node:assert/strict";
import { it } from "node:test";
import { Failures } from "../../../src/agent/failures.ts";

it("leaves an address alone for 2 s after a failure, twice as long after each further one, a minute at most", () => {
  const failures = new Failures();
  const rests: number[] = [];
  for (let nowMs = 0; rests.length < 8; nowMs += rests.at(-1) ?? 0) {
    failures.note("a", nowMs);
    rests.push(failures.lookInMs(nowMs));
    assert.deepEqual([...failures.resting(nowMs + (rests.at(-1) ?? 0) - 1)], ["a"]);
    assert.deepEqual([...failures.resting(nowMs + (rests.at(-1) ?? 0))], []);
  }
  assert.deepEqual(rests, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

it("begins anew after a success, and lets each address rest by itself", () => {
  const failures = new Failures();
  failures.note("a", 0);
  failures.note("a", 2_000);
  failures.note("b", 5_000);
  failures.forget("a");
  assert.deepEqual([[...failures.resting(5_500)], failures.lookInMs(5_500)], [["b"], 1_500]);
  failures.note("a", 6_000);
  assert.equal(failures.lookInMs(6_900), 100);
  assert.deepEqual([...failures.resting(7_999)], ["a"]);
  assert.equal(failures.lookInMs(8_000), Number.POSITIVE_INFINITY);
});
