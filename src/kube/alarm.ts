import { type Clock, pause } from "./clock.ts";

/** A wait that can be ended early from elsewhere; a ring while nobody waits ends the next wait at once. */
export class Alarm {
  #rung = false;
  #waiting: AbortController | undefined;

  /** Ends the wait. */
  ring(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  /** Waits `ms` (without end if Infinity), until rung, or until the signal aborts; never rejects for an abort. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const end = (): void => waiting.abort();
    this.#waiting = waiting;
    signal.addEventListener("abort", end, { once: true });
    if (!this.#rung && !signal.aborted) await pause(clock, Math.min(ms, LONGEST_MS), waiting.signal);
    signal.removeEventListener("abort", end);
    this.#waiting = undefined;
    this.#rung = false;
  }
}

/** Timers of Node fire at once when asked for more. */
const LONGEST_MS = 2 ** 31 - 1;
