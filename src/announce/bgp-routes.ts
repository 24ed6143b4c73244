import type { BgpAnnouncement } from "../api/bgp-announcement.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import { type Labels, selectorMatches } from "../api/label-selector.ts";
import type { AdvertisementSpec } from "../api/vip-advertisement.ts";
import { type Address, compareAddresses } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";
import { type AttributeSource, attributesFor, type RouteAttributes } from "./bgp-attributes.ts";
import { prefixKey, routePrefix } from "./bgp-prefix.ts";
import type { IneligibilityReason, Ineligible } from "./reason.ts";

/** An address as routes are made of it; without `announcement.bgp`, or without Services, there is none. */
export type RoutedVip = Pick<AdvertisementSpec, "address" | "announcement" | "trafficPolicy" | "services"> & {
  /** The nodes that shall announce it by BGP, as `planAnnouncers` chose them; absent: every eligible node. */
  readonly announcers?: readonly string[];
};

/**
 * How far a node is with shutting down. Shutting: the routes that it announced when it began stay, as the last choice of every
 * router, for as long as the routers need; nothing new is announced. Over: nothing is announced.
 */
export type Shutdown =
  | { readonly phase: "none" }
  | { readonly phase: "shutting" /** By `prefixKey`. */; readonly announced: ReadonlySet<string> }
  | { readonly phase: "over" };

/** The node whose routes are planned. */
export type RoutingNode = {
  readonly name: string;
  readonly labels: Labels;
  readonly shutdown: Shutdown;
  /** What else than a drain keeps it from announcing this address (see `ineligibility`); absent: nothing ever does. */
  readonly ineligible?: (vip: RoutedVip) => Ineligible | undefined;
};

/** A prefix that a peer is told of, and the addresses for whose sake it is. */
export type Route = {
  readonly prefix: Prefix;
  /** The very same object for all routes of this peer that have equal ones. */
  readonly attributes: RouteAttributes;
  /** Sorted; at least one. */
  readonly addresses: readonly Address[];
};

/** Why an address is not announced to a peer, besides what makes a node ineligible; each is explained in `docs/reasons.md`. */
export const absenceReasons = [
  "Draining",
  "NotChosen",
  "NoLocalEndpoint",
  "NoPeer",
  "PeerNotSelected",
  "FamilyNotAnnounced",
] as const;

/** An expected "no": why a peer is not told of an address. */
export type Absence = {
  readonly address: Address;
  readonly reason: (typeof absenceReasons)[number] | IneligibilityReason;
  readonly message: string;
};

/** What a node announces to one peer, and what it does not. */
export type PeerRoutes = {
  readonly peer: BgpPeer;
  /** In order of prefix. */
  readonly routes: readonly Route[];
  /** In order of address. */
  readonly absent: readonly Absence[];
};

/** What a node announces. */
export type NodeRoutes = {
  /** One for each peer that selects the node, in order of name. */
  readonly peers: readonly PeerRoutes[];
  /** The addresses that nobody hears of from this node, each with the first reason. */
  readonly unheard: readonly Absence[];
  /** What is to be on the loopback interface, sorted. */
  readonly onLo: readonly Address[];
};

/** All that the routes of a node depend on. */
export type RouteView = {
  readonly vips: readonly RoutedVip[];
  readonly node: RoutingNode;
  readonly peers: readonly BgpPeer[];
};

/**
 * Which routes a node announces to which peer, with which attributes, and why each other address is not announced. An address
 * is announced by itself, as those of policy Local always are, or as part of its pool's aggregate, once while any address of
 * that is announced. The order of what is given does not matter.
 */
