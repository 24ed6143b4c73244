import type { RouteAttributes } from "../../announce/bgp-attributes.ts";
import { routePrefix } from "../../announce/bgp-prefix.ts";
import type { Absence, NodeRoutes, Route } from "../../announce/bgp-routes.ts";
import { silenceAbout } from "../../announce/bgp-silence.ts";
import { formatCommunity, formatLargeCommunity } from "../../api/community.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { NodeBgpSession, VipNode } from "../../api/vip-node.ts";
import { type Address, addressKey, formatAddress } from "../../net/address.ts";
import { formatPrefix } from "../../net/prefix.ts";
import { type BgpField, type BgpNode, isBelieved } from "./bgp-field.ts";
import { routesOf, toldBy } from "./node-routes.ts";

/** What a node tells a router of a prefix, or why it does not; also what `-o json` prints. */
export type RouteRow = {
  readonly node: string;
  /** Empty: every router of the node, for the same reason. */
  readonly peer: string;
  readonly prefix: string;
  /** For whose sake it is announced; of one that is not the address in question. */
  readonly addresses: readonly string[];
  /** `namespace/name` of the Services that have them. */
  readonly services: readonly string[];
  /** Pending: it is to be told, and the router has not been. */
  readonly state: "announced" | "pending" | "absent";
  /** As the router is told them; the next hop is the session's own. */
  readonly attributes?: RouteTexts;
  /** Why the router was not told; empty while it is. */
  readonly reason: string;
  /** The reason in words; of a route that is announced what is special about it. */
  readonly message: string;
};

/** The attributes of a route as people write them. */
export type RouteTexts = {
  readonly asPath: readonly number[];
  readonly localPref?: number;
  readonly med?: number;
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
};

/** What each node tells each router, by node, router and prefix, then what it does not tell, with the reason. */
export function routeRows(field: BgpField): readonly RouteRow[] {
  const vips = new Map(field.vips.map((vip) => [addressKey(vip.address), vip]));
  return field.nodes.flatMap((node) => nodeRows(node, routesOf(node, field), vips));
}

type Vips = ReadonlyMap<string, Advertisement>;

function nodeRows(node: BgpNode, routes: NodeRoutes, vips: Vips): readonly RouteRow[] {
  const shared = sharedAbsences(routes);
  const told = routes.peers.flatMap(({ peer, routes: all, absent }) => [
    ...all.map((route) => routeRow(route, node, { name: peer.name, planned: all.length }, vips)),
    ...absent
      .filter((absence) => !shared.has(keyOf(absence)))
      .map((absence) => absenceRow(absence, node.name, peer.name, vips)),
  ]);
  return [...told, ...[...shared.values()].map((absence) => absenceRow(absence, node.name, "", vips))];
}

function keyOf({ address, reason, message }: Absence): string {
  return `${addressKey(address)} ${reason} ${message}`;
}

/** What no router of the node is told, for one and the same reason. */
function sharedAbsences({ peers, unheard }: NodeRoutes): ReadonlyMap<string, Absence> {
  const lists = peers.map(({ absent }) => new Set(absent.map(keyOf)));
  const shared = unheard.filter((absence) => lists.every((list) => list.has(keyOf(absence))));
  return new Map(shared.map((absence) => [keyOf(absence), absence]));
}

/** A router, and how many prefixes it is to be told. */
type Router = { readonly name: string; readonly planned: number };

function routeRow({ prefix, addresses, attributes }: Route, node: BgpNode, peer: Router, vips: Vips): RouteRow {
  const progress = progressOf(node, peer, { prefix, addresses });
  return {
    node: node.name,
    peer: peer.name,
    prefix: formatPrefix(prefix),
    addresses: addresses.map(formatAddress),
    services: servicesOf(addresses, vips),
    ...(progress.state !== "absent" && { attributes: attributeTexts(attributes) }),
    ...progress,
  };
}

function servicesOf(addresses: readonly Address[], vips: Vips): readonly string[] {
  const members = addresses.flatMap((address) => vips.get(addressKey(address))?.services ?? []);
  return [...new Set(members.map(({ namespace, name }) => `${namespace}/${name}`))];
}

function attributeTexts({ asPath, localPref, med, communities, largeCommunities }: RouteAttributes): RouteTexts {
  return {
    asPath,
    ...(localPref !== undefined && { localPref }),
    ...(med !== undefined && { med }),
    communities: communities.map(formatCommunity),
    largeCommunities: largeCommunities.map(formatLargeCommunity),
  };
}

/** How far it is, by what the node says of the session and of the addresses. */
function progressOf(
  node: BgpNode,
  { name: peer, planned }: Router,
  { prefix, addresses }: Pick<Route, "prefix" | "addresses">,
): Pick<RouteRow, "state" | "reason" | "message"> {
  const { name, vipNode } = node;
  const session = isBelieved(node) ? vipNode?.bgp?.find((each) => each.peer === peer) : undefined;
  if (vipNode === undefined || session?.state !== "Established") {
    const why = session?.message || `${name} says nothing of a session with ${peer} yet`;
    return { state: "pending", reason: "NoSession", message: why };
  }
  const silence = silenceAbout(session, prefix.address.family);
  if (silence !== undefined) return { state: "absent", reason: "FamilyNotTold", message: silence };
  const told = toldBy(vipNode);
  if (!addresses.some((address) => told.has(addressKey(address))))
    return { state: "pending", reason: "NotYetAnnounced", message: `${name} told no router of it yet` };
  if (session.announced === 0)
    return { state: "pending", reason: "NotYetAnnounced", message: `${name} told this router nothing yet` };
  const drained = vipNode.drain ? [`node ${name} is being drained: routers are asked to prefer other nodes`] : [];
  return { state: "announced", reason: "", message: [...doubts(session, planned, vipNode), ...drained].join("; ") };
}

/** A node says how many prefixes it told each router, but only of all its routers together which addresses. */
function doubts({ announced }: NodeBgpSession, planned: number, { bgp = [] }: VipNode): readonly string[] {
  const alone = bgp.filter(({ state }) => state === "Established").length === 1;
  if (alone || announced >= planned) return [];
  return [`perhaps another router was told and this one not: it has ${announced} of ${planned} prefixes`];
}

function absenceRow({ address, reason, message }: Absence, node: string, peer: string, vips: Vips): RouteRow {
  const vip = vips.get(addressKey(address));
  const bgp = vip?.announcement.bgp;
  return {
    node,
    peer,
    prefix: vip === undefined || bgp === undefined ? "" : formatPrefix(routePrefix(vip, bgp)),
    addresses: [formatAddress(address)],
    services: servicesOf([address], vips),
    state: "absent",
    reason,
    message,
  };
}
