import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { leaveMs } from "../../../src/agent/agent.ts";
import { stableMs } from "../../../src/agent/group-states.ts";
import { patienceMs } from "../../../src/agent/source-choice.ts";
import { resumeMs } from "../../../src/agent/status-writer.ts";
import { address, group, vipNode } from "../../support/builders.ts";
import {
  announced,
  claim,
  type Disk,
  endpoint,
  groupState,
  interfaces,
  lan,
  leaseDurationMs,
  settle,
  withdrawn,
  world,
} from "./agent-world.ts";

const one = "192.168.50.1";
const two = "192.168.50.2";
const bothKnown = "group of node1,node2 by node2 key2";

let disk: Disk = new Map();
let { clock, state, agent } = world();
let stop = new AbortController();
let ended: Promise<void>;

/** The same machine after the agent has died. */
function restart(): void {
  const { node, advertisements } = state;
  ({ clock, state, agent } = world(disk));
  Object.assign(state, { node, advertisements });
  stop = new AbortController();
  ended = agent.run(stop.signal);
}

beforeEach(() => {
  disk = new Map();
  ({ clock, state, agent } = world(disk));
  stop = new AbortController();
  ended = agent.run(stop.signal);
});

/** Everything that an agent waits for is there, and it announces these. */
async function announcing(...texts: readonly string[]): Promise<void> {
  state.node = vipNode("node1");
  state.advertisements = texts.map((text) => claim(text));
  state.report(interfaces);
  await settle();
  state.report(groupState(["node2"]));
  for (const text of texts) state.report(announced(text));
  await clock.advance(stableMs);
  state.happened.length = 0;
}

it("asks nothing of the speaker before the first lists are in", async () => {
  state.synced = false;
  await announcing(one);
  assert.deepEqual([state.happened, state.statuses], [[], []]);
  assert.match(agent.unready() ?? "", /not read yet/);
});

it("tells the speaker its group, then its addresses, then how the others are reached once their Leases are read", async () => {
  state.advertisements = [claim(one), claim(two, "node2")];
  state.report(interfaces);
  await settle();
  const [first, ...rest] = state.happened;
  assert.equal(first, "group of node1,node2 by ");
  assert.deepEqual(rest, [`willing ${one}`, `willing ${two}`, bothKnown]);
});

it("says in its Lease where it hears heartbeats, as soon as it knows", async () => {
  state.report({ kind: "key", publicKey: "key1" });
  assert.deepEqual(state.endpoints, []);
  state.report(interfaces);
  const macs = [Uint8Array.of(2, 0, 0, 0, 0, 1)];
  assert.deepEqual(state.endpoints, [{ addresses: [address("192.168.50.11")], port: 7474, key: "key1", macs }]);
});

it("reads a member's Lease again while it is not linked, more and more rarely, and not at rest", async () => {
  await announcing(one);
  assert.deepEqual(state.read, ["node2"]);
  await clock.advance(60_000);
  assert.deepEqual(state.read, ["node2"]);
  state.report(groupState([]));
  await settle();
  const readAt: number[] = [];
  for (let ms = 0; ms < 20_000; ms += 500) {
    const before = state.read.length;
    await clock.advance(500);
    if (state.read.length > before) readAt.push(ms + 500);
  }
  assert.deepEqual(readAt, [1_000, 1_500, 2_500, 4_500, 8_500, 16_500]);
});

it("passes on another key that a member's Lease names", async () => {
  await announcing(one);
  state.endpointOf = () => ({ ...endpoint, key: "key3" });
  state.report(groupState([]));
  await settle();
  await clock.advance(1_000);
  assert.ok(state.happened.includes("group of node1,node2 by node2 key3"));
});

it("ends its part in a group that it is not in any more, and withdraws what belongs to it", async () => {
  await announcing(one);
  state.groups = [group(["node2"])];
  agent.wake();
  await settle();
  assert.deepEqual(state.happened, ["groupGone", `withdraw ${one}`]);
});

it("is unwilling to hold anything while it is drained, and says when nothing is left", async () => {
  await announcing(one);
  state.node = state.node && { ...state.node, drain: true };
  agent.wake();
  await clock.advance(1_000);
  assert.deepEqual(state.happened, [`unwilling ${one}`]);
  state.report(withdrawn(one));
  await clock.advance(1_000);
  const drained = state.node?.conditions.find(({ type }) => type === "Drained");
  assert.deepEqual([drained?.status, drained?.reason], ["True", "Drained"]);
});

it("asks for the list when the speaker has heard of a newer one, and for the witness when it wants it", async () => {
  state.report({ kind: "readList", group: lan });
  state.report({ kind: "witness", group: lan, request: { id: 1, kind: "get" } });
  await settle();
  assert.deepEqual(state.happened, [`read group ${lan}`, "witness conflict"]);
});

