import type { Announcement } from "../api/announcement.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, Member } from "../api/vip-advertisement.ts";
import { compareAddresses, formatAddress, parseAddress, sameAddress } from "../net/address.ts";
import { announcementFor, announcementRefusal, isAnnouncementUnread } from "./announcing.ts";
import type { LedgerSpec } from "./change.ts";
import { type Draft, holdersAfter } from "./draft.ts";
import { memberOf } from "./entries.ts";
import { poolGives, selectionRefusal } from "./pool-selection.ts";
import { sameTerms, unshareable } from "./sharing.ts";

/**
 * The pool that a held address belongs to: the one it came from while that covers it, else one that does. A Service
 * that names pools is never counted to another one, because that would look like its own change of mind, and to one that it
 * names if that covers the address as well, because nothing has to move then.
 */
export function homeOf(draft: Draft, service: Service, { pool, address }: Advertisement): Pool | undefined {
  const own = draft.poolNamed.get(pool);
  const named = service.asks.pools;
  const counts = (each: Pool): boolean =>
    (named === undefined || named.includes(each.name)) && poolGives(each, address);
  if (own !== undefined && counts(own)) return own;
  return draft.pools.find(counts) ?? own;
}

/** Whether the Service itself shows the address: as written by Herald, as `spec.loadBalancerIP`, or as its ingress. */
export function isShown(service: Service, held: Advertisement): boolean {
  return isWritten(service, held) || isIngress(service, held) || service.loadBalancerIP === formatAddress(held.address);
}

/** Whether Herald wrote the address into the Service. */
export function isWritten({ allocated = [] }: Service, { address }: Advertisement): boolean {
  return allocated.some((each) => sameAddress(each, address));
}

/** Whether the address is in the Service's status, and so in the tables of the nodes. */
export function isIngress({ ingress }: Service, { address }: Advertisement): boolean {
  if (ingress.length === 0) return false;
  const text = formatAddress(address);
  return ingress.some(({ ip }) => ip === text);
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

/**
 * What has to be written so that the advertisement says what its pool and the Service say now; undefined: nothing. Of several
 * that share it, and may name different pools, the first says which pool it belongs to.
 */
export function refreshed(
  draft: Draft,
  held: Advertisement,
  service: Service,
  home: Pool | undefined,
): Partial<LedgerSpec> | undefined {
  const spec: { -readonly [Key in keyof LedgerSpec]?: LedgerSpec[Key] } = {};
  // A Service that is not understood stays on the terms that the others agreed to.
  const isBound = held.services.length > 1 && service.asks.problems.length > 0;
  if (!isBound && held.trafficPolicy !== service.trafficPolicy) spec.trafficPolicy = service.trafficPolicy;
  const decides = home !== undefined && mayRelabel(draft, service, held, home);
  if (decides && home.name !== held.pool) spec.pool = home.name;
  const announcement = decides ? announcedAnew(held, service, home) : undefined;
  if (announcement !== undefined) spec.announcement = announcement;
  const services = agreedAnew(draft, held, service);
  if (services !== undefined) spec.services = services;
  return Object.keys(spec).length === 0 ? undefined : spec;
}

/** How it is announced now; undefined: as before, also while nobody knows what the Service says of it. */
function announcedAnew(held: Advertisement, service: Service, home: Pool): Announcement | undefined {
  if (isAnnouncementUnread(service)) return undefined;
  const { announcement } = announcementFor(service, home);
  return sameAnnouncement(announcement, held.announcement) ? undefined : announcement;
}

/** The first of those who share it, unless another one named its pools: to him it would look like his own change of mind. */
function mayRelabel(draft: Draft, { uid }: Service, held: Advertisement, { name }: Pool): boolean {
  const holders = holdersAfter(draft, held);
  if (holders[0]?.uid !== uid) return false;
  const isBound = (named: readonly string[] | undefined): boolean =>
    named?.includes(held.pool) === true && !named.includes(name);
  return !holders.some((each, i) => i > 0 && isBound(draft.serviceOf(each.uid)?.asks.pools));
}

/** Since when a Service is a member of an address, in ms since the epoch. */
export function memberSinceMs({ services, createdMs }: Advertisement, uid: string): number {
  return services.find((each) => each.uid === uid)?.sinceMs ?? createdMs;
}

/** The members with what the Service says now; undefined: that is as agreed, or does not go with one who has yet to leave. */
function agreedAnew(draft: Draft, held: Advertisement, service: Service): readonly Member[] | undefined {
  const agreed = held.services.find(({ uid }) => uid === service.uid);
  if (service.asks.problems.length > 0 || sameTerms(agreed?.terms, service.terms)) return undefined;
  const members = holdersAfter(draft, held);
  const others = members.filter(({ uid }) => uid !== service.uid);
  if (others.some((other) => unshareable(service, other) !== undefined)) return undefined;
  const renewed = { ...memberOf(service), ...(agreed?.sinceMs !== undefined && { sinceMs: agreed.sinceMs }) };
  return members.map((each) => (each.uid === service.uid ? renewed : each));
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
  const why = oddity(draft, service, held, home);
  return why === undefined ? undefined : `${formatAddress(held.address)} is kept, though ${why}`;
}

function oddity(draft: Draft, service: Service, held: Advertisement, home: Pool | undefined): string | undefined {
  if (home === undefined) return held.pool === "" ? undefined : `no valid pool is called ${held.pool}`;
  if (!poolGives(home, held.address)) return `pool ${home.name} no longer gives it`;
  const unsuited = announcementRefusal(service, home, held.address.family);
  return (selectionRefusal(service, home, draft.snapshot.namespaces) ?? unsuited)?.message;
}
