import type { Group } from "../api/vip-group.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { formatMac, parseMac } from "../net/mac.ts";
import { parsePrefix, prefixContains } from "../net/prefix.ts";
import { type NodeView, ownGroups } from "./plan.ts";
import type { Endpoint, GroupPeer, GroupWish, SpeakerCommand } from "./ports.ts";

/** What the speaker was last told of each group, by name. */
export type ToldGroups = ReadonlyMap<string, GroupWish>;

/** What is known of where nodes hear heartbeats, by node. */
export type Endpoints = ReadonlyMap<string, Endpoint>;

/** One thing to tell the speaker about groups. */
export type GroupChange = Extract<SpeakerCommand, { readonly kind: "group" | "groupGone" }>;

/** What has to be told so that the speaker knows this node's groups as they are; nothing if it does already. */
export function planGroups(view: NodeView, endpoints: Endpoints, told: ToldGroups): readonly GroupChange[] {
  const own = ownGroups(view);
  const gone = [...told.keys()].filter((name) => own.every((group) => group.name !== name));
  const wishes = own.map((group) => groupWish(view, group, endpoints));
  const changed = wishes.filter((wish) => {
    const before = told.get(wish.name);
    return before === undefined || wishKey(before) !== wishKey(wish);
  });
  return [...gone.map((name) => ({ kind: "groupGone", name }) as const), ...changed];
}

function groupWish(view: NodeView, group: Group, endpoints: Endpoints): GroupWish {
  const { name, uid, epoch, members, witness, forced, byLease } = group;
  const place = placeOn(group.lan, view.interfaces);
  const peers = members.flatMap((node) => (node === view.node ? [] : (peerOn(group.lan, node, endpoints) ?? [])));
  const wish = { kind: "group", name, uid, list: { epoch, members, witness, forced }, byLease, peers } as const;
  return place === undefined ? wish : { ...wish, place };
}

/** The first interface with an address of its own on the LAN, and that address. */
function placeOn(lan: string, interfaces: readonly NodeInterface[]): GroupWish["place"] {
  for (const { name, subnets } of interfaces) {
    const address = onLan(lan, addressesOf(subnets));
    if (address !== undefined) return { interface: name, address };
  }
  return undefined;
}

function addressesOf(subnets: NodeInterface["subnets"]): readonly Address[] {
  return subnets.map(({ address }) => address);
}

function peerOn(lan: string, node: string, endpoints: Endpoints): GroupPeer | undefined {
  const endpoint = endpoints.get(node);
  const address = endpoint && onLan(lan, endpoint.addresses);
  if (endpoint === undefined || address === undefined) return undefined;
  const { port, key, macs } = endpoint;
  return { node, address, port, key, macs };
}

function onLan(lan: string, addresses: readonly Address[]): Address | undefined {
  const prefix = parsePrefix(lan);
  return prefix && addresses.find((address) => prefixContains(prefix, address));
}

function wishKey({ place, peers, ...wish }: GroupWish): string {
  return JSON.stringify([
    wish,
    place && [place.interface, formatAddress(place.address)],
    peers.map((peer) => ({ ...peer, address: formatAddress(peer.address), macs: peer.macs.map(formatMac) })),
  ]);
}

/** As many as an endpoint may name. */
const mostAddresses = 64;

/** Where a node of these interfaces hears heartbeats, at this port and by this public key. */
export function ownEndpoint(
  interfaces: readonly NodeInterface[],
  { port, key }: Pick<Endpoint, "port" | "key">,
): Endpoint {
  const addresses = interfaces.flatMap(({ subnets }) => addressesOf(subnets)).slice(0, mostAddresses);
  return { addresses, port, key, macs: interfaces.flatMap(({ mac }) => parseMac(mac) ?? []) };
}
