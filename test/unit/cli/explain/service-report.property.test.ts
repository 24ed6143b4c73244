import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Service } from "../../../../src/api/service.ts";
import { situationOf } from "../../../../src/cli/explain/report.ts";
import { type ServiceReport, serviceReport } from "../../../../src/cli/explain/service-report.ts";
import { rehearse } from "../../../../src/controller/rehearsal.ts";
import { demandOf } from "../../../../src/ipam/demand.ts";
import { createPlanner, type Planner } from "../../../../src/ipam/plan.ts";
import { allocationReasons, familyName } from "../../../../src/ipam/refusal.ts";
import type { Snapshot } from "../../../../src/ipam/snapshot.ts";
import {
  anyEdits,
  anySharingParts,
  type Edit,
  edited,
  type SharingParts,
  sharingWorldOf,
} from "../../ipam/any-sharing-cluster.ts";
import type { World } from "../../ipam/world.ts";

const options = { writeLoadBalancerIP: true };

/** A cluster at some moment: new, or settled and then edited. */
const moments = (parts: SharingParts, edits: readonly Edit[]): World => {
  const world = sharingWorldOf(parts);
  for (const edit of edits) edited(world.settle(), edit);
  return world;
};

type Seen = { readonly service: Service; readonly report: ServiceReport; readonly snapshot: Snapshot };

const everyService = (statement: string, check: (seen: Seen, planned: ReturnType<Planner>) => void): void => {
  const all = (parts: SharingParts, edits: readonly Edit[]): void => {
    const snapshot = moments(parts, edits).snapshot();
    const situation = situationOf({ snapshot, problems: new Map() }, options);
    const { plan } = rehearse(snapshot, createPlanner(), options);
    for (const service of snapshot.services)
      check({ service, report: serviceReport(service, situation), snapshot }, plan);
  };
  it(statement, () =>
    fc.assert(
      fc.property(
        anySharingParts,
        fc.array(anyEdits, { maxLength: 1 }).map((each) => each.flat()),
        all,
      ),
      { numRuns: 150 },
    ),
  );
};

/** The families of which the Service has no address once all is done. */
function lackedFamilies({ service, snapshot }: Seen, plan: ReturnType<Planner>): readonly string[] {
  const has = plan.outcomes.get(service.key)?.addresses ?? [];
  const { families } = demandOf(service, snapshot.options.clusterFamily);
  return families.filter((family) => !has.some((each) => each.family === family)).map(familyName);
}

/** Refusals that are about the Service or what it asks for or shows, before any pool is asked. */
const beforePools: ReadonlySet<string> = new Set([
  "Terminating",
  "InvalidRequest",
  "AdoptionRefused",
  "Observed",
  "RequestRefused",
]);

describe("of any cluster, herald explain", () => {
  everyService(
    "says of each handled Service what the controller writes into its condition",
    ({ service, report }, plan) => {
      const outcome = plan.outcomes.get(service.key);
      if (outcome === undefined)
        return assert.ok(!report.handled && report.because !== undefined && report.allocated === undefined);
      const { status, reason, message } = outcome.allocated;
      assert.deepEqual(report.allocated, { status, reason, message });
      assert.ok(report.handled);
    },
  );

  everyService("gives a Service that lacks an address a reason of the closed list, and advice", (seen, plan) => {
    if (!plan.outcomes.has(seen.service.key) || lackedFamilies(seen, plan).length === 0) return;
    const { allocated, advice } = seen.report;
    assert.ok(
      allocationReasons.some((each) => each === allocated?.reason),
      allocated?.reason,
    );
    assert.ok(allocated?.message);
    assert.equal(advice?.reason, allocated?.reason);
    assert.notEqual(advice?.whatToDo, "see there");
  });

  everyService("never says that a pool gives a family that a Service waits for", (seen, plan) => {
    const { service, report } = seen;
    const { reason = "" } = report.allocated ?? {};
    const lacked = lackedFamilies(seen, plan);
    if (lacked.length === 0 || beforePools.has(reason) || service.terminating) return;
    if ((service.asks.addresses ?? []).length > 0 || service.loadBalancerIP !== "") return;
    const given = report.pools.filter(({ says, family }) => says === "gives" && lacked.includes(family));
    const waitsForOther = service.ipFamilyPolicy === "RequireDualStack";
    const families = new Set(given.map(({ family }) => family));
    assert.ok(families.size < (waitsForOther ? 2 : 1), JSON.stringify(report));
  });

  everyService("finds the condition's reason among the answers of pools and addresses", (seen) => {
    const { pools, candidates, allocated, wants } = seen.report;
    if (allocated === undefined || allocated.status === "True") return;
    if (beforePools.has(allocated.reason) || allocated.reason === "NoPool" || allocated.reason === "NoAutomaticPool")
      return;
    const answers = [...pools, ...candidates].map(({ reason }) => reason);
    assert.ok(answers.includes(allocated.reason), `${allocated.reason} of ${answers} ${JSON.stringify(wants)}`);
  });
});
