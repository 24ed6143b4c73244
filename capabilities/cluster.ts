import { GenericKind } from "kubernetes-fluent-client";
import { K8s, kind, RegisterKind } from "pepr";
import type { PeerObject } from "../src/api/bgp-peer.ts";
import type { PeerNode } from "../src/api/bgp-peer-review.ts";
import { BGPPeer } from "../src/api/generated/bgppeer-v1beta1.ts";
import { IPPool } from "../src/api/generated/ippool-v1beta1.ts";
import { VIPNode } from "../src/api/generated/vipnode-v1beta1.ts";
import type { PoolObject } from "../src/api/ip-pool.ts";
import type { NodeObject } from "../src/api/node.ts";
import type { PoolSurroundings } from "../src/api/pool-review.ts";
import type { VipNodeObject } from "../src/api/vip-node.ts";
import { networksOf } from "./networks.ts";
import { peerNodesOf } from "./peer-nodes.ts";
import { recent } from "./recent.ts";

class ServiceCIDR extends GenericKind {
  declare spec?: { cidrs?: string[] };
}

RegisterKind(ServiceCIDR, { group: "networking.k8s.io", version: "v1", kind: "ServiceCIDR", plural: "servicecidrs" });

/** All IPPools, read from the API server. */
export async function listPools(): Promise<readonly PoolObject[]> {
  const { items } = await K8s(IPPool).Get();
  return items as unknown as readonly PoolObject[];
}

/** All BGPPeers, read from the API server. */
export async function listPeers(): Promise<readonly PeerObject[]> {
  const { items } = await K8s(BGPPeer).Get();
  return items as unknown as readonly PeerObject[];
}

/** Every Node with all addresses that it has or that its agent reports, read from the API server. */
export async function listPeerNodes(): Promise<readonly PeerNode[]> {
  const [nodes, vipNodes] = await Promise.all([K8s(kind.Node).Get(), K8s(VIPNode).Get()]);
  return peerNodesOf(
    nodes.items as unknown as readonly NodeObject[],
    vipNodes.items as unknown as readonly VipNodeObject[],
  );
}

/** The networks of Services and of each node's pods, read from the API server; one before 1.33 has no ServiceCIDRs. */
export async function clusterNetworks(): Promise<Pick<PoolSurroundings, "networks" | "unknown">> {
  const [cidrs, nodes] = await Promise.all([listServiceCidrs(), K8s(kind.Node).Get()]);
  return networksOf(cidrs, nodes.items as unknown as readonly NodeObject[]);
}

const notFound = 404;

async function listServiceCidrs(): Promise<readonly ServiceCIDR[] | undefined> {
  try {
    return (await K8s(ServiceCIDR).Get()).items;
  } catch (error) {
    // The fluent client throws the answer itself.
    if ((error as { status?: unknown }).status === notFound) return undefined;
    throw error;
  }
}

/** Each call of the fluent client opens a connection of its own, so a burst of Services shares one answer. */
const sharedMs = 1_000;

/** The names of all IPPools as they were at most a second ago. */
export const recentPoolNames: () => Promise<ReadonlySet<string>> = recent(
  async () => new Set((await listPools()).map(({ metadata }) => metadata.name)),
  sharedMs,
  () => performance.now(),
);
