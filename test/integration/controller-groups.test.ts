import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { ApiError, type KubeObject } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import { type ClusterObjects, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";
import { type GroupObject, VotingAgents } from "../support/voting-agents.ts";

const witness = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases/herald-witness-192-168-50-0-24-1";
const vipNodes = "/apis/herald.dev/v1beta1/vipnodes";
const services = ["a", "b", "c", "d", "e"];

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agents: VotingAgents;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
  agents = new VotingAgents(plane);
});
after(async () => {
  await agents?.stop();
  await controller?.stop();
  await plane?.stop();
});

async function listOf(): Promise<string> {
  const groups = await agents.groups();
  return groups.map(({ spec }) => [...spec.members, ...(spec.witness ? ["+"] : [])].join(" ")).join(" | ");
}

function listIs(wanted: string): Promise<unknown> {
  return eventually(`the list is ${wanted}`, async () => ((await listOf()) === wanted ? true : undefined), 20_000);
}

async function voters(): Promise<string | undefined> {
  try {
    const { metadata } = await plane.api.call<{ metadata: { annotations: Record<string, string> } }>("GET", witness);
    return metadata.annotations["herald.dev/members"];
  } catch (error) {
    return error instanceof ApiError && error.status === 404 ? undefined : assert.fail(String(error));
  }
}

async function countsByNode(): Promise<readonly number[]> {
  const held = await agents.advertisements();
  const counts = Map.groupBy(held, ({ spec }) => spec.node ?? "");
  return ["node1", "node2", "node3"].map((node) => counts.get(node)?.length ?? 0);
}

function countsAre(what: string, wanted: (counts: readonly number[]) => boolean): Promise<readonly number[]> {
  const look = async (): Promise<readonly number[] | undefined> => {
    const counts = await countsByNode();
    return wanted(counts) ? counts : undefined;
  };
  return eventually(what, look, 40_000);
}

it("two nodes form one group with a witness, whose Lease names them, once a pool can give addresses of their LAN", async () => {
  await Promise.all(["node1", "node2"].map((node) => agents.add(node)));
  await cluster.createPool("public", ["192.168.50.96/27"]);
  await listIs("node1 node2 +");
  assert.equal(await voters(), "node1,node2");
});

it("a third joins by one voter a write, each once the last list is in use; then the witness Lease is gone", async () => {
  const seen = new Map<number, GroupObject>();
  const watch = new AbortController();
  const note = (group: GroupObject): void => void seen.set(group.metadata.generation, group);
  void plane.api.follow<GroupObject & KubeObject>(
    "/apis/herald.dev/v1beta1/vipgroups",
    { onList: (items) => items.forEach(note), onEvent: ({ object }) => note(object) },
    watch.signal,
  );
  await agents.add("node3");
  await listIs("node1 node2 node3");
  await eventually("the Lease is gone", async () => ((await voters()) === undefined ? true : undefined));
  watch.abort();
  const lists = [...seen.values()].map(({ spec }) => `${spec.members.join(" ")}${spec.witness ? " +" : ""}`);
  assert.deepEqual(lists.slice(-3), ["node1 node2 +", "node1 node2 node3 +", "node1 node2 node3"]);
});

it("S82: Given balance, Then each address is on one node and counts differ by one at most", async () => {
  for (const name of services) await cluster.createService(name);
  for (const name of services)
    await cluster.serviceIs(name, "is shown", ({ status }) => status.loadBalancer.ingress?.length === 1);
  const counts = await countsAre("all are placed", (each) => each.reduce((a, b) => a + b) === services.length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
});

it("a drained node loses its addresses to the others, may hold none, and gets none back when that ends", async () => {
  await plane.api.call("PATCH", `${vipNodes}/node1`, { spec: { drain: true } });
  await countsAre("node1 has none", ([first]) => first === 0);
  for (const { spec } of await agents.advertisements()) assert.deepEqual(spec.candidates, ["node2", "node3"]);
  await plane.api.call("PATCH", `${vipNodes}/node1`, { spec: { drain: false } });
  await eventually("everybody may hold them again", async () =>
    (await agents.advertisements()).every(({ spec }) => spec.candidates === undefined) ? true : undefined,
  );
  assert.equal((await countsByNode())[0], 0);
});

it("a person has the node given its share, one address at a time", async () => {
  const until = new Date(Date.now() + 60_000).toISOString();
  await plane.api.call("PATCH", `${vipNodes}/node1`, {
    metadata: { annotations: { "herald.dev/rebalance-until": until } },
  });
  const counts = await countsAre("node1 has its share", ([first = 0]) => first > 0);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
  await plane.api.call("PATCH", `${vipNodes}/node1`, {
    metadata: { annotations: { "herald.dev/rebalance-until": null } },
  });
});

it("S83: Given a holder dies, Then its addresses are on live nodes, the Services show what they showed, and it takes nothing back", async () => {
  const shown = async () => (await cluster.services()).map(({ status }) => status.loadBalancer);
  const before = await shown();
  agents.die("node2");
  await countsAre("node2 has none", ([, second]) => second === 0);
  assert.deepEqual(await shown(), before);
  const event = await eventually("an Event says so", async () =>
    (await cluster.events()).find(({ reason }) => reason === "HolderChanged"),
  );
  assert.deepEqual([event.involvedObject.kind, event.involvedObject.name, event.type], ["VIPNode", "node2", "Warning"]);
  agents.revive("node2");
  await eventually("node2 votes again", async () => {
    const { status } = await plane.api.call<{ status: { groups: readonly { quorum: boolean }[] } }>(
      "GET",
      `${vipNodes}/node2`,
    );
    return status.groups[0]?.quorum;
  });
  assert.equal((await countsByNode())[1], 0);
});

it("S84: Given the Services are deleted, Then no address is left on any node", async () => {
  for (const name of services) await cluster.deleteService(name);
  for (const name of services) await cluster.released(name);
  await countsAre("nothing is placed", (counts) => counts.every((count) => count === 0));
});

it("a LAN of which no pool can give an address any more has no group", async () => {
  await cluster.deletePool("public");
  await listIs("");
});
