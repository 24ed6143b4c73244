import { isGone, type Liveness } from "../../announce/eligibility.ts";
import { hasOwnPeers } from "../../announce/standing.ts";
import { annotatedPeers } from "../../api/bgp-node-annotations.ts";
import { type BgpPeer, type PeerObject, parsePeer } from "../../api/bgp-peer.ts";
import type { Labels } from "../../api/label-selector.ts";
import { type ClusterNode, type NodeObject, parseNode } from "../../api/node.ts";
import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "../../api/vip-advertisement.ts";
import { parseVipNode, type VipNode, type VipNodeObject } from "../../api/vip-node.ts";
import type { Lease } from "../../kube/lease.ts";
import { agentOf } from "../agent-lease.ts";

/** What of a cluster decides which router hears of which address; `leases` undefined: they may not be read. */
export type BgpObjects = {
  readonly peers: readonly PeerObject[];
  readonly nodes: readonly NodeObject[];
  readonly vipNodes: readonly VipNodeObject[];
  readonly advertisements: readonly AdvertisementObject[];
  readonly leases: readonly Lease[] | undefined;
};

/** The same, read: what cannot be read is left out. */
export type BgpField = {
  /** By name. */
  readonly peers: readonly BgpPeer[];
  /** By name. */
  readonly nodes: readonly BgpNode[];
  /** Those that Services hold and that are announced by BGP. */
  readonly vips: readonly Advertisement[];
};

/** A node as its routers and the controller know it. */
export type BgpNode = {
  readonly name: string;
  /** Absent: the Kubernetes Node is gone. */
  readonly node?: ClusterNode;
  /** Absent: no agent has been there yet. What a dead agent last said is not to be believed. */
  readonly vipNode?: VipNode;
  readonly liveness: Liveness;
  /** The routers that the node's own annotations name and its agent speaks to, without their passwords. */
  readonly own: readonly BgpPeer[];
};

/** Reads the objects; `nowMs` is since the epoch. */
export function bgpFieldOf(objects: BgpObjects, nowMs: number): BgpField {
  const vipNodes = new Map(readable(objects.vipNodes.map(parseVipNode)).map((each) => [each.name, each]));
  const nodes = new Map(objects.nodes.map((each) => [each.metadata.name, each]));
  const names = [...new Set([...vipNodes.keys(), ...nodes.keys()])].sort();
  const { leases } = objects;
  return {
    peers: readable(objects.peers.map(parsePeer)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    nodes: names.map((name) => {
      const { liveness } = agentOf(leases, name, nowMs);
      return bgpNode(name, liveness, { object: nodes.get(name), vipNode: vipNodes.get(name) });
    }),
    vips: readable(objects.advertisements.map(parseAdvertisement)).filter(
      ({ announcement: { bgp }, services }) => bgp !== undefined && services.length > 0,
    ),
  };
}

function readable<Value>(parsed: readonly ({ readonly value: Value } | object)[]): Value[] {
  return parsed.flatMap((each) => ("value" in each ? [each.value] : []));
}

type Seen = { readonly object: NodeObject | undefined; readonly vipNode: VipNode | undefined };

function bgpNode(name: string, liveness: Liveness, { object, vipNode }: Seen): BgpNode {
  return {
    name,
    liveness,
    ...(object && { node: parseNode(object) }),
    ...(vipNode && { vipNode }),
    own: vipNode === undefined ? [] : ownPeers(vipNode, object?.metadata.annotations ?? {}),
  };
}

const namesRouters = /^(.+)\/(?:bgp-peers-\d+-)?peer-ip$/;

/** With which prefix its agent reads annotations only the agent knows; that it does shows in its sessions. */
function ownPeers(vipNode: VipNode, annotations: Labels): readonly BgpPeer[] {
  if (!hasOwnPeers(vipNode)) return [];
  const prefixes = new Set(Object.keys(annotations).flatMap((key) => namesRouters.exec(key)?.[1] ?? []));
  const named = [...prefixes].flatMap((prefix) => annotatedPeers({ name: vipNode.name, annotations }, prefix).peers);
  const spoken = named.filter(({ name }) => vipNode.bgp?.some(({ peer }) => peer === name));
  return spoken.map(({ password: _, ...peer }) => peer);
}

/** Whether what a node's agent said counts: it does while the agent is not known to be dead. */
export function isBelieved({ liveness }: Pick<BgpNode, "liveness">): boolean {
  return !isGone(liveness);
}
