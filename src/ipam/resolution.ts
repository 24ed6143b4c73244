import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, type Family, parseAddress, sameAddress } from "../net/address.ts";
import { isCopy } from "./adoption.ts";
import { askedAddresses } from "./asked.ts";
import type { Claimant } from "./claimant.ts";
import { isReplaceable } from "./conflict.ts";
import type { Draft, Grant } from "./draft.ts";
import { findAddresses } from "./finding.ts";
import { byClaimToStay, homeOf, isShown, isWritten } from "./holding.ts";
import { completingGrants } from "./joining.ts";
import { observed, type Refusal, terminating } from "./refusal.ts";
import { requestedGrants } from "./requested-address.ts";
import { reservationNote } from "./returning.ts";

/** What becomes of a Service: what it keeps, what it gets, and what it does not get. */
export type Resolution = {
  readonly kept: readonly Advertisement[];
  readonly grants: readonly Grant[];
  /** Why nothing new is given although it was asked for. */
  readonly refusal?: Refusal;
  /** Why a family that is wanted is missing. */
  readonly missing?: Refusal;
  /** Why it got none or another address than the one that is reserved for it, or that has its sharing key. */
  readonly unavailable?: Refusal;
};

/** What a Service keeps and gets of which what it shows becomes its own; what else it asks for follows in a later plan. */
export function adoption({ demand, held, evicted }: Claimant, grants: readonly Grant[]): Resolution {
  const stays = (each: Advertisement): boolean =>
    demand.families.includes(each.address.family) && !evicted.includes(each);
  return { kept: held.filter(stays), grants };
}

/** What a Service keeps of which addresses are only observed: what it shows. */
function observation({ service, held }: Claimant): Resolution {
  const shown = service.ingress.flatMap(({ ip = "" }) => parseAddress(ip) ?? []);
  const kept = held.filter(({ address }) => shown.some((each) => sameAddress(each, address)));
  return kept.length > 0 ? { kept, grants: [] } : { ...nothing, refusal: observed() };
}

/** What any other Service keeps and gets, given what others have and were given before it in this plan. */
export function resolve(claimant: Claimant, draft: Draft): Resolution {
  const { service, demand, held, unadopted } = claimant;
  if (draft.snapshot.options.observe)
    return unadopted === undefined ? observation(claimant) : { ...nothing, refusal: unadopted };
  if (service.terminating) return departing(claimant);
  const holds = held.some(({ address }) => demand.families.includes(address.family));
  if (unadopted === undefined || holds || isCopy(claimant, draft)) return answered(claimant, draft);
  const other = asksForOthers(claimant) ? answered(claimant, draft) : nothing;
  return other.grants.length > 0 ? other : { ...nothing, refusal: unadopted };
}

const nothing: Resolution = { kept: [], grants: [] };

/** What it has stays until it is gone, save for what others share with it on terms that it keeps no more. */
function departing({ held, evicted }: Claimant): Resolution {
  const kept = held.filter((each) => !evicted.includes(each));
  return kept.length > 0 ? { kept, grants: [] } : { ...nothing, refusal: terminating() };
}

