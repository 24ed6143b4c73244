import type { ConditionState } from "../api/condition.ts";
import type { Pool, PoolCounts } from "../api/ip-pool.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Family } from "../net/address.ts";
import { type AddressRange, rangesOverlap, sortedRangesContain } from "../net/range.ts";
import { shortMessage } from "./message.ts";
import { poolGives } from "./pool-selection.ts";
import { countOf, poolSize } from "./pool-size.ts";
import type { poolReasons } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";
import { usableRanges } from "./usable-ranges.ts";

/** What an IPPool's status shall say; a family that the pool has no addresses of is absent. */
export type PoolReport = {
  readonly ipv4?: PoolCounts;
  readonly ipv6?: PoolCounts;
  readonly conditions: readonly ConditionState[];
};

/**
 * The report of each valid pool, by name. An address counts as allocated, once, in every pool that may give it while it
 * belongs to a Service, whichever pool it came from; `free` is what could be given now, of `total`, as `45/48`.
 */
export function poolReports(
  pools: readonly Pool[],
  advertisements: readonly Advertisement[],
  forbidden: Snapshot["forbidden"],
): ReadonlyMap<string, PoolReport> {
  const overlaps = overlapsOf(pools);
  const counters = new Map(pools.map((pool) => [pool.name, newCounters(pool, forbidden)]));
  count(pools, overlaps, { advertisements, counters });
  return new Map(
    pools.map((pool) => {
      const { ipv4, ipv6 } = counters.get(pool.name) ?? {};
      const conditions = [ready(pool), overlapping(pool, overlaps.get(pool.name) ?? [])];
      return [pool.name, { ...(ipv4 && { ipv4: countsOf(ipv4) }), ...(ipv6 && { ipv6: countsOf(ipv6) }), conditions }];
    }),
  );
}

/** Of one pool and family. */
type Counter = {
  readonly total: bigint;
  readonly usable: readonly AddressRange[];
  readonly usableCount: bigint;
  allocated: number;
  /** Of the allocated ones those that could be given anew once they are free. */
  allocatedUsable: number;
};

type Counters = { readonly ipv4: Counter | undefined; readonly ipv6: Counter | undefined };

function newCounters(pool: Pool, forbidden: Snapshot["forbidden"]): Counters {
  const holes = forbidden.map(({ range }) => range);
  return { ipv4: newCounter(pool, 4, holes), ipv6: newCounter(pool, 6, holes) };
}

function newCounter(pool: Pool, family: Family, holes: readonly AddressRange[]): Counter | undefined {
  if (!pool.ranges.some(({ first }) => first.family === family)) return undefined;
  const usable = usableRanges(pool, family, holes);
  const counts = { total: poolSize(pool, family), usableCount: countOf(pool, usable) };
  return { ...counts, usable, allocated: 0, allocatedUsable: 0 };
}

type Count = { readonly advertisements: readonly Advertisement[]; readonly counters: ReadonlyMap<string, Counters> };

function count(pools: readonly Pool[], overlaps: Overlaps, { advertisements, counters }: Count): void {
  const alone = new Map(pools.filter(({ name }) => !overlaps.has(name)).map((pool) => [pool.name, pool]));
  const givers = ({ address, pool }: Advertisement): readonly Pool[] => {
    const own = alone.get(pool);
    return own !== undefined && poolGives(own, address) ? [own] : pools.filter((each) => poolGives(each, address));
  };
  for (const held of advertisements.filter(({ services }) => services.length > 0))
    for (const { name } of givers(held)) add(held, counters.get(name));
}

function add({ address }: Advertisement, counters: Counters | undefined): void {
  const counter = address.family === 4 ? counters?.ipv4 : counters?.ipv6;
  if (counter === undefined) return;
  counter.allocated += 1;
  if (sortedRangesContain(counter.usable, address)) counter.allocatedUsable += 1;
}

function countsOf({ total, usableCount, allocated, allocatedUsable }: Counter): PoolCounts {
  return { total: `${total}`, allocated, free: `${usableCount - BigInt(allocatedUsable)}/${total}` };
}

type Overlaps = ReadonlyMap<string, readonly string[]>;

/** The names of the other pools that may give an address of a pool, sorted; only pools that have such. */
function overlapsOf(pools: readonly Pool[]): Overlaps {
  return new Map(
    pools.flatMap((pool): [string, readonly string[]][] => {
      const others = pools.filter((other) => other.name !== pool.name && overlap(pool, other)).map(({ name }) => name);
      return others.length === 0 ? [] : [[pool.name, others.sort()]];
    }),
  );
}

function overlap(a: Pool, b: Pool): boolean {
  return a.ranges.some((range) => b.ranges.some((other) => rangesOverlap(range, other)));
}

type PoolReason = (typeof poolReasons)[number];

function ready({ generation }: Pool): ConditionState {
  const reason: PoolReason = "Valid";
  return { type: "Ready", status: "True", reason, message: "the pool can be used", observedGeneration: generation };
}

function overlapping({ generation }: Pool, others: readonly string[]): ConditionState {
  const reason: PoolReason = others.length > 0 ? "Overlapping" : "NoOverlap";
  return {
    type: "Overlaps",
    status: others.length > 0 ? "True" : "False",
    reason,
    message:
      others.length > 0
        ? shortMessage(`addresses are also in pool ${others.join(", ")}`)
        : "no other pool has its addresses",
    observedGeneration: generation,
  };
}
