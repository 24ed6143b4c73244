import type { Pool } from "../api/ip-pool.ts";
import { type Address, addressKey, compareAddresses, type Family } from "../net/address.ts";
import { sortedRangesContain } from "../net/range.ts";
import { type Draft, holdersOf, plannedPast, plannedSpec, type UsedQueue } from "./draft.ts";
import { freeAddresses } from "./free-addresses.ts";
import { poolGives } from "./pool-selection.ts";
import { poolSize } from "./pool-size.ts";
import { poolExhausted, type Refusal } from "./refusal.ts";
import type { Past } from "./reuse.ts";
import { usableRanges } from "./usable-ranges.ts";

/**
 * The next address that a pool may give to anybody, in its order; the same until it is taken. What somebody may come back for
 * comes after what nobody does, what rests comes last, of each the longest released first.
 */
export function nextFree(draft: Draft, pool: Pool, family: Family): Address | undefined {
  const cursors = draft.cursors[family];
  let cursor = cursors.get(pool);
  if (cursor === undefined) {
    const forbidden = draft.snapshot.forbidden.map(({ range }) => range);
    const held = draft.ledger.byAddress()[family];
    const entries = draft.entries[family];
    cursor = freeAddresses(pool, family, forbidden, (value) => {
      // Each plan that gives an address walks over all that are held: this line decides what that costs.
      if (!entries.has(value) && (held.get(value)?.services.length ?? 0) > 0) return true;
      return !isFresh(draft, { family, value });
    });
    cursors.set(pool, cursor);
  }
  return cursor.next() ?? nextUsed(draft, pool, family);
}

/** Nobody holds it, nobody had it lately, and it is open to all. */
function isFresh(draft: Draft, address: Address): boolean {
  const spec = plannedSpec(draft, address);
  if (spec !== undefined && (spec.services.length > 0 || plannedPast(draft, address) !== undefined)) return false;
  return isOpen(draft, address);
}

/** Nobody has it reserved, and nobody shows it in his status: what shows it may be served by somebody else. */
function isOpen({ reservations, shown }: Draft, address: Address): boolean {
  if (reservations.size === 0 && shown.size === 0) return true;
  const key = addressKey(address);
  return !reservations.has(key) && !shown.has(key);
}

/** Made anew only after this plan has freed something more: of a pool that is used up, everybody who waits asks. */
function nextUsed(draft: Draft, pool: Pool, family: Family): Address | undefined {
  const known = draft.used[family].get(pool);
  const queue = known?.freed === draft.freed.length ? known : newQueue(draft, pool, family);
  draft.used[family].set(pool, queue);
  while (queue.at < queue.addresses.length) {
    const address = queue.addresses[queue.at];
    if (address !== undefined && holdersOf(draft, address).length === 0) return address;
    queue.at += 1;
  }
  return undefined;
}

function newQueue(draft: Draft, pool: Pool, family: Family): UsedQueue {
  const { nowMs } = draft.snapshot;
  const used = usedAddresses(draft, pool, family)
    .filter(({ past }) => !(past?.strict && past.restsUntilMs > nowMs))
    .sort((a, b) => compareUse(a, b, nowMs));
  return { freed: draft.freed.length, addresses: used.map(({ address }) => address), at: 0 };
}

type Used = { readonly address: Address; readonly past: Past | undefined };

function usedAddresses(draft: Draft, pool: Pool, family: Family): readonly Used[] {
  const { ledger, freed, snapshot } = draft;
  const candidates = [...ledger.released.map(({ address }) => address), ...freed].filter(
    (address) => address.family === family && poolGives(pool, address),
  );
  if (candidates.length === 0) return [];
  const forbidden = snapshot.forbidden.map(({ range }) => range);
  const usable = usableRanges(pool, family, forbidden);
  return candidates
    .filter((address) => holdersOf(draft, address).length === 0 && isOpen(draft, address))
    .filter((address) => sortedRangesContain(usable, address))
    .map((address) => ({ address, past: plannedPast(draft, address) }));
}

function compareUse(a: Used, b: Used, nowMs: number): number {
  const rests = ({ past }: Used): number => Number(past !== undefined && past.restsUntilMs > nowMs);
  const released = ({ past }: Used): number => past?.released.atMs ?? 0;
  return rests(a) - rests(b) || released(a) - released(b) || compareAddresses(a.address, b.address);
}

/** That a pool has no free address of this family; counted once a plan, for the first who is refused. */
export function exhaustion(draft: Draft, pool: Pool, family: Family): Refusal {
  const known = draft.exhausted[family].get(pool);
  if (known !== undefined) return known;
  const refusal = poolExhausted(pool.name, { total: poolSize(pool, family), ...occupation(draft, pool, family) });
  draft.exhausted[family].set(pool, refusal);
  return refusal;
}

type Counts = { allocated: number; cooling: number; reserved: number };

function occupation(draft: Draft, pool: Pool, family: Family): Counts {
  const counts: Counts = { allocated: 0, cooling: 0, reserved: 0 };
  const made = [...draft.entries[family].values()].filter(({ before }) => before === undefined);
  const known = [...draft.ledger.byAddress()[family].values(), ...made.map(({ spec }) => spec)];
  for (const { address } of known) if (poolGives(pool, address)) count(counts, draft, address);
  const kept = draft.pools.flatMap((each) => each.reservations.map(({ address }) => address));
  const isKept = (address: Address): boolean =>
    address.family === family && poolGives(pool, address) && holdersOf(draft, address).length === 0;
  counts.reserved = new Set(kept.filter(isKept).map(addressKey)).size;
  return counts;
}

function count(counts: Counts, draft: Draft, address: Address): void {
  const past = plannedPast(draft, address);
  if (holdersOf(draft, address).length > 0) counts.allocated += 1;
  else if (past && past.restsUntilMs > draft.snapshot.nowMs && isOpen(draft, address)) counts.cooling += 1;
}
