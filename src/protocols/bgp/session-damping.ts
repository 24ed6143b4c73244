/** How long a session rests after a failure: `firstMs` after the first, twice as long each time, at most `longestMs`. */
export type DampingTimes = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** After this long in Established all failures are forgotten. */
  readonly stableMs: number;
  /** The least after the peer said that it takes no more prefixes, before jitter: to come back at once would be refused again. */
  readonly afterPrefixLimitMs: number;
};

/** Rests of 1, 2, 4 … 120 s, forgotten after a minute; after a prefix limit so long that jitter leaves a minute at least. */
export const dampingTimes: DampingTimes = {
  firstMs: 1_000,
  longestMs: 120_000,
  stableMs: 60_000,
  afterPrefixLimitMs: 80_000,
};

/** Counts the failures of a session (RFC 4271, 8.1.1, DampPeerOscillations), and says how long it rests after one. */
export class Damping {
  readonly #times: DampingTimes;
  #failures = 0;

  constructor(times: DampingTimes) {
    this.#times = times;
  }

  /** Failures since it was stable or told to forget. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure; what it gives back is how long to rest, in milliseconds, before jitter. */
  failed(cause: "other" | "prefixLimit"): number {
    const { firstMs, longestMs, afterPrefixLimitMs } = this.#times;
    const ladder = Math.min(firstMs * 2 ** this.#failures, longestMs);
    this.#failures += 1;
    return cause === "prefixLimit" ? Math.max(ladder, afterPrefixLimitMs) : ladder;
  }

  /** It was Established for this long. */
  wasEstablished(forMs: number): void {
    if (forMs >= this.#times.stableMs) this.#failures = 0;
  }

  forget(): void {
    this.#failures = 0;
  }
}
