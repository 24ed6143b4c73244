import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, type Family, sameAddress } from "../net/address.ts";
import { isCopy } from "./adoption.ts";
import { askedAddresses } from "./asked.ts";
import { chooseAddresses } from "./choice.ts";
import type { Claimant } from "./claimant.ts";
import type { Draft, Grant } from "./draft.ts";
import { byClaimToStay, homeOf, isShown } from "./holding.ts";
import { type Refusal, terminating } from "./refusal.ts";
import { requestedGrants } from "./requested-address.ts";

/** What becomes of a Service: what it keeps, what it gets, and what it does not get. */
export type Resolution = {
  readonly kept: readonly Advertisement[];
  readonly grants: readonly Grant[];
  /** Why nothing new is given although it was asked for. */
  readonly refusal?: Refusal;
  /** Why a family that is wanted is missing. */
  readonly missing?: Refusal;
};

/** What a Service keeps and gets of which what it shows becomes its own; what else it asks for follows in a later plan. */
export function adoption({ demand, held }: Claimant, grants: readonly Grant[]): Resolution {
  return { kept: held.filter(({ address }) => demand.families.includes(address.family)), grants };
}

/** What any other Service keeps and gets, given what others have and were given before it in this plan. */
export function resolve(claimant: Claimant, draft: Draft): Resolution {
  const { service, demand, held, unadopted } = claimant;
  if (service.terminating) return held.length > 0 ? { kept: held, grants: [] } : { ...nothing, refusal: terminating() };
  const holds = held.some(({ address }) => demand.families.includes(address.family));
  if (unadopted === undefined || holds || isCopy(claimant, draft)) return answered(claimant, draft);
  const other = asksForOthers(claimant) ? answered(claimant, draft) : nothing;
  return other.grants.length > 0 ? other : { ...nothing, refusal: unadopted };
}

const nothing: Resolution = { kept: [], grants: [] };

/** What it asks for, completed by choice. */
function answered(claimant: Claimant, draft: Draft): Resolution {
  const { service, demand, held } = claimant;
  const asked = askedAddresses(service, held);
  if ("reason" in asked) return refused(claimant, asked);
  const unheld = asked.filter((address) => !held.some((each) => sameAddress(each.address, address)));
  const grants = requestedGrants(
    unheld.map((address) => ({ service, demand, address, origin: "ask" })),
    draft,
  );
  return "reason" in grants ? refused(claimant, grants) : completed(claimant, { asked, grants }, draft);
}

function asksForOthers({ service, shown }: Claimant): boolean {
  return (service.asks.addresses ?? []).some((asked) => !shown.some(({ address }) => sameAddress(address, asked)));
}

/** Only what the Service shows is kept: a claim that it was never told of would be half of what it asked for. */
function refused({ service, demand, held }: Claimant, refusal: Refusal): Resolution {
  const kept = held.filter((each) => demand.families.includes(each.address.family) && isShown(service, each));
  return { kept, grants: [], refusal };
}

type Answer = { readonly asked: readonly Address[]; readonly grants: readonly Grant[] };

/** Completes what was asked for by what is held and by choice, family by family. */
function completed(claimant: Claimant, { asked, grants }: Answer, draft: Draft): Resolution {
  const { service, demand } = claimant;
  const kept: Advertisement[] = [];
  const needed: Family[] = [];
  const moving: Family[] = [];
  for (const family of demand.families) {
    const stays = staying(claimant, family, asked, draft);
    if (stays.some((each) => !isInNamedPool(service, each, draft)) && !asks(asked, family)) moving.push(family);
    else if (stays.length === 0 && !asks(asked, family)) needed.push(family);
    else kept.push(...stays);
  }
  const families = [...needed, ...moving];
  if (families.length === 0) return { kept, grants };
  const preferred = kept.map(({ pool }) => pool);
  const choice = chooseAddresses({ service, families, preferred }, draft);
  const immovable = firstOf(choice.lacking, moving);
  if (immovable !== undefined) return refused(claimant, immovable);
  const all = { kept, grants: [...grants, ...choice.grants] };
  return lacking(claimant, all, { missing: firstOf(choice.lacking, needed), draft });
}

function asks(asked: readonly Address[], family: Family): boolean {
  return asked.some((address) => address.family === family);
}

/** What is held of a family and counts: all that was asked for, else the one with the best claim to stay. */
function staying(
  { service, held }: Claimant,
  family: Family,
  asked: readonly Address[],
  draft: Draft,
): readonly Advertisement[] {
  const ofFamily = held.filter(({ address }) => address.family === family);
  if (asks(asked, family)) return ofFamily.filter(({ address }) => asked.some((each) => sameAddress(each, address)));
  return ofFamily.length < 2 ? ofFamily : ofFamily.toSorted(byClaimToStay(draft, service)).slice(0, 1);
}

function isInNamedPool(service: Service, held: Advertisement, draft: Draft): boolean {
  const named = service.asks.pools;
  return named === undefined || named.includes(homeOf(draft, service, held)?.name ?? held.pool);
}

function firstOf(lacking: ReadonlyMap<Family, Refusal>, families: readonly Family[]): Refusal | undefined {
  for (const family of families) {
    const refusal = lacking.get(family);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

type Lack = { readonly missing: Refusal | undefined; readonly draft: Draft };

/** RequireDualStack gets all or nothing new; what it shows stays, also where it asks for another one instead. */
function lacking(claimant: Claimant, all: Resolution, { missing, draft }: Lack): Resolution {
  const { service, demand } = claimant;
  if (missing === undefined) return all;
  if (!demand.allOrNothing) return { ...all, missing };
  const stays = demand.families.flatMap((family) => {
    const counting = all.kept.filter(({ address }) => address.family === family);
    return counting.length > 0 ? counting : staying(claimant, family, [], draft);
  });
  return { kept: stays.filter((each) => isShown(service, each)), grants: [], missing };
}
