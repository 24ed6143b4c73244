import type { ConditionState } from "../api/condition.ts";
import { shortMessage } from "../api/cut-text.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressKey, formatAddress } from "../net/address.ts";
import { rangesOverlap } from "../net/range.ts";
import { type FamilyCounts, poolCounts } from "./pool-counts.ts";
import { countQuotas, overLimit } from "./quota.ts";
import type { poolReasons } from "./refusal.ts";
import { pastOf, reuseOf } from "./reuse.ts";
import type { Snapshot } from "./snapshot.ts";

/** What an IPPool's status shall say. */
export type PoolReport = FamilyCounts & { readonly conditions: readonly ConditionState[] };

/** What the reports of the pools are made from. */
export type PoolSituation = Pick<Snapshot, "pools" | "advertisements" | "forbidden" | "nowMs">;

/** The report of each valid pool, by name. */
export function poolReports({ pools, advertisements, ...rest }: PoolSituation): ReadonlyMap<string, PoolReport> {
  const overlaps = overlapsOf(pools);
  const counts = poolCounts({ pools, advertisements, overlapping: overlaps, ...rest });
  const quotas = pools.some(({ perNamespace }) => perNamespace !== undefined) ? countQuotas(advertisements) : new Map();
  const blocked = blockedReservations(pools, advertisements);
  return new Map(
    pools.map((pool) => {
      const conditions = [
        ready(pool),
        overlapping(pool, overlaps.get(pool.name) ?? []),
        ...limits(pool, quotas),
        ...reservations(pool, blocked),
      ];
      return [pool.name, { ...counts.get(pool.name), conditions }];
    }),
  );
}

/** When the last rest ended that is over by now, in ms since the epoch; until the next one ends, all reports stay as they are. */
export function lastRestEndMs(pools: readonly Pool[], advertisements: readonly Advertisement[], nowMs: number): number {
  const named = new Map(pools.map((pool) => [pool.name, pool]));
  let lastMs = 0;
  for (const { released, pool } of advertisements) {
    if (released === undefined) continue;
    const { restsUntilMs } = pastOf(released, reuseOf(named, pool));
    if (restsUntilMs <= nowMs && restsUntilMs > lastMs) lastMs = restsUntilMs;
  }
  return lastMs;
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

/** What a condition says while it holds and while it does not. */
type Aspect = {
  readonly type: string;
  readonly holds: boolean;
  readonly reason: PoolReason;
  readonly message: string;
};

function aspect({ generation }: Pool, { type, holds, reason, message }: Aspect): ConditionState {
  const status = holds ? "True" : "False";
  return { type, status, reason, message: shortMessage(message), observedGeneration: generation };
}

function ready(pool: Pool): ConditionState {
  const message = pool.paused ? "the pool can be used; it is paused and gives nothing new" : "the pool can be used";
  return aspect(pool, { type: "Ready", holds: true, reason: "Valid", message });
}

function overlapping(pool: Pool, others: readonly string[]): ConditionState {
  const type = "Overlaps";
  return others.length > 0
    ? aspect(pool, {
        type,
        holds: true,
        reason: "Overlapping",
        message: `addresses are also in pool ${others.join(", ")}`,
      })
    : aspect(pool, { type, holds: false, reason: "NoOverlap", message: "no other pool has its addresses" });
}

/** Only where there are limits, or have been. */
function limits(pool: Pool, quotas: ReadonlyMap<string, number>): readonly ConditionState[] {
  const type = "LimitsExceeded";
  if (pool.perNamespace === undefined && !hasCondition(pool, type)) return [];
  const over = overLimit(pool, quotas).map(({ namespace, held }) => `${namespace} holds ${held}`);
  return over.length > 0
    ? [aspect(pool, { type, holds: true, reason: "OverLimit", message: `of ${pool.perNamespace}: ${over.join(", ")}` })]
    : [aspect(pool, { type, holds: false, reason: "WithinLimits", message: "no namespace holds more than it may" })];
}

/** Only where there are reservations, or have been. */
function reservations(pool: Pool, blocked: Blocked): readonly ConditionState[] {
  const type = "ReservationsBlocked";
  if (pool.reservations.length === 0 && !hasCondition(pool, type)) return [];
  const messages = pool.reservations.flatMap((each) => blocked(each) ?? []);
  return messages.length > 0
    ? [aspect(pool, { type, holds: true, reason: "ReservedAddressHeld", message: messages.join("; ") })]
    : [
        aspect(pool, {
          type,
          holds: false,
          reason: "NoReservedAddressHeld",
          message: "none is held by another service",
        }),
      ];
}

function hasCondition({ status }: Pool, type: string): boolean {
  return status.conditions.some((each) => each.type === type);
}

/** Who holds a reserved address though he is not the one; undefined: nobody. */
type Blocked = (reservation: Pool["reservations"][number]) => string | undefined;

function blockedReservations(pools: readonly Pool[], advertisements: readonly Advertisement[]): Blocked {
  const keys = new Set(pools.flatMap((pool) => pool.reservations.map(({ address }) => addressKey(address))));
  const held = keys.size === 0 ? [] : advertisements.filter(({ address }) => keys.has(addressKey(address)));
  const byKey = new Map(held.map(({ address, services }) => [addressKey(address), services]));
  return ({ address, namespace, name }) => {
    const services = byKey.get(addressKey(address)) ?? [];
    const [first] = services;
    if (first === undefined || services.some((each) => each.namespace === namespace && each.name === name))
      return undefined;
    return `${formatAddress(address)} is reserved for ${namespace}/${name} and held by ${first.namespace}/${first.name}`;
  };
}
