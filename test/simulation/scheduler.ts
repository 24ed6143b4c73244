type Entry = { readonly atMs: number; readonly order: number; run: (() => void) | undefined; readonly silent: boolean };

/**
 * Time that only passes from one event to the next. Everything that happens in a run is an event of this one queue; events of
 * one moment happen in the order in which they were asked for.
 */
export class Scheduler {
  /** Milliseconds since the run began. */
  nowMs = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Has something happen so many ms from now; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void {
    return this.#add(delayMs, run, false);
  }

  /** The same for what settles no promise: nothing needs to run after it. */
  silently(delayMs: number, run: () => void): () => void {
    return this.#add(delayMs, run, true);
  }

  /** When the next event is due; undefined: there is none. */
  nextAtMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  /** Moves time to the next event, lets it happen and whatever waits for it run. False: there is none. */
  async step(): Promise<boolean> {
    this.#dropCancelled();
    const entry = this.#heap[0];
    if (entry?.run === undefined) return false;
    this.#pop();
    this.nowMs = Math.max(this.nowMs, entry.atMs);
    const { run } = entry;
    entry.run = undefined;
    run();
    if (!entry.silent) await settled();
    return true;
  }

  #add(delayMs: number, run: () => void, silent: boolean): () => void {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run, silent };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => {
      entry.run = undefined;
    };
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) this.#pop();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    if (!this.#isEarlier(lower, upper)) return false;
    const [a, b] = [this.#heap[lower], this.#heap[upper]];
    if (a === undefined || b === undefined) return false;
    this.#heap[lower] = b;
    this.#heap[upper] = a;
    return true;
  }

  #isEarlier(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }
}

/** Every promise that can settle has: no real timer and no socket is in play. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
