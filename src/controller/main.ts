import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { parseEndpointSlice } from "../api/endpoint-slice.ts";
import { poolStatusObject } from "../api/ip-pool.ts";
import { parseNamespace } from "../api/namespace.ts";
import { parseNode } from "../api/node.ts";
import { heraldApiVersion } from "../api/object-meta.ts";
import { parseService } from "../api/service.ts";
import { advertisementObject, advertisementStatusObject, parseAdvertisement } from "../api/vip-advertisement.ts";
import { groupObject, parseGroup } from "../api/vip-group.ts";
import { parseVipNode, vipNodeObject } from "../api/vip-node.ts";
import { ApiClient } from "../kube/api-client.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../kube/api-error.ts";
import { openConnection } from "../kube/connection.ts";
import { EventRecorder } from "../kube/events.ts";
import type { Lease } from "../kube/lease.ts";
import { LeaseElector } from "../kube/lease-elector.ts";
import { LeaseObserver } from "../kube/lease-observer.ts";
import { Reflector, type ReflectorOptions, syncedAll } from "../kube/reflector.ts";
import { apiVersion, type KubeObject, type Live, objectKey, type Ref, type Resource } from "../kube/resource.ts";
import { ENDPOINT_SLICES, LEASES, NAMESPACES, NODES } from "../kube/resources.ts";
import type { Store } from "../kube/store.ts";
import { systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import type { JobResult } from "../runtime/loop.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { type AgentLease, AgentLiveness } from "./agent-liveness.ts";
import { clusterView } from "./cluster-view.ts";
import { Controller } from "./controller.ts";
import { controllerMetrics } from "./metrics.ts";
import { type ControllerOptions, type OptionTexts, parseControllerOptions } from "./options.ts";
import type { ClusterView, ClusterWrites, Seen } from "./ports.ts";
import { ADVERTISEMENTS, GROUPS, POOLS, SERVICE_CIDRS, SERVICES, VIP_NODES } from "./resources.ts";
import { serviceFieldsObject, serviceStatusObject } from "./service-object.ts";
import {
  storedClusterIPs,
  storedEndpointAddresses,
  storedLease,
  storedPool,
  storedServiceNetworks,
  valid,
} from "./stored.ts";
import { type Election, Terms } from "./terms.ts";

/** Runs the controller until SIGTERM or SIGINT; gives the exit code, 1 with all problems on standard error if the options are wrong. */
export async function runController(texts: OptionTexts): Promise<number> {
  const parsed = parseControllerOptions(texts);
  if ("options" in parsed) {
    await serveController(parsed.options, { signal: terminationSignal(), log: createLogger(parsed.options.logLevel) });
    return 0;
  }
  for (const problem of parsed.problems) process.stderr.write(`${problem}\n`);
  return 1;
}

/** What a running controller is given from outside. */
export type Shell = { readonly signal: AbortSignal; readonly log: Logger };

/**
 * Runs the controller until the signal aborts and what it began is ended.
 * @throws {Error} if it cannot start, and whatever a bug throws
 */
export async function serveController(options: ControllerOptions, { signal, log }: Shell): Promise<void> {
  const connection = await openConnection(options.kubeconfig || undefined, { userAgent: "herald-controller" });
  const registry = createMetricsRegistry();
  const terms = new Terms();
  const metrics = controllerMetrics(registry, () => terms.current?.load() ?? { waiting: 0, running: 0, failing: 0 });
  const client = new ApiClient(connection, {
    onRequest: ({ verb, resource, code }) => metrics.request(verb, resource, code),
  });
  const identity = `${hostname()}_${randomUUID()}`;
  const events = new EventRecorder({ client, component: "herald-controller", instance: identity });
  const stop = new AbortController();
  let synced = false;
  const health = await startHealthServer({
    listen: options.metricsAddress,
    registry,
    sick: () => undefined,
    unready: () => (synced ? undefined : "the stores are not synced"),
  });
  const background = [events.run(stop.signal)];
  try {
    const cluster = await followCluster(client, options.namespace, { log, wake: () => terms.current?.wake() });
    background.push(...cluster.reflectors.map((each) => each.run(stop.signal)));
    await syncedAll(cluster.reflectors, signal);
    synced = true;
    const { view } = cluster;
    log.info({ services: view.services().length, addresses: view.advertisements().length }, "stores synced");
    const writes = clusterWrites(client, cluster.stores, events);
    const parts = { view, writes, options, clock: systemClock, random: Math.random, log, metrics };
    const election = options.leaderElect ? electionOf(client, options.namespace, { identity, log }) : undefined;
    await terms.run(() => new Controller(parts), election, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
    await Promise.all([health.close(), ...background]);
    await connection.close();
  }
}

type Candidate = { readonly identity: string; readonly log: Logger };

function electionOf(client: ApiClient, namespace: string, { identity, log }: Candidate): Election {
  return ({ onAcquired, onLost }, signal) =>
    new LeaseElector({
      client,
      ref: { namespace, name: "herald-controller" },
      identity,
      onAcquired: () => {
        log.info({ identity }, "leadership acquired");
        onAcquired();
      },
      onLost: () => {
        log.warn({ identity }, "leadership lost");
        onLost();
      },
      onProblem: (err) => log.warn({ err }, "election failed"),
    }).run(signal);
}

type Surroundings = { readonly log: Logger; readonly wake: () => void };

type Followed = ReturnType<typeof follow>;

type Cluster = {
  readonly view: ClusterView;
  readonly reflectors: readonly Pick<Reflector<unknown>, "run" | "synced">[];
  readonly stores: Followed;
};

async function followCluster(client: ApiClient, namespace: string, surroundings: Surroundings): Promise<Cluster> {
  const { liveness, leases } = followLeases(client, namespace, surroundings);
  const stores = follow(client, surroundings);
  const { serviceNetworks, kubernetesService, kubernetesEndpoints, ...others } = stores;
  const view = clusterView(
    {
      services: others.services.store,
      pools: others.pools.store,
      advertisements: others.advertisements.store,
      groups: others.groups.store,
      vipNodes: others.vipNodes.store,
      nodes: others.nodes.store,
      namespaces: others.namespaces.store,
      endpointSlices: others.endpointSlices.store,
      serviceNetworks: serviceNetworks.store,
      apiServers: [kubernetesService.store, kubernetesEndpoints.store],
    },
    liveness,
    systemClock,
  );
  const always = [leases, kubernetesService, kubernetesEndpoints, ...Object.values(others)];
  return { view, stores, reflectors: (await isServed(client, SERVICE_CIDRS)) ? [...always, serviceNetworks] : always };
}

/** Every collection that plans are made from, the agents' Leases apart. */
function follow(client: ApiClient, { log, wake }: Surroundings) {
  const onProblem = (err: Error): void => log.warn({ err }, "watch failed");
  const reflector = <T, Raw extends KubeObject>(options: ReflectorOptions<T, Raw>): Reflector<T, Raw> =>
    new Reflector(client, { onChange: wake, onProblem, ...options });
  return {
    services: reflector({ resource: SERVICES, project: parseService }),
    pools: reflector({ resource: POOLS, project: storedPool }),
    advertisements: reflector({ resource: ADVERTISEMENTS, project: (raw) => valid(raw, parseAdvertisement, log) }),
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

function followLeases(client: ApiClient, namespace: string, { log, wake }: Surroundings) {
  const liveness = new AgentLiveness<Lease>(new LeaseObserver());
  const leases: Reflector<AgentLease<Lease>, Lease> = new Reflector(client, {
    resource: LEASES,
    namespace,
    project: storedLease,
    onChange: () => {
      if (liveness.update(leases.store.values(), leases.connected, systemClock.monotonicMs())) wake();
    },
    onProblem: (err) => {
      liveness.gapBegan();
      log.warn({ err }, "watch failed");
    },
  });
  return { liveness, leases };
}

/** Old API servers do not have every kind. */
async function isServed(client: ApiClient, resource: Resource): Promise<boolean> {
  try {
    await client.list(resource, { limit: 1 });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function clusterWrites(client: ApiClient, stores: Followed, events: EventRecorder): ClusterWrites {
  const services = writer(client, SERVICES, stores.services.store);
  const advertisements = writer(client, ADVERTISEMENTS, stores.advertisements.store);
  const groups = writer(client, GROUPS, stores.groups.store);
  const vipNodes = writer(client, VIP_NODES, stores.vipNodes.store);
  const pools = writer(client, POOLS, stores.pools.store);
  const status = { subresource: "status" } as const;
  return {
    createAdvertisement: (spec) => advertisements.create(advertisementObject(spec)),
    replaceAdvertisement: (seen, spec) => advertisements.replace(advertisementObject(spec, seen)),
    writeAdvertisementStatus: ({ name, uid, resourceVersion }, after) =>
      advertisements.replaceStatus({
        metadata: { name, uid, resourceVersion },
        status: advertisementStatusObject(after),
      }),
    deleteAdvertisement: (seen) => advertisements.delete(seen),
    seenAdvertisement: (name) => stores.advertisements.store.get(name),
    patchServiceFields: (service, fields) =>
      services.patch(service, () => client.mergePatch(SERVICES, service, serviceFieldsObject(service, fields))),
    patchServiceStatus: (service, patch) =>
      services.patch(service, () =>
        client.strategicMergePatch(SERVICES, service, serviceStatusObject(service, patch), status),
      ),
    readService: (namespace, name) => services.read({ namespace, name }),
    writePoolStatus: ({ name, uid, resourceVersion }, after) =>
      pools.replaceStatus({ metadata: { name, uid, resourceVersion }, status: poolStatusObject(after) }),
    createGroup: (group) => groups.create(groupObject(group)),
    replaceGroup: (seen, group) => groups.replace(groupObject(group, seen)),
    deleteGroup: (seen) => groups.delete(seen),
    createVipNode: (node) => vipNodes.create(vipNodeObject(node)),
    deleteVipNode: (seen) => vipNodes.delete(seen),
    publish: ({ object, ...notice }) =>
      events.record({
        ...notice,
        regarding: { ...object, apiVersion: object.kind === "Service" ? apiVersion(SERVICES) : heraldApiVersion },
      }),
  };
}

type StatusWrite = { readonly metadata: Seen; readonly status: object };

/** Writes of one kind. What is written goes into the store before it is reported done; so does what is there instead. */
function writer<T, Raw extends KubeObject>(client: ApiClient, resource: Resource<Raw>, store: Store<T, Raw>) {
  const read = async (ref: Ref): Promise<T | undefined> => {
    const key = objectKey(ref);
    try {
      store.observe(await client.get(resource, ref));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const gone = store.identity(key);
      if (gone !== undefined) store.forget(key, gone.uid);
    }
    return store.get(key);
  };
  const guarded = async (ref: Ref, expected: (error: unknown) => boolean, write: () => Promise<unknown>) => {
    try {
      await write();
      return "done" as const;
    } catch (error) {
      if (!expected(error)) throw error;
      await read(ref);
      return "stale" as const;
    }
  };
  const moved = (error: unknown): boolean => isConflict(error) || isNotFound(error);
  const observed = (ref: Ref, write: () => Promise<Live<Raw>>): Promise<JobResult> =>
    guarded(ref, moved, async () => store.observe(await write()));
  const named = ({ metadata }: KubeObject): Ref => ({ name: metadata?.name ?? "" });
  return {
    read,
    patch: observed,
    create: (object: Raw): Promise<JobResult> =>
      guarded(named(object), isAlreadyExists, async () => store.observe(await client.create(resource, object))),
    replace: (object: Raw): Promise<JobResult> => observed(named(object), () => client.replace(resource, object)),
    replaceStatus: (object: StatusWrite): Promise<JobResult> =>
      observed(named(object), () => client.replace(resource, object as unknown as Raw, { subresource: "status" })),
    delete: ({ name, uid, resourceVersion }: Seen): Promise<JobResult> =>
      guarded({ name }, moved, async () => {
        const held = await client.delete(resource, { name }, { uid, resourceVersion });
        if (held === undefined) store.forget(name, uid);
        else store.observe(held);
      }),
  };
}
