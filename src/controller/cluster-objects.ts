import { type PoolObject, parsePool } from "../api/ip-pool.ts";
import { type NamespaceObject, parseNamespace } from "../api/namespace.ts";
import { type NodeObject, parseNode } from "../api/node.ts";
import type { Parsed, Problem } from "../api/problem.ts";
import { parseService, type ServiceObject } from "../api/service.ts";
import { type AdvertisementObject, parseAdvertisement } from "../api/vip-advertisement.ts";
import { parseVipNode, type VipNodeObject } from "../api/vip-node.ts";
import type { AllocationOptions, Snapshot } from "../ipam/snapshot.ts";
import type { Address } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";
import { clusterFamily, forbiddenRanges } from "./forbidden.ts";

/** Everything that an allocation is decided from, as the API server has it at one moment. */
export type ClusterObjects = {
  readonly services: readonly ServiceObject[];
  readonly pools: readonly PoolObject[];
  readonly advertisements: readonly AdvertisementObject[];
  readonly namespaces: readonly NamespaceObject[];
  readonly nodes: readonly NodeObject[];
  readonly vipNodes: readonly VipNodeObject[];
  readonly serviceNetworks: readonly Prefix[];
  readonly apiServers: readonly Address[];
};

/** A snapshot, and what of the objects could not be read and is not in it, by `Kind/name`. */
export type ReadCluster = { readonly snapshot: Snapshot; readonly problems: ReadonlyMap<string, readonly Problem[]> };

/** The snapshot that the controller would plan from if it ran with these options; `nowMs` is since the epoch. */
export function readCluster(
  objects: ClusterObjects,
  options: Omit<AllocationOptions, "clusterFamily">,
  nowMs: number,
): ReadCluster {
  const problems = new Map<string, readonly Problem[]>();
  const readable = <Raw extends { readonly metadata: { readonly name: string } }, Value>(
    kind: string,
    raw: readonly Raw[],
    parse: (object: Raw) => Parsed<Value>,
  ): readonly Value[] =>
    raw.flatMap((object) => {
      const parsed = parse(object);
      if ("value" in parsed) return [parsed.value];
      problems.set(`${kind}/${object.metadata.name}`, parsed.problems);
      return [];
    });
  const services = objects.services.map(parseService);
  const vipNodes = readable("VIPNode", objects.vipNodes, parseVipNode);
  const nodes = objects.nodes.map(parseNode);
  const { serviceNetworks, apiServers } = objects;
  const snapshot: Snapshot = {
    services,
    pools: readable("IPPool", objects.pools, parsePool),
    advertisements: readable("VIPAdvertisement", objects.advertisements, parseAdvertisement),
    namespaces: new Map(objects.namespaces.map(parseNamespace).map(({ name, labels }) => [name, labels])),
    forbidden: forbiddenRanges({ nodes, vipNodes, serviceNetworks, apiServers }),
    options: { ...options, clusterFamily: clusterFamily(services) },
    nowMs,
  };
  return { snapshot, problems };
}
