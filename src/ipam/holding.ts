import type { Announcement } from "../api/announcement.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import { compareAddresses, formatAddress, parseAddress, sameAddress } from "../net/address.ts";
import type { Draft } from "./draft.ts";
import { poolGives, selectionRefusal } from "./pool-selection.ts";

/**
 * The pool that a held address belongs to: the one it came from while that covers it, else one that does. A Service
 * that names pools is never counted to another one, because that would look like its own change of mind.
 */
export function homeOf(draft: Draft, service: Service, { pool, address }: Advertisement): Pool | undefined {
  const own = draft.poolNamed.get(pool);
  if (own !== undefined && poolGives(own, address)) return own;
  const named = service.asks.pools;
  const other = draft.pools.find(
    (each) => (named === undefined || named.includes(each.name)) && poolGives(each, address),
  );
  return other ?? own;
}

/** Whether the Service itself shows the address: as written by Herald, as `spec.loadBalancerIP`, or as its ingress. */
export function isShown(service: Service, { address }: Advertisement): boolean {
  const ingress = service.ingress.map(({ ip = "" }) => ip);
  return (
    (service.allocated ?? []).some((each) => sameAddress(each, address)) ||
    [service.loadBalancerIP, ...ingress].includes(formatAddress(address))
  );
}

type Order = (a: Advertisement, b: Advertisement) => number;

/**
 * Those that count first: from a pool that the Service names, then what `spec.loadBalancerIP` says, then what Herald
 * wrote, then the older, then the lower.
 */
export function byClaimToStay(draft: Draft, service: Service): Order {
  const named = service.asks.pools;
  const wanted = parseAddress(service.loadBalancerIP);
  const orders: readonly Order[] = [
    preferring((each) => named?.includes(homeOf(draft, service, each)?.name ?? each.pool) === true),
    preferring(({ address }) => wanted !== undefined && sameAddress(address, wanted)),
    (a, b) => writtenAt(service, a) - writtenAt(service, b),
    preferring((each) => isShown(service, each)),
    (a, b) => a.createdMs - b.createdMs,
    (a, b) => compareAddresses(a.address, b.address),
  ];
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function preferring(test: (advertisement: Advertisement) => boolean): Order {
  return (a, b) => Number(test(b)) - Number(test(a));
}

function writtenAt({ allocated = [] }: Service, { address }: Advertisement): number {
  const index = allocated.findIndex((each) => sameAddress(each, address));
  return index < 0 ? allocated.length : index;
}

/** What has to be written so that the advertisement says what its pool and its Service say now; undefined: nothing. */
export function refreshed(
  held: Advertisement,
  service: Service,
  home: Pool | undefined,
): Partial<AdvertisementSpec> | undefined {
  const spec: { -readonly [Key in keyof AdvertisementSpec]?: AdvertisementSpec[Key] } = {};
  if (held.trafficPolicy !== service.trafficPolicy) spec.trafficPolicy = service.trafficPolicy;
  if (home !== undefined && home.name !== held.pool) spec.pool = home.name;
  if (home !== undefined && !sameAnnouncement(home.announcement, held.announcement))
    spec.announcement = home.announcement;
  return Object.keys(spec).length === 0 ? undefined : spec;
}

/** Whether both say the same, whatever the order of their keys. */
function sameAnnouncement(a: Announcement, b: Announcement): boolean {
  return a === b || sameJson(a, b);
}

function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const entries = Object.entries(a).filter(([, value]) => value !== undefined);
  const others = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return (
    Array.isArray(a) === Array.isArray(b) &&
    entries.length === others.size &&
    entries.every(([key, value]) => others.has(key) && sameJson(value, others.get(key)))
  );
}

/** What is odd about a held address: its pool is gone, covers it no more, or no longer selects the Service. */
export function outsideNote(
  draft: Draft,
  service: Service,
  held: Advertisement,
  home: Pool | undefined,
): string | undefined {
  const address = formatAddress(held.address);
  if (home === undefined)
    return held.pool === "" ? undefined : `${address} is kept, though no valid pool is called ${held.pool}`;
  if (!poolGives(home, held.address)) return `${address} is kept, though pool ${home.name} no longer gives it`;
  const refusal = selectionRefusal(service, home, draft.snapshot.namespaces);
  return refusal === undefined ? undefined : `${address} is kept, though ${refusal.message}`;
}
