import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Family } from "../net/address.ts";
import { announcementRefusal } from "./announcing.ts";
import type { Draft, Grant } from "./draft.ts";
import type { Choice, Need } from "./need.ts";
import { exhaustion, nextFree } from "./next-free.ts";
import { selectionRefusal } from "./pool-selection.ts";
import { quotaRefusal } from "./quota.ts";
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

/** One address of a family that a Service wants, and what it gets by the same plan already. */
export type Ask = { readonly service: Service; readonly family: Family; readonly before: readonly Grant[] };

type Check = (ask: Ask, pool: Pool, draft: Draft) => Refusal | undefined;

/** In order of precedence. */
const checks: readonly Check[] = [
  ({ service }, pool, { snapshot }) => selectionRefusal(service, pool, snapshot.namespaces),
  ({ family }, { name, ranges }) =>
    ranges.some(({ first }) => first.family === family) ? undefined : familyUnavailable(name, family),
  ({ service, family }, pool) => announcementRefusal(service, pool, family),
  (_, { name, paused }) => (paused ? poolPaused(name) : undefined),
  ({ service, before }, pool, draft) => quotaRefusal(draft, pool, service.namespace, before),
];

/** How near a pool came to giving an address: the user is told of the nearest ones. */
const nearness: readonly Refusal["reason"][] = [
  "NamespaceNotSelected",
  "ServiceNotSelected",
  "FamilyUnavailable",
  "AggregateWithLocal",
  "PoolPaused",
  "QuotaExceeded",
  "PoolExhausted",
];

/** Chooses an address of each family: from the first pool that can give them all, else from the first pool for each. */
export function chooseAddresses(need: Need, draft: Draft): Choice {
  const pools = consideredPools(need, draft);
  if ("reason" in pools) return { grants: [], lacking: new Map(need.families.map((family) => [family, pools])) };
  return fromOnePool(need, pools, draft) ?? fromAny(need, pools, draft);
}

/** The other way round if that gives more: a limit may leave room for one address in a pool that alone has the second family. */
function fromAny(need: Need, pools: readonly [Pool, ...Pool[]], draft: Draft): Choice {
  const choice = offers(need, pools, draft);
  if (need.families.length < 2 || choice.lacking.size === 0) return choice;
  const other = offers({ ...need, families: need.families.toReversed() }, pools, draft);
  return other.lacking.size === 0 ? other : choice;
}

/** The pools that are asked for a Service's addresses, in this order, or why there is none. */
export function consideredPools({ service, preferred }: Need, draft: Draft): readonly [Pool, ...Pool[]] | Refusal {
  const { pools, automatic, poolNamed } = draft;
  const named = service.asks.pools;
  const considered = named === undefined ? automatic : [...new Set(named)].flatMap((name) => poolNamed.get(name) ?? []);
  const [first, ...rest] = preferred.length === 0 ? considered : preferredFirst(considered, preferred);
  if (first !== undefined) return [first, ...rest];
  if (named !== undefined) return poolNotFound(named);
  return pools.length === 0 ? noPool() : noAutomaticPool(pools.map(({ name }) => name));
}

function preferredFirst(pools: readonly Pool[], preferred: readonly string[]): readonly Pool[] {
  const isPreferred = ({ name }: Pool): boolean => preferred.includes(name);
  return [...pools.filter(isPreferred), ...pools.filter((pool) => !isPreferred(pool))];
}

function fromOnePool(need: Need, pools: readonly Pool[], draft: Draft): Choice | undefined {
  if (need.families.length < 2) return undefined;
  for (const pool of pools) {
    const grants = offers(need, [pool], draft);
    if (grants.lacking.size === 0) return grants;
  }
  return undefined;
}

function offers(need: Need, pools: readonly [Pool, ...Pool[]], draft: Draft): Choice {
  const { service, families, before } = need;
  const grants: Grant[] = [];
  const lacking = new Map<Family, Refusal>();
  for (const family of families) {
    const grant = firstOffer({ service, family, before: [...before, ...grants] }, pools, draft);
    if ("reason" in grant) lacking.set(family, grant);
    else grants.push(grant);
  }
  return { grants, lacking };
}

function firstOffer(ask: Ask, pools: readonly [Pool, ...Pool[]], draft: Draft): Grant | Refusal {
  for (const pool of pools) {
    const grant = grantFrom(ask, pool, draft);
    if (grant !== undefined) return grant;
  }
  return nearestRefusal(ask, pools, draft);
}

/** Asked for only if no pool gives anything: to count what is in a full pool is dear. */
function nearestRefusal(ask: Ask, [first, ...rest]: readonly [Pool, ...Pool[]], draft: Draft): Refusal {
  let nearest: [Refusal, ...Refusal[]] = [refusalOf(ask, first, draft)];
  for (const pool of rest) {
    const next = refusalOf(ask, pool, draft);
    const nearer = nearness.indexOf(next.reason) - nearness.indexOf(nearest[0].reason);
    if (nearer > 0) nearest = [next];
    else if (nearer === 0) nearest.push(next);
  }
  return nearest.length === 1 ? nearest[0] : combinedRefusal(nearest);
}

/** The address that a pool gives next, or why it gives none to this Service. */
export function offer(ask: Ask, pool: Pool, draft: Draft): Grant | Refusal {
  return grantFrom(ask, pool, draft) ?? refusalOf(ask, pool, draft);
}

function grantFrom(ask: Ask, pool: Pool, draft: Draft): Grant | undefined {
  if (firstRefusal(checks, ask, pool, draft) !== undefined) return undefined;
  const address = nextFree(draft, pool, ask.family);
  return address && { address, pool };
}

/** Why a pool that gives nothing gives nothing. */
function refusalOf(ask: Ask, pool: Pool, draft: Draft): Refusal {
  return firstRefusal(checks, ask, pool, draft) ?? exhaustion(draft, pool, ask.family);
}
