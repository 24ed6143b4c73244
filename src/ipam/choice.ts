import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Family } from "../net/address.ts";
import { type Draft, exhaustion, type Grant, nextFree } from "./draft.ts";
import { selectionRefusal } from "./pool-selection.ts";
import {
  combinedRefusal,
  familyUnavailable,
  firstRefusal,
  noAutomaticPool,
  noPool,
  poolNotFound,
  poolPaused,
  type Refusal,
} from "./refusal.ts";

/** What a Service needs chosen for it. `preferred`: pools that it has an address of already; they are tried first. */
export type Need = {
  readonly service: Service;
  readonly families: readonly Family[];
  readonly preferred: readonly string[];
};

/** What could be chosen, and why the rest could not. */
export type Choice = { readonly grants: readonly Grant[]; readonly lacking: ReadonlyMap<Family, Refusal> };

type Ask = { readonly service: Service; readonly family: Family };

type Check = (ask: Ask, pool: Pool, draft: Draft) => Refusal | undefined;

/** In order of precedence. */
const checks: readonly Check[] = [
  ({ service }, pool, { snapshot }) => selectionRefusal(service, pool, snapshot.namespaces),
  ({ family }, { name, ranges }) =>
    ranges.some(({ first }) => first.family === family) ? undefined : familyUnavailable(name, family),
  (_, { name, paused }) => (paused ? poolPaused(name) : undefined),
];

/** How near a pool came to giving an address: the user is told of the nearest ones. */
const nearness: readonly Refusal["reason"][] = [
  "NamespaceNotSelected",
  "ServiceNotSelected",
  "FamilyUnavailable",
  "PoolPaused",
  "PoolExhausted",
];

/** Chooses an address of each family: from the first pool that can give them all, else from the first pool for each. */
export function chooseAddresses(need: Need, draft: Draft): Choice {
  const pools = consideredPools(need, draft);
  if ("reason" in pools) return { grants: [], lacking: new Map(need.families.map((family) => [family, pools])) };
  return fromOnePool(need, pools, draft) ?? fromSeveralPools(need, pools, draft);
}

function consideredPools({ service, preferred }: Need, draft: Draft): readonly [Pool, ...Pool[]] | Refusal {
  const { pools, automatic, poolNamed } = draft;
  const named = service.asks.pools;
  const considered = named === undefined ? automatic : [...new Set(named)].flatMap((name) => poolNamed.get(name) ?? []);
  const [first, ...rest] = preferred.length === 0 ? considered : preferredFirst(considered, preferred);
  if (first !== undefined) return [first, ...rest];
  if (named !== undefined) return poolNotFound(named);
  return pools.length === 0 ? noPool() : noAutomaticPool(pools.length);
}

function preferredFirst(pools: readonly Pool[], preferred: readonly string[]): readonly Pool[] {
  const isPreferred = ({ name }: Pool): boolean => preferred.includes(name);
  return [...pools.filter(isPreferred), ...pools.filter((pool) => !isPreferred(pool))];
}

function fromOnePool({ service, families }: Need, pools: readonly Pool[], draft: Draft): Choice | undefined {
  if (families.length < 2) return undefined;
  for (const pool of pools) {
    const grants = families.map((family) => offer({ service, family }, pool, draft));
    if (grants.every((grant) => "address" in grant)) return { grants, lacking: new Map() };
  }
  return undefined;
}

function fromSeveralPools({ service, families }: Need, pools: readonly [Pool, ...Pool[]], draft: Draft): Choice {
  const grants: Grant[] = [];
  const lacking = new Map<Family, Refusal>();
  for (const family of families) {
    const grant = firstOffer({ service, family }, pools, draft);
    if ("reason" in grant) lacking.set(family, grant);
    else grants.push(grant);
  }
  return { grants, lacking };
}

function firstOffer(ask: Ask, [first, ...rest]: readonly [Pool, ...Pool[]], draft: Draft): Grant | Refusal {
  const offered = offer(ask, first, draft);
  if ("address" in offered) return offered;
  let nearest: [Refusal, ...Refusal[]] = [offered];
  for (const pool of rest) {
    const next = offer(ask, pool, draft);
    if ("address" in next) return next;
    const nearer = nearness.indexOf(next.reason) - nearness.indexOf(nearest[0].reason);
    if (nearer > 0) nearest = [next];
    else if (nearer === 0) nearest.push(next);
  }
  return nearest.length === 1 ? nearest[0] : combinedRefusal(nearest);
}

function offer(ask: Ask, pool: Pool, draft: Draft): Grant | Refusal {
  const refusal = firstRefusal(checks, ask, pool, draft);
  if (refusal !== undefined) return refusal;
  const address = nextFree(draft, pool, ask.family);
  return address === undefined ? exhaustion(draft, pool, ask.family) : { address, pool };
}
