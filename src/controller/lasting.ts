/** What has been true without a break for long enough, of things with names; times are ms of one monotonic clock. */
export class Lasting {
  readonly #holdMs: number;
  #sinceMs: ReadonlyMap<string, number> = new Map();

  /** @param holdMs how long is long enough */
  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** Which of the names, all those of which it is true now, it has been true of for long enough. */
  at(names: Iterable<string>, nowMs: number): ReadonlySet<string> {
    const sinceMs = new Map<string, number>();
    for (const name of names) sinceMs.set(name, this.#sinceMs.get(name) ?? nowMs);
    this.#sinceMs = sinceMs;
    return new Set([...sinceMs].filter(([, since]) => nowMs - since >= this.#holdMs).map(([name]) => name));
  }

  /** Since when it has been true of the name without a break; undefined: it is not. */
  sinceMs(name: string): number | undefined {
    return this.#sinceMs.get(name);
  }

  /** How long until it is long enough of the next one; undefined: of none. */
  changesInMs(nowMs: number): number | undefined {
    const left = [...this.#sinceMs.values()].map((since) => since + this.#holdMs - nowMs).filter((ms) => ms > 0);
    return left.length === 0 ? undefined : left.reduce((a, b) => Math.min(a, b));
  }
}
