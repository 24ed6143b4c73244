import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, compareAddresses, type Family } from "../net/address.ts";

/** The ledger by whom and by what: a projection of the advertisements, never kept in step by hand. */
export type Ledger = {
  /** What each Service holds, by its uid. */
  readonly heldBy: ReadonlyMap<string, readonly Advertisement[]>;
  /** Made when it is first asked for: most plans have nothing to choose. */
  readonly byAddress: () => ByAddress;
  /** How many references to Services there are: an address that two share counts twice. */
  readonly references: number;
  /** Those that belong to nobody any more. */
  readonly released: readonly Advertisement[];
  /** What is remembered for a Service, by its `namespace/name`, the latest first. */
  readonly remembered: ReadonlyMap<string, readonly Advertisement[]>;
  /** What Services share or would share, by sharing key, the oldest first; made when it is first asked for. */
  readonly bySharingKey: () => ReadonlyMap<string, readonly Advertisement[]>;
};

/** The advertisements of each family by the value of their address. */
export type ByAddress = Readonly<Record<Family, ReadonlyMap<bigint, Advertisement>>>;

/** The advertisement of an address, released ones included. */
export function advertisementOf(ledger: Ledger, { family, value }: Address): Advertisement | undefined {
  return ledger.byAddress()[family].get(value);
}

/** Makes the ledger of advertisements and remembers the last one, because most plans see the very same objects again. */
export class LastLedger {
  #advertisements: readonly Advertisement[] = [];
  #ledger = indexed([]);

  /** The ledger of these advertisements. */
  of(advertisements: readonly Advertisement[]): Ledger {
    if (sameObjects(this.#advertisements, advertisements)) return this.#ledger;
    this.#advertisements = [...advertisements];
    this.#ledger = indexed(advertisements);
    return this.#ledger;
  }
}

function sameObjects(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function indexed(advertisements: readonly Advertisement[]): Ledger {
  const heldBy = new Map<string, Advertisement[]>();
  const released: Advertisement[] = [];
  let references = 0;
  for (const advertisement of advertisements) {
    if (advertisement.services.length === 0) released.push(advertisement);
    references += advertisement.services.length;
    for (const { uid } of advertisement.services) {
      const held = heldBy.get(uid);
      if (held === undefined) heldBy.set(uid, [advertisement]);
      else held.push(advertisement);
    }
  }
  return {
    heldBy,
    references,
    released,
    remembered: rememberedIndex(released),
    byAddress: once(() => addressIndex(advertisements)),
    bySharingKey: once(() => keyIndex(advertisements)),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function rememberedIndex(released: readonly Advertisement[]): ReadonlyMap<string, readonly Advertisement[]> {
  const atMs = (each: Advertisement): number => each.released?.atMs ?? 0;
  const latestFirst = released
    .filter((each) => each.released !== undefined)
    .toSorted((a, b) => atMs(b) - atMs(a) || compareAddresses(a.address, b.address));
  return Map.groupBy(latestFirst, ({ released: last }) => `${last?.namespace}/${last?.name}`);
}

function keyIndex(advertisements: readonly Advertisement[]): ReadonlyMap<string, readonly Advertisement[]> {
  const keyed = advertisements
    .filter(({ services }) => services.some(({ terms }) => terms !== undefined))
    .toSorted((a, b) => a.createdMs - b.createdMs || compareAddresses(a.address, b.address));
  const byKey = new Map<string, Advertisement[]>();
  for (const advertisement of keyed)
    for (const key of new Set(advertisement.services.flatMap(({ terms }) => terms?.key ?? [])))
      listOf(byKey, key).push(advertisement);
  return byKey;
}

function listOf<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

function addressIndex(advertisements: readonly Advertisement[]): ByAddress {
  const index = { 4: new Map<bigint, Advertisement>(), 6: new Map<bigint, Advertisement>() };
  for (const advertisement of advertisements)
    index[advertisement.address.family].set(advertisement.address.value, advertisement);
  return index;
}
