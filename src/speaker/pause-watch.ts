const never = Number.POSITIVE_INFINITY;

/** Notices that a thread stood still: its turn came long after it was due. */
export class PauseWatch {
  readonly #longMs: number;
  /** When the next turn is to be at the latest. */
  #dueMs = never;

  /** `longMs`: how late is long. */
  constructor(longMs: number) {
    this.#longMs = longMs;
  }

  /** The next turn is to be at `wakeMs`; what is overdue, however long, could not be done before now. */
  due(wakeMs: number, nowMs: number): void {
    this.#dueMs = Math.max(wakeMs, nowMs);
  }

  /** To be called as a turn begins: how late it is, in whole milliseconds, if that is long; else undefined. */
  pauseMs(nowMs: number): number | undefined {
    const lateMs = Math.round(nowMs - this.#dueMs);
    this.#dueMs = never;
    return lateMs < this.#longMs ? undefined : lateMs;
  }
}
