import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { eventually } from "../support/eventually.ts";
import { type ApiClient, openApiClient } from "./api-client.ts";
import { findAssets } from "./assets.ts";
import { callControl } from "./control.ts";
import type { KubectlOptions } from "./control-plane.ts";
import { inWorld } from "./entry.ts";
import { type LabFile, logFile, readLabFile } from "./folder.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type LabNode, labNodes } from "./layout.ts";
import { lanPort, managementPort } from "./network.ts";
import { type Output, output, type RunOptions, run, toolEnvironment } from "./programs.ts";

/**
 * Which of a node's cables: `lan` loses the carrier on both ends, `lan-silent` loses only the frames (a fault behind the
 * switch's port), `management` is the way to the API server, `both` is lan and management.
 */
export type Cable = "lan" | "lan-silent" | "management" | "both";

/** A running lab, reached through its folder; every process may have one. */
export type AttachedLab = {
  readonly dir: string;
  readonly nodes: readonly LabNode[];
  /** The API server as reached from outside the lab. */
  readonly url: string;
  readonly caFile: string;
  /** Calls the API server as admin, from outside. */
  readonly api: ApiClient;
  /** Runs kubectl, outside, and gives its standard output. @throws {Error} with what it printed, if it fails */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Writes a kubeconfig for `admin` or `system:serviceaccount:<ns>:<name>`, and gives its path. */
  kubeconfig(user: string, options?: KubeconfigOptions): Promise<string>;
  /** Runs a command to its end on a host: node1…, client, router, `lan` (the switch) or `top` (beside the API server). */
  exec(host: string, argv: readonly string[], options?: RunOptions): Promise<Output>;
  /** Starts a command on a host; a signal to the child ends the command with SIGKILL. */
  spawn(host: string, argv: readonly string[], options?: SpawnOptions): ChildProcess;
  cut(node: string, cable?: Cable): Promise<void>;
  /** Mends whatever is cut. */
  heal(node: string): Promise<void>;
  /** Ends a program: controller, admission, apiserver, agent-node1, proxy-node1; it stays dead until `restart`. */
  kill(program: string, signal?: NodeJS.Signals): Promise<void>;
  killAgent(node: string, signal?: NodeJS.Signals): Promise<void>;
  /** Sends a program a signal that it survives: SIGSTOP, SIGCONT. */
  signal(program: string, signal: NodeJS.Signals): Promise<void>;
  /** Starts a program on a host that goes on without this process, until `kill` or the end of the lab. */
  start(program: string, host: string, argv: readonly string[]): Promise<void>;
  /** SIGKILL if it runs, then a new start with the same arguments; the API server's returns when it is ready. */
  restart(program: string): Promise<void>;
  /** All that a program has logged: the names of `kill`, and etcd, kube-apiserver, kube-controllers, world. */
  logs(name: string): string;
  /** Closes this process's connections; the lab goes on. */
  close(): Promise<void>;
};
export type KubeconfigOptions = {
  /** For use on a host of the lab instead of outside. */
  readonly inside?: boolean;
  /** Binds a ServiceAccount's token to this Pod. */
  readonly pod?: string;
};

/** @throws {Error} if there is no running lab in this folder */
export async function attachLab(folder: string): Promise<AttachedLab> {
  const dir = resolve(folder);
  const file = readLabFile(dir);
  const caFile = join(dir, "pki", "ca.crt");
  const token = String(await callControl(dir, "token", "admin", ""));
  const api = openApiClient({ url: file.url, caFile, token });
  const connection = { dir, file, caFile };
  return {
    dir,
    nodes: labNodes(file.nodes),
    url: file.url,
    caFile,
    api,
    ...apiAccess(connection),
    ...hosts(file),
    ...programs(dir),
    close: () => api.close(),
  };
}

type Connection = { readonly dir: string; readonly file: LabFile; readonly caFile: string };

function apiAccess({ dir, file, caFile }: Connection): Pick<AttachedLab, "kubectl" | "kubeconfig"> {
  const assets = findAssets((line) => process.stderr.write(`${line}\n`));
  const kubeconfig = async (user: string, { inside, pod = "" }: KubeconfigOptions = {}): Promise<string> => {
    if (inside) return String(await callControl(dir, "kubeconfig", user, pod));
    const token = String(await callControl(dir, "token", user, pod));
    mkdirSync(join(dir, "kubeconfigs"), { recursive: true, mode: 0o700 });
    const path = join(dir, "kubeconfigs", `outside_${user.replaceAll(":", "_")}${pod}`);
    writeKubeconfig(path, { url: file.url, caFile, token });
    return path;
  };
  return {
    kubeconfig,
    kubectl: async (args, { as = "admin", stdin } = {}) => {
      const common = ["--kubeconfig", await kubeconfig(as), "--cache-dir", join(dir, "kubectl-cache")];
      return run([await assets("kubectl"), ...common, ...args], stdin === undefined ? {} : { stdin });
    },
  };
}

function hosts({ world }: LabFile): Pick<AttachedLab, "exec" | "spawn" | "cut" | "heal"> {
  const line = (host: string, argv: readonly string[], cwd = process.cwd()): readonly string[] => {
    if (world === 0) throw new Error(`run ${argv[0]} on ${host}: a control plane alone has no hosts`);
    return inWorld(world, host, argv, cwd);
  };
  const must = async (host: string, argv: readonly string[]): Promise<void> => void (await run(line(host, argv)));
  const lan = (node: string, state: string) => must("lan", ["ip", "link", "set", lanPort(node), state]);
  const frames = (node: string, state: string) =>
    must("lan", ["bridge", "link", "set", "dev", lanPort(node), "state", state]);
  const management = (node: string, state: string) => must("top", ["ip", "link", "set", managementPort(node), state]);
  return {
    exec: (host, argv, options = {}) => output(line(host, argv, options.cwd), options),
    spawn: (host, argv, options = {}) => {
      const [command = "", ...rest] = line(host, argv, options.cwd?.toString());
      return spawn(command, rest, { env: toolEnvironment(), ...options, cwd: undefined });
    },
    cut: async (node, cable = "lan") => {
      if (cable === "lan-silent") await frames(node, "0");
      if (cable === "lan" || cable === "both") await lan(node, "down");
      if (cable === "management" || cable === "both") await management(node, "down");
    },
    heal: async (node) => {
      await lan(node, "up");
      // A port takes a state only once it has its carrier, which comes a moment after the link is set up.
      await eventually(`${node}'s port forwards`, () => frames(node, "3").then(() => true));
      await management(node, "up");
    },
  };
}

function programs(dir: string): Pick<AttachedLab, "kill" | "killAgent" | "signal" | "start" | "restart" | "logs"> {
  const kill = async (program: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    await callControl(dir, "kill", program, signal);
  };
  return {
    kill,
    killAgent: (node, signal = "SIGKILL") => kill(`agent-${node}`, signal),
    signal: async (program, signal) => {
      await callControl(dir, "signal", program, signal);
    },
    start: async (program, host, argv) => {
      await callControl(dir, "start", program, host, ...argv);
    },
    restart: async (program) => {
      await callControl(dir, "restart", program);
    },
    logs: (name) => readFileSync(logFile(dir, name), "utf8"),
  };
}
