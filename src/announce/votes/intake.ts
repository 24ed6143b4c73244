/** No honest member sends more at once: what a process finds that stood still, or a table in parts. */
const MOST_AT_ONCE = 512;
/** Nor more in an interval, however much changes. */
const PER_INTERVAL = 64;
/** One after which every address must be looked at counts as many. */
const TURN = 16;

/** Bounds how many heartbeats of one peer are taken in: those of one that has gone mad are lost as if on the way. */
export class Intake {
  #credit = MOST_AT_ONCE;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Whether one more is taken in; `turns`: it says something else of its sender than the one before. */
  admits(turns: boolean, nowMs: number, intervalMs: number): boolean {
    const earned = ((nowMs - this.#atMs) / intervalMs) * PER_INTERVAL;
    this.#credit = Math.min(MOST_AT_ONCE, this.#credit + Math.max(0, earned));
    this.#atMs = nowMs;
    const price = turns ? TURN : 1;
    if (this.#credit < price) return false;
    this.#credit -= price;
    return true;
  }
}
