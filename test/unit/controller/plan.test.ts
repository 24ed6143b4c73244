import assert from "node:assert/strict";
import { it } from "node:test";
import { formatAddress } from "../../../src/net/address.ts";
import { address, addresses, pool, service } from "../../support/builders.ts";
import { announced, heldBy, World, worldWith as world } from "../../support/controller-world.ts";

const key = "shop/web";

it("what is planned and carried out leaves nothing to plan", async () => {
  const made = await announced(await world(key, "shop/api", "shop/db"));
  assert.deepEqual(made.plan(), []);
  made.nowMs += 1_000_000;
  assert.deepEqual(made.plan(), []);
});

it("each object is in one change of a plan at most", async () => {
  const made = await world(key, "shop/api");
  made.announce();
  const keys = made.plan().flatMap((change) => change.keys);
  assert.equal(new Set(keys).size, keys.length);
});

it("a Service waits in silence for its first announcement, and is told why after 3 s", async () => {
  const made = await world(key);
  assert.deepEqual(made.services.get(key)?.conditions, []);
  made.nowMs += 3_000;
  await made.settle();
  const [allocated, said] = made.services.get(key)?.conditions ?? [];
  assert.deepEqual([allocated?.status, said?.status, said?.reason], ["True", "False", "NotYetAnnounced"]);
  assert.deepEqual(made.services.get(key)?.ingress, []);
});

it("an announced address is shown, and its advertisement names the holder", async () => {
  const made = await announced(await world(key));
  const shown = made.services.get(key)?.ingress ?? [];
  assert.deepEqual(
    shown.map(({ ip }) => ip),
    heldBy(made, "web"),
  );
  const [held] = made.advertisements.values();
  assert.equal(held?.status.holder, held?.node);
  assert.deepEqual(
    held?.status.history.map(({ node }) => node),
    [held?.node],
  );
});

it("when a node dies its addresses move, an event says so, and of the Services only the words change", async () => {
  const made = await announced(await world(key, "shop/api", "shop/db"));
  const said = () =>
    made.services.values().map(({ allocated, loadBalancerIP, ingress, conditions }) => ({
      ...{ allocated, loadBalancerIP, ingress },
      conditions: conditions.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime]),
    }));
  const before = said();
  made.liveness.set("node1", "dead");
  const moves = made.plan().filter(({ kind }) => kind === "replaceAdvertisement");
  assert.equal(moves.length, 1);
  const [notice] = moves.flatMap(({ notices }) => notices);
  assert.deepEqual([notice?.reason, notice?.type], ["AddressMoved", "Normal"]);
  assert.match(notice?.message ?? "", /from node1, whose agent is dead$/);
  await made.settle();
  made.announce();
  await made.settle();
  assert.deepEqual(said(), before);
  assert.ok(made.services.values().every(({ conditions }) => !conditions[1]?.message.includes("node1")));
  assert.ok(made.advertisements.values().every(({ node, status }) => node !== "node1" && status.holder === node));
});

it("while nobody can be judged, everything stays as it is", async () => {
  const made = await announced(await world(key, "shop/api", "shop/db"));
  for (const node of ["node1", "node2", "node3"]) made.liveness.set(node, "unknown");
  made.nowMs += 60_000;
  assert.deepEqual(made.plan(), []);
});

it("after a start, addresses are given once all agents were heard, at the latest after 2 s", async () => {
  const made = await world();
  made.services.put(key, service());
  made.liveness.set("node2", "unknown");
  assert.deepEqual(made.plan(), []);
  made.nowMs += 2_000;
  assert.deepEqual(
    made.plan().map(({ kind }) => kind),
    ["allocate"],
  );
});

const unhandled = [
  { name: "type", change: { type: "ClusterIP" }, field: "" },
  { name: "class, whose controller may read the field as an ask", change: { loadBalancerClass: "example.org/other" } },
];
for (const { name, change, field } of unhandled)
  it(`a Service of another ${name}, loses what is Herald's and nothing else`, async () => {
    const made = await announced(await world(key));
    const given = made.services.get(key) ?? assert.fail();
    const foreign = { ip: "198.51.100.7" };
    made.services.put(key, { ...given, ...change, ingress: [...given.ingress, foreign] });
    await made.settle();
    const after = made.services.get(key) ?? assert.fail();
    const kept = field ?? given.loadBalancerIP;
    assert.deepEqual([after.allocated, after.loadBalancerIP, after.conditions], [undefined, kept, []]);
    assert.deepEqual(after.ingress, [foreign]);
    assert.deepEqual(heldBy(made, "web"), []);
  });

