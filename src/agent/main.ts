import { identity } from "../api/object-meta.ts";
import { formatProblems } from "../api/problem.ts";
import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "../api/vip-advertisement.ts";
import { parseVipNode, type VipNode, type VipNodeObject, vipNodeStatusObject } from "../api/vip-node.ts";
import { ApiClient } from "../kube/api-client.ts";
import { isConflict, isNotFound } from "../kube/api-error.ts";
import { type Connection, openConnection } from "../kube/connection.ts";
import { LeaseKeeper } from "../kube/lease-keeper.ts";
import { Reflector, syncedAll } from "../kube/reflector.ts";
import type { KubeObject } from "../kube/resource.ts";
import { heraldResource } from "../kube/resources.ts";
import { systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { createOutageLog, type OutageLog } from "../runtime/outage.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { startSpeaker } from "../speaker/speaker.ts";
import { Agent } from "./agent.ts";
import { createAgentMetrics } from "./metrics.ts";
import { type AgentOptions, type OptionTexts, parseAgentOptions } from "./options.ts";
import type { AdvertisementView, AgentLease, OwnNode } from "./ports.ts";

const advertisementResource = heraldResource<AdvertisementObject & KubeObject>("vipadvertisements", "VIPAdvertisement");
const nodeResource = heraldResource<VipNodeObject & KubeObject>("vipnodes", "VIPNode");

/** Set to "true" in the Lease of an agent that is about to end. */
const leavingAnnotation = "herald.dev/leaving";

/** Runs the agent until SIGTERM or SIGINT. Gives the exit code: 1 with everything that is wrong said if it could not start or failed. */
export async function runAgent(texts: OptionTexts): Promise<number> {
  const parsed = parseAgentOptions(texts, process.env.NODE_NAME);
  if ("problems" in parsed) {
    for (const problem of parsed.problems) process.stderr.write(`${problem}\n`);
    return 1;
  }
  const log = createLogger(parsed.options.logLevel);
  try {
    await serve(parsed.options, log);
    return 0;
  } catch (err) {
    log.error({ err }, "agent failed");
    return 1;
  }
}

async function serve(options: AgentOptions, log: Logger): Promise<void> {
  const signal = terminationSignal();
  const stop = new AbortController();
  const registry = createMetricsRegistry();
  const connection = await openConnection(options.kubeconfig || undefined, { userAgent: "herald-agent" });
  const health = await startHealthServer({
    listen: options.metricsAddress,
    registry,
    sick: () => undefined,
    unready: () => (agent.authorityFresh() ? undefined : "lease not renewed, or advertisements not current"),
  });
  const cluster = followCluster(connection, options, { log, signal: stop.signal });
  const agent: Agent = new Agent({
    ...cluster.ports,
    node: options.node,
    leaseDurationMs: options.leaseDurationSeconds * 1000,
    openSpeaker: (onReport, onFailure) => startSpeaker({ onReport, onFailure }),
    clock: systemClock,
    random: Math.random,
    log,
    metrics: createAgentMetrics(registry, {
      announcedAddresses: () => agent.announcedAddresses(),
      authorityFresh: () => agent.authorityFresh(),
    }),
  });
  cluster.onChange(() => agent.wake());
  try {
    await agent.run(signal);
  } finally {
    stop.abort();
    await Promise.all([health.close(), connection.close()]);
  }
}

type Cluster = {
  readonly ports: {
    readonly advertisements: AdvertisementView;
    readonly ownNode: OwnNode;
    readonly lease: AgentLease;
  };
  /** Whom to tell that something has changed. */
  onChange(wake: () => void): void;
};

type Shell = { readonly log: Logger; readonly signal: AbortSignal };

function followCluster(connection: Connection, options: AgentOptions, { log, signal }: Shell): Cluster {
  const client = new ApiClient(connection);
  const outage = createOutageLog(log);
  let wake = (): void => {};
  const follow = { onChange: () => wake(), onProblem: outage.failed };
  const advertisements = new Reflector(client, {
    ...follow,
    resource: advertisementResource,
    project: (object) => advertisementOf(object, log),
  });
  const nodes = new Reflector(client, {
    ...follow,
    resource: nodeResource,
    fieldSelector: `metadata.name=${options.node}`,
    project: nodeOf,
  });
  const reflectors = [advertisements, nodes] as const;
  void nodes.run(signal);
  // A first list without objects changes nothing, so it wakes nobody.
  void syncedAll(reflectors, signal).then(
    () => wake(),
    () => {},
  );
  return {
    ports: {
      advertisements: advertisementView(advertisements, () => reflectors.every(({ store }) => store.synced), signal),
      ownNode: ownNode(nodes, client, options.node),
      lease: keepLease(client, options, {
        failed: outage.failed,
        worked: () => reflectors.every(({ connected }) => connected) && outage.worked(),
      }),
    },
    onChange: (listener) => {
      wake = listener;
    },
  };
}

/** What does not parse is no order to anybody; the log says so once for each version of it. */
function advertisementOf(object: AdvertisementObject, log: Logger): Advertisement | undefined {
  const parsed = parseAdvertisement(object);
  if ("value" in parsed) return parsed.value;
  log.warn(
    { advertisement: object.metadata.name, problems: formatProblems(parsed.problems) },
    "advertisement malformed",
  );
  return undefined;
}

/** A status that does not parse is as good as none: it is written anew. */
function nodeOf(object: VipNodeObject): VipNode {
  const parsed = parseVipNode(object);
  if ("value" in parsed) return parsed.value;
  const empty = { interfaces: [], gateways: [], announcing: [], refusing: [], conditions: [] };
  return { ...identity(object.metadata), ...empty };
}

type Advertisements = Reflector<Advertisement | undefined, AdvertisementObject & KubeObject>;

function advertisementView(reflector: Advertisements, synced: () => boolean, signal: AbortSignal): AdvertisementView {
  let current = new AbortController();
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      current = new AbortController();
      await reflector.run(AbortSignal.any([signal, current.signal]));
    }
  };
  void run();
  return {
    synced,
    list: () => reflector.store.values().filter((each) => each !== undefined),
    heardMs: () => (reflector.connected ? reflector.lastHeardMs : undefined),
    reopen: () => current.abort(),
  };
}

