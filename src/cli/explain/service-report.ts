import type { Service } from "../../api/service.ts";
import type { SharingTerms } from "../../api/sharing.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { Outcome } from "../../ipam/change.ts";
import { demandOf } from "../../ipam/demand.ts";
import {
  type Candidate,
  explainService,
  heldSinceMs,
  type PoolAnswer,
  unhandledBecause,
} from "../../ipam/explanation.ts";
import { allocatedCondition } from "../../ipam/outcome.ts";
import { familyName } from "../../ipam/refusal.ts";
import { formatAddress, parseAddress, sameAddress } from "../../net/address.ts";
import { type Advice, adviceFor, pendingAdvice } from "./advice.ts";
import { type Said, type Situation, timeText, type Unreadable, unreadable } from "./report.ts";

/** Everything that `herald explain service` says; also what `-o json` prints. */
export type ServiceReport = {
  readonly kind: "Service";
  readonly namespace: string;
  readonly name: string;
  /** Whether Herald gives addresses to it. */
  readonly handled: boolean;
  /** Why it is not handled. */
  readonly because?: string;
  readonly wants: Wants;
  readonly holds: readonly Held[];
  /** The condition `herald.dev/Allocated` as planned now: the words that the controller writes. */
  readonly allocated?: Said;
  /** The conditions as the Service shows them. */
  readonly shows: {
    readonly allocated?: Said & Since;
    readonly announced?: Said & Since;
    readonly ingress: readonly string[];
  };
  /** What the controller has not done or said yet; absent: all of it is done. */
  readonly pending?: string;
  readonly candidates: readonly CandidateRow[];
  readonly pools: readonly PoolRow[];
  readonly unreadablePools: readonly Unreadable[];
  readonly advice?: Advice;
};

type Since = { readonly since: string };

/** What the Service asks for. */
export type Wants = {
  readonly type: string;
  readonly loadBalancerClass?: string;
  readonly families: readonly string[];
  readonly ipFamilyPolicy: string;
  readonly trafficPolicy: string;
  readonly pools?: readonly string[];
  readonly addresses?: readonly string[];
  /** Only while it asks for something: not what Herald wrote there. */
  readonly loadBalancerIP?: string;
  readonly sharing?: SharingTerms;
  readonly problems: readonly string[];
};

/** An address that it holds, and who answers for it. */
export type Held = {
  readonly address: string;
  /** Empty: outside every pool. */
  readonly pool: string;
  readonly since: string;
  readonly sharedWith: readonly string[];
  /** The node that shall answer for it, and the one that does; empty: none. */
  readonly placedOn: string;
  readonly holder: string;
  /** The nodes that announce it by BGP; absent: it is not announced by BGP. */
  readonly holders?: readonly string[];
  readonly announced?: Said & Since;
};

/** A candidate with its answer: `gets it`, `holds it`, or a reason. */
export type CandidateRow = {
  readonly address: string;
  readonly as: Candidate["as"];
  readonly held: boolean;
  readonly reason?: string;
  readonly message?: string;
};

/** What a pool says; `address` only if it gives one. */
export type PoolRow = {
  readonly pool: string;
  readonly family: string;
  readonly says: PoolAnswer["says"];
  readonly address?: string;
  readonly reason?: string;
  readonly message?: string;
};

/** The report on a Service of the cluster. */
export function serviceReport(service: Service, situation: Situation): ServiceReport {
  const { now, settled } = situation;
  const { namespace, name } = service;
  const planned = settled.draft.serviceOf(service.uid) ?? service;
  const explanation = explainService(planned, settled);
  const because = unhandledBecause(service, now.options);
  const held = now.advertisements.filter(({ services }) => services.some(({ uid }) => uid === service.uid));
  const shows = shownBy(service);
  const allocated = explanation && said(explanation.outcome.allocated);
  const pending = explanation && pendingOf(explanation.outcome, held, shows.allocated);
  return {
    kind: "Service",
    namespace,
    name,
    handled: because === undefined,
    ...(because !== undefined && { because }),
    wants: wantsOf(service, held, situation),
    holds: held.map((each) => heldOf(each, service)),
    ...(allocated && { allocated, advice: adviceOn(allocated, shows.allocated, pending) }),
    shows,
    ...(pending !== undefined && { pending }),
    candidates: (explanation?.candidates ?? []).map(candidateRow),
    pools: (explanation?.answers ?? []).map(poolRow),
    unreadablePools: explanation === undefined ? [] : unreadable(situation, "IPPool"),
  };
}

