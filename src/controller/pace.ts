/** So many writes a second at most, and so many at once after a rest. */
const perSecond = 50;
const mostAtOnce = 100;

/** Bounds the writes that can wait, so that a change that concerns every address is told bit by bit. */
export class Pace {
  #left = mostAtOnce;
  #atMs = 0;

  /** How many may be made now; `nowMs` is on one monotonic clock. */
  left(nowMs: number): number {
    this.#left = Math.min(mostAtOnce, this.#left + ((nowMs - this.#atMs) / 1_000) * perSecond);
    this.#atMs = nowMs;
    return Math.floor(this.#left);
  }

  /** Notes that one was made just now. */
  spent(nowMs: number): void {
    this.left(nowMs);
    this.#left = Math.max(0, this.#left - 1);
  }

  /** How long until it is worth to look again, in ms, as of the last time that `left` was asked; undefined: it is rested. */
  changesInMs(): number | undefined {
    return this.#left < mostAtOnce ? 1_000 : undefined;
  }
}
