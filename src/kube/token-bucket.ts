/** Allows `burst` takes at once and `perSecond` on average after that. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(limits: { readonly burst: number; readonly perSecond: number }, nowMs: number) {
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#tokens = limits.burst;
    this.#atMs = nowMs;
  }

  /** Takes one token if there is one. */
  take(nowMs: number): boolean {
    if (this.waitMs(nowMs) > 0) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How long until there is one, in ms; 0 if there is. */
  waitMs(nowMs: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    // Sums of fractions fall short of 1 by rounding: a wait of 0.0001 ms would be repeated for ever.
    return this.#tokens > 0.999 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }
}