function said({ status, reason, message }: Said): Said {
  return { status, reason, message };
}

/** Written by the controller over what is planned, because of what others do to the Service. */
const overlays: readonly string[] = ["FieldContested", "OtherController"];

function isOverlay(shown: Said | undefined): shown is Said {
  return shown !== undefined && overlays.includes(shown.reason);
}

/** Before the controller has done what is planned, that is what matters, whatever it will say then. */
function adviceOn(allocated: Said, shown: Said | undefined, pending: string | undefined): Advice {
  if (pending !== undefined) return pendingAdvice(allocated.reason);
  return adviceFor(isOverlay(shown) ? shown.reason : allocated.reason);
}

function shownBy({ conditions, ingress }: Service): ServiceReport["shows"] {
  const shown = (wanted: string): (Said & Since) | undefined => {
    const condition = conditions.find(({ type }) => type === wanted);
    return condition && { ...said(condition), since: condition.lastTransitionTime };
  };
  const allocated = shown(allocatedCondition);
  const announced = shown("herald.dev/Announced");
  return {
    ...(allocated && { allocated }),
    ...(announced && { announced }),
    ingress: ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  };
}

function pendingOf(
  { addresses, allocated }: Outcome,
  held: readonly Advertisement[],
  shown: Said | undefined,
): string | undefined {
  const lacking = addresses.filter((address) => !held.some((each) => sameAddress(each.address, address)));
  const leaving = held.filter(({ address }) => !addresses.some((each) => sameAddress(each, address)));
  const steps = [
    ...(lacking.length > 0 ? [`give it ${lacking.map(formatAddress).join(", ")}`] : []),
    ...(leaving.length > 0 ? [`take ${leaving.map(({ address }) => formatAddress(address)).join(", ")} from it`] : []),
  ];
  if (steps.length > 0) return `the controller has yet to ${steps.join(" and ")}; ${ifItStays}`;
  if (shown === undefined) return `the controller has not written the condition yet; ${ifItStays}`;
  const same = shown.reason === allocated.reason && shown.message === allocated.message;
  return same || isOverlay(shown) ? undefined : `the controller has not written what is planned yet; ${ifItStays}`;
}

const ifItStays = "if it stays so, it does not run, or runs with other options than those given here";

/** Whether the field holds an address that Herald wrote there, or that the Service has: then it asks for nothing. */
function isWritten({ loadBalancerIP, allocated = [] }: Service, held: readonly Advertisement[]): boolean {
  const address = parseAddress(loadBalancerIP);
  const known = [...allocated, ...held.map((each) => each.address)];
  return address !== undefined && known.some((each) => sameAddress(each, address));
}

function wantsOf(service: Service, held: readonly Advertisement[], { now }: Situation): Wants {
  const { type, loadBalancerClass, ipFamilyPolicy, trafficPolicy, loadBalancerIP, asks, terms } = service;
  return {
    type,
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    families: demandOf(service, now.options.clusterFamily).families.map(familyName),
    ipFamilyPolicy,
    trafficPolicy,
    ...(asks.pools && { pools: asks.pools }),
    ...(asks.addresses && { addresses: asks.addresses.map(formatAddress) }),
    ...(loadBalancerIP !== "" && !isWritten(service, held) && { loadBalancerIP }),
    ...(terms && { sharing: terms }),
    problems: asks.problems.map(({ path, message }) => `${path}: ${message}`),
  };
}

function heldOf(advertisement: Advertisement, service: Service): Held {
  const { address, pool, services, node, announcement, status } = advertisement;
  const condition = status.conditions.find(({ type }) => type === "Announced");
  return {
    address: formatAddress(address),
    pool,
    since: timeText(heldSinceMs(advertisement, service)),
    sharedWith: services.filter(({ uid }) => uid !== service.uid).map((each) => `${each.namespace}/${each.name}`),
    placedOn: node,
    holder: status.holder,
    ...(announcement.bgp && { holders: status.holders ?? [] }),
    ...(condition && { announced: { ...said(condition), since: condition.lastTransitionTime } }),
  };
}

function candidateRow({ address, as, held, refusal }: Candidate): CandidateRow {
  return { address: formatAddress(address), as, held, ...refusal };
}

function poolRow(answer: PoolAnswer): PoolRow {
  const { pool, family, says } = answer;
  const row = { pool, family: familyName(family), says };
  switch (answer.says) {
    case "gives":
      return { ...row, address: formatAddress(answer.address) };
    case "refuses":
      return { ...row, ...answer.refusal };
    case "not asked":
      return { ...row, message: answer.why };
  }
}
