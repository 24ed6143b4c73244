/** Bounds of a wait before a retry, in ms. */
export type BackoffBounds = { readonly minMs: number; readonly maxMs: number };

/** What a reconnecting watch uses: 0.5–30 s. */
export const RECONNECT: BackoffBounds = { minMs: 500, maxMs: 30_000 };

/**
 * The wait in ms before retry number `failures` (0 for the first): it doubles with each failure, and its upper half is
 * jittered by `random` in [0, 1), so that many clients of one restarted server do not return together.
 */
export function backoffMs(failures: number, random: number, bounds: BackoffBounds = RECONNECT): number {
  const ceiling = Math.min(bounds.maxMs, bounds.minMs * 2 ** (failures + 1));
  return Math.max(bounds.minMs, (ceiling / 2) * (1 + random));
}

/** No server is left alone for longer, whatever its Retry-After says: a maintenance page may ask for an hour. */
const LONGEST_HEEDED_MS = 30_000;

/** How long a Retry-After of so many seconds is heeded, in ms. */
export function heededMs(retryAfterSeconds: number): number {
  return Math.min(retryAfterSeconds * 1000, LONGEST_HEEDED_MS);
}
