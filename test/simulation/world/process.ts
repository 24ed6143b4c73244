import type { Clock } from "../../../src/runtime/clock.ts";
import type { Chances } from "../chances.ts";
import type { Scheduler } from "../scheduler.ts";

/** When the runs begin, on every clock that is right, in ms since 1970. */
export const epochMs = Date.UTC(2026, 0, 5);

/** So long a process needs at most to come to something that is due at once. */
const wakeUpMs = 8;

/**
 * One life of a program: what it waits for happens only while it lives, and not while it is stopped. Its wall clock may be
 * wrong, its monotonic one is not.
 */
export class Process {
  readonly name: string;
  wallOffsetMs = 0;
  readonly #scheduler: Scheduler;
  readonly #chances: Chances;
  #alive = true;
  #stoppedUntilMs = 0;

  constructor(name: string, scheduler: Scheduler, chances: Chances) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#chances = chances;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** From now on nothing of it runs any more. */
  die(): void {
    this.#alive = false;
  }

  /** Nothing of it runs for so many ms; what came meanwhile happens then. */
  stopFor(ms: number): void {
    this.#stoppedUntilMs = Math.max(this.#stoppedUntilMs, this.#scheduler.nowMs + ms);
  }

  /** What happens to it now if it can. */
  run(what: () => void): void {
    if (!this.#alive) return;
    const leftMs = this.#stoppedUntilMs - this.#scheduler.nowMs;
    if (leftMs <= 0) what();
    else this.#scheduler.after(leftMs, () => this.run(what));
  }

  /** In [0, 1). */
  random(): number {
    return this.#chances.of(this.name).next();
  }

  /** Its own sight of time. */
  clock(): Clock {
    return {
      wallMs: () => epochMs + this.#scheduler.nowMs + this.wallOffsetMs,
      monotonicMs: () => this.#scheduler.nowMs,
      setTimer: (delayMs, callback) => this.#timer(delayMs, callback),
    };
  }

  #timer(delayMs: number, callback: () => void): () => void {
    let wanted = true;
    const due = (): void => {
      if (wanted) callback();
    };
    const soonMs = delayMs > 0 ? delayMs : this.random() * wakeUpMs;
    const cancel = this.#scheduler.after(soonMs, () => this.run(due));
    return () => {
      wanted = false;
      cancel();
    };
  }
}
