import { parseEndpointSlice } from "../../api/endpoint-slice.ts";
import { parseNamespace } from "../../api/namespace.ts";
import { parseNode } from "../../api/node.ts";
import { type Advertisement, parseAdvertisement } from "../../api/vip-advertisement.ts";
import { parseGroup } from "../../api/vip-group.ts";
import { parseVipNode } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import { isNotFound } from "../../kube/api-error.ts";
import { backoffMs } from "../../kube/backoff.ts";
import { clockOf, type Clock as KubeClock, pause } from "../../kube/clock.ts";
import type { Lease } from "../../kube/lease.ts";
import { LeaseObserver } from "../../kube/lease-observer.ts";
import { Reflector, type ReflectorOptions } from "../../kube/reflector.ts";
import type { KubeObject, Resource } from "../../kube/resource.ts";
import { ENDPOINT_SLICES, LEASES, NAMESPACES, NODES } from "../../kube/resources.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/log.ts";
import type { OutageLog } from "../../runtime/outage.ts";
import { AgentLiveness } from "../agent-liveness.ts";
import { Arrivals } from "../arrivals.ts";
import { clusterView } from "../cluster-view.ts";
import type { ClusterView } from "../ports.ts";
import { ADVERTISEMENTS, GROUPS, PEERS, POOLS, SERVICE_CIDRS, SERVICES, VIP_NODES } from "./resources.ts";
import {
  type StoredLease,
  storedClusterIPs,
  storedEndpointAddresses,
  storedLease,
  storedPeer,
  storedPool,
  storedService,
  storedServiceNetworks,
  valid,
} from "./stored.ts";

/** What following needs of the process, and what it tells. */
export type Surroundings = {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly outage: OutageLog;
  readonly signal: AbortSignal;
  readonly wake: () => void;
};

type Following = Surroundings & { readonly kubeClock: KubeClock; readonly onConnection: () => void };

/** The reflectors of the collections, with their stores, and the store of the Leases of Herald's namespace. */
export type Followed = ReturnType<typeof follow> & {
  readonly leases: Pick<ReturnType<typeof followLeases>["leases"], "store"> & { readonly namespace: string };
};

type Cluster = {
  readonly view: ClusterView;
  readonly reflectors: readonly Pick<Reflector<unknown>, "run" | "synced">[];
  readonly stores: Followed;
};

/**
 * Follows everything that the controller plans from; nothing runs before the reflectors do. Waits for an API server that is
 * away.
 * @throws the signal's reason if it aborts first
 */
export async function followCluster(
  client: ApiClient,
  namespace: string,
  surroundings: Surroundings,
): Promise<Cluster> {
  let followed: readonly { readonly connected: boolean }[] = [];
  const onConnection = (): void => {
    if (followed.every(({ connected }) => connected)) surroundings.outage.worked();
  };
  const following = { ...surroundings, kubeClock: clockOf(surroundings.clock, surroundings.random), onConnection };
  const { liveness, leases } = followLeases(client, namespace, following);
  const arrivals = new Arrivals<Advertisement>(surroundings.clock);
  const stores = follow(client, following, arrivals);
  const { serviceNetworks, kubernetesService, kubernetesEndpoints, ...others } = stores;
  const view = clusterView(
    {
      services: others.services.store,
      pools: others.pools.store,
      advertisements: others.advertisements.store,
      arrivals,
      peers: others.peers.store,
      groups: others.groups.store,
      vipNodes: others.vipNodes.store,
      nodes: others.nodes.store,
      namespaces: others.namespaces.store,
      endpointSlices: others.endpointSlices.store,
      leases: leases.store,
      serviceNetworks: serviceNetworks.store,
      apiServers: [kubernetesService.store, kubernetesEndpoints.store],
    },
    liveness,
    surroundings.clock,
  );
  const always = [leases, kubernetesService, kubernetesEndpoints, ...Object.values(others)];
  const reflectors = (await isServed(client, SERVICE_CIDRS, following)) ? [...always, serviceNetworks] : always;
  followed = reflectors;
  return { view, stores: { ...stores, leases: { store: leases.store, namespace } }, reflectors };
}

