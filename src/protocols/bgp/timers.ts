/** The timers of one machine (RFC 4271, 10; RFC 9687), in the order in which those that are due at once expire. */
export const timerNames = ["hold", "sendHold", "connectRetry", "keepalive"] as const;

/** The name of a timer. */
export type TimerName = (typeof timerNames)[number];

/** When which timer expires, in milliseconds of a monotonic clock; one that is not set does not. */
export class Timers {
  readonly #dueAtMs = new Map<TimerName, number>();

  /** Starts a timer anew. */
  set(name: TimerName, dueAtMs: number): void {
    this.#dueAtMs.set(name, dueAtMs);
  }

  stop(name: TimerName): void {
    this.#dueAtMs.delete(name);
  }

  stopAll(): void {
    this.#dueAtMs.clear();
  }

  /** A timer that has expired, which it stops, or undefined. */
  takeDue(nowMs: number): TimerName | undefined {
    const due = timerNames.find((name) => this.#atMs(name) <= nowMs);
    if (due !== undefined) this.stop(due);
    return due;
  }

  /** When the first of them expires; Infinity: none runs. */
  nextAtMs(): number {
    return Math.min(...timerNames.map((name) => this.#atMs(name)));
  }

  #atMs(name: TimerName): number {
    return this.#dueAtMs.get(name) ?? Number.POSITIVE_INFINITY;
  }
}

/** A time shortened by up to a quarter (RFC 4271, 10), so that peers do not act in step; `random` is in 0 to 1. */
export function jittered(ms: number, random: number): number {
  return Math.round(ms * (1 - random / 4));
}
