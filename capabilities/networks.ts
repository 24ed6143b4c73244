import { type NodeObject, parseNode } from "../src/api/node.ts";
import type { PoolSurroundings } from "../src/api/pool-review.ts";
import { parsePrefix } from "../src/net/prefix.ts";

/** A ServiceCIDR as the API server has it, as far as it is read here. */
export type ServiceCidrObject = { readonly spec?: { readonly cidrs?: readonly string[] } };

/** The networks of Services and of each node's pods; without a list of ServiceCIDRs also that the former are not known. */
export function networksOf(
  cidrs: readonly ServiceCidrObject[] | undefined,
  nodes: readonly NodeObject[],
): Pick<PoolSurroundings, "networks" | "unknown"> {
  const services = (cidrs ?? [])
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .map(parsePrefix)
    .flatMap((prefix) => (prefix === undefined ? [] : [{ name: "Service network", prefix }]));
  const pods = nodes
    .map(parseNode)
    .flatMap(({ name, podPrefixes }) => podPrefixes.map((prefix) => ({ name: `pod network of node ${name}`, prefix })));
  const networks = [...services, ...pods];
  return cidrs === undefined ? { networks, unknown: [servicesUnknown] } : { networks };
}

const servicesUnknown = {
  path: "spec.addresses",
  message:
    "not compared with the Service network, because this API server has no ServiceCIDRs (Kubernetes before 1.33)",
};
