import type { ConditionState } from "../api/condition.ts";
import type { Pool, PoolCounts } from "../api/ip-pool.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Family } from "../net/address.ts";
import { rangesOverlap } from "../net/range.ts";
import { poolGives } from "./pool-selection.ts";
import { poolSize } from "./pool-size.ts";
import type { poolReasons } from "./refusal.ts";

/** What an IPPool's status shall say; a family that the pool has no addresses of is absent. */
export type PoolReport = {
  readonly ipv4?: PoolCounts;
  readonly ipv6?: PoolCounts;
  readonly conditions: readonly ConditionState[];
};

/**
 * The report of each valid pool, by name. An address counts as allocated, once, in every pool that may give it while it
 * belongs to a Service, whichever pool it came from; `free` is what is left of `total`, as `45/48`.
 */
export function poolReports(
  pools: readonly Pool[],
  advertisements: readonly Advertisement[],
): ReadonlyMap<string, PoolReport> {
  const overlaps = overlapsOf(pools);
  const counts = allocatedCounts(pools, overlaps, advertisements);
  return new Map(
    pools.map((pool) => {
      const allocated = counts.get(pool.name) ?? { 4: 0, 6: 0 };
      const ipv4 = countsOf(pool, 4, allocated[4]);
      const ipv6 = countsOf(pool, 6, allocated[6]);
      const conditions = [ready(pool), overlapping(pool, overlaps.get(pool.name) ?? [])];
      return [pool.name, { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }), conditions }];
    }),
  );
}

type Counts = Record<Family, number>;

function allocatedCounts(
  pools: readonly Pool[],
  overlaps: ReadonlyMap<string, readonly string[]>,
  advertisements: readonly Advertisement[],
): ReadonlyMap<string, Counts> {
  const counts = new Map(pools.map(({ name }): [string, Counts] => [name, { 4: 0, 6: 0 }]));
  const alone = new Map(pools.filter(({ name }) => !overlaps.has(name)).map((pool) => [pool.name, pool]));
  const givers = ({ address, pool }: Advertisement): readonly Pool[] => {
    const own = alone.get(pool);
    return own !== undefined && poolGives(own, address) ? [own] : pools.filter((each) => poolGives(each, address));
  };
  for (const held of advertisements.filter(({ services }) => services.length > 0))
    for (const { name } of givers(held)) {
      const count = counts.get(name);
      if (count !== undefined) count[held.address.family] += 1;
    }
  return counts;
}

function countsOf(pool: Pool, family: Family, allocated: number): PoolCounts | undefined {
  if (!pool.ranges.some(({ first }) => first.family === family)) return undefined;
  const total = poolSize(pool, family);
  return { total: `${total}`, allocated, free: `${total - BigInt(allocated)}/${total}` };
}

/** The names of the other pools that may give an address of a pool, sorted; only pools that have such. */
function overlapsOf(pools: readonly Pool[]): ReadonlyMap<string, readonly string[]> {
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
    message: others.length > 0 ? `addresses are also in pool ${others.join(", ")}` : "no other pool has its addresses",
    observedGeneration: generation,
  };
}
