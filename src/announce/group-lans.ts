import type { Announcement } from "../api/announcement.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeInterface, VipNode } from "../api/vip-node.ts";
import { type Address, addressKey, compareAddresses } from "../net/address.ts";
import { prefixRange } from "../net/prefix.ts";
import { type AddressRange, mergeRanges, sortedRangesContain } from "../net/range.ts";
import { barredByLabels } from "./eligibility.ts";
import { interfaceChoice } from "./interface-for.ts";

/** Addresses that are announced alike. */
export type Span = {
  /** Sorted and disjoint. */
  readonly ranges: readonly AddressRange[];
  readonly announcement: Announcement;
};

/** What LANs have to carry. */
export type Load = {
  /** What each pool can give, and each address that somebody holds outside its pool. */
  readonly spans: readonly Span[];
  /** The groups, by name, that an address is in. */
  readonly occupied: ReadonlySet<string>;
};

/** The load of these pools and of the ledger. */
export function loadOf(
  pools: readonly Pick<Pool, "name" | "ranges" | "announcement">[],
  advertisements: readonly Pick<Advertisement, "address" | "pool" | "services" | "group" | "announcement">[],
): Load {
  const rangesOf = new Map(pools.map(({ name, ranges }) => [name, ranges]));
  const outside = advertisements.filter(
    ({ address, pool, services }) => services.length > 0 && !sortedRangesContain(rangesOf.get(pool) ?? [], address),
  );
  return {
    spans: [...pools, ...spansOf(outside)],
    occupied: new Set(advertisements.map(({ group }) => group).filter((group) => group !== "")),
  };
}

/** These addresses, those that are announced alike together: there may be thousands. */
function spansOf(addresses: readonly Pick<Advertisement, "address" | "announcement">[]): readonly Span[] {
  const alike = Map.groupBy(addresses, ({ announcement }) => JSON.stringify(announcement));
  return [...alike.values()].flatMap((members) => {
    const ranges = mergeRanges(members.map(({ address }) => ({ first: address, last: address })));
    return members.slice(0, 1).map(({ announcement }) => ({ ranges, announcement }));
  });
}

type Known = Pick<Load, "spans"> & { readonly node: ClusterNode | undefined; readonly found: readonly NodeInterface[] };

const known = new WeakMap<VipNode, Known>();

/**
 * The interfaces, up or not, on which a node would announce some address of these, each once; that its agent lives is not
 * asked. Remembered while the very same spans are asked of the very same objects.
 */
export function carryingInterfaces(
  vipNode: VipNode,
  node: ClusterNode | undefined,
  spans: Load["spans"],
): readonly NodeInterface[] {
  const before = known.get(vipNode);
  if (before !== undefined && before.node === node && sameSpans(before.spans, spans)) return before.found;
  const places = placesOf(vipNode.interfaces);
  const found = spans
    .filter(({ announcement }) => barredByLabels({ node, announcement }) === undefined)
    .flatMap(({ ranges, announcement: { arp } }) =>
      arp === undefined
        ? []
        : places
            .flatMap((place) => firstFrom(place, ranges) ?? [])
            .flatMap((address) => interfaceChoice(address, arp.interfaces, vipNode.interfaces) ?? []),
    );
  const all = [...new Set(found)];
  known.set(vipNode, { spans, node, found: all });
  return all;
}

function sameSpans(a: Load["spans"], b: Load["spans"]): boolean {
  return a === b || (a.length === b.length && a.every((span, i) => span === b[i]));
}

/**
 * The addresses at which the choice of an interface may change: between two of them every address is announced on the same.
 * So one address of each such part tells of all, however many a pool has.
 */
function placesOf(interfaces: readonly NodeInterface[]): readonly Address[] {
  const networks = interfaces.flatMap(({ subnets }) => subnets.map(prefixRange));
  const places: readonly Address[] = [
    { family: 4, value: 0n },
    { family: 6, value: 0n },
    ...networks.flatMap(({ first, last }) => [first, { family: last.family, value: last.value + 1n }]),
  ];
  return [...new Map(places.map((place) => [addressKey(place), place])).values()];
}

/** The lowest address of sorted, disjoint ranges that does not come before this one of its family; by halving. */
function firstFrom(start: Address, ranges: readonly AddressRange[]): Address | undefined {
  let from = 0;
  let to = ranges.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const range = ranges[middle];
    if (range !== undefined && compareAddresses(range.last, start) < 0) from = middle + 1;
    else to = middle;
  }
  const found = ranges[from];
  if (found === undefined || found.first.family !== start.family) return undefined;
  return compareAddresses(found.first, start) > 0 ? found.first : start;
}
