import { audienceKey } from "../announce/bgp-hearers.ts";
import { absenceReasons } from "../announce/bgp-routes.ts";
import { isGone } from "../announce/eligibility.ts";
import { type IneligibilityReason, ineligibilityReasons } from "../announce/reason.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressText } from "./address-text.ts";
import type { AddressState, NodeReport } from "./node-reports.ts";
import type { RouteRights, Tellers } from "./route-rights.ts";

type Reports = ReadonlyMap<string, NodeReport>;

/** By the name of an address's object: the nodes that say that they announce it by BGP, sorted by name. */
export type Routes = ReadonlyMap<string, readonly string[]>;

/** Gathers who announces what by BGP; lists that are equal are the very same array, also from one time to the next. */
export class RouteBook {
  #lists: ReadonlyMap<string, readonly string[]> = new Map();
  #last: { readonly reports: Reports; readonly routes: Routes } | undefined;

  /** The routes that the nodes report; a dead agent's word counts for nothing. The very same map for the very same reports. */
  at(reports: Reports): Routes {
    if (this.#last?.reports === reports) return this.#last.routes;
    const lists = new Map<string, readonly string[]>();
    const routes = new Map(
      [...routersByAddress(reports)].map(([name, routers]) => {
        const key = routers.join(" ");
        const list = lists.get(key) ?? this.#lists.get(key) ?? routers;
        lists.set(key, list);
        return [name, list] as const;
      }),
    );
    this.#lists = lists;
    this.#last = { reports, routes };
    return routes;
  }
}

function routersByAddress(reports: Reports): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const node of [...reports.keys()].sort()) {
    const report = reports.get(node);
    if (report === undefined || report.liveness === "dead") continue;
    for (const name of report.routing) {
      const routers = found.get(name);
      if (routers === undefined) found.set(name, [node]);
      else routers.push(node);
    }
  }
  return found;
}

const among = new WeakMap<readonly string[], WeakMap<Tellers, readonly string[]>>();

/** Those of the list that may announce it: the very same array for the very same two. */
export function believed(said: readonly string[], rights: Tellers): readonly string[] {
  const known = among.get(said) ?? new WeakMap<Tellers, readonly string[]>();
  const found =
    known.get(rights) ?? (said.every((name) => rights.has(name)) ? said : said.filter((name) => rights.has(name)));
  known.set(rights, found);
  among.set(said, known);
  return found;
}

/** What nodes say, and by which of their sessions they would tell of an address; without `rights`: by any of them. */
type Hearsay = { readonly reports: Reports; readonly rights?: RouteRights | undefined };

/**
 * The state of an address that is announced by BGP, and on the LAN too if `onLan` is there: announced if it is so in either
 * way. Where announcers are named they are believed, and those that announced it when the status was last written.
 */
export function routedState(
  advertisement: Advertisement,
  onLan: AddressState | undefined,
  { reports, said = [], rights }: Hearsay & { readonly said: readonly string[] | undefined },
): AddressState {
  const { announcers, status, address } = advertisement;
  const routers =
    announcers === undefined
      ? said
      : said.filter((name) => announcers.includes(name) || status.holders?.includes(name) === true);
  if (routers.length === 0) return unrouted(onLan, routeSilence(advertisement, { reports, rights }));
  const by = `${namesOf(routers)} ${routers.length === 1 ? "announces" : "announce"}`;
  const words = {
    message: `${by} ${addressText(address)} by BGP`,
    gist: `${addressText(address)} is announced by BGP`,
  };
  if (onLan === undefined) {
    const holder = routers.includes(status.holder) ? status.holder : (routers[0] ?? "");
    return { holder, routers, reason: "Announced", ...words };
  }
  if (onLan.holder === "")
    return { ...onLan, routers, reason: "Announced", ...words, besides: `not on the LAN: ${onLan.message}` };
  const message = `${onLan.message}; ${by} it by BGP`;
  return { ...onLan, routers, message, gist: `${onLan.message}; it is announced by BGP too` };
}

type Silence = Pick<AddressState, "reason" | "message">;

function unrouted(onLan: AddressState | undefined, silence: Silence): AddressState {
  if (onLan === undefined) return { holder: "", routers: [], ...silence };
  if (onLan.holder !== "") return { ...onLan, routers: [], besides: `not by BGP: ${silence.message}` };
  return { ...onLan, routers: [], message: `on the LAN: ${onLan.message}; by BGP: ${silence.message}` };
}

