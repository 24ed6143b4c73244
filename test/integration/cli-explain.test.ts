import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { parse } from "yaml";
import type { AddressReport } from "../../src/cli/explain/address-report.ts";
import type { ServiceReport } from "../../src/cli/explain/service-report.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import { allocatedCondition, type ClusterObjects, ingressOf, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const main = join(import.meta.dirname, "../../src/main.ts");

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agent: FakeAgent;
let kubeconfig: string;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  kubeconfig = await plane.kubeconfig("admin");
  controller = await startController(plane);
  agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  await cluster.createPool("small", ["203.0.113.8-203.0.113.9"], { limits: { perNamespace: 1 } });
  await cluster.createService("web");
  await cluster.serviceIs("web", "is announced", (each) => ingressOf(each).length > 0);
});

after(async () => {
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What `herald explain` prints when a person runs it. */
function explain(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, "explain", ...args, "--kubeconfig", kubeconfig], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

async function service(name: string): Promise<ServiceReport> {
  return JSON.parse((await explain("service", name, "-o", "json")).stdout);
}

async function address(text: string): Promise<AddressReport> {
  return parse((await explain("address", text, "-o", "yaml")).stdout);
}

it("of a Service that is served, says what it holds, from which pool, and which node answers", async () => {
  const { code, stdout } = await explain("service", "default/web");
  assert.equal(code, 0);
  assert.match(stdout, /^Service default\/web\n {2}Allocated +True Allocated: 203\.0\.113\.8 from pool small\n/);
  assert.match(stdout, /Holds +203\.0\.113\.8 from pool small, since 20\d\d-/);
  const { holds, pending } = await eventually("the ledger says who answers", async () => {
    const report = await service("web");
    return report.holds[0]?.holder ? report : undefined;
  });
  assert.deepEqual([holds[0]?.holder, holds[0]?.placedOn, pending], ["node1", "node1", undefined]);
});

it("of a Service that waits, says the very words of its condition and of the pool", async () => {
  await cluster.createService("late");
  const { reason, message } = await cluster.refusal("late");
  const { allocated, shows, pools, advice, pending } = await service("late");
  assert.deepEqual(allocated, { status: "False", reason, message });
  assert.deepEqual([shows.allocated?.reason, shows.allocated?.message, pending], [reason, message, undefined]);
  assert.equal(reason, "QuotaExceeded");
  assert.deepEqual([pools[0]?.pool, pools[0]?.reason, pools[0]?.message], ["small", reason, message]);
  assert.equal(advice?.section, "docs/reasons.md#quotaexceeded");
  assert.equal(allocatedCondition(await cluster.service("late"))?.message, message);
});

it("of a Service of another type, says that", async () => {
  const { handled, because } = await service("kubernetes");
  assert.deepEqual([handled, because], [false, "it is of type ClusterIP, not LoadBalancer"]);
});

it("of an address that is held, says by whom, and who else wants it", async () => {
  await cluster.createService("rival", {}, { "herald.dev/addresses": "203.0.113.8" });
  await cluster.refusal("rival");
  const { summary, heldBy, suitors, pools, announcement } = await address("203.0.113.8");
  assert.equal(summary, "held by default/web");
  assert.equal(heldBy[0]?.service, "default/web");
  assert.deepEqual([suitors[0]?.service, suitors[0]?.answer.split(":")[0]], ["default/rival", "AddressTaken"]);
  assert.deepEqual([pools[0]?.pool, pools[0]?.gives], ["small", true]);
  assert.deepEqual([announcement?.holder, announcement?.history.at(-1)?.node], ["node1", "node1"]);
});

it("of an address of the cluster itself, says what it is", async () => {
  assert.match((await address("192.168.50.11")).never ?? "", /the address of node node1/);
});

it("of an address that is remembered, says for whom and until when", async () => {
  await cluster.createNamespace("blog");
  await cluster.createService("blog/gone");
  assert.deepEqual(await cluster.allocated("blog/gone"), ["203.0.113.9"]);
  await cluster.deleteService("blog/gone");
  await cluster.released("blog/gone");
  const { summary, released } = await address("203.0.113.9");
  assert.equal(summary, "free, and blog/gone had it last");
  assert.equal(Date.parse(released?.rememberedUntil ?? "") - Date.parse(released?.at ?? ""), 24 * 3_600_000);
  assert.equal(Date.parse(released?.coolingUntil ?? "") - Date.parse(released?.at ?? ""), 300_000);
});

it("fails for a Service that does not exist, and for what is no address", async () => {
  const none = await explain("service", "nowhere", "-n", "shop");
  assert.deepEqual([none.code, none.stdout, none.stderr], [1, "", "herald: there is no Service shop/nowhere\n"]);
  const wrong = await explain("address", "203.0.113");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^herald: "203\.0\.113" is no IP address/);
});
