import type { Address } from "../net/address.ts";

/** Distance of the probes before the first use of an address, and the wait for an answer after the last. */
export const PROBE_INTERVAL_MS = 15;

/** How many probes are sent before an address is taken for free. */
export const PROBE_COUNT = 2;

/** How long a probe may wait in the interface's queue before it counts as lost and is ordered again. */
export const PROBE_LOST_MS = 10_000;

/** Wait before a probe that the operating system did not take, mostly for a full queue, is ordered again. */
export const PROBE_FAILED_MS = 100;

/** Wait before an address that another station has is probed again: the first `firstCount` times, and from then on. */
export const RETRY_MS: { readonly first: number; readonly later: number; readonly firstCount: number } = {
  first: 1_000,
  later: 10_000,
  firstCount: 3,
};

/** When the announcement of a taken address is repeated, counted from the taking: frames get lost, switches learn late. */
export const REPEATS_MS: readonly number[] = [50, 200, 1_000, 3_500];

/** Each held address is announced once in this time, at a moment of its own, so that the load is even. */
export const REFRESH_MS = 60_000;

/**
 * When a member is back, held addresses are announced so long after it: by then a holder that must give way has heard so.
 * Each at a moment of its own within the spread, and at most once in the interval.
 */
export const REMIND_AFTER_MS = 500;
export const REMIND_SPREAD_MS = 1_000;
export const REMIND_INTERVAL_MS = 10_000;

/** How often an address is probed that is kept without a quorum. */
export const KEEP_PROBE_MS = 1_000;

/**
 * Wait between the first claim of another station and what is done about it. It may be a member's whose hardware address
 * is not known yet: a defence at once would take the traffic back to a node that is about to give up.
 */
export const CLAIM_DOUBT_MS = 1_000;

/** How often an address is probed from then on, to see whether the other station still has it. */
export const CLAIM_PROBE_MS = 10_000;

/** A claim that is not heard again for this long, two probes included, is over. */
export const CLAIM_OVER_MS = 25_000;

/** At most one defence in this time (RFC 5227, 2.4 c). */
export const DEFENCE_INTERVAL_MS = 10_000;

const SPREAD_STEP_MS = 50;

/** The next moment after `nowMs` of a rhythm of this period, whose phase comes from a hash of the address. */
export function nextSpread(address: Address, periodMs: number, nowMs: number): number {
  const slots = Math.floor(periodMs / SPREAD_STEP_MS);
  const phase = (hash(address) % slots) * SPREAD_STEP_MS;
  return phase + periodMs * (Math.floor((nowMs - phase) / periodMs) + 1);
}

/** FNV-1a over the bytes of the value: neighbouring addresses get far phases. */
function hash({ value }: Address): number {
  let result = 0x811c9dc5;
  for (let rest = value; rest > 0n; rest >>= 8n) result = Math.imul(result ^ Number(rest & 0xffn), 0x01000193) >>> 0;
  return result;
}
