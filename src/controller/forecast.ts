import type { ConditionState } from "../api/condition.ts";
import type { Service } from "../api/service.ts";
import { askedAddresses } from "../ipam/asked.ts";
import type { Outcome, ReleaseReason } from "../ipam/change.ts";
import { createPlanner } from "../ipam/plan.ts";
import type { AllocationReason } from "../ipam/refusal.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import { type Address, addressKey } from "../net/address.ts";
import { type PoolForecast, poolForecasts } from "./pool-forecast.ts";
import { type FieldOptions, type Rehearsal, rehearse } from "./rehearsal.ts";

/** What an edit does to a Service, the worst first. */
export const fates = ["loses", "moves", "refused", "waits", "outside", "gains", "keeps"] as const;

/**
 * One of them. loses: an address, or all. moves: to another address. refused: it asks for addresses that it is not given.
 * waits: it lacks one. outside: it keeps what its pool would not give it any more. gains: an address. keeps: all is as it
 * would be without the edit.
 */
export type Fate = (typeof fates)[number];

/** What becomes of one Service that Herald handles with the edit or without it. */
export type ServiceForecast = {
  /** `namespace/name` */
  readonly service: string;
  readonly fate: Fate;
  /** What it has if nothing is edited, in ipFamilies order. */
  readonly before: readonly Address[];
  readonly after: readonly Address[];
  /** Those of its condition `herald.dev/Allocated` then; of a Service that Herald does not handle any more, why not. */
  readonly reason: AllocationReason | ReleaseReason;
  readonly message: string;
  /** Whether its addresses, or the reason, are others than without the edit. */
  readonly changed: boolean;
};

/** What an edit leads to once the controller has nothing left to do; by name. */
export type Forecast = { readonly services: readonly ServiceForecast[]; readonly pools: readonly PoolForecast[] };

/**
 * What the controller makes of an edit: both clusters are carried to where there is nothing left to do, the edited one from
 * where the other one ends, and compared. `after` is the same cluster with the edit in it, and says nothing of the ledger.
 * Everything that is edited is edited at once.
 */
export function forecast(before: Snapshot, after: Snapshot, options: FieldOptions): Forecast {
  const planAllocations = createPlanner();
  const baseline = rehearse(before, planAllocations, options);
  const edited = rehearse(carriedOver(before, baseline.snapshot, after), planAllocations, options);
  return {
    services: serviceForecasts(baseline, edited),
    pools: poolForecasts(baseline.snapshot, edited.snapshot),
  };
}

/** The edited cluster with the ledger of the baseline, and with what Herald has written into the Services by then. */
function carriedOver(before: Snapshot, baseline: Snapshot, after: Snapshot): Snapshot {
  const was = new Map(before.services.map((service) => [service.key, service]));
  const now = new Map(baseline.services.map((service) => [service.key, service]));
  const services = after.services.map((service) => {
    const [then, written] = [was.get(service.key), now.get(service.key)];
    return then === undefined || written === undefined || then === written
      ? service
      : rewritten(service, then, written);
  });
  return { ...after, services, advertisements: baseline.advertisements };
}

/** What the edit itself changes in Herald's fields stays as edited. */
function rewritten(service: Service, then: Service, written: Service): Service {
  if (service.uid !== then.uid) return service;
  const { allocated, ...rest } = service;
  const annotated = sameAddresses(allocated ?? [], then.allocated ?? []) ? written.allocated : allocated;
  const { loadBalancerIP } = service.loadBalancerIP === then.loadBalancerIP ? written : service;
  return { ...rest, ...(annotated && { allocated: annotated }), loadBalancerIP };
}

function serviceForecasts({ plan: { outcomes: before } }: Rehearsal, after: Rehearsal): readonly ServiceForecast[] {
  const kept = [...after.plan.outcomes].map(([key, outcome]) => compared(before.get(key), outcome));
  const left = [...before].flatMap(([key, outcome]) =>
    after.plan.outcomes.has(key) || outcome.addresses.length === 0 ? [] : [released(outcome, after.snapshot)],
  );
  return [...kept, ...left].sort((a, b) => (a.service < b.service ? -1 : 1));
}

function compared(before: Outcome | undefined, after: Outcome): ServiceForecast {
  const { service, addresses, allocated } = after;
  const had = before?.addresses ?? [];
  const reason = allocated.reason as AllocationReason;
  const changed = !sameAddresses(had, addresses) || !sameState(before?.allocated, allocated);
  const fate = sameAddresses(had, addresses) ? fateOfHolder(after) : fateOfMover(had, addresses);
  return { service: service.key, fate, before: had, after: addresses, reason, message: allocated.message, changed };
}

function fateOfHolder({ service, allocated }: Outcome): Fate {
  if (allocated.reason === "RequestRefused") return "refused";
  if (allocated.status === "True") return allocated.reason === "OutsidePool" ? "outside" : "keeps";
  const asked = askedAddresses(service, []);
  const refused = allocated.reason === "AdoptionRefused" || "reason" in asked || asked.length > 0;
  return refused ? "refused" : "waits";
}

function fateOfMover(before: readonly Address[], after: readonly Address[]): Fate {
  if (includesAll(after, before)) return "gains";
  return includesAll(before, after) ? "loses" : "moves";
}

/** A Service that is gone, or that Herald does not handle any more. */
function released({ service: { key }, addresses }: Outcome, { services }: Snapshot): ServiceForecast {
  const there = services.some((service) => service.key === key);
  const reason = there ? "NotDemanded" : "ServiceGone";
  const message = there ? "the service is not one that Herald gives addresses to" : "the service is gone";
  return { service: key, fate: "loses", before: addresses, after: [], reason, message, changed: true };
}

function sameState(a: ConditionState | undefined, b: ConditionState): boolean {
  return a?.status === b.status && a.reason === b.reason;
}

function sameAddresses(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && includesAll(a, b);
}

function includesAll(addresses: readonly Address[], others: readonly Address[]): boolean {
  const keys = new Set(addresses.map(addressKey));
  return others.every((each) => keys.has(addressKey(each)));
}
