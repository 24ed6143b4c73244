import type { ConditionState } from "../api/condition.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, formatAddress, sameAddress } from "../net/address.ts";
import type { Outcome, ReleaseReason } from "./change.ts";
import { claimAll, type Draft } from "./draft.ts";
import { homeOf, outsideNote, refreshed } from "./holding.ts";
import type { AllocationReason } from "./refusal.ts";
import { type Resolution, resolve, type Subject } from "./resolution.ts";

/** The type of the Service condition that says whether it has what it wants. */
export const allocatedCondition = "herald.dev/Allocated";

/** Decides what becomes of a Service, adds the writes for it to the draft, and gives back what to tell it. */
export function conclude(subject: Subject, draft: Draft): Outcome {
  const resolution = resolve(subject, draft);
  const { service, held } = subject;
  claimAll(draft, service, resolution.picks);
  const stays = resolution.kept.map((advertisement) => ({
    advertisement,
    home: homeOf(draft, service, advertisement),
  }));
  for (const { advertisement, home } of stays) {
    const spec = refreshed(advertisement, service, home);
    if (spec !== undefined) draft.changes.push({ kind: "refresh", advertisement, spec });
  }
  for (const advertisement of held) {
    const reason = releaseReason(subject, resolution, advertisement);
    if (reason !== undefined) draft.changes.push({ kind: "release", advertisement, reason });
  }
  const notes = stays.flatMap(({ advertisement, home }) => outsideNote(draft, service, advertisement, home) ?? []);
  const has = [
    ...stays.map(({ advertisement, home }) => described(advertisement.address, home?.name ?? advertisement.pool)),
    ...resolution.picks.map(({ address, pool }) => described(address, pool?.name ?? "")),
  ].join(", ");
  const addresses = inOrder(subject, resolution);
  return { service, addresses, allocated: conditionOf(subject, resolution, { has, notes }) };
}

/** Undefined: it stays. What Herald wrote into the Service stays until the Service says something else. */
function releaseReason(
  { service, demand }: Subject,
  { kept, picks }: Resolution,
  held: Advertisement,
): ReleaseReason | undefined {
  if (kept.includes(held)) return undefined;
  const saysOthersSoon = kept.length + picks.length > 0;
  if (saysOthersSoon && service.allocated?.some((each) => sameAddress(each, held.address))) return undefined;
  const { family } = held.address;
  if (!demand.families.includes(family)) return "NotDemanded";
  const replacedNow = picks.some(({ address }) => address.family === family);
  const successors = kept.filter(({ address }) => address.family === family);
  return replacedNow || successors.some(({ createdMs }) => createdMs > held.createdMs) ? "Moved" : "Surplus";
}

/** By family as the Service lists them; within a family as asked for. */
function inOrder({ service, demand }: Subject, { kept, picks }: Resolution): readonly Address[] {
  const addresses = [...kept, ...picks].map(({ address }) => address);
  if (addresses.length < 2) return addresses;
  const asked = service.asks.addresses ?? [];
  const rank = (address: Address): number => asked.findIndex((each) => sameAddress(each, address));
  return demand.families.flatMap((family) =>
    addresses.filter((address) => address.family === family).toSorted((a, b) => rank(a) - rank(b)),
  );
}

type Said = { readonly has: string; readonly notes: readonly string[] };

function conditionOf(subject: Subject, { refusal, missing }: Resolution, { has, notes }: Said): ConditionState {
  const why = refusal ?? missing;
  if (why !== undefined && has === "") return state(subject, "False", why);
  if (refusal !== undefined)
    return state(subject, "True", { reason: "RequestRefused", message: `${refusal.message}; keeps ${has}` });
  if (missing !== undefined && subject.demand.whole)
    return state(subject, "False", { reason: missing.reason, message: `${missing.message}; keeps ${has}` });
  if (notes.length > 0) return state(subject, "True", { reason: "OutsidePool", message: notes.join("; ") });
  const lacks = missing === undefined ? [] : [missing.message];
  return state(subject, "True", { reason: "Allocated", message: [has, ...lacks].join("; ") });
}

type Why = { readonly reason: AllocationReason; readonly message: string };

function state({ service }: Subject, status: "True" | "False", { reason, message }: Why): ConditionState {
  const generation = service.generation === undefined ? {} : { observedGeneration: service.generation };
  return { type: allocatedCondition, status, reason, message, ...generation };
}

function described(address: Address, pool: string): string {
  return `${formatAddress(address)} ${pool === "" ? "outside every pool" : `from pool ${pool}`}`;
}
