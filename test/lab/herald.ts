import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder, type Report } from "./build.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { LabNode } from "./layout.ts";
import { applyManifests, repository, webhookPort } from "./manifests.ts";
import { inHost } from "./network.ts";
import { dieWithParent, run, toolEnvironment } from "./programs.ts";
import type { Supervisor } from "./supervisor.ts";

const namespace = "herald-system";
const readyWithinMs = 60_000;
const pollMs = 100;
const probe = join(import.meta.dirname, "await-ready.ts");
const main = join(repository, "src", "main.ts");

/** As the image has it: without it every process strips the types of every module anew. */
/** As deploy/42-agent.yaml has it. */
const smallHeap = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "65536", MALLOC_MMAP_THRESHOLD_: "32768" };
const compileCache = { NODE_COMPILE_CACHE: join(cacheFolder(), "node") };

type Start = {
  readonly plane: ControlPlane;
  readonly nodes: readonly LabNode[];
  readonly programs: Supervisor;
  readonly report: Report;
  /** More arguments for the controller. */
  readonly controllerArgs: readonly string[];
  /** More arguments for each agent. */
  readonly agentArgs: readonly string[];
};

/** A process of Herald: whose rights it has, what it is called with, and where it says that it is ready. */
type Process = {
  readonly name: string;
  readonly host: string;
  readonly account: string;
  readonly boundPod?: string;
  /** Of node. */
  readonly flags?: readonly string[];
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly readyUrl: string;
};

/**
 * Starts Herald's processes from source, each with the rights of its own ServiceAccount: controller and admission beside
 * the API server, an agent on every node. Returns once all are ready.
 * @throws {Error} if a manifest is refused, or with the end of the log of a process that ends or is not ready within 60 s
 */
export async function startHerald({ plane, nodes, programs, report, controllerArgs, agentArgs }: Start): Promise<void> {
  report("applying crds/ and deploy/");
  await applyManifests(plane);
  await Promise.all(nodes.map(({ name }) => createAgentPod(plane, name)));
  report("starting Herald's controller, admission and agents");
  const processes = [admission(plane), controller(controllerArgs), ...nodes.map((node) => agent(node, agentArgs))];
  for (const { name, host, account, boundPod, flags = [], argv, env } of processes) {
    const kubeconfig = await plane.kubeconfig(`system:serviceaccount:${namespace}:${account}`, boundPod);
    const plain = [process.execPath, ...flags, main, ...argv, "--kubeconfig", kubeconfig];
    const command = host === "top" ? plain : withOwnState(host, plain);
    programs.start(name, { host, argv: command, cwd: repository, env: { ...compileCache, ...env } });
  }
  await untilReady(processes, programs, plane.caFile);
}

function admission({ webhook }: ControlPlane): Process {
  const tls = ["--tls-cert-file", webhook.certificate, "--tls-private-key-file", webhook.key];
  return {
    name: "admission",
    host: "top",
    account: "herald-admission",
    argv: ["admission", "--port", String(webhookPort), ...tls],
    readyUrl: `https://127.0.0.1:${webhookPort}/healthz`,
  };
}

function controller(args: readonly string[]): Process {
  return {
    name: "controller",
    host: "top",
    account: "herald-controller",
    argv: ["controller", ...args],
    env: { NODE_OPTIONS: "--max-semi-space-size=4" },
    readyUrl: "http://127.0.0.1:7475/readyz",
  };
}

function agent({ name }: LabNode, args: readonly string[]): Process {
  return {
    name: `agent-${name}`,
    host: name,
    account: "herald-agent",
    boundPod: agentPod(name),
    argv: ["agent", "--node", name, ...args],
    flags: ["--optimize-for-size", "--single-threaded-gc"],
    env: { NODE_NAME: name, NODE_OPTIONS: "--max-semi-space-size=1", ...smallHeap },
    readyUrl: "http://127.0.0.1:7473/readyz",
  };
}

/**
 * Hosts have a /run each, and the lab's share one. An agent sees a folder of its node as /run/herald, which outlives it as
 * it would on a host; the mount is in the namespace that `ip netns exec` makes, and ends with it.
 */
function withOwnState(node: string, argv: readonly string[]): readonly string[] {
  const own = `/run/of-${node}`;
  const script = `mkdir -p -m 700 ${own} /run/herald\nmount --bind ${own} /run/herald\nexec "$@"`;
  return ["sh", "-ec", script, "sh", ...argv];
}

const agentPod = (node: string): string => `herald-agent-${node}`;

/** The object only: a token bound to it carries the node's name, as the tokens of a DaemonSet's Pods do. */
async function createAgentPod(plane: ControlPlane, node: string): Promise<void> {
  const labels = { "app.kubernetes.io/name": "herald", "app.kubernetes.io/component": "agent" };
  await plane.api.call("POST", `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: agentPod(node), labels },
    spec: {
      nodeName: node,
      hostNetwork: true,
      serviceAccountName: "herald-agent",
      containers: [{ name: "agent", image: "herald" }],
    },
  });
}

/** Asked where the process runs: an agent listens on its node's loopback only. */
async function untilReady(processes: readonly Process[], programs: Supervisor, caFile: string): Promise<void> {
  const giveUp = new AbortController();
  const probes = processes.map(({ host, readyUrl }) =>
    run([...dieWithParent, ...inHost(host, [process.execPath, probe, readyUrl])], {
      env: { ...toolEnvironment(), NODE_EXTRA_CA_CERTS: caFile },
      signal: giveUp.signal,
    }),
  );
  const allReady = Promise.all(probes).then(() => true);
  allReady.catch(() => undefined);
  try {
    for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
      const [ended] = programs.ended();
      if (ended !== undefined) throw new Error(ended);
      if (await Promise.race([allReady, sleep(pollMs, false)])) return;
    }
    const logs = processes.map(({ name }) => `${name}:\n${programs.log(name)}`);
    throw new Error(`Herald is not ready within ${readyWithinMs / 1000} s\n${logs.join("\n")}`);
  } finally {
    giveUp.abort();
  }
}