/** What it asks for, completed by choice. */
function answered(before: Claimant, draft: Draft): Resolution {
  const claimant = withoutEvictions(before);
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

function withoutEvictions(claimant: Claimant): Claimant {
  const { evicted, held } = claimant;
  return evicted.length === 0 ? claimant : { ...claimant, held: held.filter((each) => !evicted.includes(each)) };
}

function asksForOthers({ service, shown }: Claimant): boolean {
  return (service.asks.addresses ?? []).some((asked) => !shown.some(({ address }) => sameAddress(address, asked)));
}

/** Only what the Service shows is kept: a claim that it was never told of would be half of what it asked for. */
function refused({ service, demand, held }: Claimant, refusal: Refusal): Resolution {
  const kept = demand.families.flatMap((family) =>
    lastSaid(
      service,
      held.filter(({ address }) => address.family === family),
    ),
  );
  return { kept, grants: [], refusal };
}

/** What Herald wrote last, where it wrote any: the status may still show what the Service has moved from. */
function lastSaid(service: Service, held: readonly Advertisement[]): readonly Advertisement[] {
  const written = held.filter((each) => isWritten(service, each));
  return written.length > 0 ? written : held.filter((each) => isShown(service, each));
}

type Answer = { readonly asked: readonly Address[]; readonly grants: readonly Grant[] };

/** Completes what was asked for by what is held and by choice, family by family. */
function completed(claimant: Claimant, { asked, grants }: Answer, draft: Draft): Resolution {
  const { kept, needed, moving } = sorted(claimant, asked, draft);
  const { service, demand } = claimant;
  const preferred = kept.map(({ pool }) => pool);
  if (needed.length + moving.length === 0) {
    const unasked = demand.families.filter((family) => !asks(asked, family));
    const more = completingGrants({ service, families: unasked, preferred, before: grants }, kept, draft);
    const has = [...kept, ...grants, ...more];
    return { kept, grants: [...grants, ...more], ...unavailableReservation(claimant, has, draft) };
  }
  const families = [...needed, ...moving];
  const found = findAddresses({ service, families, preferred, before: grants }, draft);
  const immovable = firstOf(found.lacking, moving);
  if (immovable !== undefined) return refused(claimant, immovable);
  const { unavailable } = found;
  const all = { kept, grants: [...grants, ...found.grants], ...(unavailable && { unavailable }) };
  return lacking(claimant, all, { missing: firstOf(found.lacking, needed), draft });
}

function unavailableReservation(
  { service, demand }: Claimant,
  has: readonly { readonly address: Address }[],
  draft: Draft,
): Pick<Resolution, "unavailable"> {
  const need = { service, families: demand.families, preferred: [], before: [] };
  const unavailable = reservationNote(need, has, draft);
  return unavailable === undefined ? {} : { unavailable };
}

/** What of the held addresses stays, which families have none, and which are to be served by another pool. */
type Sorted = {
  readonly kept: readonly Advertisement[];
  readonly needed: readonly Family[];
  readonly moving: readonly Family[];
};

function sorted(claimant: Claimant, asked: readonly Address[], draft: Draft): Sorted {
  const { service, demand } = claimant;
  const kept: Advertisement[] = [];
  const needed: Family[] = [];
  const moving: Family[] = [];
  for (const family of demand.families) {
    const stays = staying(claimant, family, asked, draft);
    if (asks(asked, family)) kept.push(...stays);
    else if (stays.some((each) => mustMove(service, each, draft))) moving.push(family);
    else if (stays.length === 0) needed.push(family);
    else kept.push(...stays);
  }
  return { kept, needed, moving };
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
  const all = held.filter(({ address }) => address.family === family);
  if (asks(asked, family)) return all.filter(({ address }) => asked.some((each) => sameAddress(each, address)));
  const usable = all.filter((each) => !isReplaceable(draft, service, each));
  const ofFamily = usable.length > 0 ? usable : all;
  if (ofFamily.length < 2) return ofFamily;
  const [best, ...others] = ofFamily.toSorted(byClaimToStay(draft, service));
  if (best === undefined) return [];
  return [best, ...(isWritten(service, best) ? others.filter((each) => isOfSet(service, each)) : [])];
}

/** Who shares got the whole set of another, and keeps all of it. */
function isOfSet(service: Service, held: Advertisement): boolean {
  return service.terms !== undefined && isWritten(service, held);
}

function mustMove(service: Service, held: Advertisement, draft: Draft): boolean {
  return !isInNamedPool(service, held, draft) || isReplaceable(draft, service, held);
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
  return { ...all, kept: stays.filter((each) => isShown(service, each)), grants: [], missing };
}
