import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Random } from "../random.ts";
import { makeSession } from "./herald.ts";
import { atCalm } from "./run.ts";
import { World } from "./world.ts";

/** Two routers, and nodes that announce twenty addresses. */
async function begun(nodes: number): Promise<World> {
  const world = new World(new Random(7), { nodes, routers: 2, make: makeSession, plain: true });
  for (let i = 1; i <= 10; i++) {
    world.cluster.set(`203.0.113.${i}`);
    world.cluster.set(`2001:db8::${i}`, { bgp: { communities: [1], med: 5 } });
  }
  world.changed();
  await world.run(30_000);
  return world;
}

const known = (world: World): string =>
  [...world.peerings].map(([pair, { rib }]) => `${pair}: ${rib.routes.join("; ")}`).join("\n");

describe("Given a router that can restart gracefully", () => {
  it("When the agents are upgraded one by one, Then no route changes at any moment", async () => {
    const world = await begun(3);
    const before = known(world);
    for (const node of world.nodes) {
      node.stop({ kind: "upgrade" });
      node.kill(false);
      world.scheduler.silently(3_000, () => node.boot());
      await world.run(60_000, () => assert.equal(known(world), before));
    }
    await world.run(10 * 60_000, () => assert.equal(known(world), before));
    assert.deepEqual(atCalm(world), []);
  });

  it("When an agent crashes and comes back, Then no route changes at any moment", async () => {
    const world = await begun(2);
    const before = known(world);
    world.nodes[0]?.kill(false);
    await world.run(30_000, () => assert.equal(known(world), before));
    world.nodes[0]?.boot();
    await world.run(10 * 60_000, () => assert.equal(known(world), before));
    assert.deepEqual(atCalm(world), []);
  });

  it("When what is planned changes while an agent is gone, Then the router follows once it is back", async () => {
    const world = await begun(1);
    const [node] = world.nodes;
    node?.kill(false);
    world.cluster.set("203.0.113.1", { services: [] });
    world.cluster.set("203.0.113.99");
    world.changed();
    await world.run(10_000);
    assert.ok(known(world).includes("203.0.113.1/32") && !known(world).includes("203.0.113.99/32"));
    node?.boot();
    await world.run(10_000);
    assert.ok(!known(world).includes("203.0.113.1/32") && known(world).includes("203.0.113.99/32"));
  });

  it("When a node is gone for good, Then its routes go after the restart time, the others' stay", async () => {
    const world = await begun(2);
    world.nodes[0]?.kill(false);
    await world.run(119_000);
    assert.equal(world.peering("node1", "router1").rib.routes.length, 20);
    await world.run(2_000);
    assert.deepEqual(
      ["node1", "node2"].map((node) => world.peering(node, "router1").rib.routes.length),
      [0, 20],
    );
  });

  it("When a node is drained, Then its routes are the last choice, then go at once, and the others' stay", async () => {
    const world = await begun(2);
    const [node] = world.nodes;
    world.cluster.shutDown("node1", "shutting");
    world.changed();
    await world.run(1_000);
    const [shut] = world.peering("node1", "router1").rib.routes;
    assert.ok(shut?.includes(String(0xffff_0000)), `no GRACEFUL_SHUTDOWN: ${shut}`);
    world.cluster.shutDown("node1", "over");
    world.changed();
    await world.run(1_000);
    node?.stop({ kind: "shutdown", text: "drained" });
    await world.run(1_000);
    assert.deepEqual(
      ["node1", "node2"].map((name) => world.peering(name, "router1").rib.routes.length),
      [0, 20],
    );
  });
});
