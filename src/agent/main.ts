import { join } from "node:path";
import { looseArp } from "../announce/strict-arp.ts";
import { formatProblems, type Parsed } from "../api/problem.ts";
import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "../api/vip-advertisement.ts";
import { type Group, type GroupObject, parseGroup } from "../api/vip-group.ts";
import { type VipNode, type VipNodeObject, vipNodeStatusObject } from "../api/vip-node.ts";
import { ApiClient } from "../kube/api-client.ts";
import { isConflict, isNotFound } from "../kube/api-error.ts";
import { type Connection, openConnection } from "../kube/connection.ts";
import { type Lease, microTime } from "../kube/lease.ts";
import { LeaseKeeper } from "../kube/lease-keeper.ts";
import { Reflector } from "../kube/reflector.ts";
import { syncedAll } from "../kube/refresh.ts";
import type { KubeObject, Live, Resource } from "../kube/resource.ts";
import { heraldResource, LEASES } from "../kube/resources.ts";
import { readArpSettings } from "../linux/strict-arp.ts";
import { parseEndpoint } from "../protocols/heartbeat/endpoint.ts";
import { systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { createOutageLog, type OutageLog } from "../runtime/outage.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { machineMs } from "../speaker/machine-clock.ts";
import { startSpeaker } from "../speaker/speaker.ts";
import { openStateFolder } from "../speaker/state-folder.ts";
import { Agent } from "./agent.ts";
import type { AgentParts } from "./agent-parts.ts";
import { answerCounter, watchProblems } from "./api-answers.ts";
import { endpointText, macsOf } from "./endpoint-text.ts";
import { parsedList, Running } from "./followed.ts";
import { createAgentMetrics } from "./metrics.ts";
import { type AgentOptions, type OptionTexts, parseAgentOptions } from "./options.ts";
import type { AgentLease, ClusterView, Electorate, Endpoint, OwnNode } from "./ports.ts";
import { storedNode } from "./stored-node.ts";
import { WitnessClerk, type WitnessLease } from "./witness-lease.ts";

const advertisementResource = heraldResource<AdvertisementObject & KubeObject>("vipadvertisements", "VIPAdvertisement");
const groupResource = heraldResource<GroupObject & KubeObject>("vipgroups", "VIPGroup");
const nodeResource = heraldResource<VipNodeObject & KubeObject>("vipnodes", "VIPNode");

/** Set to "true" in the Lease of an agent that is about to end. */
const leavingAnnotation = "herald.dev/leaving";
/** Where the agent hears heartbeats. */
const heartbeatAnnotation = "herald.dev/heartbeat";

/** Longer a call on a witness Lease is no help: the votes end before. */
const witnessTimeoutMs = 350;
const witnessLeaseSeconds = 3;
const peerTimeoutMs = 2_000;

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
  const unready = (): string | undefined => agent.unready();
  const health = await startHealthServer({ listen: options.metricsAddress, registry, sick: () => undefined, unready });
  const stateDir = join(options.stateDir, options.node);
  const cluster = followCluster(connection, options, { log, signal: stop.signal });
  const agent: Agent = new Agent({
    ...cluster.parts,
    node: options.node,
    heartbeatPort: options.heartbeatPort,
    leaseDurationMs: options.leaseDurationSeconds * 1000,
    kept: openStateFolder(stateDir, (detail) => log.warn({ detail }, "what a restart needs cannot be kept")),
    looseArp: (interfaces) => looseArp(readArpSettings(interfaces)),
    parseEndpoint: endpointOf,
    openSpeaker: (onReport, onFailure) => openSpeaker(options, stateDir, { onReport, onFailure }),
    clock: systemClock,
    random: Math.random,
    log,
    metrics: createAgentMetrics(registry, {
      announcedAddresses: () => agent.announcedAddresses(),
      groups: () => agent.quorums(),
    }),
  });
  cluster.listen({ onChange: () => agent.wake(), onAnswer: () => agent.apiAnswered() });
  try {
    await agent.run(signal);
  } finally {
    stop.abort();
    await Promise.all([health.close(), connection.close()]);
  }
}

