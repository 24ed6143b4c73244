import { type GroupPlan, planGroups } from "../announce/groups.ts";
import type { Planner } from "../ipam/plan.ts";
import type { Planned } from "../runtime/loop.ts";
import { advertisementChanges } from "./advertisement-changes.ts";
import type { Change } from "./change.ts";
import { claimChanges } from "./claim-changes.ts";
import { groupChanges } from "./group-changes.ts";
import { nodeChanges } from "./node-changes.ts";
import { peerChanges } from "./peer-changes.ts";
import { placements } from "./placements.ts";
import { poolChanges } from "./pool-changes.ts";
import { serviceChanges } from "./service-changes.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/**
 * Everything that is to be written, most urgent first, at most one change an object: what a change makes possible is found by
 * the plan after it. Claims come first, status last, for status says what was done.
 */
export function planCluster(snapshot: ControllerSnapshot, planAllocations: Planner): Planned<Change> {
  const allocation = planAllocations(snapshot.allocation);
  const { observe } = snapshot.allocation.options;
  const liveness = new Map([...snapshot.reports].map(([name, report]) => [name, report.liveness]));
  const { vipNodes, groups: seenGroups, groupFacts: facts, witnesses, load } = snapshot;
  const groups: GroupPlan = planGroups({ vipNodes, nodes: snapshot.nodes, liveness, groups: seenGroups, facts, load });
  const placed = placements(snapshot, allocation.changes, { liveness, groups: groups.groups });
  const jobs = withoutClashes([
    ...claimChanges(allocation, placed, { ...snapshot, observe }),
    ...nodeChanges(snapshot.nodes, vipNodes),
    ...groupChanges(groups.changes, { groups: seenGroups, witnesses }),
    ...advertisementChanges(allocation, placed, snapshot),
    ...(observe ? [] : serviceChanges(allocation, placed, snapshot)),
    ...poolChanges(snapshot),
    ...peerChanges(snapshot),
  ]);
  const due = snapshot.starting ? jobs.filter(({ kind }) => !waitsForStart.has(kind)) : jobs;
  const wakeInMs = earliest(snapshot.changesInMs, allocation.wakeAtMs, snapshot.nowMs);
  return wakeInMs === undefined ? { jobs: due } : { jobs: due, wakeInMs };
}

/** What is the better for knowing all agents that start together. */
const waitsForStart: ReadonlySet<Change["kind"]> = new Set(["allocate", "createGroup"]);

/** The wall clock may jump while we wait for it. */
const longestWaitMs = 60_000;

function earliest(inMs: number | undefined, atMs: number | undefined, nowMs: number): number | undefined {
  if (atMs === undefined) return inMs;
  const untilMs = Math.min(Math.max(atMs - nowMs, 0), longestWaitMs);
  return inMs === undefined ? untilMs : Math.min(inMs, untilMs);
}

/** A change that must wait holds back every later one about its objects: the fields of a Service never come before its claim. */
function withoutClashes(changes: readonly Change[]): readonly Change[] {
  const taken = new Set<string>();
  return changes.filter(({ keys }) => {
    const clashes = keys.some((key) => taken.has(key));
    for (const key of keys) taken.add(key);
    return !clashes;
  });
}
