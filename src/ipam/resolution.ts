import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, type Family, sameAddress } from "../net/address.ts";
import { askedAddresses, shownAddresses } from "./asked.ts";
import { chooseAddresses } from "./choice.ts";
import type { Demand } from "./demand.ts";
import type { Draft, Pick } from "./draft.ts";
import { byClaimToStay, homeOf, isShown } from "./holding.ts";
import { adoptionRefused, type Refusal, terminating } from "./refusal.ts";
import { requestedPicks } from "./requested-address.ts";

/** A handled Service with what it wants and what the ledger says it holds. */
export type Subject = { readonly service: Service; readonly demand: Demand; readonly held: readonly Advertisement[] };

/** What becomes of a Service: what it keeps, what it gets, and what it does not get. */
export type Resolution = {
  readonly kept: readonly Advertisement[];
  readonly picks: readonly Pick[];
  /** Why nothing new is given although it was asked for. */
  readonly refusal?: Refusal;
  /** Why a family that is wanted is missing. */
  readonly missing?: Refusal;
};

/** Whether the Service shows addresses of the families that it wants and has a claim for none of them. */
export function isAdoption({ service, demand, held }: Subject): boolean {
  const holds = held.some(({ address }) => demand.families.includes(address.family));
  return !holds && !service.terminating && shownAddresses(service, demand).length > 0;
}

/** What a Service keeps and gets, given what others have and were given before it in this plan. */
export function resolve(subject: Subject, draft: Draft): Resolution {
  const { service, demand, held } = subject;
  if (service.terminating) return held.length > 0 ? { kept: held, picks: [] } : { ...nothing, refusal: terminating() };
  if (isAdoption(subject)) {
    const adopted = adopt(subject, draft);
    if (adopted !== undefined) return adopted;
  }
  const asked = askedAddresses(service, held);
  if ("reason" in asked) return refused(subject, asked);
  const unheld = asked.filter((address) => !held.some((each) => sameAddress(each.address, address)));
  const picks = requestedPicks(
    unheld.map((address) => ({ service, demand, address, adoption: false })),
    draft,
  );
  return "reason" in picks ? refused(subject, picks) : completed(subject, { asked, picks }, draft);
}

const nothing = { kept: [], picks: [] } as const;

/** Undefined: what it shows cannot be adopted, but its owner asks for other addresses by name. */
function adopt({ service, demand }: Subject, draft: Draft): Resolution | undefined {
  const shown = shownAddresses(service, demand);
  const picks = requestedPicks(
    shown.map((address) => ({ service, demand, address, adoption: true })),
    draft,
  );
  if (!("reason" in picks)) return { kept: [], picks };
  const others = (service.asks.addresses ?? []).some((asked) => !shown.some((each) => sameAddress(each, asked)));
  return others ? undefined : { ...nothing, refusal: adoptionRefused(picks) };
}

/** Only what the Service shows is kept: a claim that it was never told of would be half of what it asked for. */
function refused({ service, demand, held }: Subject, refusal: Refusal): Resolution {
  const kept = held.filter((each) => demand.families.includes(each.address.family) && isShown(service, each));
  return { kept, picks: [], refusal };
}

type Granted = { readonly asked: readonly Address[]; readonly picks: readonly Pick[] };

/** Completes what was asked for by what is held and by choice, family by family. */
function completed(subject: Subject, { asked, picks }: Granted, draft: Draft): Resolution {
  const { service, demand } = subject;
  const kept: Advertisement[] = [];
  const needed: Family[] = [];
  const moving: Family[] = [];
  for (const family of demand.families) {
    const stays = staying(subject, family, asked, draft);
    if (stays.some((each) => !isInNamedPool(service, each, draft)) && !asks(asked, family)) moving.push(family);
    else if (stays.length === 0 && !asks(asked, family)) needed.push(family);
    else kept.push(...stays);
  }
  const families = [...needed, ...moving];
  if (families.length === 0) return { kept, picks };
  const preferred = kept.map(({ pool }) => pool);
  const choice = chooseAddresses({ service, families, preferred }, draft);
  const immovable = firstOf(choice.lacking, moving);
  if (immovable !== undefined) return refused(subject, immovable);
  return whole(subject, { kept, picks: [...picks, ...choice.picks] }, firstOf(choice.lacking, needed));
}

function asks(asked: readonly Address[], family: Family): boolean {
  return asked.some((address) => address.family === family);
}

/** What is held of a family and counts: all that was asked for, else the one with the best claim to stay. */
function staying(
  { service, held }: Subject,
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

/** RequireDualStack gets all or nothing new; what it shows stays. */
function whole(subject: Subject, { kept, picks }: Resolution, missing: Refusal | undefined): Resolution {
  if (missing === undefined) return { kept, picks };
  if (!subject.demand.whole) return { kept, picks, missing };
  return { kept: kept.filter((each) => isShown(subject.service, each)), picks: [], missing };
}
