import type { ConditionState } from "../api/condition.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, formatAddress, sameAddress } from "../net/address.ts";
import type { Outcome, ReleaseReason } from "./change.ts";
import type { Claimant } from "./claimant.ts";
import { claimAll, type Draft } from "./draft.ts";
import { homeOf, outsideNote, refreshed } from "./holding.ts";
import { shortMessage } from "./message.ts";
import type { AllocationReason } from "./refusal.ts";
import type { Resolution } from "./resolution.ts";

/** The type of the Service condition that says whether it has what it wants. */
export const allocatedCondition = "herald.dev/Allocated";

/** Adds the writes for what becomes of a Service to the draft, and gives back what to tell it. */
export function conclude(claimant: Claimant, resolution: Resolution, draft: Draft): Outcome {
  const { service, held } = claimant;
  claimAll(draft, service, resolution.grants);
  const stays = resolution.kept.map((advertisement) => ({
    advertisement,
    home: homeOf(draft, service, advertisement),
  }));
  for (const { advertisement, home } of stays) {
    const spec = refreshed(advertisement, service, home);
    if (spec !== undefined) draft.changes.push({ kind: "refresh", advertisement, spec });
  }
  for (const advertisement of held) {
    const reason = releaseReason(claimant, resolution, advertisement);
    if (reason !== undefined) draft.changes.push({ kind: "release", advertisement, reason });
  }
  const notes = stays.flatMap(({ advertisement, home }) => outsideNote(draft, service, advertisement, home) ?? []);
  const has = [
    ...stays.map(({ advertisement, home }) => described(advertisement.address, home?.name ?? advertisement.pool)),
    ...resolution.grants.map(({ address, pool }) => described(address, pool?.name ?? "")),
  ].join(", ");
  const addresses = inOrder(claimant, resolution);
  return { service, addresses, allocated: conditionOf(claimant, resolution, { has, notes }) };
}

/** Undefined: it stays. What Herald wrote into the Service stays until the Service says something else. */
function releaseReason(
  { service, demand }: Claimant,
  { kept, grants }: Resolution,
  held: Advertisement,
): ReleaseReason | undefined {
  if (kept.includes(held)) return undefined;
  const saysOthersSoon = kept.length + grants.length > 0;
  if (saysOthersSoon && service.allocated?.some((each) => sameAddress(each, held.address))) return undefined;
  const { family } = held.address;
  if (!demand.families.includes(family)) return "NotDemanded";
  const replacedNow = grants.some(({ address }) => address.family === family);
  const successors = kept.filter(({ address }) => address.family === family);
  return replacedNow || successors.some(({ createdMs }) => createdMs > held.createdMs) ? "Moved" : "Surplus";
}

/** By family as the Service lists them; within a family as asked for. */
function inOrder({ service, demand }: Claimant, { kept, grants }: Resolution): readonly Address[] {
  const addresses = [...kept, ...grants].map(({ address }) => address);
  if (addresses.length < 2) return addresses;
  const asked = service.asks.addresses ?? [];
  const rank = (address: Address): number => asked.findIndex((each) => sameAddress(each, address));
  return demand.families.flatMap((family) =>
    addresses.filter((address) => address.family === family).toSorted((a, b) => rank(a) - rank(b)),
  );
}

type Said = { readonly has: string; readonly notes: readonly string[] };

function conditionOf(claimant: Claimant, { refusal, missing }: Resolution, { has, notes }: Said): ConditionState {
  const why = refusal ?? missing;
  if (why !== undefined && has === "") return state(claimant, "False", why);
  if (refusal !== undefined)
    return state(claimant, "True", { reason: "RequestRefused", message: `${refusal.message}; keeps ${has}` });
  if (missing !== undefined && claimant.demand.allOrNothing)
    return state(claimant, "False", { reason: missing.reason, message: `${missing.message}; keeps ${has}` });
  if (notes.length > 0) return state(claimant, "True", { reason: "OutsidePool", message: notes.join("; ") });
  const lacks = missing === undefined ? [] : [missing.message];
  return state(claimant, "True", { reason: "Allocated", message: [has, ...lacks].join("; ") });
}

type Why = { readonly reason: AllocationReason; readonly message: string };

function state({ service }: Claimant, status: "True" | "False", { reason, message }: Why): ConditionState {
  const generation = service.generation === undefined ? {} : { observedGeneration: service.generation };
  return { type: allocatedCondition, status, reason, message: shortMessage(message), ...generation };
}

function described(address: Address, pool: string): string {
  return `${formatAddress(address)} ${pool === "" ? "outside every pool" : `from pool ${pool}`}`;
}
