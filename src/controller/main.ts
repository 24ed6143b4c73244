import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ApiClient } from "../kube/api-client.ts";
import { clockOf, type Clock as KubeClock } from "../kube/clock.ts";
import { type Connection, openConnection } from "../kube/connection.ts";
import { EventRecorder } from "../kube/events.ts";
import { LeaseElector } from "../kube/lease-elector.ts";
import { refreshedAll, syncedAll } from "../kube/refresh.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { createOutageLog, type OutageLog } from "../runtime/outage.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { Controller, type ControllerParts } from "./controller.ts";
import { fenced } from "./fence.ts";
import { followCluster } from "./kube/follow.ts";
import { clusterWrites } from "./kube/writes.ts";
import { type ControllerMetrics, controllerMetrics } from "./metrics.ts";
import { type ControllerOptions, type OptionTexts, parseControllerOptions } from "./options.ts";
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
 * Runs the controller until the signal aborts and what it began is ended. An API server that is away is waited for.
 * @throws {Error} if the credentials or the metrics address cannot be used, and whatever a bug throws
 */
export async function serveController(options: ControllerOptions, { signal, log }: Shell): Promise<void> {
  const connection = await openConnection(options.kubeconfig || undefined, { userAgent: "herald-controller" });
  const registry = createMetricsRegistry();
  const terms = new Terms();
  let synced = false;
  const health = await startHealthServer({
    listen: options.metricsAddress,
    registry,
    sick: () => undefined,
    unready: () => (synced ? undefined : "the stores are not synced"),
  });
  try {
    await controlCluster(options, {
      connection,
      clock: systemClock,
      random: Math.random,
      identity: `${hostname()}_${randomUUID()}`,
      log,
      metrics: controllerMetrics(registry, {
        load: () => terms.current?.load() ?? { waiting: 0, running: 0, failing: 0 },
        sessions: () => terms.current?.sessions() ?? [],
      }),
      terms,
      onSynced: () => {
        synced = true;
      },
      signal,
    });
  } finally {
    await health.close();
    await connection.close();
  }
}

/** Everything that a controller is given from outside: time, chance and the way to the API server among it. */
export type Surroundings = Shell & {
  readonly connection: Connection;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** No two controllers have the same. */
  readonly identity: string;
  readonly metrics: ControllerMetrics;
  readonly terms: Terms;
  /** Told once everything that plans are made from has been read. */
  readonly onSynced?: () => void;
  readonly wiring?: Wiring;
};

/** How the parts of a controller are made. */
export type Wiring = {
  readonly follow: typeof followCluster;
  readonly synced: typeof syncedAll;
  readonly writes: typeof clusterWrites;
  readonly open: (parts: ControllerParts) => Controller;
};

/** As they are made unless something else is asked for. */
export const wiring: Wiring = {
  follow: followCluster,
  synced: syncedAll,
  writes: clusterWrites,
  open: (parts) => new Controller(parts),
};

/**
 * Follows the cluster and works on it, by election if the options say so, until the signal aborts and what was begun is
 * ended.
 * @throws whatever a bug throws
 */
export async function controlCluster(options: ControllerOptions, surroundings: Surroundings): Promise<void> {
  const { connection, clock, random, identity, log, metrics, terms, signal } = surroundings;
  const { follow, synced, writes: writesOf, open } = surroundings.wiring ?? wiring;
  const kubeClock = clockOf(clock, random);
  const client = new ApiClient(connection, {
    clock: kubeClock,
    setTimer: clock.setTimer,
    onRequest: ({ verb, resource, code }) => metrics.request(verb, resource, code),
  });
  const events = new EventRecorder({
    client,
    component: "herald-controller",
    instance: identity,
    clock: kubeClock,
    wallNow: clock.wallMs,
  });
  const outage = createOutageLog(log);
  const stop = new AbortController();
  const background = [events.run(stop.signal)];
  try {
    const wake = (): void => terms.current?.wake();
    const cluster = await follow(client, options.namespace, { clock, random, log, outage, signal, wake });
    background.push(...cluster.reflectors.map((each) => each.run(stop.signal)));
    await synced(cluster.reflectors, signal);
    surroundings.onSynced?.();
    const { view } = cluster;
    log.info({ services: view.services().length, addresses: view.advertisements().length }, "stores synced");
    const parts = { view, writes: writesOf(client, cluster.stores, events), options, clock, random, log, metrics };
    const candidate = { client, namespace: options.namespace, kubeClock, outage };
    const election = options.leaderElect ? electionOf(candidate, surroundings) : undefined;
    await terms.run(
      election === undefined
        ? { open: () => open(parts) }
        : {
            open: () => open({ ...parts, writes: fenced(parts.writes, election.leads) }),
            prepare: (term) =>
              refreshedAll([cluster.stores.advertisements, cluster.stores.pools, cluster.stores.services], term),
          },
      election?.elect,
      signal,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
    await Promise.all(background);
  }
}

type Candidate = {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly kubeClock: KubeClock;
  readonly outage: OutageLog;
};

function electionOf(
  { client, namespace, kubeClock, outage }: Candidate,
  { identity, clock, log }: Surroundings,
): { readonly elect: Election; readonly leads: () => boolean } {
  let elector: LeaseElector | undefined;
  const elect: Election = ({ onAcquired, onLost }, signal) => {
    elector = new LeaseElector({
      client,
      ref: { namespace, name: "herald-controller" },
      identity,
      clock: kubeClock,
      wallNow: clock.wallMs,
      onAcquired: () => {
        log.info({ identity }, "leadership acquired");
        onAcquired();
      },
      onLost: () => {
        log.warn({ identity }, "leadership lost");
        onLost();
      },
      onProblem: outage.failed,
    });
    return elector.run(signal);
  };
  return { elect, leads: () => elector?.leading ?? false };
}
