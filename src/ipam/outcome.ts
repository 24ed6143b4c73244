import type { ConditionState } from "../api/condition.ts";
import { shortMessage } from "../api/cut-text.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, compareAddresses, formatAddress, sameAddress } from "../net/address.ts";
import { denialNote } from "./announcing.ts";
import type { Outcome, ReleaseReason, Unverified } from "./change.ts";
import type { Claimant } from "./claimant.ts";
import { isConflicted } from "./conflict.ts";
import { type Draft, holdersAfter, holdersOf } from "./draft.ts";
import { joinAll, leave, revise } from "./entries.ts";
import { homeOf, isIngress, isShown, isWritten, memberSinceMs, outsideNote, refreshed } from "./holding.ts";
import { advertisementOf } from "./ledger.ts";
import type { AllocationReason } from "./refusal.ts";
import type { Resolution } from "./resolution.ts";

/** The type of the Service condition that says whether it has what it wants. */
export const allocatedCondition = "herald.dev/Allocated";

/** Adds the writes for what becomes of a Service to the draft, and gives back what to tell it. */
export function conclude(claimant: Claimant, resolution: Resolution, draft: Draft): Outcome {
  const { service, held } = claimant;
  // Only what Herald writes can come to say something else.
  const waits = !draft.snapshot.options.observe && resolution.refusal?.reason !== "AdoptionRefused";
  joinAll(draft, service, resolution.grants);
  const stays = resolution.kept.toSorted(byAddress).map((advertisement) => ({
    advertisement,
    home: homeOf(draft, service, advertisement),
  }));
  for (const { advertisement, home } of stays) {
    // What an evicted Service says now is what the others did not agree to.
    const spec = claimant.evicted.includes(advertisement) ? undefined : refreshed(draft, advertisement, service, home);
    if (spec !== undefined) revise(draft, advertisement, spec);
  }
  for (const advertisement of held) {
    const reason = releaseReason(claimant, resolution, { held: advertisement, waits, draft });
    if (reason !== undefined) leave(draft, advertisement, service.uid, reason);
  }
  const notes = stays.flatMap(({ advertisement, home }) => outsideNote(draft, service, advertisement, home) ?? []);
  const homes = [...stays.map(({ home }) => home), ...resolution.grants.map(({ pool }) => pool)];
  const denied = [...new Set(homes.flatMap((pool) => denialNote(service, pool) ?? []))];
  const has = [
    ...stays.map(({ advertisement, home }) => described(advertisement.address, home?.name ?? advertisement.pool)),
    ...resolution.grants.map(({ address, pool }) => described(address, pool?.name ?? "")),
  ].join(", ");
  const addresses = inOrder(claimant, resolution);
  const allocated = conditionOf(claimant, resolution, { has, notes, denied });
  const unverified = unverifiedClaims(service, resolution.kept, draft);
  return { service, addresses, allocated, ...(unverified.length > 0 && { unverified }) };
}

/**
 * What Herald wrote into the Service and the ledger, as it will be, does not give it; and what the ledger gives it and Herald
 * is about to write: in the view of one who was cut off it may be the Service's that another one has by now.
 */
function unverifiedClaims(service: Service, kept: readonly Advertisement[], draft: Draft): readonly Unverified[] {
  const { uid, allocated = [] } = service;
  const given = (address: Address): boolean => {
    const own = kept.find((each) => sameAddress(each.address, address));
    const holders = own === undefined ? holdersOf(draft, address) : holdersAfter(draft, own);
    return holders.some((each) => each.uid === uid);
  };
  // Most Services are told all that they have, and nothing else: these cost no list.
  if (allocated.every(given) && kept.every((each) => isWritten(service, each))) return verified;
  const strange = allocated
    .filter((address) => !given(address))
    .map((address) => ({ address, seen: advertisementOf(draft.ledger, address) }));
  const untold = kept.filter((each) => !isWritten(service, each)).map((seen) => ({ address: seen.address, seen }));
  return [...strange, ...untold].map(
    ({ address, seen }): Unverified => ({ address, ...(seen && { resourceVersion: seen.resourceVersion }) }),
  );
}

const verified: readonly Unverified[] = [];

function byAddress(a: Advertisement, b: Advertisement): number {
  return compareAddresses(a.address, b.address);
}

/**
 * Undefined: it stays. Nothing is taken from a Service before the Service itself says what it has instead: of two controllers
 * that gave it different addresses, the one whose words it took is right, and no other Service shows what it still shows.
 */
