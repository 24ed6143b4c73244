/** One agent a node with the rights of its role, on a real kernel and a real API server; the test plays the controller. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type AgentLab, type AgentProcess, type NodeObject, quietFor, startAgentLab } from "../support/agent-lab.ts";
import { eventually } from "../support/eventually.ts";

let world: AgentLab;
let agents: AgentProcess[];

before(async () => {
  world = await startAgentLab(2);
  agents = await Promise.all(["node1", "node2"].map((node) => world.startAgent(node)));
});

after(() => world?.lab.stop());

it("waits for its VIPNode, and tells its interfaces once the controller has made it", async () => {
  for (const agent of agents) await agent.logged("agent ready");
  for (const node of ["node1", "node2"]) await world.createNode(node);
  const { status } = await world.nodeSays("node1", "its interfaces", ({ interfaces = [] }) => interfaces.length > 0);
  const eth0 = status?.interfaces?.find(({ name }) => name === "eth0");
  assert.deepEqual(eth0?.subnets, ["192.168.50.11/24", "fd50::11/64"]);
  assert.deepEqual([eth0?.mac, eth0?.up, eth0?.defaultRoute], ["02:00:00:00:50:0b", true, true]);
  assert.equal(status?.conditions?.find(({ type }) => type === "Ready")?.status, "True");
  assert.deepEqual(status?.groups ?? [], []);
});

it("refuses an address that is in no group", async () => {
  await world.place("192.168.50.199", "node1", { group: "" });
  const { status } = await world.nodeSays("node1", "a refusal", ({ refusing = [] }) => refusing.length === 1);
  assert.equal(status?.refusing?.[0]?.reason, "NoGroup");
  await world.release("192.168.50.199");
});

it("votes in its group as soon as there is one, and says whom it hears", async () => {
  await world.formGroup(["node1", "node2"]);
  for (const [node, other] of [
    ["node1", "node2"],
    ["node2", "node1"],
  ] as const) {
    const { status } = await world.nodeSays(node, "its group", ({ groups = [] }) => groups[0]?.hears?.length === 1);
    assert.deepEqual(status?.groups, [{ name: "lan", epoch: 1, quorum: true, hears: [other] }]);
  }
  await eventually("nobody needs the witness", async () => (await world.witnessHolder()) === "");
});

it("announces the addresses that are wanted on its node, and says so", async () => {
  await world.place("192.168.50.200", "node1");
  await world.place("fd50::200", "node1");
  await world.answered("192.168.50.200", ["node1"]);
  await world.answered("fd50::200", ["node1"]);
  const { status } = await world.nodeSays("node1", "two addresses", ({ announcing = [] }) => announcing.length === 2);
  assert.deepEqual(status?.announcing, [
    { protocol: "ARP", interface: "eth0", addresses: ["192.168.50.200"] },
    { protocol: "NDP", interface: "eth0", addresses: ["fd50::200"] },
  ]);
});

it("moves an address to the node that its claim names, and both say so", async () => {
  await world.move("192.168.50.200", "node2");
  await world.answered("192.168.50.200", ["node2"]);
  await world.nodeSays("node2", "its address", says("192.168.50.200"));
  await world.nodeSays("node1", "one address less", ({ announcing = [] }) => announcing.length === 1);
  await agents[0]?.logged("address withdrawn");
});

it("S44: Given a claim that is deleted, Then no node answers for its address any more, and none says so", async () => {
  await world.release("192.168.50.200");
  await world.nodeSays("node2", "no address", ({ announcing = [] }) => announcing.length === 0);
  assert.deepEqual(await world.whoHas("192.168.50.200"), []);
});

it("refuses an address that another station has, names it, and takes the address once the station is gone", async () => {
  await world.lab.exec("router", ["ip", "addr", "add", "192.168.50.201/24", "dev", "eth0"]);
  await world.place("192.168.50.201", "node1");
  const { status } = await world.nodeSays("node1", "a conflict", ({ refusing = [] }) => refusing.length === 1);
  assert.equal(status?.refusing?.[0]?.reason, "Conflict");
  assert.match(status?.refusing?.[0]?.message ?? "", /02:00:00:00:50:01/);
  await world.lab.exec("router", ["ip", "addr", "del", "192.168.50.201/24", "dev", "eth0"]);
  await world.answered("192.168.50.201", ["node1"]);
  await world.nodeSays("node1", "no conflict", ({ refusing = [] }) => refusing.length === 0);
});

it("takes an address that the cluster has used before without asking who has it", async () => {
  await world.place("192.168.50.202", "", { candidates: [] });
  await world.recordHolder("192.168.50.202", "node3");
  await world.lab.exec("router", ["ip", "addr", "add", "192.168.50.202/24", "dev", "eth0"]);
  await world.want("192.168.50.202", { node: "node1", move: 1, candidates: null });
  await world.nodeSays("node1", "the address", says("192.168.50.202"));
  await world.lab.exec("router", ["ip", "addr", "del", "192.168.50.202/24", "dev", "eth0"]);
  await world.release("192.168.50.202");
});

it("S98: Given mode Address, Then the address is an additional address on the interface while its node holds it, and gone after", async () => {
  const arp = { interfaces: [], mode: "Address", conflictCheck: "On" } as const;
  await world.place("192.168.50.203", "node1", { announcement: { arp } });
  await world.answered("192.168.50.203", ["node1"]);
  assert.match((await world.lab.exec("node1", ["ip", "addr", "show", "eth0"])).stdout, /192\.168\.50\.203\/32/);
  await world.release("192.168.50.203");
  await world.nodeSays("node1", "the address no more", (status) => !says("192.168.50.203")(status));
  assert.doesNotMatch((await world.lab.exec("node1", ["ip", "addr", "show", "eth0"])).stdout, /192\.168\.50\.203/);
});

it("refuses an address for which the node has no interface", async () => {
  const arp = { interfaces: ["eth7"], mode: "Responder", conflictCheck: "On" } as const;
  await world.place("192.168.50.204", "node1", { announcement: { arp } });
  const { status } = await world.nodeSays("node1", "a refusal", ({ refusing = [] }) => refusing.length === 1);
  assert.deepEqual([status?.refusing?.[0]?.address, status?.refusing?.[0]?.reason], ["192.168.50.204", "NoInterface"]);
  await world.release("192.168.50.204");
});

it("gives its addresses away while it is drained, says when it holds nothing, and takes nothing back by itself", async () => {
  await world.place("192.168.50.208", "node1");
  await world.answered("192.168.50.208", ["node1"]);
  await world.drain("node1", true);
  await world.nodeSays("node1", "that it is drained", ({ conditions = [] }) =>
    conditions.some(({ type, status }) => type === "Drained" && status === "True"),
  );
  await world.answered("192.168.50.208", ["node2"]);
  await world.drain("node1", false);
  await world.nodeSays("node1", "no more of it", ({ conditions = [] }) =>
    conditions.every(({ type }) => type !== "Drained"),
  );
  await world.answered("192.168.50.208", ["node2"]);
  for (const each of ["192.168.50.201", "fd50::200"]) await bring(each, "node1");
  await world.release("192.168.50.208");
});

it("keeps everything announced and hears the others while the API server is away, and follows it again once it is back", async () => {
  await world.lab.cut("node1", "management");
  await agents[0]?.logged("api server away");
  await world.place("192.168.50.205", "node1");
  await world.answered("192.168.50.201", ["node1"]);
  await world.lab.heal("node1");
  await agents[0]?.logged("api server back");
  await world.answered("192.168.50.201", ["node1"]);
  await world.nodeSays("node1", "its group", ({ groups = [] }) => groups[0]?.quorum === true);
  await world.release("192.168.50.205");
});

it("an agent that is killed loses its address to the other, and takes nothing back when it returns", async () => {
  await agents[0]?.stop("SIGKILL");
  await world.answered("192.168.50.201", ["node2"]);
  agents[0] = await world.startAgent("node1");
  await agents[0].logged("agent ready");
  await world.nodeSays("node1", "no address", ({ announcing = [] }) => announcing.length === 0);
  await world.answered("192.168.50.201", ["node2"]);
});

it("a new wish brings it back, and the agent that leaves gives everything away before it ends", async () => {
  for (const each of ["192.168.50.201", "fd50::200"]) await bring(each, "node1");
  const { metadata } = await settled("node1");
  assert.equal(await agents[0]?.stop("SIGTERM"), 0);
  for (const each of ["192.168.50.201", "fd50::200"]) await world.answered(each, ["node2"]);
  const lease = await world.readLease("node1");
  assert.equal(lease.metadata.annotations?.["herald.dev/leaving"], "true");
  assert.equal(lease.spec.holderIdentity ?? "", "");
  assert.equal((await world.readNode("node1")).metadata.resourceVersion, metadata.resourceVersion);
});

it("starts without the API server and without anything kept, says so once, and works as soon as it is there", async () => {
  await world.lab.cut("node1", "management");
  const agent = await world.startAgent("node1", { "state-dir": "/run/herald-fresh" });
  agents[0] = agent;
  await agent.logged("api server away");
  await quietFor(3_000);
  assert.deepEqual(
    agent.log().map(({ msg }) => msg),
    ["api server away"],
  );
  await world.lab.heal("node1");
  await agent.logged("agent ready");
  await agent.logged("group has a quorum");
  await agent.logged("api server back");
});

it("rests: neither writes nor log lines while nothing changes, and at most 120 MB", async () => {
  const agent = agents[0] ?? assert.fail();
  await settled("node1");
  const [lines, writes] = [agent.log().length, await world.nodeWrites()];
  const cpuBefore = await agent.metric("process_cpu_seconds_total");
  await quietFor(10_000);
  const share = ((await agent.metric("process_cpu_seconds_total")) - cpuBefore) / 10;
  const rss = (await agent.metric("process_resident_memory_bytes")) / 2 ** 20;
  process.stderr.write(`agent at rest: ${(100 * share).toFixed(2)} % of a core, ${rss.toFixed(0)} MB\n`);
  assert.deepEqual(agent.log().slice(lines), []);
  assert.equal(await world.nodeWrites(), writes);
  assert.ok(rss <= 120, `${rss} MB`);
});

it("tells a burst of 100 addresses in few writes", async () => {
  const burst = Array.from({ length: 100 }, (_, i) => `192.168.50.${i + 101}`);
  const writes = await world.nodeWrites();
  const candidates = ["node1"];
  await Promise.all(burst.map((each) => world.place(each, "node1", { candidates })));
  await world.nodeSays("node1", "the burst", (status) => burst.every((each) => says(each)(status)));
  const spent = (await world.nodeWrites()) - writes;
  process.stderr.write(`${burst.length} addresses: ${spent} writes of the status\n`);
  assert.ok(spent < burst.length / 4, `${spent} writes`);
  await Promise.all(burst.map((each) => world.release(each)));
  await world.nodeSays("node1", "no burst", (status) => !burst.some((each) => says(each)(status)));
});

it("withdraws within two seconds on SIGTERM when nobody may take its address", async () => {
  await world.place("192.168.50.207", "node1", { candidates: ["node1"] });
  await world.answered("192.168.50.207", ["node1"]);
  assert.equal(await agents[0]?.stop("SIGTERM"), 0);
  assert.deepEqual(await world.whoHas("192.168.50.207"), []);
  const last = agents[0]?.log().findLast(({ msg }) => msg === "address withdrawn");
  assert.deepEqual([last?.address, last?.cause], ["192.168.50.207", "stopped"]);
});

/** Moves an address, and waits until it is there. */
async function bring(address: string, node: string): Promise<void> {
  await world.move(address, node);
  await world.answered(address, [node]);
}

function says(address: string): (status: NonNullable<NodeObject["status"]>) => boolean {
  return ({ announcing = [] }) => announcing.some(({ addresses }) => addresses.includes(address));
}

/** The node once its status has stayed the same for two seconds. */
function settled(node: string): Promise<NodeObject> {
  return eventually(`${node} settles`, async () => {
    const { metadata } = await world.readNode(node);
    await quietFor(2_000);
    const later = await world.readNode(node);
    return later.metadata.resourceVersion === metadata.resourceVersion ? later : undefined;
  });
}
