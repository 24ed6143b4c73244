import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, Member } from "../api/vip-advertisement.ts";
import { type Address, addressKey, type Family } from "../net/address.ts";
import type { LedgerSpec, ReleaseReason } from "./change.ts";
import type { FreeAddresses } from "./free-addresses.ts";
import { advertisementOf, type Ledger } from "./ledger.ts";
import { inOrderOfChoice } from "./pool-selection.ts";
import type { Refusal } from "./refusal.ts";
import { type Past, pastEndsMs, pastOf, reuseOf } from "./reuse.ts";
import type { SharedSets } from "./shared-sets.ts";
import type { Sharer } from "./sharing.ts";
import type { Snapshot } from "./snapshot.ts";

/** An address that a Service shall get, and the pool that gives it; undefined: it is outside every pool. */
export type Grant = { readonly address: Address; readonly pool: Pool | undefined };

/** An address of which this plan changes what the ledger says. */
export type Entry = {
  readonly before: Advertisement | undefined;
  spec: LedgerSpec;
  readonly joined: Service[];
  readonly left: { readonly member: Member; readonly reason: ReleaseReason }[];
};

/** A plan in the making: the ledger as it will be, with what this plan has decided so far. */
export type Draft = {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
  /** In order of choice. */
  readonly pools: readonly Pool[];
  /** Those that a Service gets an address of without naming them. */
  readonly automatic: readonly Pool[];
  readonly poolNamed: ReadonlyMap<string, Pool>;
  /** Which pools keep which address for whom, by addressKey. */
  readonly reservations: ReadonlyMap<string, readonly Reserved[]>;
  /** The Services that something is reserved for, by `namespace/name`. */
  readonly reservedFor: ReadonlySet<string>;
  /** In the order in which they were first changed. */
  readonly entries: Readonly<Record<Family, Map<bigint, Entry>>>;
  /** When time alone lets this plan go further, in ms since the epoch. */
  wakeAtMs: number | undefined;
  /** How often this plan has changed what the ledger says. */
  decisions: number;
  /** Addresses that this plan has taken from their last Service, and those of them by the Service's `namespace/name`. */
  readonly freed: Address[];
  readonly freedBy: Map<string, Address[]>;
  /** How often this plan has taken an address from a Service. */
  departures: number;
  /** By addressKey the unclaimed Services that show it in their status. */
  readonly shown: Map<string, Service[]>;
  /** By addressKey what several Services show that may not share it: nobody gets it. */
  readonly disputed: Set<string>;
  /** What this plan gave to Services with a sharing key, by key. */
  readonly keyed: Map<string, Address[]>;
  /** What is held under a sharing key, by key. */
  readonly sets: Map<string, SharedSets>;
  /** By uid, and by `namespace/name`; made when they are first asked for. */
  readonly serviceOf: Lookup;
  readonly serviceNamed: Lookup;
  readonly cursors: Readonly<Record<Family, Map<Pool, FreeAddresses>>>;
  readonly used: Readonly<Record<Family, Map<Pool, UsedQueue>>>;
  readonly exhausted: Readonly<Record<Family, Map<Pool, Refusal>>>;
  /** How many addresses each namespace has of each pool, by `pool namespace`; made when a pool with limits is first asked. */
  quotas: Map<string, number> | undefined;
};

/** Free addresses of a pool that somebody had lately, the first to give first; made after so many were freed. */
export type UsedQueue = { readonly freed: number; readonly addresses: readonly Address[]; at: number };

/** A reservation and its pool. */
export type Reserved = { readonly pool: Pool; readonly owner: string };

/** A plan that has decided nothing yet. */
export function newDraft(snapshot: Snapshot, ledger: Ledger): Draft {
  const pools = inOrderOfChoice(snapshot.pools);
  const reservations = reservationsOf(pools);
  return {
    snapshot,
    ledger,
    pools,
    automatic: pools.filter(({ automatic }) => automatic),
    poolNamed: new Map(pools.map((pool) => [pool.name, pool])),
    reservations,
    reservedFor: new Set([...reservations.values()].flat().map(({ owner }) => owner)),
    entries: { 4: new Map(), 6: new Map() },
    wakeAtMs: undefined,
    decisions: 0,
    freed: [],
    freedBy: new Map(),
    departures: 0,
    shown: new Map(),
    disputed: new Set(),
    keyed: new Map(),
    sets: new Map(),
    serviceOf: lookup(snapshot.services, ({ uid }) => uid),
    serviceNamed: lookup(snapshot.services, ({ key }) => key),
    cursors: { 4: new Map(), 6: new Map() },
    used: { 4: new Map(), 6: new Map() },
    exhausted: { 4: new Map(), 6: new Map() },
    quotas: undefined,
  };
}

type Lookup = (text: string) => Service | undefined;

function lookup(services: readonly Service[], keyOf: (service: Service) => string): Lookup {
  let all: ReadonlyMap<string, Service> | undefined;
  return (text) => {
    all ??= new Map(services.map((service) => [keyOf(service), service]));
    return all.get(text);
  };
}

/**
 * A holder of an address as it is now, or, if it is gone, as it was when it joined. While its annotations are not understood it
 * has the key that it joined with; its ports, policy and selector are what they are.
 */
export function currentOf(draft: Draft, member: Member): Sharer {
  const service = draft.serviceOf(member.uid);
  if (service === undefined) return member;
  const { terms } = member;
  return terms === undefined || service.traffic === undefined
    ? service
    : { ...member, terms: { ...terms, ...service.traffic } };
}

function reservationsOf(pools: readonly Pool[]): ReadonlyMap<string, readonly Reserved[]> {
  const all = new Map<string, Reserved[]>();
  for (const pool of pools)
    for (const { address, namespace, name } of pool.reservations) {
      const key = addressKey(address);
      all.set(key, [...(all.get(key) ?? []), { pool, owner: `${namespace}/${name}` }]);
    }
  return all;
}

/** What the ledger will say of an address after what was decided so far; undefined: nothing. */
export function plannedSpec(draft: Draft, address: Address): LedgerSpec | undefined {
  const entry = draft.entries[address.family].get(address.value);
  return entry === undefined ? advertisementOf(draft.ledger, address) : entry.spec;
}

const nobody: readonly Member[] = [];

/** Who will hold an address, in the order of joining. */
export function holdersOf(draft: Draft, address: Address): readonly Member[] {
  return plannedSpec(draft, address)?.services ?? nobody;
}

/** As holdersOf, of an address whose advertisement is at hand: no index of all is needed. */
export function holdersAfter(draft: Draft, { address, services }: Advertisement): readonly Member[] {
  return draft.entries[address.family].get(address.value)?.spec.services ?? services;
}

/** What an address that nobody will hold has behind it; undefined: nothing that counts now. */
export function plannedPast(draft: Draft, address: Address): Past | undefined {
  const spec = plannedSpec(draft, address);
  if (spec?.released === undefined || spec.services.length > 0) return undefined;
  const past = pastOf(spec.released, reuseOf(draft.poolNamed, spec.pool));
  return pastEndsMs(past) > draft.snapshot.nowMs ? past : undefined;
}
