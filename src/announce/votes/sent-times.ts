const SLOTS = 512;

/** When the newest 512 heartbeats to one receiver were sent, by their sequence number. */
export class SentTimes {
  readonly #seqs = new Uint32Array(SLOTS);
  readonly #timesMs = new Float64Array(SLOTS);

  /** Notes a heartbeat; `seq` is at least 1. */
  note(seq: number, nowMs: number): void {
    this.#seqs[seq % SLOTS] = seq;
    this.#timesMs[seq % SLOTS] = nowMs;
  }

  /** When it was sent, or -Infinity: never, or too long ago to matter. */
  at(seq: number): number {
    if (seq === 0 || this.#seqs[seq % SLOTS] !== seq) return Number.NEGATIVE_INFINITY;
    return this.#timesMs[seq % SLOTS] ?? Number.NEGATIVE_INFINITY;
  }
}
