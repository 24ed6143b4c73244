import { type Family, sameAddress } from "../../net/address.ts";
import type { Prefix } from "../../net/prefix.ts";
import { unsendable } from "./encode-updates.ts";
import type { LargeCommunity, Negotiated, NextHop, PathAttributes } from "./message.ts";
import { isInternal, type SessionSettings } from "./session-settings.ts";

/** What a route carries besides what the session gives it. Routes that share the object share UPDATEs at the least cost. */
export type RouteAttributes = {
  /** Number of times that the own AS number stands in the path beyond the one that it must; without effect over iBGP. */
  readonly prepend: number;
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
  readonly med?: number;
  /** Only over iBGP, where it is 100 if it is not given. */
  readonly localPref?: number;
};

/** A prefix that the peer is to know; host bits must be clear. */
export type WantedRoute = { readonly prefix: Prefix; readonly attributes: RouteAttributes };

/** The ends of a connection: the family that it runs over, and where packets of each family reach this node from the peer. */
export type Endpoints = {
  readonly transport: Family;
  readonly nextHops: { readonly 4?: NextHop; readonly 6?: NextHop };
};

/** The attributes with which a family's routes are sent, or why they are not. */
export type Export = (family: Family, attributes: RouteAttributes) => PathAttributes | { readonly absent: string };

const defaultLocalPref = 100;
const MOST_PREPENDS = 254;

/** How routes are sent over a session. What it gives back is the same object for the same attributes. */
export function exporter(settings: SessionSettings, negotiated: Negotiated, endpoints: Endpoints): Export {
  const known = {
    4: new WeakMap<RouteAttributes, PathAttributes>(),
    6: new WeakMap<RouteAttributes, PathAttributes>(),
  };
  return (family, attributes) => {
    const before = known[family].get(attributes);
    if (before !== undefined) return before;
    const nextHop = nextHopOf(family, negotiated, endpoints);
    if ("absent" in nextHop) return nextHop;
    if (!isPrepend(attributes.prepend))
      return { absent: `the AS number cannot be prepended ${attributes.prepend} times` };
    const path = pathAttributes(attributes, nextHop, settings);
    const absent = unsendable(family, path, negotiated);
    if (absent !== undefined) return { absent };
    known[family].set(attributes, path);
    return path;
  };
}

/** With the one that it must have the path is one segment (RFC 4271, 4.3). */
function isPrepend(times: number): boolean {
  return Number.isInteger(times) && times >= 0 && times <= MOST_PREPENDS;
}

/** IPv4 routes of an IPv6 connection have its next hop where the peer can take that (RFC 8950), else this node's IPv4 address. */
function nextHopOf(
  family: Family,
  { families, extendedNextHop }: Negotiated,
  { transport, nextHops }: Endpoints,
): NextHop | { readonly absent: string } {
  if (!families.includes(family)) return { absent: `the peer does not take IPv${family} routes` };
  const extended = family === 4 && transport === 6 && extendedNextHop;
  const nextHop = (extended ? nextHops[6] : undefined) ?? nextHops[family];
  return nextHop ?? { absent: `this node has no IPv${family} address towards the peer` };
}

/** A family of which no route at all can be sent over a session, and why. */
export type SilentFamily = { readonly family: Family; readonly reason: string };

/** The families of which no route can be sent over a session with these ends. */
export function silentFamilies(negotiated: Negotiated, endpoints: Endpoints): readonly SilentFamily[] {
  return ([4, 6] as const).flatMap((family) => {
    const nextHop = nextHopOf(family, negotiated, endpoints);
    return "absent" in nextHop ? [{ family, reason: nextHop.absent }] : [];
  });
}

function pathAttributes(route: RouteAttributes, nextHop: NextHop, settings: SessionSettings): PathAttributes {
  const { prepend, communities, largeCommunities, med, localPref = defaultLocalPref } = route;
  const internal = isInternal(settings);
  return {
    origin: "igp",
    asPath: internal ? [] : Array.from({ length: 1 + prepend }, () => settings.localAsn),
    nextHop,
    communities,
    largeCommunities,
    ...(med !== undefined && { med }),
    ...(internal && { localPref }),
  };
}

/** Whether two routes of these attributes look the same to every peer. */
export function sameAttributes(a: RouteAttributes, b: RouteAttributes): boolean {
  return (
    a === b ||
    (a.prepend === b.prepend &&
      a.med === b.med &&
      a.localPref === b.localPref &&
      sameList(a.communities, b.communities) &&
      sameList(a.largeCommunities.flat(), b.largeCommunities.flat()))
  );
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, place) => value === b[place]);
}

/** Whether packets reach this node at the same place by both. */
export function sameEndpoints(a: Endpoints, b: Endpoints): boolean {
  return (
    a.transport === b.transport &&
    sameNextHop(a.nextHops[4], b.nextHops[4]) &&
    sameNextHop(a.nextHops[6], b.nextHops[6])
  );
}

/** Whether two are one, or neither is there. */
export function sameNextHop(a: NextHop | undefined, b: NextHop | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameAddress(a.address, b.address) && a.linkLocal?.value === b.linkLocal?.value;
}