it("a copied annotation makes no other maker's ingress Herald's, and is not fought over for ever", async () => {
  const made = await world();
  const { contests } = made.gatherer;
  const theirs = service({ loadBalancerClass: "example.org/other", allocated: addresses("192.0.2.1") });
  for (const minute of [0, 1, 2]) {
    made.services.put(key, { ...theirs, ingress: [{ ip: "192.0.2.1" }] });
    await made.settle();
    const after = made.services.get(key) ?? assert.fail();
    assert.deepEqual([after.allocated, after.ingress], [undefined, [{ ip: "192.0.2.1" }]]);
    contests.written({ uid: after.uid, field: "annotation herald.dev/allocated", value: "" }, minute * 60_000);
  }
  made.services.put(key, theirs);
  assert.deepEqual(made.plan(), []);
});

it("a refusal is told in the condition and in an event with the same words", async () => {
  const made = await world();
  made.services.put(key, service({ asks: { pools: ["absent"] } }));
  const [change] = made.plan();
  assert.ok(change?.kind === "writeServiceStatus");
  const [condition] = change.patch.conditions;
  assert.deepEqual([condition?.status, condition?.reason], ["False", "PoolNotFound"]);
  const [notice] = change.notices;
  assert.deepEqual([notice?.reason, notice?.message, notice?.type], ["PoolNotFound", condition?.message, "Warning"]);
});

it("a field that somebody changes back 3 times is left alone", async () => {
  const made = await announced(await world(key));
  const { contests } = made.gatherer;
  const [value = ""] = heldBy(made, "web");
  for (const minute of [0, 1, 2])
    contests.written({ uid: "uid-shop/web", field: "spec.loadBalancerIP", value }, minute * 60_000);
  made.services.put(key, { ...(made.services.get(key) ?? assert.fail()), loadBalancerIP: "" });
  await made.settle();
  const after = made.services.get(key) ?? assert.fail();
  assert.equal(after.loadBalancerIP, "");
  assert.equal(after.conditions.find(({ type }) => type === "herald.dev/Allocated")?.reason, "FieldContested");
});

it("a conflict that the node reports becomes a condition and an event", async () => {
  const made = await announced(await world(key));
  const [held = assert.fail()] = made.advertisements.values();
  const node = made.vipNodes.get(held.node) ?? assert.fail();
  const refusing = [{ address: held.address, reason: "Conflict", message: "02:00:00:00:00:99 answers for it" }];
  made.vipNodes.put(held.node, { ...node, refusing });
  const change = made.plan().find(({ kind }) => kind === "writeAdvertisementStatus") ?? assert.fail();
  assert.equal(change.notices[0]?.reason, "AddressConflict");
  await made.settle();
  const [after] = made.advertisements.values();
  assert.equal(after?.status.conditions.find(({ type }) => type === "Conflict")?.status, "True");
});

it("each Node has a VIPNode, made and deleted with it", async () => {
  const made = await world();
  made.nodes.put("node4", { ...(made.nodes.get("node1") ?? assert.fail()), name: "node4" });
  made.nodes.delete("node1");
  await made.settle();
  assert.deepEqual(
    made.vipNodes
      .values()
      .map(({ name }) => name)
      .sort(),
    ["node2", "node3", "node4"],
  );
});

it("a pool's counters are written at most once a second", async () => {
  const made = await world(key);
  made.services.put("shop/api", service({ key: "shop/api" }));
  await made.settle();
  const free = (): string | undefined => made.pools.get("public")?.status.ipv4?.free;
  const before = free();
  made.nowMs += 1_000;
  await made.settle();
  assert.notEqual(free(), before);
});