it("tells the speaker of renewals of its Lease while a group goes by it", async () => {
  await announcing(one);
  state.groups = [group(["node1"], { byLease: true })];
  for (const ms of [1_000, 11_000]) {
    state.renewedMs = ms;
    agent.wake();
    await settle();
  }
  assert.deepEqual(
    state.happened.filter((each) => each.startsWith("renewed")),
    ["renewed at 1000", "renewed at 11000"],
  );
});

it("says how it sees its group once that has stayed so for a second, and a new epoch at once", async () => {
  await announcing(one);
  assert.deepEqual(state.node?.groups, [{ name: lan, epoch: 1, quorum: true, hears: ["node2"] }]);
  const before = state.statuses.length;
  state.report(groupState([]));
  await clock.advance(stableMs - 1);
  state.report(groupState(["node2"]));
  await clock.advance(stableMs);
  assert.equal(state.statuses.length, before);
  state.report(groupState(["node2"], 2));
  await clock.advance(200);
  assert.deepEqual(state.node?.groups?.[0]?.epoch, 2);
});

it("is ready with its lists, its Lease and a quorum", async () => {
  await announcing(one);
  assert.equal(agent.unready(), undefined);
  state.report(groupState([]));
  assert.match(agent.unready() ?? "", /no quorum/);
  state.report(groupState(["node2"]));
  await clock.advance(leaseDurationMs);
  assert.match(agent.unready() ?? "", /lease/);
});

it("writes one status for all that happens while another is being written", async () => {
  const write = Promise.withResolvers<void>();
  state.written = write.promise;
  await announcing(one);
  const before = state.statuses.length;
  state.advertisements = [claim(one), claim(two)];
  agent.wake();
  await settle();
  state.report(announced(two));
  await settle();
  assert.equal(state.statuses.length, before);
  write.resolve();
  await settle();
  await clock.advance(1_000);
  assert.equal(state.statuses.length, before + 1);
  assert.deepEqual(state.statuses.at(-1)?.announcing[0]?.addresses, [address(one), address(two)]);
});

it("writes nothing after a restart in which the votes give back what it had", async () => {
  await announcing(one);
  restart();
  state.report(interfaces);
  await clock.advance(resumeMs / 2);
  state.report(groupState(["node2"]));
  state.report(announced(one));
  await clock.advance(resumeMs);
  assert.deepEqual(state.statuses, []);
});

it("says after a restart what the votes did not give back, once there was time enough", async () => {
  await announcing(one);
  restart();
  state.report(interfaces);
  await settle();
  await clock.advance(resumeMs - 1);
  assert.deepEqual(state.statuses, []);
  await clock.advance(2);
  assert.deepEqual(state.node?.announcing, []);
});

it("started without the API server goes by what was kept, and by the API server once it answers", async () => {
  await announcing(one);
  restart();
  state.synced = false;
  state.report(interfaces);
  await clock.advance(patienceMs - 1);
  assert.deepEqual(state.happened, []);
  await clock.advance(1);
  assert.deepEqual(state.happened, [bothKnown, `willing ${one}`]);
  state.synced = true;
  state.advertisements = [claim(two)];
  agent.wake();
  await settle();
  assert.deepEqual(state.happened.slice(2), [`willing ${two}`, `withdraw ${one}`]);
});

it("waits for its VIPNode", async () => {
  await announcing(one);
  const written = state.node;
  state.node = undefined;
  agent.wake();
  await settle();
  const before = state.statuses.length;
  state.node = vipNode("node1");
  agent.wake();
  await clock.advance(1_000);
  assert.equal(state.statuses.length, before + 1);
  assert.deepEqual(state.node.announcing, written?.announcing);
});

it("leaves once the last of its addresses was moved", async () => {
  await announcing(one, two);
  stop.abort();
  await settle();
  const before = state.statuses.length;
  state.report(withdrawn(one));
  await settle();
  assert.deepEqual(state.happened, ["leave", "lease says leaving"]);
  state.report(withdrawn(two));
  state.report({ kind: "left" });
  await ended;
  assert.deepEqual(state.happened.slice(2), ["closed", "lease emptied"]);
  assert.equal(state.statuses.length, before);
});

it("leaves after two seconds when nobody takes its addresses", async () => {
  await announcing(one);
  stop.abort();
  await settle();
  await clock.advance(leaveMs - 1);
  assert.deepEqual(state.happened, ["leave", "lease says leaving"]);
  await clock.advance(1);
  await ended;
  assert.deepEqual(state.happened.slice(2), ["closed", "lease emptied"]);
});

it("leaves at once when it holds nothing", async () => {
  await announcing();
  stop.abort();
  await settle();
  state.report({ kind: "left" });
  await ended;
  assert.deepEqual(state.happened, ["leave", "lease says leaving", "closed", "lease emptied"]);
});

it("ends with the speaker's failure, and gives up its Lease so that its end is known", async () => {
  await announcing(one);
  state.fail(new Error("speaker thread ended"));
  await assert.rejects(ended, /speaker thread ended/);
  assert.deepEqual(state.happened, ["closed", "lease emptied"]);
});