/** Why no node announces it by BGP. */
function routeSilence(advertisement: Advertisement, hearsay: Hearsay): Silence {
  const { name, announcers, announcement } = advertisement;
  if (announcers?.length === 0) return { reason: "NoEligibleNode", message: "no node may announce it at present" };
  const { silence, refusing } = hushOf(advertisement, hearsay);
  for (const [node, report] of refusing) {
    const refusal = report.refusing.get(name);
    if (refusal !== undefined && (announcement.arp === undefined || routeReasons.has(refusal.reason)))
      return { reason: refusal.reason, message: `${node}: ${refusal.message}` };
  }
  return silence;
}

const lanReasons: readonly IneligibilityReason[] = [
  "StrictARPOff",
  "NoInterface",
  "InterfaceDown",
  "NoGroup",
  "NoQuorum",
];

/** A node's list does not say in which way it refuses an address; with another reason than these it is on the LAN. */
const routeReasons: ReadonlySet<string> = new Set([
  ...absenceReasons,
  ...ineligibilityReasons.filter((reason) => !lanReasons.includes(reason)),
  "FamilyNotTold",
]);

type Reporters = readonly (readonly [node: string, report: NodeReport])[];

/** Why these nodes announce nothing that they are not known to refuse, and those of them that live and refuse anything. */
type Hush = { readonly silence: Silence; readonly refusing: Reporters };

type Hushes = { readonly rights: RouteRights | undefined; readonly known: Map<string, Hush> };

const hushes = new WeakMap<Reports, Hushes>();

/**
 * Found once for all addresses with the same announcers of which the same peers hear: any report may change it of every address
 * that nobody announces.
 */
function hushOf(advertisement: Advertisement, { reports, rights }: Hearsay): Hush {
  const last = hushes.get(reports);
  const { known } = last !== undefined && last.rights === rights ? last : { known: new Map<string, Hush>() };
  if (known !== last?.known) hushes.set(reports, { rights, known });
  const { announcers } = advertisement;
  const key = `${announcers?.join(" ") ?? ""} ${audienceKey(advertisement)}`;
  const hush = known.get(key) ?? hushAmong(announcers, reports, rights?.(advertisement));
  known.set(key, hush);
  return hush;
}

function hushAmong(announcers: readonly string[] | undefined, reports: Reports, tellers: Tellers | undefined): Hush {
  const live = (announcers ?? [...reports.keys()]).flatMap((node) => {
    const report = reports.get(node);
    return report === undefined || isGone(report.liveness) ? [] : [[node, report] as const];
  });
  const refusing = live.filter(([, report]) => report.refusing.size > 0);
  return { silence: silenceOf(announcers, live, tellers), refusing };
}

function silenceOf(announcers: readonly string[] | undefined, live: Reporters, tellers: Tellers | undefined): Silence {
  if (live.length === 0) {
    const where = announcers === undefined ? "any node" : namesOf(announcers);
    return { reason: "NodeDown", message: `the agent on ${where} does not run` };
  }
  const isToTell = (node: string, peer: string): boolean =>
    tellers === undefined || tellers.get(node)?.has(peer) === true;
  const established = live.filter(([node, { of }]) =>
    of.bgp?.some(({ peer, state }) => state === "Established" && isToTell(node, peer)),
  );
  if (established.length > 0)
    return { reason: "NotYetAnnounced", message: `${namesOfAll(established)} told no router of it yet` };
  const able = live.filter(([node]) => tellers?.has(node));
  const without = able.length > 0 ? able : live;
  const have = without.length === 1 ? "has" : "have";
  const message = `${namesOfAll(without)} ${have} no established BGP session with a router that is to hear of it`;
  return { reason: "NoSession", message };
}

function namesOfAll(reporters: Reporters): string {
  return namesOf(reporters.map(([node]) => node));
}

const namedInMessage = 3;

/** `node1`, `node1 and node2`, `node1, node2, node3 and 2 more`. */
export function namesOf(names: readonly string[]): string {
  const more = names.length - namedInMessage;
  const parts = more > 0 ? [...names.slice(0, namedInMessage), `${more} more`] : names;
  return [parts.slice(0, -1).join(", "), ...parts.slice(-1)].filter((part) => part !== "").join(" and ");
}
