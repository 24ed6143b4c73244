import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, addressKey, type Family, sameAddress } from "../net/address.ts";
import { shownAddresses } from "./adoption.ts";
import { askedAddresses } from "./asked.ts";
import type { Outcome } from "./change.ts";
import { consideredPools, offer } from "./choice.ts";
import type { Claimant } from "./claimant.ts";
import { type Demand, demandOf, isHandled } from "./demand.ts";
import { type Draft, type Grant, holdersOf, plannedPast } from "./draft.ts";
import { remaining } from "./finding.ts";
import { memberSinceMs } from "./holding.ts";
import { joiningGrants } from "./joining.ts";
import type { Need } from "./need.ts";
import { allocatedCondition } from "./outcome.ts";
import type { Drafted } from "./plan.ts";
import { poolNotFound, type Refusal } from "./refusal.ts";
import { type AddressRequest, requestedGrants } from "./requested-address.ts";
import { returningGrants } from "./returning.ts";

/** What a pool says to a Service that wants one more address of a family. */
export type PoolAnswer = { readonly pool: string; readonly family: Family } & (
  | { readonly says: "gives"; readonly address: Address }
  | { readonly says: "refuses"; readonly refusal: Refusal }
  | { readonly says: "not asked"; readonly why: string }
);

/** An address that has to do with a Service before any pool is asked: why it may be the one, and whether it is. */
export type Candidate = {
  readonly address: Address;
  /** Reserved or remembered for the Service, held by others under its sharing key, asked for, or shown by it. */
  readonly as: "asked for" | "reserved" | "remembered" | "shared" | "shown";
  readonly held: boolean;
  /** Why it does not get it; absent: it has it or could have it. */
  readonly refusal?: Refusal;
};

/** Why a Service has what it has, in the planner's own words. */
export type ServiceExplanation = {
  readonly demand: Demand;
  readonly outcome: Outcome;
  readonly candidates: readonly Candidate[];
  /** In order of choice; those that are not asked come last. */
  readonly answers: readonly PoolAnswer[];
};

/** Why Herald gives a Service no address at all; undefined: it does, and `explainService` says which. */
export function unhandledBecause(service: Service, options: Draft["snapshot"]["options"]): string | undefined {
  if (isHandled(service, options)) return undefined;
  if (service.type !== "LoadBalancer") return `it is of type ${service.type}, not LoadBalancer`;
  if (service.loadBalancerClass === undefined)
    return "it has no loadBalancerClass, and Herald runs with --default-class=false";
  return `its loadBalancerClass is ${service.loadBalancerClass}, not herald.dev/vip`;
}

/**
 * What the planner says to a Service that it handles, and what each address and each pool in question says; undefined for a
 * Service that it does not handle. `drafted` is a plan that leaves nothing to do: of any other, the answers are about the
 * ledger as it will be.
 */
export function explainService(service: Service, { draft, outcomes }: Drafted): ServiceExplanation | undefined {
  const outcome = outcomes.get(service.key);
  if (outcome === undefined) return undefined;
  const demand = demandOf(service, draft.snapshot.options.clusterFamily);
  return {
    demand,
    outcome,
    candidates: candidatesOf(service, demand, draft),
    answers: answersOf(service, demand, draft),
  };
}

/** Since when a Service holds an address, in ms since the epoch: the latest of what had to come before. */
export function heldSinceMs(advertisement: Advertisement, service: Service | undefined): number {
  const since = [memberSinceMs(advertisement, service?.uid ?? "")];
  if (service !== undefined) since.push(service.createdMs);
  const allocated = service?.conditions.find(({ type, status }) => type === allocatedCondition && status === "True");
  if (allocated !== undefined) since.push(Date.parse(allocated.lastTransitionTime));
  return Math.max(...since.filter((ms) => !Number.isNaN(ms)));
}

type Wanted = { readonly address: Address; readonly as: Candidate["as"]; readonly origin: AddressRequest["origin"] };

/** Each address once, by the first of the ways in which it is a candidate. */
function candidatesOf(service: Service, demand: Demand, draft: Draft): readonly Candidate[] {
  const held = draft.ledger.heldBy.get(service.uid) ?? [];
  const claimant = { service, demand, held };
  const all = [
    ...jointly(claimant, askedFor(service, held), draft),
    ...jointly(claimant, shown(claimant), draft),
    ...[...reserved(service, draft), ...remembered(service, draft), ...shared(service, draft)].flatMap((wanted) =>
      jointly(claimant, [wanted], draft),
    ),
  ];
  const first = new Map(all.toReversed().map((each) => [addressKey(each.address), each]));
  return all.filter((each) => first.get(addressKey(each.address)) === each);
}

type Asking = Pick<Claimant, "service" | "demand" | "held">;

