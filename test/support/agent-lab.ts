import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusObject } from "../../src/api/generated/vipnode-v1beta1.ts";
import type { Advertisement, AdvertisementSpec } from "../../src/api/vip-advertisement.ts";
import { advertisementObject, advertisementStatusObject } from "../../src/api/vip-advertisement.ts";
import { type GroupSpec, groupObject } from "../../src/api/vip-group.ts";
import { objectName } from "../../src/net/address.ts";
import type { KubeObject } from "../lab/api-client.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { address, advertisement, service } from "./builders.ts";
import { eventually } from "./eventually.ts";

const entry = join(import.meta.dirname, "..", "..", "src", "main.ts");
const station = join(import.meta.dirname, "lan-station.ts");
const crds = join(import.meta.dirname, "..", "..", "crds");
const deploy = join(import.meta.dirname, "..", "..", "deploy");
const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
/** The group of all nodes. */
const lan = "lan";

/** A VIPNode as the API server has it. */
export type NodeObject = KubeObject & { readonly status?: StatusObject };

/** A Lease as the API server has it. */
export type LeaseObject = KubeObject & {
  readonly spec: { readonly holderIdentity?: string; readonly renewTime: string };
};

/** A line of an agent's log. */
export type LogLine = { readonly level: string; readonly msg: string; readonly [field: string]: unknown };

/** An agent that runs on a node of the lab. */
export type AgentProcess = {
  /** As the lab counts processes. */
  readonly pid: number;
  log(): readonly LogLine[];
  /** Resolves once a line with this message was logged so many times (1). */
  logged(message: string, times?: number): Promise<LogLine>;
  /** Sends a signal and gives the exit code, null if the signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  signal(signal: NodeJS.Signals): Promise<void>;
  /** The value of a metric at the moment; its line begins with `name`. */
  metric(name: string): Promise<number>;
};

/** A lab where the test plays the controller. */
export type AgentLab = Awaited<ReturnType<typeof startAgentLab>>;

/** Starts a lab without Herald's own processes, with its resources and roles, and a VIPNode for each node but those in `bare`. */
export async function startAgentLab(nodes: number) {
  const lab = await startLab({ nodes, herald: false });
  await lab.kubectl(["apply", "--server-side", "-f", crds]);
  await lab.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
  for (const file of ["00-namespaces.yaml", "11-rbac-agent.yaml", "21-policy-agents.yaml"])
    await lab.kubectl(["apply", "--server-side", "-f", join(deploy, file)]);
  for (const { name } of lab.nodes) await createAgentPod(lab, name);
  return { lab, ...ledger(lab), ...network(lab), startAgent: agentStarter(lab) };
}

async function createAgentPod({ api }: Lab, node: string): Promise<void> {
  const containers = [{ name: "agent", image: "herald" }];
  await api.call("POST", "/api/v1/namespaces/herald-system/pods", {
    metadata: { name: `herald-agent-${node}` },
    spec: { nodeName: node, hostNetwork: true, serviceAccountName: "herald-agent", containers },
  });
}