type SpeakerEars = Pick<Parameters<typeof startSpeaker>[0], "onReport" | "onFailure">;

function openSpeaker(
  options: AgentOptions,
  stateDir: string,
  ears: SpeakerEars,
): ReturnType<AgentParts["openSpeaker"]> {
  const { node, heartbeatIntervalMs: intervalMs, heartbeatPort: port, withoutQuorum } = options;
  const leaseDurationMs = options.leaseDurationSeconds * 1000;
  const settings = { node, intervalMs, port, withoutQuorum, leaseDurationMs, stateDir };
  const speaker = startSpeaker({ ...ears, settings });
  return {
    send: (command) => {
      if (command.kind !== "leaseRenewed") speaker.send(command);
      else speaker.send({ ...command, atMachineMs: command.atMs - systemClock.monotonicMs() + machineMs() });
    },
    close: () => speaker.close(),
  };
}

/** What the text of a node's annotation says, or undefined if it is none. */
function endpointOf(text: string): Endpoint | undefined {
  const parsed = parseEndpoint(text);
  return "problem" in parsed ? undefined : { ...parsed.endpoint, macs: macsOf(text) };
}

/** Whom to tell that something has changed, and that the API server gave a decisive answer. */
type Listener = { readonly onChange: () => void; readonly onAnswer: () => void };

type Cluster = {
  readonly parts: Pick<AgentParts, "cluster" | "ownNode" | "lease" | "electorate">;
  listen(listener: Listener): void;
};

type Shell = { readonly log: Logger; readonly signal: AbortSignal };

function followCluster(connection: Connection, options: AgentOptions, { log, signal }: Shell): Cluster {
  let listener: Listener = { onChange: () => {}, onAnswer: () => {} };
  const client = new ApiClient(connection, { onRequest: answerCounter(() => listener.onAnswer()) });
  const outage = createOutageLog(log);
  const follow = { onChange: () => listener.onChange(), onProblem: watchProblems(log, outage) };
  const reflectorOf = <Value, Raw extends KubeObject>(
    resource: Resource<Raw>,
    project: (object: Live<Raw>) => Value,
    fieldSelector?: string,
  ): Reflector<Value, Raw> => {
    return new Reflector(client, { ...follow, resource, project, ...(fieldSelector && { fieldSelector }) });
  };
  const advertisements = reflectorOf(advertisementResource, (object) =>
    parsedOf(parseAdvertisement(object), object, log),
  );
  const groups = reflectorOf(groupResource, (object) => parsedOf(parseGroup(object), object, log));
  const nodes = reflectorOf(nodeResource, storedNode, `metadata.name=${options.node}`);
  const reflectors = [advertisements, groups, nodes] as const;
  const running = new Running(reflectors, signal);
  // A first list without objects changes nothing, so it wakes nobody.
  void syncedAll(reflectors, signal).then(follow.onChange, () => {});
  const lease = keepLease(client, options, {
    failed: outage.failed,
    worked: (first) => {
      if (first) running.reopen();
      if (reflectors.every(({ connected }) => connected)) outage.worked();
      follow.onChange();
    },
  });
  return {
    parts: {
      cluster: clusterView({ advertisements, groups }, () => reflectors.every(({ store }) => store.synced), client),
      ownNode: ownNode(nodes, client, options.node),
      lease,
      electorate: electorate(client, options),
    },
    listen: (wanted) => {
      listener = wanted;
    },
  };
}

/** What does not parse is no order to anybody; the log says so once for each version of it. */
function parsedOf<T>(parsed: Parsed<T>, { kind, metadata }: Live<KubeObject>, log: Logger): T | undefined {
  if ("value" in parsed) return parsed.value;
  log.warn({ object: `${kind} ${metadata.name}`, problems: formatProblems(parsed.problems) }, "object malformed");
  return undefined;
}

