import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import { allocatedOf, type ClusterObjects, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const total = 1_000;
const atOnce = 16;

let plane: ControlPlane;
let cluster: ClusterObjects;
let running: readonly RunningController[] = [];

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  await cluster.createPool("left", ["10.1.0.0/22"], { priority: 1 });
  await cluster.createPool("right", ["10.2.0.0/22"]);
});

after(async () => {
  await stopAll();
  await plane?.stop();
});

async function stopAll(): Promise<void> {
  await Promise.all(running.map((each) => each.stop()));
  running = [];
}

async function inParallel(names: readonly string[], task: (name: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) await task(name);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

type Held = ReadonlyMap<string, string>;

/** What each Service says that it has, of those that have something. */
async function shown(): Promise<Held> {
  const services = await cluster.services();
  return new Map(services.flatMap((each) => (allocatedOf(each) ?? []).map((text) => [each.metadata.name, text])));
}

/** What the ledger says that each Service has; fails if it gives one address to two, or two to one. */
async function ledger(): Promise<Held> {
  const held = (await cluster.advertisements()).flatMap(({ spec }) =>
    spec.services.map(({ name }) => [name, spec.address] as const),
  );
  assert.equal(new Set(held.map(([name]) => name)).size, held.length, "one address a Service");
  assert.equal(new Set(held.map(([, text]) => text)).size, held.length, "one Service an address");
  return new Map(held);
}

async function settled(count: number): Promise<Held> {
  await eventually(
    `${count} Services have an address`,
    async () => ((await shown()).size === count && (await ledger()).size === count) || undefined,
    120_000,
  );
  return shown();
}

async function restart(): Promise<void> {
  await stopAll();
  running = [await startController(plane)];
}

it("Given 1,000 Services, When the controller restarts and every pool is edited, Then no address changes", async () => {
  running = [await startController(plane)];
  await inParallel(names("web", total), (name) => cluster.createService(name));
  const before = await settled(total);
  const edits: readonly (() => Promise<unknown>)[] = [
    () => cluster.patchPool("left", { spec: { addresses: ["10.1.0.0/28"] } }),
    () => cluster.patchPool("left", { spec: { paused: true } }),
    restart,
    () => cluster.patchPool("left", { spec: { services: { namespaces: ["nobody"] } } }),
    () => cluster.createPool("split", ["10.1.1.0/24"], { priority: 9 }),
    () => cluster.deletePool("left"),
    restart,
    () =>
      cluster.createPool("renamed", ["10.1.0.0/24", "10.1.2.0/23"], {
        order: "Descending",
        limits: { perNamespace: 1 },
      }),
    () => cluster.patchPool("split", { spec: { reservations: [{ address: "10.1.1.7", namespace: "x", name: "y" }] } }),
    () => cluster.patchPool("right", { spec: { addresses: ["10.2.0.0/30"], exclude: ["10.2.0.1"] } }),
    restart,
  ];
  for (const edit of edits) await edit();
  await cluster.createService("last");
  await eventually("the last Service is told", async () => (await shown()).has("last") || undefined);
  const { last, ...now } = Object.fromEntries(await shown());
  assert.ok(last);
  assert.deepEqual(now, Object.fromEntries(before));
  await cluster.deleteService("last");
  await cluster.released("last");
  assert.deepEqual(Object.fromEntries(await ledger()), Object.fromEntries(before));
});

it("Given two controllers without an election under Services that come and go, Then no duplicate and no orphan is left", async () => {
  await cluster.createPool("more", ["10.3.0.0/22"]);
  running = [...running, await startController(plane)];
  await Promise.all([
    inParallel(names("web", total / 2), (name) => cluster.deleteService(name)),
    inParallel(names("new", total / 2), (name) => cluster.createService(name)),
    restartLast(),
  ]);
  const now = await settled(total);
  assert.deepEqual(Object.fromEntries(await ledger()), Object.fromEntries(now));
});

/** One of the two dies and comes back while the other works. */
async function restartLast(): Promise<void> {
  const [first, last] = running;
  await last?.stop();
  running = [...(first ? [first] : []), await startController(plane)];
}
