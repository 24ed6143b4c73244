import { GenericKind } from "kubernetes-fluent-client";
import { K8s, kind, RegisterKind } from "pepr";
import { IPPool } from "../src/api/generated/ippool-v1beta1.ts";
import type { PoolObject } from "../src/api/ip-pool.ts";
import type { NodeObject } from "../src/api/node.ts";
import type { PoolSurroundings } from "../src/api/pool-review.ts";
import { networksOf } from "./networks.ts";
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
