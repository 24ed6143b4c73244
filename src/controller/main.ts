import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ApiClient } from "../kube/api-client.ts";
import { openConnection } from "../kube/connection.ts";
import { EventRecorder } from "../kube/events.ts";
import { LeaseElector } from "../kube/lease-elector.ts";
import { syncedAll } from "../kube/reflector.ts";
import { systemClock } from "../runtime/clock.ts";
import { startHealthServer } from "../runtime/health.ts";
import { createLogger, type Logger } from "../runtime/log.ts";
import { createMetricsRegistry } from "../runtime/metrics.ts";
import { createOutageLog, type OutageLog } from "../runtime/outage.ts";
import { terminationSignal } from "../runtime/signals.ts";
import { Controller } from "./controller.ts";
import { followCluster } from "./kube/follow.ts";
import { clusterWrites } from "./kube/writes.ts";
import { controllerMetrics } from "./metrics.ts";
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
  const metrics = controllerMetrics(registry, () => terms.current?.load() ?? { waiting: 0, running: 0, failing: 0 });
  const client = new ApiClient(connection, {
    onRequest: ({ verb, resource, code }) => metrics.request(verb, resource, code),
  });
  const identity = `${hostname()}_${randomUUID()}`;
  const events = new EventRecorder({ client, component: "herald-controller", instance: identity });
  const outage = createOutageLog(log);
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
    const wake = (): void => terms.current?.wake();
    const cluster = await followCluster(client, options.namespace, { log, outage, signal, wake });
    background.push(...cluster.reflectors.map((each) => each.run(stop.signal)));
    await syncedAll(cluster.reflectors, signal);
    synced = true;
    const { view } = cluster;
    log.info({ services: view.services().length, addresses: view.advertisements().length }, "stores synced");
    const writes = clusterWrites(client, cluster.stores, events);
    const parts = { view, writes, options, clock: systemClock, random: Math.random, log, metrics };
    const election = options.leaderElect ? electionOf(client, options.namespace, { identity, log, outage }) : undefined;
    await terms.run(() => new Controller(parts), election, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
    await Promise.all([health.close(), ...background]);
    await connection.close();
  }
}

type Candidate = { readonly identity: string; readonly log: Logger; readonly outage: OutageLog };

function electionOf(client: ApiClient, namespace: string, { identity, log, outage }: Candidate): Election {
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
      onProblem: outage.failed,
    }).run(signal);
}
