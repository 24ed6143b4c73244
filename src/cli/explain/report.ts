import { formatTime } from "../../api/condition.ts";
import type { Problem } from "../../api/problem.ts";
import type { ReadCluster } from "../../controller/cluster-objects.ts";
import { type FieldOptions, rehearse } from "../../controller/rehearsal.ts";
import { createDrafter, createPlanner, type Drafted } from "../../ipam/plan.ts";
import type { Snapshot } from "../../ipam/snapshot.ts";

/** A cluster as it is, and as it will be once the controller has done what is to be done. */
export type Situation = {
  readonly now: Snapshot;
  readonly settled: Drafted;
  /** Objects that cannot be read, by `Kind/name`. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
};

/** The situation of a cluster: what the planner decides, worked out to the end. */
export function situationOf({ snapshot, problems }: ReadCluster, options: FieldOptions): Situation {
  const rehearsal = rehearse(snapshot, createPlanner(), options);
  return { now: snapshot, settled: createDrafter()(rehearsal.snapshot), problems };
}

/** A reason with its message, and with what it is about. */
export type Said = { readonly status: string; readonly reason: string; readonly message: string };

/** An object that Herald cannot use, and what is wrong with it. */
export type Unreadable = { readonly object: string; readonly problems: readonly string[] };

/** Everything of a kind that cannot be read, by name. */
export function unreadable({ problems }: Situation, kind: string): readonly Unreadable[] {
  return [...problems]
    .filter(([object]) => object.startsWith(`${kind}/`))
    .map(([object, all]) => ({ object, problems: all.map(({ path, message }) => `${path}: ${message}`) }))
    .sort((a, b) => (a.object < b.object ? -1 : 1));
}

/** RFC 3339, or empty for what is not known. */
export function timeText(ms: number): string {
  return Number.isFinite(ms) && ms > 0 ? formatTime(ms) : "";
}
