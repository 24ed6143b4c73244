import assert from "node:assert/strict";
import { it } from "node:test";
import { pool, service } from "../../support/builders.ts";
import { heldBy, World } from "../../support/controller-world.ts";

const lan = pool({ name: "lan", addresses: ["192.168.50.96/27"] });

function worldOfTwo(): World {
  const world = new World();
  world.addNode("node1", 11);
  world.addNode("node2", 12);
  return world;
}

function putPool(world: World): void {
  world.pools.put("lan", lan);
}

const groupsOf = (world: World): readonly string[] => world.groups.values().map(({ name }) => name);

it("a LAN has its group as soon as a pool can give addresses of it, before any Service is there", async () => {
  const world = worldOfTwo();
  await world.settle();
  assert.deepEqual(groupsOf(world), []);
  putPool(world);
  const [change] = world.plan().filter(({ keys: [key] }) => key?.startsWith("group/"));
  assert.equal(change?.kind, "writeWitness", "the first plan begins with it");
  await world.settle();
  assert.deepEqual(groupsOf(world), ["192-168-50-0-24-1"]);
});

it("a group stays as long as an address is in it, and goes with the last one once no pool can give any", async () => {
  const world = worldOfTwo();
  putPool(world);
  world.services.put("shop/web", service());
  await world.settle();
  assert.deepEqual(heldBy(world, "web"), ["192.168.50.96"]);
  world.pools.delete("lan");
  await world.settle();
  assert.deepEqual([heldBy(world, "web"), groupsOf(world)], [["192.168.50.96"], ["192-168-50-0-24-1"]]);
  world.services.delete("shop/web");
  await world.settle();
  assert.deepEqual([heldBy(world, "web"), groupsOf(world)], [[], []]);
});
