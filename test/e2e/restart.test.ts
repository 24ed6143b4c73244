/** Everything that Herald consists of, and the API server beneath it, is restarted under 200 Services. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startLab } from "../lab/lab.ts";
import { type Cluster, clusterOf, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const services = 200;
const written = ["services", "vipadvertisements", "vipnodes", "vipgroups", "ippools.herald.dev"];

let cluster: Cluster;

/**
 * All objects that Herald writes, a line each: equal twice means that nobody wrote in between, and where they are not
 * equal a line tells what was written, and its managedFields by whom and when.
 */
async function objects(): Promise<readonly string[]> {
  const lists = await Promise.all(
    written.map((kind) => cluster.get<{ readonly items: readonly object[] }>(kind, "-A", "--show-managed-fields")),
  );
  return lists.flatMap(({ items }) => items.map((object) => JSON.stringify(object)));
}

/** The objects once they have stood still for longer than the controller rests between two writes of a counter. */
async function settledObjects(): Promise<readonly string[]> {
  return eventually("the cluster settles", async () => {
    const first = await objects();
    await sleep(3_000);
    return first.join() === (await objects()).join() ? first : undefined;
  });
}

async function restarted(programs: readonly string[]): Promise<void> {
  await Promise.all(programs.map((program) => cluster.lab.restart(program)));
  // Longer than a Lease, which is 10 s here: whoever believes that a node is gone has said so by then.
  await sleep(12_000);
}

before(async () => {
  cluster = clusterOf(await startLab({ nodes: 3, agentArgs: ["--lease-duration", "10", "--lease-renew", "3"] }));
  await cluster.apply(poolObject("many", ["10.99.0.0/23"], { announcement: { arp: { conflictCheck: "Off" } } }));
  const spec = { allocateLoadBalancerNodePorts: false };
  await cluster.apply(...Array.from({ length: services }, (_, i) => serviceObject(`many-${i}`, "web", spec)));
  await eventually("all are served", async () => {
    const { items } = await cluster.get<{ items: { status: { loadBalancer: { ingress?: object[] } } }[] }>("services");
    return items.filter(({ status }) => status.loadBalancer.ingress).length === services || undefined;
  });
});

after(() => cluster?.lab.stop());

const agents = ["agent-node1", "agent-node2", "agent-node3"];
const restarts: readonly (readonly [what: string, programs: readonly string[]])[] = [
  ["the controller is", ["controller"]],
  ["all agents are", agents],
  ["the API server is", ["apiserver"]],
  ["controller and agents are", ["controller", ...agents]],
];

for (const [what, programs] of restarts)
  it(`Given ${services} Services that are served, When ${what} restarted, Then no address changes and nothing is written but Leases`, async () => {
    const before = await settledObjects();
    await restarted(programs);
    assert.deepEqual(await settledObjects(), before);
    assert.equal((await cluster.whoHas(await cluster.address("many-7"), "router")).length, 1);
  });