/** What becomes of addresses that are wanted together: each is answered as if the earlier ones were given. */
function jointly({ service, demand }: Asking, wanted: readonly Wanted[], draft: Draft): readonly Candidate[] {
  const before: Grant[] = [];
  return wanted.map(({ address, as, origin }) => {
    const held = holdersOf(draft, address).some(({ uid }) => uid === service.uid);
    if (held) return { address, as, held };
    const granted = requestedGrants([{ service, demand, address, origin }], draft, before);
    if ("reason" in granted) return { address, as, held, refusal: granted };
    before.push(...granted);
    return { address, as, held };
  });
}

function askedFor(service: Service, held: readonly Advertisement[]): readonly Wanted[] {
  const asked = askedAddresses(service, held);
  return "reason" in asked ? [] : asked.map((address) => ({ address, as: "asked for", origin: "ask" }));
}

function shown(claimant: Asking): readonly Wanted[] {
  return shownAddresses(claimant).map((each) => ({ ...each, as: "shown" }));
}

function reserved({ namespace, name }: Service, { pools }: Draft): readonly Wanted[] {
  return pools
    .flatMap(({ reservations }) => reservations)
    .filter((each) => each.namespace === namespace && each.name === name)
    .map(({ address }) => ({ address, as: "reserved", origin: "return" }));
}

function remembered({ key }: Service, draft: Draft): readonly Wanted[] {
  return (draft.ledger.remembered.get(key) ?? [])
    .filter(({ address }) => (plannedPast(draft, address)?.rememberedUntilMs ?? 0) > draft.snapshot.nowMs)
    .map(({ address }) => ({ address, as: "remembered", origin: "return" }));
}

function shared({ terms }: Service, { ledger }: Draft): readonly Wanted[] {
  if (terms === undefined) return [];
  return (ledger.bySharingKey().get(terms.key) ?? []).map(({ address }) => ({
    address,
    as: "shared",
    origin: "share",
  }));
}

/** Answered as to one plan: what an earlier family would get counts for the later one. */
function answersOf(service: Service, demand: Demand, draft: Draft): readonly PoolAnswer[] {
  const need = needOf(service, demand, draft);
  const pools = consideredPools(need, draft);
  const asked: readonly Pool[] = "reason" in pools ? [] : pools;
  let { before } = need;
  return demand.families.flatMap((family) => {
    const offers = asked.map((pool) => ({ pool, offered: offer({ service, family, before }, pool, draft) }));
    const first = offers.find(({ offered }) => "address" in offered)?.offered;
    if (first !== undefined && "address" in first && need.families.includes(family)) before = [...before, first];
    return [
      ...offers.map(({ pool: { name }, offered }) => poolAnswer(name, family, offered)),
      ...missing(service, draft).map((refusal): PoolAnswer => ({ ...refusal, family })),
      ...unasked(service, asked, draft).map((pool): PoolAnswer => ({ ...pool, family })),
    ];
  });
}

/** What is left to choose once the Service has what it asks for and what is kept for it. */
function needOf(service: Service, demand: Demand, draft: Draft): Need {
  const held = draft.ledger.heldBy.get(service.uid) ?? [];
  const asked = askedAddresses(service, held);
  const wanted =
    "reason" in asked ? [] : asked.filter((each) => !held.some(({ address }) => sameAddress(address, each)));
  const granted = requestedGrants(
    wanted.map((address) => ({ service, demand, address, origin: "ask" })),
    draft,
  );
  const families = demand.families.filter((family) => !held.some(({ address }) => address.family === family));
  const need = { service, families, preferred: held.map(({ pool }) => pool), before: [] };
  const unasked = remaining(need, "reason" in granted ? [] : granted);
  const unkept = remaining(unasked, returningGrants(unasked, draft).grants);
  return remaining(unkept, joiningGrants(unkept, draft).grants);
}

function poolAnswer(pool: string, family: Family, offered: Grant | Refusal): PoolAnswer {
  return "reason" in offered
    ? { pool, family, says: "refuses", refusal: offered }
    : { pool, family, says: "gives", address: offered.address };
}

/** Pools that the Service names and that are not there. */
function missing({ asks }: Service, { poolNamed }: Draft) {
  return (asks.pools ?? [])
    .filter((name) => !poolNamed.has(name))
    .map((pool) => ({ pool, says: "refuses", refusal: poolNotFound([pool]) }) as const);
}

/** Pools that the Service is not for: it names others, or none, and they wait to be named. */
function unasked({ asks }: Service, asked: readonly Pool[], { pools }: Draft) {
  const why = asks.pools === undefined ? "not automatic" : `the service names pool ${asks.pools.join(", ")}`;
  return pools
    .filter((pool) => !asked.includes(pool))
    .map(({ name: pool }) => ({ pool, says: "not asked", why }) as const);
}
