import { allocatedAnnotation, parseAllocated } from "../api/annotations.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type LedgerChange, type LedgerWrite, type Outcome, type Plan, staysAsShown } from "../ipam/change.ts";
import type { Planner } from "../ipam/plan.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import { addressName } from "./address-text.ts";
import { wantedFields } from "./service-changes.ts";
import type { ServiceFields } from "./service-fields.ts";
import { serviceIngress } from "./service-ingress.ts";

/** Where a cluster ends up if nobody but the controller does anything. */
export type Rehearsal = {
  readonly snapshot: Snapshot;
  /** The last plan: it has nothing left to do. */
  readonly plan: Plan;
};

/** How the controller writes Services; see its options. */
export type FieldOptions = { readonly writeLoadBalancerIP: boolean };

/** Besides one for each Service: each may wait for the address that another one gives up. */
const moreRounds = 32;

/**
 * Plans and carries out in memory, ledger and Services' fields alike, until there is nothing left to do.
 * @throws {Error} if that does not come to an end, which is a bug
 */
export function rehearse(snapshot: Snapshot, planAllocations: Planner, options: FieldOptions): Rehearsal {
  let now = snapshot;
  const mostRounds = snapshot.services.length + moreRounds;
  for (let round = 0; round < mostRounds; round++) {
    const plan = planAllocations(now);
    const after = carriedOut(now, plan, options);
    if (after === now) return { snapshot: now, plan };
    now = after;
  }
  throw new Error(`rehearse: ${mostRounds} plans and still something to do`);
}

/** The cluster after one plan; the very same snapshot if there was nothing to do. */
export function carriedOut(snapshot: Snapshot, plan: Plan, options: FieldOptions): Snapshot {
  const services = snapshot.services.map((service) => {
    const outcome = plan.outcomes.get(service.key);
    return outcome === undefined || snapshot.options.observe ? service : serviceAfter(outcome, options);
  });
  const same = services.every((service, i) => service === snapshot.services[i]);
  if (same && plan.changes.length === 0) return snapshot;
  return { ...snapshot, services, advertisements: ledgerAfter(snapshot.advertisements, plan.changes, snapshot.nowMs) };
}

/** The ledger after these changes. */
export function ledgerAfter(
  advertisements: readonly Advertisement[],
  changes: readonly LedgerChange[],
  nowMs: number,
): readonly Advertisement[] {
  const ledger = new Map(advertisements.map((each) => [each.name, each]));
  for (const change of changes) {
    if (change.kind === "forget") ledger.delete(change.advertisement.name);
    else {
      const after = advertisementAfter(change, nowMs);
      ledger.set(after.name, after);
    }
  }
  return [...ledger.values()];
}

const unwritten = { holder: "", service: "", protocol: "", history: [], conditions: [] } as const;

function advertisementAfter({ before, spec }: LedgerWrite, nowMs: number): Advertisement {
  const name = addressName(spec.address);
  const made = { name, uid: name, resourceVersion: "1", generation: 1, createdMs: nowMs, status: unwritten };
  const { uid, resourceVersion, generation, createdMs, status } = before ?? made;
  const { group, node } = before ?? { group: "", node: "" };
  return { ...spec, name, uid, resourceVersion, generation, createdMs, status, group, node };
}

/**
 * The Service once Herald has written its fields; the very same if they are as they must be. What it shows in its status
 * follows, as it does once nodes announce what it has.
 */
export function serviceAfter(outcome: Outcome, options: FieldOptions): Service {
  const { fields } = wantedFields(outcome, { ...options, contested: () => false });
  const service = showing(outcome);
  return fields === undefined ? service : patched(service, fields);
}

function showing(outcome: Outcome): Service {
  const { service, addresses } = outcome;
  if (service.ingress.length === 0 || staysAsShown(outcome)) return service;
  const held = addresses.map((address) => ({ address, announced: true }));
  const ingress = serviceIngress(service, held, true);
  return ingress === undefined ? service : { ...service, ingress };
}

function patched(service: Service, { allocated, loadBalancerIP }: ServiceFields): Service {
  const { allocated: old, ...rest } = service;
  const now = allocated === undefined ? old : parseAllocated({ [allocatedAnnotation]: allocated ?? "" });
  const field = loadBalancerIP === undefined ? service.loadBalancerIP : (loadBalancerIP ?? "");
  return { ...rest, ...(now && { allocated: now }), loadBalancerIP: field };
}
