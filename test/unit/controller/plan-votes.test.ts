import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAddress } from "../../../src/net/address.ts";
import { address, nodeInterface, service } from "../../support/builders.ts";
import { heldBy } from "../../support/controller-world.ts";
import { change, holdersOf, names, nodesOf, noticesOf, rested, takeOver, vote, votingWorld } from "./voting-world.ts";

describe("when votes bring an address to another node", () => {
  it("its status says so at once, an Event once, and the ledger follows 2 s later", async () => {
    const world = await votingWorld();
    assert.deepEqual(holdersOf(world), names);
    world.liveness.set("node1", "dead");
    takeOver(world, "node1", "node3");
    const first = await world.settle();
    assert.deepEqual(holdersOf(world), ["node3", "node2", "node3"]);
    assert.deepEqual(nodesOf(world), names);
    const [notice, ...more] = noticesOf(first).filter(({ reason }) => reason === "HolderChanged");
    assert.deepEqual([notice?.object.kind, notice?.object.name, notice?.type], ["VIPNode", "node1", "Warning"]);
    assert.equal(notice?.message, "node3 answers now for what node1 had, whose agent is dead");
    assert.deepEqual(more, []);
    world.nowMs += 2_000;
    await world.settle();
    assert.deepEqual(nodesOf(world), ["node3", "node2", "node3"]);
  });

  it("a node that comes back takes nothing back", async () => {
    const world = await votingWorld();
    world.liveness.set("node1", "dead");
    takeOver(world, "node1", "node2");
    await world.settle();
    world.liveness.set("node1", "alive");
    world.nowMs += 60_000;
    await world.settle();
    assert.deepEqual(nodesOf(world), ["node2", "node2", "node3"]);
    assert.deepEqual(holdersOf(world), ["node2", "node2", "node3"]);
    world.nowMs += 60_000;
    assert.deepEqual(world.plan(), []);
  });

  it("nobody outside its group is believed", async () => {
    const world = await votingWorld();
    world.addNode("node9", 99);
    const [first] = world.advertisements.values();
    const announcing = [{ protocol: "ARP" as const, interface: "eth0", addresses: first ? [first.address] : [] }];
    change(world, "node1", { announcing: [] });
    const elsewhere = [nodeInterface({ subnets: ["10.9.0.9/24"] })];
    change(world, "node9", { groups: [], announcing, interfaces: elsewhere });
    await world.settle();
    world.nowMs += 3_000;
    await world.settle();
    assert.equal(holdersOf(world)[0], "");
  });
});

describe("when nobody answers for an address any more", () => {
  it("an Event of the Service says so once, with the reason", async () => {
    const world = await votingWorld();
    for (const name of names) {
      change(world, name, { announcing: [] });
      vote(world, name, { quorum: false, hears: [] });
    }
    await world.settle();
    world.nowMs += 3_000;
    const told = noticesOf(await world.settle()).filter(({ reason }) => reason === "NotAnnounced");
    assert.deepEqual(
      told.map(({ object }) => object.kind),
      ["Service", "Service", "Service"],
    );
    assert.match(
      told[0]?.message ?? "",
      /no member of group .* hears more than half of its 3 voters: node1 hears nobody/,
    );
    world.nowMs += 60_000;
    assert.deepEqual(
      noticesOf(await world.settle()).filter(({ reason }) => reason === "NotAnnounced"),
      [],
    );
  });
});

describe("when another station has an address that was never announced", () => {
  it("the Service gets another one, and shows that alone", async () => {
    const world = await votingWorld();
    world.services.put("shop/new", service({ key: "shop/new" }));
    await world.settle();
    const [text = ""] = heldBy(world, "new");
    const refusing = [{ address: address(text), reason: "Conflict", message: "02:00:5e:10:00:99 has the address too" }];
    const placed = world.advertisements.values().find((each) => formatAddress(each.address) === text);
    change(world, placed?.node ?? "", { refusing });
    await world.settle();
    const [other = ""] = heldBy(world, "new");
    assert.ok(other !== "" && other !== text, other);
    const left = world.advertisements.values().find((each) => formatAddress(each.address) === text);
    assert.equal(left?.released?.conflict, `${placed?.node}: 02:00:5e:10:00:99 has the address too`);
    const said = left?.status.conditions.find(({ type }) => type === "Conflict");
    assert.deepEqual([said?.status, said?.reason], ["True", "AddressInUse"]);
    await rested(world);
    assert.deepEqual(
      world.services.get("shop/new")?.ingress.map(({ ip }) => ip),
      [other],
    );
    assert.deepEqual(world.plan(), []);
  });

  it("one that was announced before stays: then it is no first use", async () => {
    const world = await votingWorld();
    const [text = ""] = heldBy(world, "a");
    const [first] = world.advertisements.values();
    const refusing = [{ address: address(text), reason: "Conflict", message: "another has it" }];
    change(world, first?.node ?? "", { refusing, announcing: [] });
    await world.settle();
    world.nowMs += 60_000;
    await world.settle();
    assert.deepEqual(heldBy(world, "a"), [text]);
  });
});