type Followed = {
  readonly advertisements: Reflector<Advertisement | undefined, AdvertisementObject & KubeObject>;
  readonly groups: Reflector<Group | undefined, GroupObject & KubeObject>;
};

function clusterView({ advertisements, groups }: Followed, synced: () => boolean, client: ApiClient): ClusterView {
  const known = { advertisements: parsedList(advertisements.store), groups: parsedList(groups.store) };
  return {
    synced,
    ...known,
    readGroup: async (name) => {
      try {
        groups.store.observe(await client.get(groupResource, { name }, { retries: 0, timeoutMs: peerTimeoutMs }));
      } catch {
        // The watch tells it too, and whoever wants to know asks again.
      }
    },
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

const agentLease = (node: string): string => `herald-agent-${node}`;

/** `worked`: with whether it is the first time after a failure. */
type Renewals = { readonly failed: OutageLog["failed"]; readonly worked: (first: boolean) => void };

function keepLease(client: ApiClient, options: AgentOptions, renewals: Renewals): AgentLease {
  let failing = false;
  const keeper = new LeaseKeeper({
    client,
    ref: { namespace: options.namespace, name: agentLease(options.node) },
    holderIdentity: options.node,
    durationSeconds: options.leaseDurationSeconds,
    intervalMs: options.leaseRenewSeconds * 1000,
    annotations: { [leavingAnnotation]: "false" },
    onRenewed: () => {
      renewals.worked(failing);
      failing = false;
    },
    onFailed: (error) => {
      failing = true;
      renewals.failed(error);
    },
  });
  const stop = new AbortController();
  const renewing = keeper.run(stop.signal);
  return {
    renewedMs: () => (Number.isFinite(keeper.lastRenewalStartMs) ? keeper.lastRenewalStartMs : undefined),
    sayEndpoint: (endpoint) => keeper.annotate({ [heartbeatAnnotation]: endpointText(endpoint) }),
    leave: () => keeper.annotate({ [leavingAnnotation]: "true" }),
    release: async () => {
      stop.abort();
      await renewing;
    },
  };
}

function electorate(client: ApiClient, { namespace, node }: AgentOptions): Electorate {
  const witnessCall = { retries: 0, timeoutMs: witnessTimeoutMs };
  const witness = new WitnessClerk<Live<Lease>>(node, {
    read: async (group) =>
      witnessOf(await client.get(LEASES, { namespace, name: `herald-witness-${group}` }, witnessCall)),
    write: async (_, before, holder) => {
      const now = microTime(Date.now());
      const taken = before.spec?.holderIdentity === holder ? {} : { acquireTime: now };
      const times = { renewTime: now, leaseDurationSeconds: witnessLeaseSeconds };
      const lease = { ...before, spec: { ...before.spec, ...taken, ...times, holderIdentity: holder } };
      try {
        return witnessOf(await client.replace(LEASES, lease as Lease, witnessCall));
      } catch (error) {
        if (isConflict(error)) return undefined;
        throw error;
      }
    },
  });
  return {
    readEndpoint: async (peer) => {
      try {
        const call = { retries: 0, timeoutMs: peerTimeoutMs };
        const { metadata } = await client.get(LEASES, { namespace, name: agentLease(peer) }, call);
        const text = metadata.annotations?.[heartbeatAnnotation];
        return text === undefined ? undefined : endpointOf(text);
      } catch {
        return undefined;
      }
    },
    askWitness: (group, request) => witness.ask(group, request),
  };
}

function witnessOf(object: Live<Lease>): WitnessLease<Live<Lease>> {
  const { metadata, spec } = object;
  return { holder: spec?.holderIdentity ?? "", resourceVersion: metadata.resourceVersion, object };
}