function releaseReason(
  { service, demand, evicted }: Claimant,
  { kept, grants }: Resolution,
  { held, waits, draft }: { readonly held: Advertisement; readonly waits: boolean; readonly draft: Draft },
): ReleaseReason | undefined {
  if (kept.includes(held)) return undefined;
  const saysOthers = grants.length === 0 && kept.every((each) => isShown(service, each));
  // With nothing instead, the status is emptied before the annotation; what it shows after that is another writer's.
  const saysThis = isWritten(service, held) || (kept.length > 0 && isIngress(service, held));
  if (waits && (saysThis || !saysOthers)) return undefined;
  const reason = departure({ demand, evicted, conflicted: isConflicted(draft, held) }, kept, held);
  return unsettled.has(reason) && isYoung(held, service, draft) ? undefined : reason;
}

/** Reasons that only a claim nobody was told of yet may have by mistake. */
const unsettled: ReadonlySet<ReleaseReason> = new Set(["NotDemanded", "Surplus"]);

function departure(
  { demand, evicted, conflicted }: Pick<Claimant, "demand" | "evicted"> & { readonly conflicted: boolean },
  kept: readonly Advertisement[],
  held: Advertisement,
): ReleaseReason {
  const { family } = held.address;
  if (!demand.families.includes(family)) return "NotDemanded";
  if (evicted.includes(held)) return "SharingEnded";
  const successors = kept.filter(({ address }) => address.family === family);
  if (conflicted && successors.length > 0) return "AddressInUse";
  return successors.some(({ createdMs }) => createdMs > held.createdMs) ? "Moved" : "Surplus";
}

const youthMs = 15_000;

/**
 * Another controller may be about to tell the Service of the claim. By the time that the ledger names, and, where this process
 * has followed it, by how long it has been seen: the clocks of two machines are not alike.
 */
function isYoung(held: Advertisement, { uid }: Service, draft: Draft): boolean {
  const { nowMs, seenForMs } = draft.snapshot;
  const sinceMs = memberSinceMs(held, uid);
  const namedUntilMs = Math.abs(nowMs - sinceMs) < youthMs ? sinceMs + youthMs : nowMs;
  const untilMs = Math.max(namedUntilMs, nowMs + youthMs - (seenForMs?.(held) ?? youthMs));
  if (untilMs <= nowMs) return false;
  draft.wakeAtMs = Math.min(draft.wakeAtMs ?? Number.POSITIVE_INFINITY, untilMs);
  return true;
}

/** By family as the Service lists them; within a family as asked for. */
function inOrder({ service, demand }: Claimant, { kept, grants }: Resolution): readonly Address[] {
  const addresses = [...kept, ...grants].map(({ address }) => address).sort(compareAddresses);
  if (addresses.length < 2) return addresses;
  const asked = service.asks.addresses ?? [];
  const rank = (address: Address): number => asked.findIndex((each) => sameAddress(each, address));
  return demand.families.flatMap((family) =>
    addresses.filter((address) => address.family === family).toSorted((a, b) => rank(a) - rank(b)),
  );
}

type Said = { readonly has: string; readonly notes: readonly string[]; readonly denied: readonly string[] };

function conditionOf(claimant: Claimant, resolution: Resolution, { has, notes, denied }: Said): ConditionState {
  const { refusal, missing, unavailable } = resolution;
  const why = refusal ?? missing;
  const hints = [missing, unavailable].flatMap((each) => (each === undefined ? [] : [each.message]));
  if (why !== undefined && has === "")
    return state(claimant, "False", { reason: why.reason, message: [...new Set([why.message, ...hints])].join("; ") });
  if (refusal !== undefined)
    return state(claimant, "True", { reason: "RequestRefused", message: `${refusal.message}; keeps ${has}` });
  if (missing !== undefined && claimant.demand.allOrNothing)
    return state(claimant, "False", { reason: missing.reason, message: `${missing.message}; keeps ${has}` });
  if (denied.length > 0)
    return state(claimant, "True", {
      reason: "RequestRefused",
      message: [...denied, ...notes, `has ${has}`].join("; "),
    });
  if (notes.length > 0)
    return state(claimant, "True", { reason: "OutsidePool", message: [...notes, ...hints].join("; ") });
  return state(claimant, "True", {
    reason: "Allocated",
    message: hints.length === 0 ? has : [has, ...hints].join("; "),
  });
}

type Why = { readonly reason: AllocationReason; readonly message: string };

function state({ service }: Claimant, status: "True" | "False", { reason, message }: Why): ConditionState {
  const generation = service.generation === undefined ? {} : { observedGeneration: service.generation };
  return { type: allocatedCondition, status, reason, message: shortMessage(message), ...generation };
}

function described(address: Address, pool: string): string {
  return `${formatAddress(address)} ${pool === "" ? "outside every pool" : `from pool ${pool}`}`;
}
