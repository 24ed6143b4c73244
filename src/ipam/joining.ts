import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, type Family, sameAddress } from "../net/address.ts";
import { type Draft, type Grant, holdersOf } from "./draft.ts";
import { isWritten } from "./holding.ts";
import type { Need } from "./need.ts";
import type { Refusal } from "./refusal.ts";
import { requestedGrants } from "./requested-address.ts";
import { type SharedSet, setsFor } from "./shared-sets.ts";

/** What others share with a Service, and why they do not share what has its key. */
export type Joining = { readonly grants: readonly Grant[]; readonly unavailable?: Refusal };

/**
 * The addresses that a Service with a sharing key gets of others who have the same: of each family the whole set that the
 * first of them holds, so that whoever reaches one Service reaches the other. Nothing, if the two may not share all of it.
 */
export function joiningGrants(need: Need, draft: Draft): Joining {
  if (need.families.length === 0) return { grants: [] };
  const sets = setsFor(need.service, draft);
  if (sets.length === 0) return { grants: [] };
  const grants: Grant[] = [];
  let unavailable: Refusal | undefined;
  for (const family of need.families) {
    const others = ofFamily(sets, family).filter((set) => !set.some((each) => holds(need.service, each, draft)));
    const joined = firstJoined({ ...need, before: [...need.before, ...grants] }, others, draft);
    if ("reason" in joined) unavailable ??= joined;
    else grants.push(...joined);
  }
  return unavailable === undefined ? { grants } : { grants, unavailable };
}

/**
 * What a Service that began to join a set lacks of it, for instance because a write failed; nothing once the Service says what
 * it has, or if it may not have it.
 */
export function completingGrants(need: Need, held: readonly Advertisement[], draft: Draft): readonly Grant[] {
  const begun = held.filter((each) => each.services[0]?.uid !== need.service.uid && !isWritten(need.service, each));
  if (begun.length === 0) return [];
  const isBegun = (set: SharedSet): boolean =>
    set.some((address) => begun.some((each) => sameAddress(each.address, address)));
  const lacking = setsFor(need.service, draft)
    .filter(isBegun)
    .flat()
    .filter((address) => need.families.includes(address.family) && !holds(need.service, address, draft));
  const joined = jointly(need, lacking, draft);
  return "reason" in joined ? [] : joined;
}

function ofFamily(sets: readonly (readonly Address[])[], family: Family): readonly (readonly Address[])[] {
  return sets.map((set) => set.filter((address) => address.family === family)).filter((set) => set.length > 0);
}

/** The first set that the Service may join, or why it may not join the first of all; empty: there is none. */
function firstJoined(need: Need, sets: readonly (readonly Address[])[], draft: Draft): readonly Grant[] | Refusal {
  let refusal: Refusal | undefined;
  for (const set of sets) {
    const joined = jointly(need, set, draft);
    if (!("reason" in joined)) return joined;
    refusal ??= joined;
  }
  return refusal ?? [];
}

/** All of these addresses or none. */
function jointly({ service, families, before }: Need, addresses: readonly Address[], draft: Draft) {
  const demand = { families, allOrNothing: false };
  const requests = addresses.map((address) => ({ service, demand, address, origin: "share" as const }));
  return requestedGrants(requests, draft, before);
}

/** One that the Service holds is none to move to. */
function holds({ uid }: Service, address: Address, draft: Draft): boolean {
  return holdersOf(draft, address).some((holder) => holder.uid === uid);
}
