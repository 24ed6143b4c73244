import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiError, type KubeObject, type Sink } from "./api-client.ts";
import type { LabNode } from "./layout.ts";
import { type Addresses, echoPorts, lingerMs, nextStep, type Pod, type PodStep, runningStatus } from "./pod-object.ts";
import { type PodServer, podServers } from "./pod-servers.ts";

type Node = KubeObject & { readonly spec: { readonly unschedulable?: boolean } };

const retryMs = 300;
const lingerPollMs = 50;

/**
 * Scheduler and kubelets of all nodes in one loop: binds Pods round robin, runs a server for each, writes its status and
 * ends it when it is deleted. Pods with hostNetwork get a status but no server. Ends with the signal; errors are retried.
 */
export function runPods(api: ApiClient, nodes: readonly LabNode[], signal: AbortSignal): Promise<void> {
  const known = new Map<string, Pod>();
  const kubelet = new Kubelet(api, nodes, known);
  const sink: Sink<Pod> = {
    onList: (items) => {
      const before = [...known.keys()];
      known.clear();
      for (const pod of items) known.set(pod.metadata.uid, pod);
      for (const uid of new Set([...before, ...known.keys()])) kubelet.wake(uid);
    },
    onEvent: ({ type, object }) => {
      if (type === "DELETED") known.delete(object.metadata.uid);
      else known.set(object.metadata.uid, object);
      kubelet.wake(object.metadata.uid);
    },
  };
  return api.follow("/api/v1/pods", sink, signal);
}

class Kubelet {
  readonly #api: ApiClient;
  readonly #nodes: readonly LabNode[];
  readonly #known: ReadonlyMap<string, Pod>;
  readonly #running = new Map<string, PodServer>();
  readonly #awake = new Map<string, "working" | "again">();
  readonly #servers = podServers();
  #turn = 0;

  constructor(api: ApiClient, nodes: readonly LabNode[], known: ReadonlyMap<string, Pod>) {
    this.#api = api;
    this.#nodes = nodes;
    this.#known = known;
  }

  /** One worker a Pod; wakes that come while it works are taken up at its end. */
  wake(uid: string): void {
    if (this.#awake.has(uid)) {
      this.#awake.set(uid, "again");
      return;
    }
    this.#awake.set(uid, "working");
    void this.#work(uid);
  }

  async #work(uid: string): Promise<void> {
    const done = await this.#take(uid).then(
      () => true,
      async (error: unknown) => {
        if (!isStale(error)) process.stderr.write(`pod ${uid}: ${String(error)}\n`);
        await sleep(retryMs);
        return false;
      },
    );
    const again = this.#awake.get(uid) === "again" || !done;
    this.#awake.delete(uid);
    if (again) this.wake(uid);
  }

  async #take(uid: string): Promise<void> {
    const pod = this.#known.get(uid);
    const step = nextStep(pod, this.#running.has(uid));
    if (pod === undefined) {
      if (step === "remove") await this.#stopServer(uid);
      return;
    }
    await this.#carryOut(step, pod);
  }

  async #carryOut(step: PodStep, pod: Pod): Promise<void> {
    switch (step) {
      case "bind":
        return this.#bind(pod);
      case "start":
        return this.#start(pod);
      case "report":
        return this.#report(pod);
      case "end":
        return this.#end(pod);
      case "remove":
        return this.#stopServer(pod.metadata.uid);
      case "none":
    }
  }

  async #bind(pod: Pod): Promise<void> {
    const { items } = await this.#api.call<{ items: readonly Node[] }>("GET", "/api/v1/nodes");
    const fitting = items.filter((node) => mayRunOn(pod, node));
    const node = fitting[this.#turn % fitting.length];
    if (node === undefined) throw new NoNodeFits();
    this.#turn += 1;
    await this.#api.call("POST", `${podPath(pod)}/binding`, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: pod.metadata.name },
      target: { apiVersion: "v1", kind: "Node", name: node.metadata.name },
    });
  }

  async #start(pod: Pod): Promise<void> {
    const node = this.#nodeOf(pod);
    if (node === undefined) return;
    const config = { pod: pod.metadata.name, node: node.name, ports: echoPorts(pod) };
    this.#running.set(pod.metadata.uid, await this.#servers.open(node, config));
    await this.#report(pod);
  }

  async #report(pod: Pod): Promise<void> {
    const node = this.#nodeOf(pod);
    if (node === undefined) return;
    const host = [node.lan4, node.lan6];
    const addresses: Addresses = { host, pod: this.#running.get(pod.metadata.uid)?.addresses ?? host };
    const status = runningStatus(pod, addresses, new Date().toISOString());
    await this.#api.call("PATCH", `${podPath(pod)}/status`, { metadata: { uid: pod.metadata.uid }, status });
  }

  async #end(pod: Pod): Promise<void> {
    const { uid } = pod.metadata;
    const untilMs = Date.now() + (this.#running.has(uid) ? lingerMs(pod) : 0);
    while (Date.now() < untilMs && this.#known.has(uid)) await sleep(lingerPollMs);
    await this.#stopServer(uid);
    if (!this.#known.has(uid)) return;
    await this.#api.call("DELETE", podPath(pod), { gracePeriodSeconds: 0, preconditions: { uid } });
  }

  async #stopServer(uid: string): Promise<void> {
    const server = this.#running.get(uid);
    this.#running.delete(uid);
    await server?.stop();
  }

  #nodeOf(pod: Pod): LabNode | undefined {
    return this.#nodes.find(({ name }) => name === pod.spec.nodeName);
  }
}

/** Not worth a line each time: the Pod stays Pending, as it does in a cluster, and is looked at again. */
class NoNodeFits extends Error {}

function mayRunOn(pod: Pod, node: Node): boolean {
  if (node.spec.unschedulable === true) return false;
  return Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}

function podPath({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

/** The Pod changed or went while its step was on the way, or has to wait: the next look at it tells the truth. */
function isStale(error: unknown): boolean {
  if (error instanceof NoNodeFits) return true;
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
}
