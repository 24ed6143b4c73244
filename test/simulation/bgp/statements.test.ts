/** Statements of the replaced systems, as a router sees them: the sessions, the plan and the network between, no kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Random } from "../random.ts";
import { makeSession } from "./herald.ts";
import { World } from "./world.ts";

/** Three nodes and a router, all sessions Established. */
async function begun(): Promise<World> {
  const world = new World(new Random(1), { nodes: 3, routers: 1, make: makeSession, plain: true });
  await world.run(5_000);
  return world;
}

async function plan(world: World, ...set: Parameters<World["cluster"]["set"]>): Promise<void> {
  world.cluster.set(...set);
  world.changed();
  await world.run(1_000);
}

/** The next hops that the router has for a prefix, from any node. */
function nextHops(world: World, prefix: string): readonly string[] {
  return world.cluster.nodes.flatMap((node) =>
    world
      .peering(node, "router1")
      .rib.routes.filter((route) => route.startsWith(`${prefix} `))
      .map((route) => / by (\S+)/.exec(route)?.[1] ?? ""),
  );
}

it("S7: Given a new address in BGP mode, Then the router has a route", async () => {
  const world = await begun();
  assert.deepEqual(nextHops(world, "203.0.113.7/32"), []);
  await plan(world, "203.0.113.7");
  assert.ok(nextHops(world, "203.0.113.7/32").length > 0);
});

it("S29: Given a public address bought elsewhere, When it is announced, Then 1.1.1.1/32 is told to the peer", async () => {
  const world = await begun();
  await plan(world, "1.1.1.1");
  assert.ok(nextHops(world, "1.1.1.1/32").length > 0);
});

it("S70: Given an address of any range, Then the route reaches all routers", async () => {
  const world = new World(new Random(1), { nodes: 1, routers: 3, make: makeSession, plain: true });
  await plan(world, "2001:db8:70::1");
  await world.run(5_000);
  const heard = world.routers.filter((router) =>
    world.peering("node1", router).rib.routes.some((route) => route.startsWith("2001:db8:70::1/128 ")),
  );
  assert.deepEqual(heard, ["router1", "router2", "router3"]);
});

it("S75: Given several holders, Then the router has as many next hops with equal attributes", async () => {
  const world = await begun();
  await plan(world, "203.0.113.7", { announcers: ["node1", "node3"] });
  assert.deepEqual(nextHops(world, "203.0.113.7/32"), ["10.0.0.1", "10.0.0.3"]);
  const texts = ["node1", "node3"].flatMap((node) => world.peering(node, "router1").rib.routes);
  assert.equal(new Set(texts.map((route) => route.replace(/ by \S+/, ""))).size, 1);
});

it("S76: Given two holders, When there shall be three, Then a third node is a next hop, and the two stay", async () => {
  const world = await begun();
  await plan(world, "203.0.113.7", { announcers: ["node1", "node3"] });
  await plan(world, "203.0.113.7", { announcers: ["node1", "node2", "node3"] });
  assert.deepEqual(nextHops(world, "203.0.113.7/32"), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
});

it("S103: Given an address in BGP mode, Then every node announces it with itself as the next hop", async () => {
  const world = await begun();
  await plan(world, "147.75.100.235");
  await plan(world, "2001:db8::235");
  assert.deepEqual(nextHops(world, "147.75.100.235/32"), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  assert.deepEqual(nextHops(world, "2001:db8::235/128"), ["fd00::1", "fd00::2", "fd00::3"]);
});

it("S104: Given that, When one node is lost, Then the others keep announcing it, and the lost one's route goes", async () => {
  const world = await begun();
  await plan(world, "147.75.100.235");
  world.nodes[1]?.kill(true);
  await world.run(5 * 60_000);
  assert.deepEqual(nextHops(world, "147.75.100.235/32"), ["10.0.0.1", "10.0.0.3"]);
});

it("S105: Given an aggregate, Then the range is announced once, while any address of it is", async () => {
  const world = await begun();
  const bgp = { aggregate: { ipv4: 28, ipv6: 128 } };
  for (const text of ["203.0.113.17", "203.0.113.18"]) await plan(world, text, { bgp });
  assert.equal(nextHops(world, "203.0.113.16/28").length, 3);
  await plan(world, "203.0.113.17", { services: [] });
  assert.equal(nextHops(world, "203.0.113.16/28").length, 3);
  await plan(world, "203.0.113.18", { services: [] });
  assert.deepEqual(nextHops(world, "203.0.113.16/28"), []);
});
