import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../lab/control-plane.ts";
import { freePort } from "../lab/servers.ts";
import { controllerAccount, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  allocatedOf,
  type ClusterObjects,
  objectsOf,
  type ServiceObject,
} from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
const dualStackless = { "herald.dev/pool": "large" };

let plane: ControlPlane;
let cluster: ClusterObjects;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
});

after(async () => {
  await plane?.stop();
});

async function inParallel(count: number, task: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

async function servicesOf(prefix: string): Promise<readonly ServiceObject[]> {
  return (await cluster.services()).filter(({ metadata }) => metadata.name.startsWith(prefix));
}

/** The ledger and the Services say the same: one address a Service, one Service an address, and no claim without a Service. */
async function assertConsistent(prefix: string): Promise<void> {
  const shown = new Map((await servicesOf(prefix)).map((each) => [each.metadata.uid, allocatedOf(each)]));
  const held = await cluster.advertisements();
  const owners = held.flatMap(({ spec }) => spec.services.map(({ uid }) => [uid, spec.address] as const));
  assert.equal(new Set(owners.map(([uid]) => uid)).size, owners.length);
  for (const [uid, address] of owners) assert.deepEqual(shown.get(uid), [address]);
  assert.equal(owners.length, [...shown.values()].filter((addresses) => addresses !== undefined).length);
  assert.ok(held.every(({ spec }) => spec.services.length === 1));
}

it("Given two controllers without a Lease, 500 pending Services and a pool of 300, Then 300 distinct addresses and 200 reasons", async () => {
  await cluster.createPool("small", ["203.0.113.1-203.0.113.250", "198.51.100.1-198.51.100.50"]);
  await inParallel(500, (i) => cluster.createService(`many-${i}`));
  const controllers = await Promise.all([startController(plane), startController(plane)]);
  await eventually("every Service has an address or a reason", async () => {
    const services = await servicesOf("many-");
    return services.every((each) => allocatedOf(each) || allocatedCondition(each)?.status === "False") || undefined;
  });
  const services = await servicesOf("many-");
  const addresses = services.flatMap((each) => allocatedOf(each) ?? []);
  assert.equal(addresses.length, 300);
  assert.equal(new Set(addresses).size, 300);
  const refused = services.filter((each) => allocatedOf(each) === undefined);
  assert.deepEqual(new Set(refused.map((each) => allocatedCondition(each)?.reason)), new Set(["PoolExhausted"]));
  await assertConsistent("many-");
  await Promise.all(controllers.map((each) => each.stop()));
  await inParallel(500, (i) => cluster.deleteService(`many-${i}`));
  await cluster.deletePool("small");
});

function spawnController(kubeconfig: string, port: number): ChildProcess {
  const args = ["controller", "--kubeconfig", kubeconfig, "--leader-elect=false", "--log-level=error"];
  return spawn(process.execPath, [main, ...args, `--metrics-address=127.0.0.1:${port}`], { stdio: "inherit" });
}

it("Given kill -9 of the controller at random during bursts, Then one address a Service and no orphan claim", async () => {
  await cluster.createPool("large", ["10.200.0.0/22"], { automatic: false });
  const kubeconfig = await plane.kubeconfig(controllerAccount);
  const port = await freePort();
  const burst = 60;
  for (let round = 0; round < 4; round++) {
    const controller = spawnController(kubeconfig, port);
    await eventually(
      "the controller is ready",
      async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok || undefined,
    );
    const killed = sleep(50 + Math.random() * 400).then(() => controller.kill("SIGKILL"));
    await inParallel(burst, (i) => cluster.createService(`burst-${round}-${i}`, {}, dualStackless));
    if (round > 0) await inParallel(burst / 2, (i) => cluster.deleteService(`burst-${round - 1}-${i}`));
    await killed;
    if (controller.exitCode === null && controller.signalCode === null) await once(controller, "exit");
  }
  const controller = await startController(plane);
  await eventually("every Service has an address and the ledger no more", async () => {
    const services = await servicesOf("burst-");
    const held = await cluster.advertisements();
    return (services.every((each) => allocatedOf(each)) && held.length === services.length) || undefined;
  });
  await assertConsistent("burst-");
  await controller.stop();
});
