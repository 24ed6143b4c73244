import assert from "node:assert/strict";
import type { NodeGroup, VipNode } from "../../../src/api/vip-node.ts";
import type { Change } from "../../../src/controller/change.ts";
import type { PlanOptions } from "../../../src/controller/gather.ts";
import { pool, service } from "../../support/builders.ts";
import { World } from "../../support/controller-world.ts";

/** The nodes of a voting world, unless others are asked for. */
export const names = ["node1", "node2", "node3"];
/** Its Services. */
export const keys = ["shop/a", "shop/b", "shop/c"];

/** Voting nodes that hear each other, the Services of `keys`, and everything where it is wanted. */
export async function votingWorld(nodes = names, options: Partial<PlanOptions> = {}): Promise<World> {
  const world = new World(options);
  for (const [i, name] of nodes.entries()) {
    world.addNode(name, 11 + i);
    vote(world, name);
  }
  world.pools.put("public", pool());
  for (const key of keys) world.services.put(key, service({ key }));
  await world.settle();
  for (const name of nodes) vote(world, name);
  return rested(world);
}

/** Everybody announces what is wanted of him, and so much time passes that nothing is waited for. */
export async function rested(world: World): Promise<World> {
  world.announce();
  for (const _ of [1, 2]) {
    world.nowMs += 10_000;
    await world.settle();
  }
  return world;
}

/** The node says of its groups that it uses their present lists and hears all others, and what else is given. */
export function vote(world: World, name: string, says: Partial<NodeGroup> = {}): void {
  const groups = world.groups.values().filter(({ members }) => members.includes(name));
  const views = groups.map(({ name: group, epoch, members }) => ({
    ...{ name: group, epoch, quorum: true, hears: members.filter((each) => each !== name) },
    ...says,
  }));
  change(world, name, { groups: views });
}

/** Another VIPNode of this node. */
export function change(world: World, name: string, changes: Partial<VipNode>): void {
  world.vipNodes.put(name, { ...(world.vipNodes.get(name) ?? assert.fail(name)), ...changes });
}

/** The votes bring what one node has to another. */
export function takeOver(world: World, from: string, to: string): void {
  const announcing = [from, to].flatMap((name) => world.vipNodes.get(name)?.announcing ?? []);
  const addresses = announcing.flatMap((each) => each.addresses);
  change(world, from, { announcing: [] });
  change(world, to, { announcing: [{ protocol: "ARP", interface: "eth0", addresses }] });
}

/** What people were told by these changes. */
export const noticesOf = (changes: readonly Change[]) => changes.flatMap(({ notices }) => notices);
/** Where each address is wanted, in order of making. */
export const nodesOf = (world: World) => world.advertisements.values().map(({ node }) => node);
/** Who holds each, as their statuses say. */
export const holdersOf = (world: World) => world.advertisements.values().map(({ status }) => status.holder);
