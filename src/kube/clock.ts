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

/** Calls back once after so many ms; the answer cancels it. */
export type SetTimer = (delayMs: number, callback: () => void) => () => void;

/** The machine's timers. */
export const setSystemTimer: SetTimer = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

/** A clock over the time and the timers of elsewhere, such as a simulation's. `random` is in [0, 1). */
export function clockOf(
  { monotonicMs, setTimer }: { readonly monotonicMs: () => number; readonly setTimer: SetTimer },
  random: () => number,
): Clock {
  return {
    now: monotonicMs,
    random,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          cancel();
          signal.removeEventListener("abort", end);
          resolve();
        };
        const cancel = setTimer(ms, end);
        if (signal.aborted) return end();
        signal.addEventListener("abort", end, { once: true });
      }),
  };
}

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