it("an invalid pool says everything that is wrong, and its Services keep their addresses", async () => {
  const made = await announced(await world(key));
  const before = heldBy(made, "web");
  const { name, uid, resourceVersion, generation, status } = pool();
  const problems = [
    { path: "spec.addresses[0]", message: "is no address" },
    { path: "spec.exclude[1]", message: "is no address" },
  ];
  made.pools.delete(name);
  made.invalidPools.put(name, { name, uid, resourceVersion, generation, status, problems });
  const change = made.plan().find(({ kind }) => kind === "writePoolStatus");
  assert.ok(change?.kind === "writePoolStatus");
  const [ready] = change.status.conditions;
  assert.deepEqual([ready?.type, ready?.status, ready?.reason], ["Ready", "False", "Invalid"]);
  assert.equal(ready?.message, "spec.addresses[0]: is no address; spec.exclude[1]: is no address");
  assert.deepEqual(heldBy(made, "web"), before);
  assert.deepEqual(
    made.plan().filter(({ kind }) => kind === "release"),
    [],
  );
});

it("the address of a node is given to nobody", async () => {
  const made = await world();
  made.pools.put("lan", pool({ name: "lan", addresses: ["192.168.50.11-192.168.50.14"] }));
  made.services.put(key, service({ asks: { pools: ["lan"] } }));
  await made.settle();
  assert.deepEqual(heldBy(made, "web"), ["192.168.50.14"]);
  assert.deepEqual(made.services.get(key)?.allocated, [address("192.168.50.14")]);
});

it("who answers for which address is said where people look", async () => {
  const made = await announced(await world(key));
  const [held = assert.fail()] = made.advertisements.values();
  const words = `${held.node} answers for ${formatAddress(held.address)}`;
  const said = made.services.get(key)?.conditions.find(({ type }) => type === "herald.dev/Announced");
  assert.deepEqual([said?.status, said?.message], ["True", words]);
  const [, announcedState, conflict] = held.status.conditions;
  assert.deepEqual([announcedState?.message, conflict?.status], [words, "False"]);
  assert.equal(conflict?.message, `no other station is known to have ${formatAddress(held.address)}`);
});

it("of a Service whose address cannot become its own, nothing but conditions is written, until it can", async () => {
  const made = new World();
  made.addNode("node1", 11);
  const ingress = [{ ip: "192.0.2.77", ipMode: "VIP" }];
  made.services.put(key, service({ ingress, allocated: [address("192.0.2.77")], loadBalancerIP: "192.0.2.77" }));
  await made.settle();
  const refused = made.services.get(key) ?? assert.fail();
  assert.equal(refused.conditions[0]?.reason, "AdoptionRefused");
  assert.deepEqual([refused.ingress, refused.allocated], [ingress, [address("192.0.2.77")]]);
  assert.equal(refused.loadBalancerIP, "192.0.2.77");
  made.pools.put("public", pool());
  await announced(made);
  assert.deepEqual(heldBy(made, "web"), ["192.0.2.77"]);
  assert.deepEqual(made.services.get(key)?.ingress, ingress);
});

it("S55, S56: Given no agents of Herald, Then a Service is given its address by field and annotation, and its ingress is left alone", async () => {
  const made = new World();
  made.pools.put("public", pool());
  made.services.put(key, service());
  await made.settle();
  made.nowMs += 60_000;
  const done = await made.settle();
  const own = ["writeAdvertisementStatus", "writePoolStatus", "writeServiceStatus"];
  assert.deepEqual([...new Set(done.map(({ kind }) => kind))].toSorted(), own);
  const { loadBalancerIP, allocated, ingress } = made.services.get(key) ?? assert.fail();
  assert.deepEqual([loadBalancerIP, allocated, ingress], ["192.0.2.0", addresses("192.0.2.0"), []]);
  const foreign = { ...(made.services.get(key) ?? assert.fail()), ingress: [{ ip: "192.0.2.0" }] };
  made.services.put(key, foreign);
  await made.settle();
  assert.deepEqual(
    made.services.get(key)?.ingress.map(({ ip }) => ip),
    ["192.0.2.0"],
  );
});

it("S46, MetalLB L23: Given a pool's status that somebody edited by hand, Then it is written anew", async () => {
  const made = await world(key);
  made.nowMs += 10_000;
  await made.settle();
  const stored = made.pools.get("public");
  assert.ok(stored !== undefined);
  const { status } = stored;
  made.pools.put("public", { ...stored, status: { conditions: [] } });
  await made.settle();
  const after = made.pools.get("public");
  assert.deepEqual([after?.status.ipv4, after?.status.summary], [status.ipv4, status.summary]);
});
