import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PlanOptions } from "../../../src/controller/gather.ts";
import type { World } from "../../support/controller-world.ts";
import { change, names, nodesOf, rested, votingWorld } from "./voting-world.ts";

describe("balance", () => {
  /** Everything is on node1, as after the others were away. */
  async function heaped(options: Partial<PlanOptions>): Promise<World> {
    const world = await votingWorld(names, options);
    const before = world.advertisements.values();
    for (const each of before) world.advertisements.put(each.name, { ...each, node: "node1" });
    change(world, "node2", { announcing: [] });
    change(world, "node3", { announcing: [] });
    world.announce();
    return world;
  }

  it("is nothing that addresses move for, unless that is asked for", async () => {
    const world = await rested(await heaped({}));
    assert.deepEqual(nodesOf(world), ["node1", "node1", "node1"]);
  });

  it("comes one move at a time, each once the last is seen", async () => {
    const world = await heaped({ rebalance: "Auto" });
    await world.settle();
    assert.equal(nodesOf(world).filter((node) => node === "node1").length, 2);
    world.nowMs += 5_000;
    await world.settle();
    assert.equal(nodesOf(world).filter((node) => node === "node1").length, 2);
    world.announce();
    await world.settle();
    world.announce();
    await world.settle();
    assert.deepEqual(nodesOf(world).toSorted(), names);
  });

  it("comes to the node for which a person asked, until the time that was named", async () => {
    const world = await heaped({});
    change(world, "node3", { rebalanceUntilMs: world.nowMs + 1_000 });
    await world.settle();
    assert.deepEqual(nodesOf(world).toSorted(), ["node1", "node1", "node3"]);
    const late = await heaped({});
    change(late, "node3", { rebalanceUntilMs: late.nowMs });
    await late.settle();
    assert.deepEqual(nodesOf(late), ["node1", "node1", "node1"]);
  });
});
