import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, startLab } from "../test/lab/lab.ts";
import { eventually } from "../test/support/eventually.ts";
import { nowMs } from "./bare-client.ts";
import { claimsPath, poolObject, type ServiceObject, serviceObject, servicesPath } from "./objects.ts";
import { parseRequestCounts, type RequestCounts } from "./request-counts.ts";

/** The number of nodes, and so of agents, in every lab of the bench. */
export const nodeCount = 3;

/** The user as whom the controller runs: nobody else may write claims. */
const controllerUser = "system:serviceaccount:herald-system:herald-controller";

/** A lab with Herald in it, and what a case does with it. */
export type BenchLab = {
  readonly lab: Lab;
  /** Kubeconfigs for use beside the API server. */
  readonly admin: string;
  readonly controller: string;
  /** Runs a script of this folder beside the API server to its end, and gives the JSON that it printed. @throws {Error} with its errors */
  drive<Answer>(script: string, order: object): Promise<Answer>;
  /** Ends the controller as an upgrade does, with time to give up its Lease. */
  stopController(): Promise<void>;
  /** Starts it, and gives when, on the clock of `nowMs`. */
  startController(): Promise<number>;
  requests(): Promise<RequestCounts>;
  /** Resolves once there is no claim left. */
  untilNoClaims(): Promise<void>;
  removeServices(): Promise<void>;
};

/** `proxies`: run kube-proxies, which bursts of Services would otherwise share the cores with. Default false. */
export type BenchLabOptions = { readonly proxies?: boolean; readonly report: (line: string) => void };

/** The pools of every lab: with the check for conflicts, and, tried first where a Service's label selects it, without. */
const pools = [poolObject("checked", ["10.200.0.0/17"], "On"), poolObject("unchecked", ["10.200.128.0/17"], "Off")];

/** Runs a case in a lab of its own, with Herald ready to serve. */
export async function inBenchLab<T>(
  { proxies = false, report }: BenchLabOptions,
  work: (bench: BenchLab) => Promise<T>,
): Promise<T> {
  const lab = await startLab({ nodes: nodeCount, report: () => undefined });
  try {
    if (!proxies) for (const { name } of lab.nodes) await lab.kill(`proxy-${name}`, "SIGKILL");
    for (const pool of pools) await lab.api.call("POST", "/apis/herald.dev/v1beta1/ippools", pool);
    const bench = await benchLab(lab);
    await untilServing(bench);
    return await work(bench);
  } catch (error) {
    for (const name of ["controller", "node1"]) report(`${name}: ${lab.logs(name).slice(-1500)}`);
    throw error;
  } finally {
    await lab.stop();
  }
}

async function benchLab(lab: Lab): Promise<BenchLab> {
  const admin = await lab.kubeconfig("admin", { inside: true });
  const controller = await lab.kubeconfig(controllerUser, { inside: true });
  return {
    lab,
    admin,
    controller,
    drive: (script, order) => drive(lab, script, order),
    stopController: () => lab.kill("controller", "SIGTERM"),
    startController: async () => {
      const startedMs = nowMs();
      await lab.restart("controller");
      return startedMs;
    },
    requests: async () => parseRequestCounts(await lab.kubectl(["get", "--raw", "/metrics"])),
    untilNoClaims: async () => {
      await eventually("all claims are gone", async () => (await claimCount(lab)) === 0 || undefined, 180_000);
    },
    removeServices: async () => {
      await lab.api.call("DELETE", `${servicesPath}?labelSelector=bench%3Dtrue`);
    },
  };
}

async function claimCount(lab: Lab): Promise<number> {
  const { items, metadata } = await lab.api.call<{ items: unknown[]; metadata: { remainingItemCount?: number } }>(
    "GET",
    `${claimsPath}?limit=1`,
  );
  return items.length + (metadata.remainingItemCount ?? 0);
}

async function drive<Answer>(lab: Lab, script: string, order: object): Promise<Answer> {
  const argv = [process.execPath, join(import.meta.dirname, script), JSON.stringify(order)];
  const { code, stdout, stderr } = await lab.exec("top", argv);
  if (code !== 0) throw new Error(`${script}: exit code ${code}: ${stderr.trim()}`);
  return (stdout === "" ? undefined : JSON.parse(stdout)) as Answer;
}

const restMs = 1_000;
const pollMs = 500;

/** A Service is served and removed again: every part of Herald works, and its code is warm. */
async function untilServing({ lab, removeServices, untilNoClaims }: BenchLab): Promise<void> {
  await lab.api.call("POST", servicesPath, serviceObject({ name: "first" }));
  await eventually("a first Service is served", async () => {
    const { status } = await lab.api.call<{ status: { loadBalancer: object } }>("GET", `${servicesPath}/first`);
    return Object.keys(status.loadBalancer).length > 0 || undefined;
  });
  await removeServices();
  await untilNoClaims();
  await sleep(restMs);
}

/** Resolves once that many Services of the bench have an address. */
export async function untilServed({ lab }: BenchLab, n: number): Promise<void> {
  const withinMs = 600_000;
  await eventually(
    `${n} Services are served`,
    async () => {
      const { items } = await lab.api.call<{ items: readonly ServiceObject[] }>("GET", servicesPath);
      await sleep(pollMs);
      return items.filter(({ status }) => status.loadBalancer?.ingress?.length).length >= n || undefined;
    },
    withinMs,
  );
}
