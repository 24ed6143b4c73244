import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import {
  type RunningController,
  startController,
  startHeraldCluster,
  writeVerbs,
} from "../support/controller-cluster.ts";
import { allocatedOf, type ClusterObjects, ingressOf, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const services = 200;

/** Longer than the controller waits before it tells of a silent address, and than a Lease lasts. */
const settleMs = 4_500;

let plane: ControlPlane;
let cluster: ClusterObjects;
let agents: readonly FakeAgent[];
let running: readonly RunningController[] = [];

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  running = [await startController(plane)];
  agents = await Promise.all(
    ["node1", "node2", "node3"].map((name, i) => startFakeAgent(plane, name, `192.168.50.1${i + 1}`)),
  );
  await cluster.createPool("public", ["203.0.113.0/24", "2001:db8:5::/112"]);
  for (let i = 0; i < services; i++) await cluster.createService(`web-${i}`);
  await eventually("all Services show an address", async () => {
    const shown = (await cluster.services()).filter((each) => ingressOf(each).length === 1);
    return shown.length === services || undefined;
  });
});

after(async () => {
  for (const agent of agents ?? []) agent.stop();
  await stopAll();
  await plane?.stop();
});

async function stopAll(): Promise<void> {
  await Promise.all(running.map((each) => each.stop()));
  running = [];
}

/** Name and version of every object that a controller writes. */
async function versions(): Promise<readonly string[]> {
  const all = [...(await cluster.services()), ...(await cluster.advertisements())];
  return all.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
}

async function addresses(): Promise<readonly string[]> {
  return (await cluster.services()).map((each) => `${each.metadata.name} ${allocatedOf(each)}`).sort();
}

it("addresses are spread over the nodes, to a difference of one", async () => {
  const counts = Map.groupBy(await cluster.advertisements(), ({ spec }) => spec.node);
  const sizes = [...counts.values()].map((each) => each.length).sort();
  assert.deepEqual(sizes, [66, 67, 67]);
});

it("S45: Given a controller restart under 200 Services, Then allocations are unchanged and nothing is written but Leases", async () => {
  await eventually("the status of the pool is up to date", async () => {
    const { status } = await cluster.pool<{ status: { addresses: { ipv4: { allocated: number } } } }>("public");
    return status.addresses.ipv4.allocated === services || undefined;
  });
  await sleep(settleMs);
  const before = await versions();
  await stopAll();
  running = [await startController(plane, { leaderElect: true })];
  await sleep(settleMs);
  assert.equal(await running[0]?.requests(writeVerbs), 0);
  assert.deepEqual(await versions(), before);
});

it("S47: Given two replicas, Then only the leader allocates; When it ends, Then the other gives unique addresses", async () => {
  await stopAll();
  const leader = await startController(plane, { leaderElect: true });
  await eventually("one leads", () => leader.log.some(({ msg }) => msg === "leadership acquired") || undefined);
  const standby = await startController(plane, { leaderElect: true });
  running = [leader, standby];
  await cluster.createService("led");
  await cluster.allocated("led");
  assert.equal(await standby.requests(writeVerbs), 0);
  await leader.stop();
  await cluster.createService("led-by-the-other");
  const [address] = await cluster.allocated("led-by-the-other");
  const holders = (await cluster.advertisements()).filter(({ spec }) => spec.address === address);
  assert.equal(holders.length, 1);
  assert.ok((await standby.requests(writeVerbs)) > 0);
});

it("Given an agent dies, Then its addresses move to live nodes and no ingress changes", async () => {
  await eventually(
    "every Service shows its address",
    async () =>
      (await cluster.services()).every((each) => each.spec.type !== "LoadBalancer" || ingressOf(each).length === 1) ||
      undefined,
  );
  const before = await addresses();
  const ingress = (await cluster.services()).map(({ metadata, status }) => [metadata.name, status.loadBalancer]);
  agents[0]?.die();
  await eventually(
    "nothing is on node1",
    async () =>
      (await cluster.advertisements()).every(
        ({ spec, status }) => spec.node !== "node1" && status?.holder !== "node1",
      ) || undefined,
  );
  assert.deepEqual(await addresses(), before);
  const after = (await cluster.services()).map(({ metadata, status }) => [metadata.name, status.loadBalancer]);
  assert.deepEqual(after, ingress);
});

it("Given the node returns, Then it takes nothing back", async () => {
  const before = (await cluster.advertisements()).map(({ metadata, spec }) => `${metadata.name} ${spec.node}`);
  agents[0]?.revive();
  await sleep(settleMs);
  const after = (await cluster.advertisements()).map(({ metadata, spec }) => `${metadata.name} ${spec.node}`);
  assert.deepEqual(after, before);
});

it("Given a node claims an address that is placed elsewhere, Then nothing believes it", async () => {
  const held = (await cluster.advertisements()).find(({ spec }) => spec.node === "node2");
  assert.ok(held);
  await agents[2]?.claim([held.spec.address]);
  await sleep(500);
  const now = (await cluster.advertisements()).find(({ metadata }) => metadata.name === held.metadata.name);
  assert.equal(now?.status?.holder, "node2");
});
