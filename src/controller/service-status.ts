import { type Condition, type ConditionState, mergeConditions } from "../api/condition.ts";
import { shortMessage } from "../api/cut-text.ts";
import type { Ingress, Service } from "../api/service.ts";
import { type Outcome, staysAsShown } from "../ipam/change.ts";
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

/** The reasons of a condition that say that somebody else writes what Herald writes. */
export const contestReasons: ReadonlySet<string> = new Set(["FieldContested", "OtherController"]);

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
  /** Who else wrote the entries as they are, if that is known. */
  readonly ingressManager?: string;
  /** Whether others change this condition back time and again. */
  readonly conditionContested: (condition: Condition) => boolean;
  readonly nowMs: number;
};

/** What a handled Service's status lacks, or undefined. While it only waits for its first announcement, that is nothing. */
export function serviceStatus(situation: ServiceSituation): ServiceStatusPatch | undefined {
  const { outcome, held, settled, ingressContested } = situation;
  const wanted = staysAsShown(outcome) ? undefined : serviceIngress(outcome.service, held, settled);
  const fought = wanted !== undefined && ingressContested(wanted);
  const ingress = wanted === undefined || fought ? {} : { ingress: wanted };
  const conditions = wantedConditions(situation, contestOf(situation, fought));
  if (ingress.ingress === undefined && conditions.length === 0) return undefined;
  return { ...ingress, conditions, removed: [] };
}

/** What others change back time and again, and who writes the ingress instead of Herald. */
type Contest = { readonly fields: readonly string[]; readonly manager?: string };

function contestOf({ contested, ingressManager }: ServiceSituation, ingressFought: boolean): Contest {
  if (!ingressFought) return { fields: contested };
  const fields = [...contested, "status.loadBalancer.ingress"];
  return ingressManager === undefined ? { fields } : { fields, manager: ingressManager };
}

/** The new or changed ones; of those that others change back time and again only what can still be said of that. */
function wantedConditions(situation: ServiceSituation, contest: Contest): readonly Condition[] {
  const { conditionContested } = situation;
  const lacking = lackingConditions(situation, contest);
  if (!lacking.some(conditionContested)) return lacking;
  const worse = { ...contest, fields: [...contest.fields, "status.conditions"] };
  return lackingConditions(situation, worse).filter((condition) => !conditionContested(condition));
}

function lackingConditions(
  { outcome, held, settled, nowMs }: ServiceSituation,
  contest: Contest,
): readonly Condition[] {
  const { conditions } = outcome.service;
  if (!settled && held.length > 0) return [];
  const merged = mergeConditions(conditions, conditionStates(outcome, held, contest), nowMs);
  return merged === conditions ? [] : merged.filter((each) => !conditions.includes(each));
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
  contest: Contest,
): readonly ConditionState[] {
  const shown = contest.fields.length === 0 ? allocated : contestedState(allocated, contest);
  if (held.length > 0) return [shown, announcedState(allocated, held)];
  if (!service.conditions.some(({ type }) => type === announcedType)) return [shown];
  const none = { status: "False", reason: "NotAllocated", message: "no address is allocated" } as const;
  return [shown, { ...allocated, type: announcedType, ...none }];
}

function contestedState(allocated: ConditionState, { fields, manager }: Contest): ConditionState {
  const what = `${fields.join(" and ")}: changed back 3 times within 10 minutes, now left alone for an hour`;
  const who = manager === undefined ? [] : [`${manager} writes the ingress`];
  const besides = allocated.reason === "Allocated" ? [] : [allocated.message];
  const reason = manager === undefined ? "FieldContested" : "OtherController";
  return { ...allocated, reason, message: shortMessage([what, ...who, ...besides].join("; ")) };
}

function announcedState(allocated: ConditionState, held: ServiceSituation["held"]): ConditionState {
  const silent = held.find(({ announced }) => !announced);
  const base = { ...allocated, type: announcedType };
  if (silent !== undefined)
    return { ...base, status: "False", reason: silent.state.reason, message: silent.state.message };
  const message = shortMessage(held.map(({ state: { message, gist } }) => gist ?? message).join(", "));
  return { ...base, status: "True", reason: "Announced", message };
}
