import assert from "node:assert/strict";
import { it } from "node:test";
import { clockOf } from "../../../src/kube/clock.ts";

/** Timers that ring when the test says so. */
function handTimers() {
  const timers = new Map<number, () => void>();
  const setTimer = (delayMs: number, callback: () => void): (() => void) => {
    timers.set(delayMs, callback);
    return () => timers.delete(delayMs);
  };
  return { timers, clock: clockOf({ monotonicMs: () => 7, setTimer }, () => 0.5) };
}

it("a clock over other timers has their time and chance, and sleeps until they ring", async () => {
  const { timers, clock } = handTimers();
  assert.deepEqual([clock.now(), clock.random()], [7, 0.5]);
  const slept = clock.sleep(100, new AbortController().signal);
  timers.get(100)?.();
  await slept;
});

it("it wakes early when it is told to, and takes its timer away", async () => {
  const { timers, clock } = handTimers();
  const stop = new AbortController();
  const slept = clock.sleep(100, stop.signal);
  stop.abort();
  await slept;
  assert.equal(timers.size, 0);
  await clock.sleep(100, stop.signal);
  assert.equal(timers.size, 0);
});
