import { type Condition, type ConditionState, mergeConditions } from "../api/condition.ts";
import type { Ingress, Service } from "../api/service.ts";
import { type Outcome, staysAsShown } from "../ipam/change.ts";
import { shortMessage } from "../ipam/message.ts";
import { allocatedCondition } from "../ipam/outcome.ts";
import type { AddressState } from "./node-reports.ts";
import { type HeldAddress, serviceIngress } from "./service-ingress.ts";

/** What to write into a Service's status; what is absent stays as it is. */
export type ServiceStatusPatch = {
  readonly ingress?: readonly Ingress[];
  /** New or changed ones. */
  readonly conditions: readonly Condition[];
  /** Types to take out. */
  readonly removed: readonly string[];
};

/** The condition that says whether nodes answer for a Service's addresses, or why not. */
export const announcedType = "herald.dev/Announced";

/** A handled Service, what the plan gave it, and where its addresses stand. */
export type ServiceSituation = {
  readonly outcome: Outcome;
  readonly held: readonly (HeldAddress & { readonly state: AddressState })[];
  /** Waiting for a node to announce is over: either all do, or it takes too long to say nothing. */
  readonly settled: boolean;
  /** The fields that others change back time and again. */
  readonly contested: readonly string[];
  /** Whether others change these entries back time and again. */
  readonly ingressContested: (ingress: readonly Ingress[]) => boolean;
  readonly nowMs: number;
};

/** What a handled Service's status lacks, or undefined. While it only waits for its first announcement, that is nothing. */
export function serviceStatus(situation: ServiceSituation): ServiceStatusPatch | undefined {
  const { outcome, held, settled, ingressContested, nowMs } = situation;
  const { service } = outcome;
  const wanted = staysAsShown(outcome) ? undefined : serviceIngress(service, held, settled);
  const fought = wanted !== undefined && ingressContested(wanted);
  const contested = fought ? [...situation.contested, "status.loadBalancer.ingress"] : situation.contested;
  const states = settled || held.length === 0 ? conditionStates(outcome, held, contested) : [];
  const merged = mergeConditions(service.conditions, states, nowMs);
  const conditions = merged === service.conditions ? [] : merged.filter((each) => !service.conditions.includes(each));
  const ingress = wanted === undefined || fought ? {} : { ingress: wanted };
  if (ingress.ingress === undefined && conditions.length === 0) return undefined;
  return { ...ingress, conditions, removed: [] };
}

/**
 * What takes Herald's part out of the status of a Service that it does not handle, or undefined if there is none. The ingress
 * is Herald's only while one of its conditions is there: the annotation alone may have come with a copied manifest.
 */
export function withoutHerald(service: Service): ServiceStatusPatch | undefined {
  const removed = service.conditions
    .map(({ type }) => type)
    .filter((type) => type === allocatedCondition || type === announcedType);
  if (removed.length === 0) return undefined;
  const ingress = serviceIngress(service, [], true);
  return { ...(ingress === undefined ? {} : { ingress }), conditions: [], removed };
}

function conditionStates(
  { service, allocated }: Outcome,
  held: ServiceSituation["held"],
  contested: readonly string[],
): readonly ConditionState[] {
  const shown = contested.length === 0 ? allocated : contestedState(allocated, contested);
  if (held.length > 0) return [shown, announcedState(allocated, held)];
  if (!service.conditions.some(({ type }) => type === announcedType)) return [shown];
  const none = { status: "False", reason: "NotAllocated", message: "no address is allocated" } as const;
  return [shown, { ...allocated, type: announcedType, ...none }];
}

function contestedState(allocated: ConditionState, fields: readonly string[]): ConditionState {
  const message = `${fields.join(" and ")}: changed back by another writer 3 times within 10 minutes, now left alone`;
  return { ...allocated, reason: "FieldContested", message };
}

function announcedState(allocated: ConditionState, held: ServiceSituation["held"]): ConditionState {
  const silent = held.find(({ announced }) => !announced);
  const base = { ...allocated, type: announcedType };
  if (silent !== undefined)
    return { ...base, status: "False", reason: silent.state.reason, message: silent.state.message };
  const message = shortMessage(held.map(({ state }) => state.message).join(", "));
  return { ...base, status: "True", reason: "Announced", message };
}