export function planRoutes({ vips, node, peers }: RouteView): NodeRoutes {
  const sorted = vips.flatMap(judge(node)).sort((a, b) => compareAddresses(a.vip.address, b.vip.address));
  const own = peers.filter((peer) => selects(peer, node)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const told = own.map((peer) => routesTo(peer, sorted, node));
  const heard = new Set(told.flatMap(({ routes }) => routes.flatMap(({ addresses }) => addresses)));
  const onLo = sorted.filter(({ vip, bgp }) => bgp.addressOnLo && heard.has(vip.address));
  return { peers: told, unheard: unheard(sorted, told, { node, heard }), onLo: onLo.map(({ vip }) => vip.address) };
}

function selects({ nodeSelector }: BgpPeer, { labels }: RoutingNode): boolean {
  return nodeSelector === undefined || selectorMatches(nodeSelector, labels);
}

/** What is known of an address before any peer is looked at. */
type Judged = {
  readonly vip: RoutedVip;
  readonly bgp: BgpAnnouncement;
  readonly prefix: Prefix;
  readonly key: string;
  /** Why this node announces it to nobody. */
  readonly absence?: Absence;
};

function judge(node: RoutingNode): (vip: RoutedVip) => readonly Judged[] {
  return (vip) => {
    const { bgp } = vip.announcement;
    if (bgp === undefined || vip.services.length === 0) return [];
    const prefix = routePrefix(vip, bgp);
    const judged = { vip, bgp, prefix, key: prefixKey(prefix) };
    const no = nodeRefusal(judged, node);
    return [no === undefined ? judged : { ...judged, absence: { address: vip.address, ...no } }];
  };
}

type No = Omit<Absence, "address">;
type NodeCheck = (judged: Judged, node: RoutingNode) => No | undefined;

const draining: NodeCheck = ({ key }, { name, shutdown }) => {
  if (shutdown.phase === "none" || (shutdown.phase === "shutting" && shutdown.announced.has(key))) return undefined;
  return { reason: "Draining", message: `node ${name} is being drained` };
};

const ineligible: NodeCheck = ({ vip }, node) => node.ineligible?.(vip);

const notAmong: NodeCheck = ({ vip, bgp }, { name }) => {
  const { announcers, trafficPolicy } = vip;
  if (announcers === undefined || announcers.includes(name)) return undefined;
  if (trafficPolicy === "Local" && bgp.nodes === "All")
    return {
      reason: "NoLocalEndpoint",
      message: `policy Local: node ${name} has no ready endpoint of ${ownerOf(vip)}`,
    };
  return { reason: "NotChosen", message: `announced by ${firstFew(announcers)}, not by node ${name}` };
};

const namedInMessage = 4;

function firstFew(names: readonly string[]): string {
  if (names.length === 0) return "no node";
  const more = names.length - namedInMessage;
  return names.slice(0, namedInMessage).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** In order of precedence: the first is the one that a person reads. */
const nodeChecks: readonly NodeCheck[] = [draining, ineligible, notAmong];

function nodeRefusal(judged: Judged, node: RoutingNode): No | undefined {
  for (const check of nodeChecks) {
    const no = check(judged, node);
    if (no !== undefined) return no;
  }
  return undefined;
}

function ownerOf({ services: [service] }: RoutedVip): string {
  return `${service?.namespace}/${service?.name}`;
}

function routesTo(peer: BgpPeer, sorted: readonly Judged[], node: RoutingNode): PeerRoutes {
  const attributes = attributesFor(peer, node.shutdown.phase === "shutting");
  const absent: Absence[] = [];
  const members = new Map<string, Judged[]>();
  for (const judged of sorted) {
    const absence = judged.absence ?? peerRefusal(judged, peer);
    const others = members.get(judged.key);
    if (absence !== undefined) absent.push(absence);
    else if (others === undefined) members.set(judged.key, [judged]);
    else others.push(judged);
  }
  return { peer, routes: [...members.values()].flatMap((each) => routeOf(each, attributes)), absent };
}

/** Of several announcements the one of the lowest address counts, while a pool's copies are being changed. */
function routeOf(members: readonly Judged[], attributes: AttributeSource): readonly Route[] {
  const [first] = members;
  if (first === undefined) return [];
  return [
    { prefix: first.prefix, attributes: attributes(first.bgp), addresses: members.map(({ vip }) => vip.address) },
  ];
}

function peerRefusal({ vip: { address }, bgp }: Judged, peer: BgpPeer): Absence | undefined {
  const { peerSelector } = bgp;
  if (peerSelector !== undefined && !selectorMatches(peerSelector, peer.labels))
    return { address, reason: "PeerNotSelected", message: `the pool's peerSelector does not match peer ${peer.name}` };
  if (peer.families.includes(address.family)) return undefined;
  return {
    address,
    reason: "FamilyNotAnnounced",
    message: `IPv${address.family} is not among the families of peer ${peer.name}`,
  };
}

function unheard(
  sorted: readonly Judged[],
  told: readonly PeerRoutes[],
  { node, heard }: { readonly node: RoutingNode; readonly heard: ReadonlySet<Address> },
): readonly Absence[] {
  const [first] = told;
  const why = `no BGPPeer is for node ${node.name}: none selects it, or it lacks their sourceAddress`;
  const noPeer = { reason: "NoPeer", message: why } as const;
  const reasons = new Map(first?.absent.map((absence) => [absence.address, absence]));
  return sorted
    .map(({ vip, absence }) => absence ?? { address: vip.address, ...noPeer })
    .filter(({ address }) => !heard.has(address))
    .map((absence) => reasons.get(absence.address) ?? absence);
}
