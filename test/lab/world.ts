/**
 * The first process of a lab's namespaces (PID 1 there): `node world.ts '<JSON of WorldOptions>'`, spawned by lab.ts with
 * an IPC channel. It starts everything and answers on the sockets of the lab's folder; when it ends, and it does when the
 * channel closes, the kernel ends every process and namespace of the lab.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findAssets } from "./assets.ts";
import { serveControl, socketPath } from "./control.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { forward } from "./forward.ts";
import { startHerald } from "./herald.ts";
import { runPods } from "./kubelet.ts";
import { apiServerAddress, type LabNode, labNodes } from "./layout.ts";
import { buildNetwork } from "./network.ts";
import { createNodes } from "./nodes.ts";
import { run } from "./programs.ts";
import { type ProxyMode, writeProxyConfig } from "./proxies.ts";
import { type Supervisor, supervisor } from "./supervisor.ts";

export type WorldOptions = {
  readonly dir: string;
  readonly nodes: number;
  readonly proxyMode: ProxyMode;
  readonly herald: boolean;
  readonly controllerArgs: readonly string[];
  readonly agentArgs: readonly string[];
};
/** What the world tells its starter; `ready` or `failed` comes last. */
export type WorldMessage = { readonly report: string } | { readonly ready: true } | { readonly failed: string };

const say = (message: WorldMessage): void => void process.send?.(message);
const report = (line: string): void => say({ report: line });

/** Time for the answer to `down` to reach its caller. */
const goodbyeMs = 50;
const proxyUser = "system:kube-proxy";

async function startWorld(options: WorldOptions): Promise<void> {
  const { dir } = options;
  // A /run of our own: `ip netns` and iptables keep their files there, and the machine's must not see ours.
  await run(["mount", "-t", "tmpfs", "tmpfs", "/run"]);
  mkdirSync("/run/netns");
  const nodes = labNodes(options.nodes);
  report("making namespaces, links and routes");
  await buildNetwork(nodes);
  report("starting etcd, kube-apiserver and controllers");
  const users = [{ name: proxyUser, groups: [] }];
  const plane = await startControlPlane({ dir, address: apiServerAddress, controllers: true, users, report });
  await forward({ path: socketPath(dir, "api") }, { host: apiServerAddress.advertised, port: apiServerAddress.port });
  const programs = supervisor(join(dir, "logs"));
  report(`creating ${nodes.length} nodes and their kube-proxies (${options.proxyMode})`);
  await createNodes(plane.api, nodes);
  await startProxies(plane, nodes, options.proxyMode, programs);
  void runPods(plane.api, nodes, new AbortController().signal);
  if (options.herald) await startHerald({ ...options, plane, nodes, programs, report });
  await serveControl(dir, commands(plane, programs));
}

async function startProxies(
  plane: ControlPlane,
  nodes: readonly LabNode[],
  mode: ProxyMode,
  programs: Supervisor,
): Promise<void> {
  const kubeProxy = await findAssets(report)("kube-proxy");
  const kubeconfig = await plane.kubeconfig(proxyUser);
  for (const node of nodes) {
    const config = writeProxyConfig(join(plane.dir, "kubeconfigs"), node, mode, kubeconfig);
    programs.start(`proxy-${node.name}`, { host: node.name, argv: [kubeProxy, "--config", config] });
  }
}

function commands(plane: ControlPlane, programs: Supervisor): Parameters<typeof serveControl>[1] {
  return {
    kill: (name, signal) =>
      name === "apiserver" ? plane.killApiServer() : programs.kill(name, signal as NodeJS.Signals),
    signal: async (name, signal) =>
      name === "apiserver"
        ? plane.signalApiServer(signal as NodeJS.Signals)
        : programs.signal(name, signal as NodeJS.Signals),
    start: async (name, host, argv) => {
      await programs.kill(name, "SIGKILL").catch(() => undefined);
      programs.start(name, { host, argv });
    },
    restart: (name) => (name === "apiserver" ? plane.restartApiServer() : programs.restart(name)),
    token: async (user, pod) => (await plane.access(user, pod || undefined)).token,
    kubeconfig: (user, pod) => plane.kubeconfig(user, pod || undefined),
    down: async () => {
      setTimeout(() => process.exit(0), goodbyeMs);
    },
  };
}

process.on("disconnect", () => process.exit(0));
startWorld(JSON.parse(process.argv[2] ?? "") as WorldOptions).then(
  () => say({ ready: true }),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    say({ failed: error instanceof Error ? error.message : String(error) });
  },
);
