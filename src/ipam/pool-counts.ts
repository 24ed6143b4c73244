import type { Pool, PoolCounts } from "../api/ip-pool.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, addressKey, type Family } from "../net/address.ts";
import { type AddressRange, sortedRangesContain } from "../net/range.ts";
import { poolGives } from "./pool-selection.ts";
import { countOf, poolSize } from "./pool-size.ts";
import { pastOf, reuseOf } from "./reuse.ts";
import type { Snapshot } from "./snapshot.ts";
import { usableRanges } from "./usable-ranges.ts";

/** The counts of one pool; a family that it has no addresses of is absent. */
export type FamilyCounts = { readonly ipv4?: PoolCounts; readonly ipv6?: PoolCounts };

/** What is counted; `overlapping` are the names of the pools that have addresses of others. */
export type Countable = {
  readonly pools: readonly Pool[];
  readonly advertisements: readonly Advertisement[];
  readonly forbidden: Snapshot["forbidden"];
  readonly overlapping: { has(name: string): boolean };
  readonly nowMs: number;
};

/**
 * The counts of each pool, by name. An address counts as allocated, or as cooling, once, in every pool that may give it,
 * whichever pool it came from; `free` is what could be given to anybody now, of `total`, as `45/48`.
 */
export function poolCounts(countable: Countable): ReadonlyMap<string, FamilyCounts> {
  const { pools, forbidden } = countable;
  const holes = forbidden.map(({ range }) => range);
  const counters = new Map(pools.map((pool) => [pool.name, [newCounter(pool, 4, holes), newCounter(pool, 6, holes)]]));
  count(countable, counters);
  return new Map(
    pools.map(({ name }) => {
      const [ipv4, ipv6] = counters.get(name) ?? [];
      return [name, { ...(ipv4 && { ipv4: countsOf(ipv4) }), ...(ipv6 && { ipv6: countsOf(ipv6) }) }];
    }),
  );
}

/** Of one pool and family. */
type Counter = {
  readonly total: bigint;
  readonly usable: readonly AddressRange[];
  readonly usableCount: bigint;
  allocated: number;
  cooling: number;
  reserved: number;
  /** How many of the usable ones cannot be given now. */
  unavailable: number;
};

type Counters = ReadonlyMap<string, readonly (Counter | undefined)[]>;

function newCounter(pool: Pool, family: Family, holes: readonly AddressRange[]): Counter | undefined {
  if (!pool.ranges.some(({ first }) => first.family === family)) return undefined;
  const usable = usableRanges(pool, family, holes);
  const counts = { total: poolSize(pool, family), usableCount: countOf(pool, usable) };
  return { ...counts, usable, allocated: 0, cooling: 0, reserved: 0, unavailable: 0 };
}

function count(countable: Countable, counters: Counters): void {
  const { pools, advertisements, overlapping, nowMs } = countable;
  const named = new Map(pools.map((pool) => [pool.name, pool]));
  for (const advertisement of advertisements) {
    const standing = standingOf(advertisement, named, nowMs);
    if (standing === undefined) continue;
    const { address } = advertisement;
    for (const { name } of giversOf(advertisement, { named, pools, overlapping }))
      add(counterOf(counters, name, address), address, standing);
  }
  countReserved(countable, counters);
}

/** Each reserved address that nobody holds; one that must rest as well cannot be given for that already. */
function countReserved({ pools, advertisements, nowMs }: Countable, counters: Counters): void {
  const reserved = pools.flatMap((pool) => pool.reservations.map(({ address }) => ({ pool: pool.name, address })));
  if (reserved.length === 0) return;
  const named = new Map(pools.map((pool) => [pool.name, pool]));
  const standings = new Map(
    advertisements.map((each) => [addressKey(each.address), standingOf(each, named, nowMs)] as const),
  );
  for (const { pool, address } of reserved) {
    const { isHeld = false, isBarred = false } = standings.get(addressKey(address)) ?? {};
    if (!isHeld) addReserved(counterOf(counters, pool, address), address, isBarred);
  }
}

/** `isBarred`: nobody can be given it now. */
type Standing = { readonly isHeld: boolean; readonly isBarred: boolean };

/** Undefined: it counts for nothing. */
function standingOf(
  { services, released, pool }: Advertisement,
  pools: ReadonlyMap<string, Pool>,
  nowMs: number,
): Standing | undefined {
  if (services.length > 0) return { isHeld: true, isBarred: true };
  const past = released && pastOf(released, reuseOf(pools, pool));
  return past === undefined || past.restsUntilMs <= nowMs ? undefined : { isHeld: false, isBarred: past.strict };
}

type Givers = {
  readonly named: ReadonlyMap<string, Pool>;
  readonly pools: readonly Pool[];
  readonly overlapping: Countable["overlapping"];
};

function giversOf({ address, pool }: Advertisement, { named, pools, overlapping }: Givers): readonly Pool[] {
  const own = overlapping.has(pool) ? undefined : named.get(pool);
  return own !== undefined && poolGives(own, address) ? [own] : pools.filter((each) => poolGives(each, address));
}

function counterOf(counters: Counters, pool: string, { family }: Address): Counter | undefined {
  return counters.get(pool)?.[family === 4 ? 0 : 1];
}

function add(counter: Counter | undefined, address: Address, { isHeld, isBarred }: Standing): void {
  if (counter === undefined) return;
  if (isHeld) counter.allocated += 1;
  else counter.cooling += 1;
  if (isBarred && sortedRangesContain(counter.usable, address)) counter.unavailable += 1;
}

function addReserved(counter: Counter | undefined, address: Address, isBarred: boolean): void {
  if (counter === undefined) return;
  counter.reserved += 1;
  if (!isBarred && sortedRangesContain(counter.usable, address)) counter.unavailable += 1;
}

function countsOf({ total, usableCount, allocated, cooling, reserved, unavailable }: Counter): PoolCounts {
  const free = usableCount - BigInt(unavailable);
  return { total: `${total}`, allocated, free: `${free < 0n ? 0n : free}/${total}`, cooling, reserved };
}