function ledger({ api, kubectl }: Lab) {
  const path = (text: string): string => `${herald}/vipadvertisements/${objectName(address(text))}`;
  /** How often each address was moved: a move is told from an unchanged wish by its number. */
  const moves = new Map<string, number>();
  const readNode = (name: string): Promise<NodeObject> => api.call("GET", `${herald}/vipnodes/${name}`);
  return {
    createNode: (name: string): Promise<unknown> =>
      api.call("POST", `${herald}/vipnodes`, { apiVersion: "herald.dev/v1beta1", kind: "VIPNode", metadata: { name } }),
    readNode,
    /** Resolves once the node's status is as wanted. */
    nodeSays: (name: string, what: string, wanted: (status: StatusObject) => boolean): Promise<NodeObject> =>
      eventually(`${name} says ${what}`, async () => {
        const node = await readNode(name);
        return wanted(node.status ?? {}) ? node : undefined;
      }),
    /** How many writes to VIPNodes the API server has answered, those that changed nothing included. */
    nodeWrites: async (): Promise<number> => {
      const lines = (await kubectl(["get", "--raw", "/metrics"])).split("\n");
      return lines
        .filter((line) => line.startsWith("apiserver_request_total{") && line.includes('resource="vipnodes"'))
        .filter((line) => /verb="(PUT|PATCH|POST)"/.test(line))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    readLease: (node: string): Promise<LeaseObject> => api.call("GET", `${leases}/herald-agent-${node}`),
    /** Makes these nodes a group; an even number of them votes with a witness. */
    formGroup: async (members: readonly string[], changes: Partial<GroupSpec> = {}): Promise<void> => {
      const witness = members.length % 2 === 0;
      const list = { name: lan, lan: "192.168.50.0/24", members, witness, forced: false, byLease: false, ...changes };
      if (list.witness) {
        const annotations = { "herald.dev/members": members.join() };
        await api.call("POST", leases, { metadata: { name: `herald-witness-${lan}`, annotations }, spec: {} });
      }
      await api.call("POST", `${herald}/vipgroups`, groupObject(list));
    },
    /** Whom the witness Lease names. */
    witnessHolder: async (): Promise<string> => {
      const lease = await api.call<LeaseObject>("GET", `${leases}/herald-witness-${lan}`);
      return lease.spec?.holderIdentity ?? "";
    },
    /** What a person wants of a node. */
    drain: (node: string, drain: boolean): Promise<unknown> =>
      api.call("PATCH", `${herald}/vipnodes/${node}`, { spec: { drain } }),
    /** Claims an address for a Service and places it on a node. */
    place: (text: string, node: string, changes: Partial<AdvertisementSpec> = {}): Promise<unknown> =>
      api.call(
        "POST",
        `${herald}/vipadvertisements`,
        advertisementObject({ ...claim(text), group: lan, ...changes, node }),
      ),
    /** A planned move. */
    move: (text: string, node: string): Promise<unknown> => {
      moves.set(text, (moves.get(text) ?? 0) + 1);
      return api.call("PATCH", path(text), { spec: { node, move: moves.get(text) } });
    },
    /** Changes a claim. */
    want: (text: string, spec: object): Promise<unknown> => api.call("PATCH", path(text), { spec }),
    release: (text: string): Promise<unknown> => api.call("DELETE", path(text)),
    /** What the controller writes once a node has announced the address. */
    recordHolder: (text: string, holder: string): Promise<unknown> => {
      const status = { ...claim(text).status, holder };
      return api.call("PATCH", `${path(text)}/status`, { status: advertisementStatusObject(status) });
    },
  };
}

function claim(text: string): Advertisement {
  return advertisement(text, { owner: service({ key: `shop/${objectName(address(text))}` }) });
}

function network(lab: Lab) {
  const whoHas = async (ip: string): Promise<readonly string[]> =>
    JSON.parse((await lab.exec("client", [process.execPath, station, "who-has", ip])).stdout) as string[];
  return {
    /** The MACs that answer for an address on the LAN. */
    whoHas,
    /** Resolves once exactly these nodes answer for the address. */
    answered: (ip: string, by: readonly string[]): Promise<unknown> => {
      const wanted = lab.nodes.filter(({ name }) => by.includes(name)).map(({ mac }) => mac);
      return eventually(`${by.join()} alone answers for ${ip}`, async () => sameText(await whoHas(ip), wanted));
    },
  };
}

function sameText(a: readonly string[], b: readonly string[]): true | undefined {
  return a.join() === b.join() ? true : undefined;
}

function agentStarter(lab: Lab) {
  return async (
    node: string,
    options: Readonly<Record<string, string>> = {},
    /** What is put before the command line, such as `setpriv` and its options. */
    through: readonly string[] = [],
  ): Promise<AgentProcess> => {
    const user = "system:serviceaccount:herald-system:herald-agent";
    const kubeconfig = await lab.kubeconfig(user, { inside: true, pod: `herald-agent-${node}` });
    const texts = Object.entries({ kubeconfig, node, ...options }).flatMap(([name, text]) => [`--${name}`, text]);
    // `echo $$` names the process inside the lab, where a signal must go.
    const script = 'echo "{\\"pid\\":$$}"; exec "$0" "$@"';
    // What the type stripper needs stays in memory, 40 MB of it, unless every file is found stripped already.
    const compileCache = join(lab.dir, "compile-cache");
    const env = { ...process.env, NODE_COMPILE_CACHE: compileCache, NODE_OPTIONS: "--max-semi-space-size=1" };
    const command = [...through, "sh", "-c", script, process.execPath, entry, "agent", ...texts];
    const child = lab.spawn(node, command, { env });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    const exited = once(child, "exit");
    const lines = (): readonly LogLine[] => output.split("\n").slice(0, -1).map(parseLine);
    const pid = await eventually("the agent starts", () => lines()[0]?.pid as number | undefined);
    const signal = async (name: NodeJS.Signals): Promise<void> => {
      await lab.exec("top", ["kill", `-${name.slice(3)}`, String(pid)]);
    };
    return {
      pid,
      log: () => lines().slice(1),
      logged: (message, times = 1) =>
        eventually(`the agent on ${node} logs "${message}"`, () => nth(lines(), message, times)),
      signal,
      stop: async (name) => {
        await signal(name);
        const [code] = (await exited) as [number | null];
        return code;
      },
      metric: (name) => readMetric(lab, node, name),
    };
  };
}

function nth(lines: readonly LogLine[], message: string, times: number): LogLine {
  const found = lines.filter(({ msg }) => msg === message)[times - 1];
  if (found === undefined) throw new Error(`the log so far: ${lines.map((line) => JSON.stringify(line)).join("\n")}`);
  return found;
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: "error", msg: line };
  }
}

async function readMetric(lab: Lab, node: string, name: string): Promise<number> {
  const { stdout } = await lab.exec(node, ["curl", "-s", "http://127.0.0.1:7473/metrics"]);
  const line = stdout.split("\n").find((each) => each.startsWith(name)) ?? assert.fail(`no metric ${name}`);
  return Number(line.slice(line.lastIndexOf(" ") + 1));
}

/** Waits: for tests that nothing happens in so much time. */
export function quietFor(ms: number): Promise<void> {
  return sleep(ms);
}