describe("where nobody hears anybody though all live", () => {
  it("each node gets a group by its Lease after 30 s, holds there what it had, and all vote again once they hear", async () => {
    const world = await votingWorld();
    const [group] = world.groups.values();
    for (const name of names) vote(world, name, { quorum: false, hears: [] });
    await world.settle();
    world.nowMs += 30_000;
    const done = await world.settle();
    assert.equal(noticesOf(done).filter(({ reason }) => reason === "HeartbeatsBlocked").length, 3);
    assert.deepEqual(nodesOf(world), names);
    const alone = world.groups.values().filter(({ byLease }) => byLease);
    assert.deepEqual(
      alone.map(({ members }) => members),
      names.map((name) => [name]),
    );
    assert.ok(world.advertisements.values().every(({ group: its }) => alone.some(({ name }) => name === its)));
    const said = world.advertisements
      .values()
      .map(({ status }) => status.conditions.find(({ type }) => type === "Announced"));
    assert.ok(
      said.every((each) => each?.status === "True" && each.reason === "HeartbeatsBlocked"),
      JSON.stringify(said),
    );
    for (const name of names) vote(world, name, { quorum: true, hears: names });
    await world.settle();
    world.nowMs += 30_000;
    await world.settle();
    assert.deepEqual(
      world.groups.values().map(({ name }) => name),
      [group?.name],
    );
    assert.ok(world.advertisements.values().every(({ group: its }) => its === group?.name));
    assert.deepEqual(nodesOf(world), names);
  });
});

describe("the list of a group", () => {
  it("of two nodes has a witness, whose Lease names them", async () => {
    const world = await votingWorld(names.slice(0, 2));
    assert.deepEqual(
      world.groups.values().map(({ witness }) => witness),
      [true],
    );
    assert.deepEqual(
      world.witnesses.values().map(({ members }) => members),
      [["node1", "node2"]],
    );
  });

  it("grows by one voter a write, and waits until most have used the last one for a second", async () => {
    const world = await votingWorld(names.slice(0, 2));
    const list = () => world.groups.values().map(({ members, witness }) => `${members} ${witness}`)[0];
    world.addNode("node3", 13);
    vote(world, "node3");
    await world.settle();
    assert.equal(list(), "node1,node2,node3 true");
    world.nowMs += 60_000;
    await world.settle();
    assert.equal(list(), "node1,node2,node3 true");
    for (const name of names) vote(world, name);
    await world.settle();
    assert.equal(list(), "node1,node2,node3 true");
    world.nowMs += 1_000;
    await world.settle();
    assert.equal(list(), "node1,node2,node3 false");
    assert.deepEqual(world.witnesses.values(), []);
  });

  it("is forced where one of three has been alone for 30 s", async () => {
    const world = await votingWorld();
    for (const name of ["node2", "node3"]) {
      world.liveness.set(name, "dead");
      world.livenessSinceMs.set(name, world.nowMs);
    }
    world.livenessSinceMs.set("node1", 0);
    vote(world, "node1", { quorum: false, hears: [] });
    await world.settle();
    assert.equal(world.groups.values()[0]?.forced, false);
    world.nowMs += 30_000;
    const done = await world.settle();
    const [group] = world.groups.values();
    assert.deepEqual([group?.members, group?.forced], [["node1"], true]);
    assert.ok(noticesOf(done).some(({ reason }) => reason === "GroupForced"));
    assert.ok(nodesOf(world).every((node) => node === "node1"));
  });
});
