import assert from "node:assert/strict";
import { it } from "node:test";
import { departedMs } from "../../../src/agent/group-plan.ts";
import { group, vipNode } from "../../support/builders.ts";
import { claim, type Disk, groupState, interfaces, settle, world } from "./agent-world.ts";

const one = "192.168.50.1";
const forced = [group(["node1"], { epoch: 2, forced: true })];
const after = [group(["node1"], { epoch: 3 })];

/** A running agent of node1, which knows its group. */
async function running(disk: Disk, groups = [group(["node1", "node2"])]) {
  const { clock, state, agent } = world(disk);
  state.node = vipNode("node1");
  state.groups = groups;
  const used = claim(one);
  state.advertisements = [{ ...used, status: { ...used.status, holder: "node2" } }];
  const stop = new AbortController();
  void agent.run(stop.signal);
  state.report(interfaces);
  await settle();
  const next = async (lists: typeof state.groups): Promise<void> => {
    state.groups = lists;
    agent.wake();
    await settle();
  };
  const told = (): string | undefined => state.happened.findLast((each) => each.startsWith("group"));
  return { clock, state, next, told };
}

it("Rule 21: goes on telling the speaker how who left the group is reached, also after a restart, for 10 minutes", async () => {
  const disk: Disk = new Map();
  const first = await running(disk);
  await first.clock.advance(1_000);
  await first.next(forced);
  assert.equal(first.told(), "group of node1 by node2 key2");
  await first.clock.advance(1_000);
  const second = await running(disk, forced);
  assert.equal(second.told(), "group of node1 by node2 key2");
  await second.next(after);
  await second.clock.advance(departedMs - 1);
  assert.equal(second.told(), "group of node1 by node2 key2");
  await second.clock.advance(1);
  assert.equal(second.told(), "group of node1 by ");
});

it("Rule 21: has addresses probed for as long as the speaker says that whom a forced list left out may answer", async () => {
  const { state, next } = await running(new Map());
  const probes = (): boolean | undefined => state.targets.at(-1)?.probe;
  assert.equal(probes(), false);
  await next(forced);
  assert.equal(probes(), true);
  state.report({ ...groupState([], 2), forced: true });
  await next(after);
  assert.equal(probes(), true);
  state.report(groupState([], 3));
  await settle();
  assert.equal(probes(), false);
});
