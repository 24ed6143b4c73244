/** How long an address is left alone after the first failure in a row; after each further one twice as long. */
const firstRestMs = 2_000;
const longestRestMs = 60_000;

type Failure = { readonly count: number; readonly untilMs: number };

/**
 * Addresses that the operating system would not let this node answer for. It is willing to have one again only after a rest: two
 * nodes that cannot have it would hand it to each other all the time, past a third one that could. Times are ms of one clock.
 */
export class Failures {
  readonly #failures = new Map<string, Failure>();

  /** Answering for the address of this name failed. */
  note(name: string, nowMs: number): void {
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    this.#failures.set(name, { count, untilMs: nowMs + Math.min(firstRestMs * 2 ** (count - 1), longestRestMs) });
  }

  /** It went well, or nobody wants it any more. */
  forget(name: string): void {
    this.#failures.delete(name);
  }

  /** The names of the addresses that are left alone now. */
  resting(nowMs: number): ReadonlySet<string> {
    if (this.#failures.size === 0) return none;
    return new Set([...this.#failures].filter(([, { untilMs }]) => nowMs < untilMs).map(([name]) => name));
  }

  /** How long until one more may be had again, in ms; Infinity: none rests. */
  lookInMs(nowMs: number): number {
    const rests = [...this.#failures.values()].map(({ untilMs }) => untilMs - nowMs).filter((ms) => ms > 0);
    return Math.min(...rests, Number.POSITIVE_INFINITY);
  }
}

const none: ReadonlySet<string> = new Set();
