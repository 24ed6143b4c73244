const firstDelayMs = 50;
const longestDelayMs = 30_000;

type Retry = { readonly failures: number; readonly notBeforeMs: number };

/**
 * How long to wait after n failures in a row: 50 ms doubling to 30 s, of which a random half is taken off, so that
 * several processes that failed together do not come back together. `random` is in [0, 1).
 */
export function backOffMs(failures: number, random: number): number {
  return Math.min(firstDelayMs * 2 ** (failures - 1), longestDelayMs) * (1 - random / 2);
}

/** Which keys failed, and when each may be tried again; what failed alone waits alone. Times are on one monotonic clock. */
export class Retries {
  readonly #retries = new Map<string, Retry>();

  /** Notes a failure and answers how long to wait, in ms. `atOnce`: the first in a row costs no wait. */
  failed(key: string, nowMs: number, how: { readonly random: number; readonly atOnce: boolean }): number {
    const failures = (this.#retries.get(key)?.failures ?? 0) + 1;
    const delayMs = how.atOnce && failures === 1 ? 0 : backOffMs(failures, how.random);
    this.#retries.set(key, { failures, notBeforeMs: nowMs + delayMs });
    return delayMs;
  }

  /** Notes that it worked. */
  succeeded(key: string): void {
    this.#retries.delete(key);
  }

  /** When the last of these keys may be tried again; 0 if none of them failed. */
  notBeforeMs(keys: readonly string[]): number {
    if (this.#retries.size === 0) return 0;
    return Math.max(0, ...keys.map((key) => this.#retries.get(key)?.notBeforeMs ?? 0));
  }

  /** Forgets the failures of everything that is not wanted any more. */
  keepOnly(wanted: (key: string) => boolean): void {
    for (const key of this.#retries.keys()) if (!wanted(key)) this.#retries.delete(key);
  }

  /** How many keys are failing at present. */
  get size(): number {
    return this.#retries.size;
  }
}
