import type { ConditionState } from "../api/condition.ts";
import type { PoolCounts } from "../api/ip-pool.ts";
import { type PoolReport, poolReports } from "../ipam/pool-status.ts";
import type { Snapshot } from "../ipam/snapshot.ts";

/** What becomes of one pool. */
export type PoolForecast = {
  readonly pool: string;
  /** Absent: the edit creates it. */
  readonly before?: PoolReport;
  /** Absent: the edit deletes it. */
  readonly after?: PoolReport;
  /** The conditions that warn of something then and did not warn of the same before. */
  readonly warnings: readonly ConditionState[];
  /** Whether it gives or holds something else than without the edit, or warns. */
  readonly changed: boolean;
};

/** What becomes of each valid pool, by name. */
export function poolForecasts(before: Snapshot, after: Snapshot): readonly PoolForecast[] {
  const [reportsBefore, reportsAfter] = [poolReports(before), poolReports(after)];
  return [...new Set([...reportsBefore.keys(), ...reportsAfter.keys()])].sort().map((pool) => {
    const [was, is] = [reportsBefore.get(pool), reportsAfter.get(pool)];
    const warnings = (is?.conditions ?? []).filter((each) => warns(each) && !isAmong(each, was?.conditions ?? []));
    const changed = warnings.length > 0 || !sameCounts(was?.ipv4, is?.ipv4) || !sameCounts(was?.ipv6, is?.ipv6);
    return { pool, ...(was && { before: was }), ...(is && { after: is }), warnings, changed };
  });
}

/** All conditions of a pool but Ready are of something that is not as it should be. */
function warns({ type, status }: ConditionState): boolean {
  return type !== "Ready" && status === "True";
}

function isAmong(condition: ConditionState, others: readonly ConditionState[]): boolean {
  return others.some(
    ({ type, status, message }) =>
      type === condition.type && status === condition.status && message === condition.message,
  );
}

function sameCounts(a: PoolCounts | undefined, b: PoolCounts | undefined): boolean {
  const keys = ["total", "allocated", "free", "cooling", "reserved"] as const;
  return keys.every((key) => a?.[key] === b?.[key]);
}
