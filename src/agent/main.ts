import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { looseArp } from "../announce/strict-arp.ts";
import { openConnection } from "../kube/connection.ts";
import { readArpSettings } from "../linux/strict-arp.ts";
import { type Address, parseAddress } from "../net/address.ts";
import { parseEndpoint } from "../protocols/heartbeat/endpoint.ts";
import { systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { machineMs } from "../speaker/machine-clock.ts";
import { startSpeaker } from "../speaker/speaker.ts";
import { openStateFolder } from "../speaker/state-folder.ts";
import { Agent } from "./agent.ts";
import type { AgentParts } from "./agent-parts.ts";
import { macsOf } from "./endpoint-text.ts";
import { followCluster } from "./kube/follow.ts";
import { createAgentMetrics } from "./metrics.ts";
import { type AgentOptions, type OptionTexts, parseAgentOptions } from "./options.ts";
import type { Endpoint } from "./ports.ts";

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
  const cluster = followCluster(connection, options, { log, signal: stop.signal, parseEndpoint: endpointOf });
  const { bgpAnnotationPrefix: annotationPrefix, bgpDrainWaitSeconds } = options;
  const agent: Agent = new Agent({
    ...cluster.parts,
    bgp: { ...cluster.bgp, annotationPrefix, drainWaitMs: bgpDrainWaitSeconds * 1000, localAddresses },
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
      bgpSessions: () => agent.bgpSessions(),
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
  const { node, heartbeatIntervalMs: intervalMs, heartbeatPort: port, withoutQuorum, bgpPort } = options;
  const votes = { node, intervalMs, port, withoutQuorum, leaseDurationMs: options.leaseDurationSeconds * 1000 };
  const settings = { ...votes, stateDir, ...(bgpPort > 0 && { bgpPort }) };
  const speaker = startSpeaker({ ...ears, settings });
  return {
    send: (command) => {
      if (command.kind !== "leaseRenewed") speaker.send(command);
      else speaker.send({ ...command, atMachineMs: command.atMs - systemClock.monotonicMs() + machineMs() });
    },
    close: () => speaker.close(),
  };
}

function localAddresses(): readonly Address[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.flatMap(({ address }) => parseAddress(address) ?? []);
}

/** What the text of a node's annotation says, or undefined if it is none. */
function endpointOf(text: string): Endpoint | undefined {
  const parsed = parseEndpoint(text);
  return "problem" in parsed ? undefined : { ...parsed.endpoint, macs: macsOf(text) };
}