/** Every collection that plans are made from, the agents' Leases apart. */
function follow(
  client: ApiClient,
  { log, outage, wake, onConnection, kubeClock }: Following,
  arrivals: Arrivals<Advertisement>,
) {
  const reflector = <T, Raw extends KubeObject>(options: ReflectorOptions<T, Raw>): Reflector<T, Raw> =>
    new Reflector(client, { onChange: wake, onProblem: outage.failed, onConnection, clock: kubeClock, ...options });
  return {
    services: reflector({ resource: SERVICES, project: storedService }),
    pools: reflector({ resource: POOLS, project: storedPool }),
    advertisements: reflector({
      resource: ADVERTISEMENTS,
      project: (raw) => arrivals.note(valid(raw, parseAdvertisement, log)),
    }),
    peers: reflector({ resource: PEERS, project: storedPeer }),
    groups: reflector({ resource: GROUPS, project: (raw) => valid(raw, parseGroup, log) }),
    vipNodes: reflector({ resource: VIP_NODES, project: (raw) => valid(raw, parseVipNode, log) }),
    nodes: reflector({ resource: NODES, project: parseNode }),
    namespaces: reflector({ resource: NAMESPACES, project: parseNamespace }),
    endpointSlices: reflector({ resource: ENDPOINT_SLICES, project: parseEndpointSlice }),
    serviceNetworks: reflector({ resource: SERVICE_CIDRS, project: storedServiceNetworks }),
    kubernetesService: reflector({
      resource: SERVICES,
      namespace: "default",
      fieldSelector: "metadata.name=kubernetes",
      project: storedClusterIPs,
    }),
    kubernetesEndpoints: reflector({
      resource: ENDPOINT_SLICES,
      namespace: "default",
      labelSelector: "kubernetes.io/service-name=kubernetes",
      project: storedEndpointAddresses,
    }),
  };
}

function followLeases(client: ApiClient, namespace: string, following: Following) {
  const { clock, kubeClock, outage, wake, onConnection } = following;
  const liveness = new AgentLiveness<Lease>(new LeaseObserver());
  let voters = "";
  const leases: Reflector<StoredLease<Lease>, Lease> = new Reflector(client, {
    resource: LEASES,
    namespace,
    project: storedLease,
    clock: kubeClock,
    onConnection,
    onChange: () => {
      const { connected, lastHeardMs: heardMs, store } = leases;
      const changed = liveness.update(store.values(), { connected, heardMs }, clock.monotonicMs());
      const before = voters;
      voters = votersOf(store.values());
      if (changed || voters !== before) wake();
    },
    onProblem: (err) => {
      liveness.gapBegan();
      outage.failed(err);
    },
  });
  return { liveness, leases };
}

/** Which witness Leases there are and who may hold them; that one is renewed wakes nobody. */
function votersOf(leases: readonly StoredLease<Lease>[]): string {
  return leases
    .flatMap(({ witness }) => (witness === undefined ? [] : `${witness.group} ${witness.members}`))
    .join("\n");
}

const startWait = { minMs: 500, maxMs: 5_000 };

/** Old API servers do not have every kind. Asks until there is an answer. */
async function isServed(client: ApiClient, resource: Resource, following: Following): Promise<boolean> {
  const { kubeClock, random, outage, signal } = following;
  for (let failures = 0; ; failures++) {
    try {
      await client.list(resource, { limit: 1 }, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      signal.throwIfAborted();
      outage.failed(error instanceof Error ? error : new Error(`list ${resource.plural}`, { cause: error }));
      await pause(kubeClock, backoffMs(failures, random(), startWait), signal);
    }
  }
}
