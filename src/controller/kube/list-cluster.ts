import type { ServiceObject } from "../../api/service.ts";
import type { ApiClient, ListQuery } from "../../kube/api-client.ts";
import { isExpired, isNotFound } from "../../kube/api-error.ts";
import type { KubeObject, Live, Resource } from "../../kube/resource.ts";
import { ENDPOINT_SLICES, NAMESPACES, NODES } from "../../kube/resources.ts";
import type { ClusterObjects } from "../cluster-objects.ts";
import { ADVERTISEMENTS, POOLS, SERVICE_CIDRS, SERVICES, VIP_NODES } from "./resources.ts";
import { storedClusterIPs, storedEndpointAddresses, storedServiceNetworks } from "./stored.ts";

/** What of the client is used: reads. */
export type Lists = Pick<ApiClient, "list">;

/**
 * Everything that an allocation is decided from, read once, all kinds at the same time. They are not of one moment: what
 * changes meanwhile may be seen in one and not in another.
 * @throws {ApiError} 404 if Herald's resources are not there, 403 if they may not be listed; the signal's reason if it aborts
 */
export async function listCluster(client: Lists, signal?: AbortSignal): Promise<ClusterObjects> {
  const list = <T extends KubeObject>(resource: Resource<T>, query: ListQuery = {}): Promise<readonly Live<T>[]> =>
    listAll(client, resource, { query, ...(signal && { signal }) });
  const [services, pools, advertisements, namespaces, nodes, vipNodes, cidrs, endpoints] = await Promise.all([
    list(SERVICES),
    list(POOLS),
    list(ADVERTISEMENTS),
    list(NAMESPACES),
    list(NODES),
    list(VIP_NODES),
    list(SERVICE_CIDRS).catch(noneIfNotServed),
    list(ENDPOINT_SLICES, { namespace: "default", labelSelector: "kubernetes.io/service-name=kubernetes" }),
  ]);
  const apiServers = [
    ...services.filter(isKubernetes).flatMap(storedClusterIPs),
    ...endpoints.flatMap(storedEndpointAddresses),
  ];
  return {
    services,
    pools,
    advertisements,
    namespaces,
    nodes,
    vipNodes,
    serviceNetworks: cidrs.flatMap(storedServiceNetworks),
    apiServers,
  };
}

type ListOptions = { readonly query?: ListQuery; readonly signal?: AbortSignal };

const pageSize = 500;
const restartsOfAList = 2;

/** All objects of a resource, page by page; from the start again if the pages became too old meanwhile. */
export async function listAll<T extends KubeObject>(
  client: Lists,
  resource: Resource<T>,
  options: ListOptions = {},
): Promise<readonly Live<T>[]> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await pages(client, resource, options);
    } catch (error) {
      if (restarts >= restartsOfAList || !isExpired(error)) throw error;
    }
  }
}

async function pages<T extends KubeObject>(
  client: Lists,
  resource: Resource<T>,
  { query = {}, ...options }: ListOptions,
): Promise<readonly Live<T>[]> {
  const items: Live<T>[] = [];
  let token: string | undefined;
  do {
    const page = await client.list(resource, { ...query, limit: pageSize, continue: token }, options);
    items.push(...page.items);
    token = page.continue;
  } while (token !== undefined);
  return items;
}

/** Old API servers do not have every kind. */
function noneIfNotServed(error: unknown): readonly never[] {
  if (isNotFound(error)) return [];
  throw error;
}

function isKubernetes({ metadata }: ServiceObject): boolean {
  return metadata.namespace === "default" && metadata.name === "kubernetes";
}
