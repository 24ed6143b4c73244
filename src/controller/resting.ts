/** The counters of a pool and the status of a peer are written at most so often. */
const restMs = 1_000;

/** Things that were written a moment ago and rest, by name; times are ms of one monotonic clock. */
export class Resting {
  readonly #writtenMs = new Map<string, number>();

  /** Notes that one was written just now. */
  written(name: string, nowMs: number): void {
    this.#writtenMs.set(name, nowMs);
  }

  /** Those that rest as of the last time that `endsInMs` was asked. */
  names(): ReadonlySet<string> {
    return new Set(this.#writtenMs.keys());
  }

  /** How long until the next one has rested; undefined: none rests. */
  endsInMs(nowMs: number): number | undefined {
    for (const [name, writtenMs] of this.#writtenMs) if (nowMs - writtenMs >= restMs) this.#writtenMs.delete(name);
    const left = [...this.#writtenMs.values()].map((writtenMs) => writtenMs + restMs - nowMs);
    return left.length === 0 ? undefined : Math.min(...left);
  }
}
