import { type ConditionState, mergeConditions } from "../api/condition.ts";
import { shortMessage } from "../api/cut-text.ts";
import { type Pool, type PoolCounts, type PoolStatus, poolSummary } from "../api/ip-pool.ts";
import { formatProblems } from "../api/problem.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { lastRestEndMs, type PoolReport, poolReports } from "../ipam/pool-status.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import { memo } from "../runtime/memo.ts";
import type { Change } from "./change.ts";
import type { Invalid, Notice, Seen } from "./ports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

const reportsOf = memo(
  (
    pools: readonly Pool[],
    advertisements: readonly Advertisement[],
    forbidden: Snapshot["forbidden"],
    nowMs: number,
  ): ReadonlyMap<string, PoolReport> => poolReports({ pools, advertisements, forbidden, nowMs }),
);

/** What the statuses of the pools lack. A pool of which only counters moved waits for its rest to end. */
export function poolChanges(snapshot: ControllerSnapshot): readonly Change[] {
  const { allocation, invalidPools, restingPools, nowMs } = snapshot;
  const { pools, advertisements, forbidden } = allocation;
  const reports = reportsOf(pools, advertisements, forbidden, lastRestEndMs(pools, advertisements, allocation.nowMs));
  return [
    ...pools.flatMap((pool) => {
      const report = reports.get(pool.name);
      return report === undefined ? [] : validPoolChanges(pool, report, { nowMs, rests: restingPools.has(pool.name) });
    }),
    ...invalidPools.flatMap((pool) => invalidPoolChanges(pool, nowMs)),
  ];
}

function validPoolChanges(
  pool: Pool,
  { ipv4, ipv6, conditions: states }: PoolReport,
  { nowMs, rests }: { readonly nowMs: number; readonly rests: boolean },
): readonly Change[] {
  const { status, generation: observedGeneration } = pool;
  const conditions = mergeConditions(status.conditions, states, nowMs);
  const counted = sameCounts(status.ipv4, ipv4) && sameCounts(status.ipv6, ipv6);
  const described = conditions === status.conditions && status.observedGeneration === observedGeneration;
  if (described && (counted || rests)) return [];
  const counts = { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) };
  return [poolChange(pool, { observedGeneration, summary: poolSummary(pool), ...counts, conditions }, [])];
}

function sameCounts(a: PoolCounts | undefined, b: PoolCounts | undefined): boolean {
  const keys = ["total", "allocated", "free", "cooling", "reserved"] as const;
  return keys.every((key) => a?.[key] === b?.[key]);
}

/** An invalid pool keeps its last counters; the condition names everything that is wrong with it. */
function invalidPoolChanges(pool: Invalid<Pool>, nowMs: number): readonly Change[] {
  const { generation: observedGeneration } = pool;
  const message = shortMessage(formatProblems(pool.problems));
  const state: ConditionState = { type: "Ready", status: "False", reason: "Invalid", message, observedGeneration };
  const conditions = mergeConditions(pool.status.conditions, [state], nowMs);
  if (conditions === pool.status.conditions) return [];
  const object = { kind: "IPPool", name: pool.name, uid: pool.uid } as const;
  const notice: Notice = { object, type: "Warning", reason: "Invalid", message };
  return [poolChange(pool, { ...pool.status, observedGeneration, conditions }, [notice])];
}

function poolChange(pool: Seen, status: PoolStatus, notices: readonly Notice[]): Change {
  return { kind: "writePoolStatus", keys: [`pool/${pool.name}`], notices, pool, status };
}