function ownNode({ store }: Reflector<VipNode, VipNodeObject & KubeObject>, client: ApiClient, name: string): OwnNode {
  return {
    read: () => store.get(name),
    write: async ({ uid, resourceVersion }, status) => {
      const object = { metadata: { name, uid, resourceVersion }, status: vipNodeStatusObject(status) };
      try {
        store.observe(await client.replace(nodeResource, object, { subresource: "status" }));
        return "written";
      } catch (cause) {
        if (isConflict(cause) || isNotFound(cause)) return "stale";
        throw new Error(`write status of vipnode ${name}`, { cause });
      }
    },
  };
}

function keepLease(
  client: ApiClient,
  options: AgentOptions,
  outage: { failed: OutageLog["failed"]; worked: () => void },
): AgentLease {
  const keeper = new LeaseKeeper({
    client,
    ref: { namespace: options.namespace, name: `herald-agent-${options.node}` },
    holderIdentity: options.node,
    durationSeconds: options.leaseDurationSeconds,
    intervalMs: options.leaseRenewSeconds * 1000,
    annotations: { [leavingAnnotation]: "false" },
    onRenewed: outage.worked,
    onFailed: outage.failed,
  });
  const stop = new AbortController();
  const renewing = keeper.run(stop.signal);
  return {
    renewedMs: () => (Number.isFinite(keeper.lastRenewalStartMs) ? keeper.lastRenewalStartMs : undefined),
    leave: () => keeper.annotate({ [leavingAnnotation]: "true" }),
    release: async () => {
      stop.abort();
      await renewing;
    },
  };
}
