import { defaultAnnouncement } from "../api/announcement.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Address, Family } from "../net/address.ts";
import type { Claim, LedgerChange } from "./change.ts";
import { type FreeAddresses, freeAddresses } from "./free-addresses.ts";
import { advertisementOf, type Ledger } from "./ledger.ts";
import { inOrderOfChoice, poolGives } from "./pool-selection.ts";
import { poolSize } from "./pool-size.ts";
import { poolExhausted, type Refusal } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";

/** An address that a Service shall get, and the pool that gives it; undefined: it is outside every pool. */
export type Grant = { readonly address: Address; readonly pool: Pool | undefined };

/** A plan in the making: the ledger as it will be, with what this plan has claimed so far. */
export type Draft = {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  /** In order of choice. */
  readonly pools: readonly Pool[];
  /** Those that a Service gets an address of without naming them. */
  readonly automatic: readonly Pool[];
  readonly poolNamed: ReadonlyMap<string, Pool>;
  readonly changes: LedgerChange[];
  /** By addressKey the key of the unclaimed Service that shows it in its status. */
  readonly shown: Map<string, string>;
  readonly claims: Readonly<Record<Family, Map<bigint, Claim>>>;
  readonly cursors: Readonly<Record<Family, Map<Pool, FreeAddresses>>>;
  readonly exhausted: Readonly<Record<Family, Map<Pool, Refusal>>>;
};

/** A plan that has decided nothing yet. */
export function newDraft(snapshot: Snapshot, ledger: Ledger): Draft {
  const pools = inOrderOfChoice(snapshot.pools);
  return {
    snapshot,
    ledger,
    pools,
    automatic: pools.filter(({ automatic }) => automatic),
    poolNamed: new Map(pools.map((pool) => [pool.name, pool])),
    changes: [],
    shown: new Map(),
    claims: { 4: new Map(), 6: new Map() },
    cursors: { 4: new Map(), 6: new Map() },
    exhausted: { 4: new Map(), 6: new Map() },
  };
}

/** Who has an address, ledger and this plan together: `namespace/name`, empty if it is being released, undefined if it is free. */
export function ownerOf(draft: Draft, address: Address): string | undefined {
  const claim = draft.claims[address.family].get(address.value);
  if (claim !== undefined) return claim.service.key;
  const advertisement = advertisementOf(draft.ledger, address);
  if (advertisement === undefined) return undefined;
  const [owner] = advertisement.services;
  return owner === undefined ? "" : `${owner.namespace}/${owner.name}`;
}

/** Gives the granted addresses to the Service. */
export function claimAll(draft: Draft, service: Service, grants: readonly Grant[]): void {
  for (const { address, pool } of grants) {
    const announcement = pool?.announcement ?? defaultAnnouncement;
    const claim: Claim = { kind: "claim", service, address, pool: pool?.name ?? "", announcement };
    draft.claims[address.family].set(address.value, claim);
    draft.changes.push(claim);
  }
}

/** The next free address of a pool, in its order; the same until it is claimed. */
export function nextFree(draft: Draft, pool: Pool, family: Family): Address | undefined {
  let cursor = draft.cursors[family].get(pool);
  if (cursor === undefined) {
    const held = draft.ledger.byAddress()[family];
    const claimed = draft.claims[family];
    const forbidden = draft.snapshot.forbidden.map(({ range }) => range);
    cursor = freeAddresses(pool, family, forbidden, (value) => held.has(value) || claimed.has(value));
    draft.cursors[family].set(pool, cursor);
  }
  return cursor.next();
}

/** That a pool has no free address of this family; counted once a plan, because a full pool stays full. */
export function exhaustion(draft: Draft, pool: Pool, family: Family): Refusal {
  let refusal = draft.exhausted[family].get(pool);
  if (refusal === undefined) {
    refusal = poolExhausted(pool.name, { total: poolSize(pool, family), allocated: allocatedIn(draft, pool, family) });
    draft.exhausted[family].set(pool, refusal);
  }
  return refusal;
}

function allocatedIn({ ledger, claims }: Draft, pool: Pool, family: Family): number {
  let allocated = 0;
  for (const held of [ledger.byAddress()[family], claims[family]])
    for (const value of held.keys()) if (poolGives(pool, { family, value })) allocated += 1;
  return allocated;
}
