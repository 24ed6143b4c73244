import type { Pool } from "../api/ip-pool.ts";
import type { Member } from "../api/vip-advertisement.ts";
import { type Draft, type Entry, type Grant, holdersOf } from "./draft.ts";
import { quotaExceeded, type Refusal } from "./refusal.ts";
import { pastOf, reuseOf } from "./reuse.ts";

/** An address that counts: for the pool it came from, and for the namespace of the Service that had it first. */
type Counted = { readonly pool: string; readonly services: readonly Member[] };

/** Adds an address to the count of its pool and namespace. */
function count(quotas: Map<string, number>, { pool, services }: Counted): void {
  const [first] = services;
  if (first !== undefined) addOne(quotas, pool, first.namespace);
}

/** How many addresses each namespace has of each pool. */
export function countQuotas(advertisements: readonly Counted[]): Map<string, number> {
  const quotas = new Map<string, number>();
  for (const advertisement of advertisements) count(quotas, advertisement);
  return quotas;
}

/** A name has no space in it. */
function keyOf(pool: string, namespace: string): string {
  return `${pool} ${namespace}`;
}

/** The namespaces that have more addresses of a pool than it allows, each with how many; sorted by name. */
export function overLimit(
  { name, perNamespace }: Pool,
  quotas: ReadonlyMap<string, number>,
): readonly { readonly namespace: string; readonly held: number }[] {
  if (perNamespace === undefined) return [];
  return [...quotas]
    .filter(([key, held]) => key.startsWith(`${name} `) && held > perNamespace)
    .map(([key, held]) => ({ namespace: key.slice(name.length + 1), held }))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** Why a namespace gets no further address of a pool; `pending` are the grants of the same Service that are not yet counted. */
export function quotaRefusal(
  draft: Draft,
  pool: Pool,
  namespace: string,
  pending: readonly Grant[],
): Refusal | undefined {
  const { name, perNamespace } = pool;
  if (perNamespace === undefined) return undefined;
  draft.quotas ??= quotasOf(draft);
  const isNew = (grant: Grant): boolean => grant.pool === pool && holdersOf(draft, grant.address).length === 0;
  const promised = pending.filter(isNew).length;
  const held = (draft.quotas.get(keyOf(name, namespace)) ?? 0) + promised;
  return held < perNamespace ? undefined : quotaExceeded(name, { namespace, held, limit: perNamespace });
}

/**
 * What the ledger says and what this plan gives besides. What must rest before anybody gets it counts as well, or making and
 * deleting Services would use up a pool. So does what this plan takes away, until it is written: its writes go side by side,
 * and each may fail.
 */
function quotasOf({ snapshot, entries, poolNamed }: Draft): Map<string, number> {
  const { advertisements, nowMs } = snapshot;
  const quotas = countQuotas(advertisements);
  for (const { pool, released } of advertisements) {
    const past = released && pastOf(released, reuseOf(poolNamed, pool));
    if (past?.strict && past.restsUntilMs > nowMs) addOne(quotas, pool, past.released.namespace);
  }
  for (const entry of [...entries[4].values(), ...entries[6].values()]) countGiven(quotas, entry);
  return quotas;
}

function addOne(quotas: Map<string, number>, pool: string, namespace: string): void {
  const key = keyOf(pool, namespace);
  quotas.set(key, (quotas.get(key) ?? 0) + 1);
}

/** Counts an address that this plan gives to a namespace which had it not before; the write that hands it over is one. */
export function countGiven(quotas: Map<string, number>, { before, spec, joined }: Entry): void {
  const [first] = spec.services;
  if (first === undefined || !joined.some(({ uid }) => uid === first.uid)) return;
  const handedOver = before?.pool === spec.pool && before.services[0]?.namespace === first.namespace;
  if (!handedOver) count(quotas, spec);
}
