import { promises as timers } from "node:timers";

/** Time and chance: `now` is monotonic, in ms; `random` is in [0, 1); `sleep` ends early on abort, well or by rejecting. */
export type Clock = {
  now(): number;
  random(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }),
};

/** Waits `ms`, or until the signal aborts; never rejects for an abort. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Lets what waits for sockets and timers run before what comes next. */
export async function nextTurn(): Promise<void> {
  await timers.setImmediate();
}
