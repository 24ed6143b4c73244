import type { GroupList } from "../announce/votes/inputs.ts";
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

/** Who left a group's list, and when, in ms of a monotonic clock. */
export type DepartedMember = { readonly node: string; readonly sinceMs: number };

/** Who left the lists of this node's groups not long ago, by group. */
export type Departed = ReadonlyMap<string, readonly DepartedMember[]>;

/** The members of groups, by group. */
export type MemberLists = ReadonlyMap<string, readonly string[]>;

/** So long who left a list is still spoken to: who was left out by a forced one must be told so when it is heard. */
export const departedMs = 600_000;

/**
 * Who left each group in the last 10 minutes: those who are not in its list any more but were in the one before, and those
 * of whom that was known already. While a forced list counts nobody's time goes by.
 */
export function departedMembers(
  groups: readonly Group[],
  before: { readonly lists: MemberLists; readonly departed: Departed },
  nowMs: number,
): Departed {
  return new Map(
    groups.map(({ name, members, forced }) => {
      const known = before.departed.get(name) ?? [];
      const left = (before.lists.get(name) ?? []).filter((node) => known.every((each) => each.node !== node));
      const all = [...known, ...left.map((node) => ({ node, sinceMs: nowMs }))];
      const away = all.filter(({ node, sinceMs }) => !members.includes(node) && nowMs - sinceMs < departedMs);
      return [name, forced ? away.map(({ node }) => ({ node, sinceMs: nowMs })) : away];
    }),
  );
}

/** How other nodes are reached, and which of them left a group not long ago. */
export type Others = { readonly endpoints: Endpoints; readonly departed: Departed };

/** One thing to tell the speaker about groups. */
export type GroupChange = Extract<SpeakerCommand, { readonly kind: "group" | "groupGone" }>;

/** What has to be told so that the speaker knows this node's groups as they are; nothing if it does already. */
export function planGroups(view: NodeView, others: Others, told: ToldGroups): readonly GroupChange[] {
  const own = ownGroups(view);
  const gone = [...told.values()].filter(({ name }) => own.every((group) => group.name !== name));
  const wishes = own.map((group) => groupWish(view, group, others));
  const changed = wishes.filter((wish) => {
    const before = told.get(wish.name);
    return before === undefined || wishKey(before) !== wishKey(wish);
  });
  return [...gone.map((wish) => groupGone(wish, view.groups)), ...changed];
}

function groupGone({ name, uid }: GroupWish, groups: readonly Group[]): GroupChange {
  const left = groups.find((group) => group.name === name && group.uid === uid);
  return left === undefined ? { kind: "groupGone", name } : { kind: "groupGone", name, list: listOf(left) };
}

function listOf({ epoch, members, witness, forced }: Group): GroupList {
  return { epoch, members, witness, forced };
}

function groupWish(view: NodeView, group: Group, { endpoints, departed }: Others): GroupWish {
  const { name, uid, members, byLease } = group;
  const place = placeOn(group.lan, view.interfaces);
  const left = (departed.get(name) ?? []).map(({ node }) => node);
  const others = new Set([...members, ...left].filter((node) => node !== view.node));
  const peers = [...others].flatMap((node) => peerOn(group.lan, node, endpoints) ?? []);
  const wish = { kind: "group", name, uid, list: listOf(group), byLease, peers } as const;
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
