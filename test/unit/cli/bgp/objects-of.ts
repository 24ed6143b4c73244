import type { PeerObject } from "../../../../src/api/bgp-peer.ts";
import type { BGP } from "../../../../src/api/generated/ippool-v1beta1.ts";
import type { NodeObject } from "../../../../src/api/node.ts";
import type { AdvertisementObject } from "../../../../src/api/vip-advertisement.ts";
import type { NodeBgpSession, VipNodeObject } from "../../../../src/api/vip-node.ts";
import { type BgpField, type BgpObjects, bgpFieldOf } from "../../../../src/cli/bgp/bgp-field.ts";
import type { Lease } from "../../../../src/kube/lease.ts";
import { objectName } from "../../../../src/net/address.ts";
import { address, noonMs } from "../../../support/builders.ts";

const since = "2026-01-31T11:00:00Z";
const ready = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: since } as const;

/** A BGPPeer `tor` at 192.0.2.1 of AS 64512, with every node of AS 64513; no condition of it is troublesome. */
export function peerObject(
  spec: Partial<PeerObject["spec"]> = {},
  { name = "tor", ...rest }: { name?: string; labels?: Record<string, string>; status?: PeerObject["status"] } = {},
): PeerObject {
  const { labels = {}, status = { observedGeneration: 1, conditions: [{ ...ready, reason: "Established" }] } } = rest;
  return {
    metadata: { name, generation: 1, labels },
    spec: { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec },
    status,
  };
}

/** An established session with `tor`. */
export function session(changes: Partial<NodeBgpSession> = {}): NodeBgpSession {
  return { peer: "tor", state: "Established", since, message: "", announced: 1, ...changes };
}

/** What a node's agent says: its sessions, and the addresses that it told routers. */
export type NodeSaid = {
  readonly bgp?: readonly NodeBgpSession[];
  readonly told?: readonly string[];
  readonly drain?: boolean;
  readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
};

/** A node whose agent has reported. */
export function vipNodeObject(name: string, { bgp, told = [], drain, conditions = [] }: NodeSaid = {}): VipNodeObject {
  const troubles = conditions.map((each) => ({ ...each, status: "True" as const, lastTransitionTime: since }));
  const announcing = told.length === 0 ? [] : [{ protocol: "BGP" as const, interface: "", addresses: [...told] }];
  return {
    metadata: { name },
    ...(drain && { spec: { drain } }),
    status: { announcing, ...(bgp && { bgp: [...bgp] }), conditions: [ready, ...troubles] },
  } as VipNodeObject;
}

/** A Node without labels and annotations. */
export function nodeObject(name: string, metadata: Partial<NodeObject["metadata"]> = {}): NodeObject {
  return { metadata: { name, ...metadata } };
}

/** The Lease of an agent that renewed it so many seconds before noon. */
export function leaseObject(node: string, secondsAgo = 5): Lease {
  const renewTime = new Date(noonMs - secondsAgo * 1000).toISOString().replace("Z", "000Z");
  return {
    metadata: { name: `herald-agent-${node}` },
    spec: { holderIdentity: node, leaseDurationSeconds: 30, renewTime } as unknown as NonNullable<Lease["spec"]>,
  };
}

/** An address of `shop/web` that is announced by BGP alone. */
export function routedObject(
  text: string,
  bgp: BGP = {},
  spec: Partial<AdvertisementObject["spec"]> = {},
): AdvertisementObject {
  return {
    metadata: { name: objectName(address(text)) },
    spec: { address: text, announcement: { bgp }, services: [{ namespace: "shop", name: "web", uid: "u" }], ...spec },
  };
}

/** `tor`, and node1 and node2 that live and have it as a router; `parts` instead of that. */
export function objectsOf(parts: Partial<BgpObjects> = {}): BgpObjects {
  const names = (parts.nodes ?? []).map(({ metadata }) => metadata.name);
  const nodes = names.length > 0 ? names : ["node1", "node2"];
  return {
    peers: [peerObject()],
    nodes: nodes.map((name) => nodeObject(name)),
    vipNodes: nodes.map((name) => vipNodeObject(name, { bgp: [session()] })),
    advertisements: [],
    leases: nodes.map((name) => leaseObject(name)),
    ...parts,
  };
}

/** The same, read at noon. */
export function fieldOf(parts: Partial<BgpObjects> = {}): BgpField {
  return bgpFieldOf(objectsOf(parts), noonMs);
}
