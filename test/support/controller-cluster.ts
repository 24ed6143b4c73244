import { globSync } from "node:fs";
import { join } from "node:path";
import { serveController } from "../../src/controller/main.ts";
import type { ControllerOptions } from "../../src/controller/options.ts";
import { createLogger } from "../../src/runtime/log.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { freePort } from "../lab/servers.ts";
import { eventually } from "./eventually.ts";

const root = join(import.meta.dirname, "../..");

/** The account that the policy of the ledger trusts. */
export const controllerAccount = "system:serviceaccount:herald-system:herald-controller";

/** A real API server with Herald's resources, roles and policies, but without webhooks. */
export async function startHeraldCluster(): Promise<ControlPlane> {
  const plane = await startControlPlane();
  const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
  const apply = (paths: readonly string[]): Promise<string> =>
    plane.kubectl(["apply", "--server-side", ...paths.flatMap((path) => ["-f", join(root, path)])]);
  await apply(files("crds/*.yaml"));
  await plane.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  await apply(files("deploy/{0,1}*.yaml"));
  // That of the ledger last: once it is in force, so are the others.
  await apply(files("deploy/2*.yaml").reverse());
  await eventually("the policies are in force", () => refusesGroups(plane));
  return plane;
}

/** The API server goes by a new policy only after a while. */
async function refusesGroups({ kubectl }: ControlPlane): Promise<boolean | undefined> {
  const group = {
    apiVersion: "herald.dev/v1beta1",
    kind: "VIPGroup",
    metadata: { name: "policies" },
    spec: { lan: "192.0.2.0/24", members: ["node1"] },
  };
  const made = kubectl(["create", "--dry-run=server", "-f", "-"], { stdin: JSON.stringify(group) });
  return made.then(
    () => undefined,
    (error: unknown) => String(error).includes("only Herald's controller") || undefined,
  );
}

/** A line of a controller's log. */
export type LogLine = { readonly level: string; readonly msg: string; readonly [field: string]: unknown };

/** A controller that runs inside the test's process, with the rights of its own account. */
export type RunningController = {
  readonly log: readonly LogLine[];
  /** How many requests of these verbs it has sent, those about Leases apart. */
  requests(verbs: readonly string[]): Promise<number>;
  /** All its metrics, as text. */
  metrics(): Promise<string>;
  /** Ends it, and what it ended with. */
  stop(): Promise<void>;
};

/** The verbs that change something. */
export const writeVerbs = ["create", "update", "patch", "delete"];

/** Starts a controller and resolves once it is ready. */
export async function startController(
  plane: ControlPlane,
  options: Partial<ControllerOptions> = {},
): Promise<RunningController> {
  const { ready, ...running } = await launchController(plane, options);
  await ready();
  return running;
}

/** Starts a controller without waiting for anything; `ready` does. */
export async function launchController(
  plane: ControlPlane,
  options: Partial<ControllerOptions> = {},
): Promise<RunningController & { ready(): Promise<unknown> }> {
  const log: LogLine[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line) as LogLine) };
  const metricsAddress = { host: "127.0.0.1", port: await freePort() };
  const stop = new AbortController();
  const all: ControllerOptions = {
    kubeconfig: await plane.kubeconfig(controllerAccount),
    defaultClass: true,
    allowForeignAddresses: false,
    writeLoadBalancerIP: true,
    observe: false,
    rebalance: "Off",
    respect: { cordon: false, outOfService: false },
    leaderElect: false,
    namespace: "herald-system",
    metricsAddress,
    logLevel: "debug",
    ...options,
  };
  const ended = serveController(all, { signal: stop.signal, log: createLogger(all.logLevel, destination) });
  return {
    log,
    ready: () => Promise.race([ended, eventually("the controller is ready", () => isReady(metricsAddress.port))]),
    requests: (verbs) => countRequests(metricsAddress.port, verbs),
    metrics: () => metricsText(metricsAddress.port),
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

async function isReady(port: number): Promise<true | undefined> {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`);
  return ok || undefined;
}

async function countRequests(port: number, verbs: readonly string[]): Promise<number> {
  const text = await metricsText(port);
  const series = /^herald_api_requests_total\{verb="(\w+)",resource="(\w+)",code="\d+"\} (\d+)$/gm;
  let count = 0;
  for (const [, verb = "", resource, value] of text.matchAll(series))
    if (verbs.includes(verb) && resource !== "leases") count += Number(value);
  return count;
}

async function metricsText(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}
