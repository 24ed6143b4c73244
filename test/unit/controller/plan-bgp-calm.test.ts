import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clusterNode, service } from "../../support/builders.ts";
import type { World } from "../../support/controller-world.ts";
import { byBgp, fallen, names, reports, route, seen, world } from "./routed-world.ts";

const one = byBgp({ nodes: { count: 1 } });

/** How many changes of each kind a plan has. */
function counts(made: World): Readonly<Record<string, number>> {
  const kinds = made.plan().map(({ kind }) => kind);
  return Object.fromEntries([...new Set(kinds)].map((kind) => [kind, kinds.filter((each) => each === kind).length]));
}

function announcers(made: World): readonly string[] | undefined {
  return seen(made).advertisement.announcers;
}

describe("a node that ceases to announce what others go on announcing", () => {
  it("costs no write of a Service, and of addresses only so many at a time", async () => {
    const made = await world(byBgp());
    for (let i = 0; i < 130; i++) made.services.put(`shop/s${i}`, service({ key: `shop/s${i}` }));
    await made.settle();
    await route(made, names);
    assert.deepEqual(counts(made), {});
    const node = made.vipNodes.get("node3");
    assert.ok(node);
    made.vipNodes.put("node3", { ...node, announcing: [] });
    assert.deepEqual(counts(made), { writeAdvertisementStatus: 100 });
    for (let i = 0; i < 100; i++) made.gatherer.minorWritten();
    assert.deepEqual(counts(made), {});
    assert.ok((made.gatherer.snapshot().changesInMs ?? Number.POSITIVE_INFINITY) <= 1_000);
    made.nowMs += 1_000;
    assert.deepEqual(counts(made), { writeAdvertisementStatus: 50 });
  });

  it("is told at once of an address that nobody else announces", async () => {
    const made = await world(byBgp());
    await route(made, ["node1"]);
    for (let i = 0; i < 200; i++) made.gatherer.minorWritten();
    const node = made.vipNodes.get("node1");
    assert.ok(node);
    made.vipNodes.put("node1", { ...node, announcing: [] });
    made.plan();
    made.nowMs += 3_000;
    for (let i = 0; i < 200; i++) made.gatherer.minorWritten();
    assert.deepEqual(counts(made), { writeAdvertisementStatus: 1, writeServiceStatus: 1 });
  });
});

describe("a number of announcers", () => {
  it("goes from a node whose session is down for 10 s to one whose is up, and not back", async () => {
    const made = await world(one);
    await route(made, names);
    made.nowMs += 30_000;
    await made.settle();
    const [lost = ""] = announcers(made) ?? [];
    reports(made, lost, fallen);
    await made.settle();
    made.nowMs += 9_999;
    await made.settle();
    assert.deepEqual(announcers(made), [lost]);
    assert.equal(made.gatherer.snapshot().changesInMs, 1);
    made.nowMs += 1;
    await made.settle();
    const after = announcers(made);
    assert.ok(after?.length === 1 && !after.includes(lost), String(after));
    reports(made, lost, {});
    made.nowMs += 60_000;
    await made.settle();
    assert.deepEqual(announcers(made), after);
  });

  it("leaves a node whose agent knows no BGP", async () => {
    const made = await world(one);
    await route(made, names);
    made.nowMs += 30_000;
    await made.settle();
    const [old = ""] = announcers(made) ?? [];
    const { bgp: _, ...node } = made.vipNodes.get(old) ?? assert.fail();
    made.vipNodes.put(old, { ...node, announcing: [] });
    await made.settle();
    made.nowMs += 10_000;
    await made.settle();
    assert.equal(announcers(made)?.includes(old), false);
  });

  it("stays through an upgrade of the agents, node by node", async () => {
    const made = await world(one);
    await route(made, names);
    const before = announcers(made);
    for (const name of names) {
      made.liveness.set(name, "leaving");
      assert.deepEqual(made.plan(), []);
      made.liveness.set(name, "alive");
    }
    assert.deepEqual(announcers(made), before);
  });

  it("stays while a controller that has just begun does not know yet who lives", async () => {
    const made = await world(one);
    await route(made, names);
    for (const name of names) made.liveness.set(name, "unknown");
    assert.deepEqual(made.plan(), []);
  });
});

describe("a node that is cordoned", () => {
  const cordon = (made: World, cordoned: boolean): void =>
    made.nodes.put("node2", { ...clusterNode("node2", { cordoned }), resourceVersion: "" });

  it("announces nothing where that is respected, and all others do", async () => {
    const made = await world(byBgp(), { options: { respect: { cordon: true, outOfService: false } } });
    cordon(made, true);
    await made.settle();
    assert.deepEqual(announcers(made), ["node1", "node3"]);
    cordon(made, false);
    await made.settle();
    assert.equal(announcers(made), undefined);
  });

  it("goes on announcing where it is not", async () => {
    const made = await world(byBgp());
    cordon(made, true);
    await made.settle();
    assert.equal(announcers(made), undefined);
  });
});

it("nobody is believed who may not announce an address", async () => {
  const made = await world(byBgp({ peerSelector: { matchLabels: { uplink: "a" } } }));
  await route(made, names);
  assert.deepEqual(seen(made).advertisement.status.holders ?? [], []);
  assert.equal(seen(made).said?.status, "False");
});
