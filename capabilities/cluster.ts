import { GenericKind } from "kubernetes-fluent-client";
import { K8s, kind, RegisterKind } from "pepr";
import { IPPool } from "../src/api/generated/ippool-v1beta1.ts";
import type { PoolObject } from "../src/api/ip-pool.ts";
import { type NodeObject, parseNode } from "../src/api/node.ts";
import type { ClusterNetwork } from "../src/api/pool-overlap.ts";
import { parsePrefix } from "../src/net/prefix.ts";

class ServiceCIDR extends GenericKind {
  declare spec?: { cidrs?: string[] };
}

RegisterKind(ServiceCIDR, { group: "networking.k8s.io", version: "v1", kind: "ServiceCIDR", plural: "servicecidrs" });

/** All IPPools, read from the API server. */
export async function listPools(): Promise<readonly PoolObject[]> {
  const { items } = await K8s(IPPool).Get();
  return items as unknown as readonly PoolObject[];
}

/** The networks of Services and of each node's pods, read from the API server. */
export async function clusterNetworks(): Promise<readonly ClusterNetwork[]> {
  const [cidrs, nodes] = await Promise.all([K8s(ServiceCIDR).Get(), K8s(kind.Node).Get()]);
  const services = cidrs.items
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .map(parsePrefix)
    .flatMap((prefix) => (prefix === undefined ? [] : [{ name: "Service network", prefix }]));
  const pods = (nodes.items as unknown as readonly NodeObject[])
    .map(parseNode)
    .flatMap(({ name, podPrefixes }) => podPrefixes.map((prefix) => ({ name: `pod network of node ${name}`, prefix })));
  return [...services, ...pods];
}

/** Each call of the fluent client opens a connection of its own, so a burst of Services shares one answer. */
const recentMs = 1_000;

let recent: { readonly readMs: number; readonly names: Promise<ReadonlySet<string>> } | undefined;

/** The names of all IPPools as they were at most a second ago. */
export function recentPoolNames(): Promise<ReadonlySet<string>> {
  const nowMs = performance.now();
  if (recent === undefined || nowMs - recent.readMs > recentMs) {
    recent = { readMs: nowMs, names: listPools().then((pools) => new Set(pools.map(({ metadata }) => metadata.name))) };
  }
  return recent.names;
}
