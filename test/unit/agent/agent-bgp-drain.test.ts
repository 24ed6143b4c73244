import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withdrawMs } from "../../../src/agent/bgp-departure.ts";
import { restartTimeSeconds } from "../../../src/agent/bgp-peer-plan.ts";
import type { KnownPeer } from "../../../src/agent/bgp-ports.ts";
import { defaultTimers } from "../../../src/api/bgp-timers.ts";
import type { NodeBgpSession, VipNode } from "../../../src/api/vip-node.ts";
import { addresses, vipNode } from "../../support/builders.ts";
import { node, peer, report, routed } from "./agent-bgp-builders.ts";
import { interfaces, settle, world } from "./agent-world.ts";

const vip = "203.0.113.7";
const drained = { type: "Drained", status: "True", reason: "Drained", message: "", lastTransitionTime: "" } as const;

/** What the node said last of its session with `tor`, so many seconds before its agent begins anew. */
function said(state: NodeBgpSession["state"], secondsAgo: number): NodeBgpSession {
  return { peer: "tor", state, since: new Date(-1000 * secondsAgo).toISOString(), message: "", announced: 1 };
}

/** An agent that begins, with what its VIPNode says by then. */
async function begun(stored: Partial<VipNode>, peers: readonly KnownPeer[] | "unread" = [peer("tor")]) {
  const made = world();
  const stop = new AbortController();
  const ended = made.agent.run(stop.signal);
  const advertisements = [routed(vip)];
  const bgp = peers === "unread" ? undefined : { peers, node };
  Object.assign(made.state, { groups: [], node: vipNode("node1", stored), bgp, advertisements });
  made.state.report(interfaces);
  await settle();
  const drainedIs = () => made.state.node?.conditions.find(({ type }) => type === "Drained")?.status;
  const setDrain = async (drain: boolean): Promise<void> => {
    made.state.happened.length = 0;
    made.state.node = made.state.node && { ...made.state.node, drain };
    made.agent.wake();
    await made.clock.advance(1_000);
  };
  return { ...made, stop, ended, drainedIs, setDrain };
}

const announcing = [{ protocol: "BGP", interface: "", addresses: addresses(vip) }] as const;

describe("an agent that begins while its node is drained", () => {
  it("takes back what its peers keep of the agent before, and only then is the node drained", async () => {
    const { clock, state, drainedIs } = await begun({ drain: true, announcing, bgp: [said("Established", 600)] });
    await clock.advance(4_000);
    assert.deepEqual(state.happened, ["session tor", "routes to tor: "]);
    assert.equal(drainedIs(), "False");
    state.report(report("tor", { announced: 0 }));
    await clock.advance(withdrawMs);
    assert.deepEqual(state.happened.slice(2), ["bgpDrain"]);
    await clock.advance(1_000);
    assert.equal(drainedIs(), "True");
  });

  it("is not drained before it has read which peers there are, as long as these may keep routes of the agent before", async () => {
    const { clock, drainedIs } = await begun({ drain: true, announcing, bgp: [said("Established", 600)] }, "unread");
    const droppedMs = (restartTimeSeconds + defaultTimers.holdTimeSeconds) * 1_000;
    await clock.advance(droppedMs - 1);
    assert.equal(drainedIs(), "False");
    await clock.advance(20_000);
    assert.equal(drainedIs(), "True");
  });

  it("stays drained, if it was, while it has not read which peers there are", async () => {
    const stored = { drain: true, conditions: [drained], bgp: [said("Idle", 5)] };
    const { clock, state, drainedIs } = await begun(stored, "unread");
    for (let i = 0; i < 10; i++) {
      await clock.advance(1_000);
      assert.equal(drainedIs(), "True");
    }
    assert.ok(state.statuses.every(({ conditions }) => conditions.every(({ reason }) => reason !== "Draining")));
  });

  it("waits for a peer that it does not reach until that has dropped the routes by itself", async () => {
    const { clock, state, drainedIs } = await begun({ drain: true, announcing, bgp: [said("Established", 600)] });
    const droppedMs = (restartTimeSeconds + defaultTimers.holdTimeSeconds) * 1_000;
    await clock.advance(droppedMs - 1);
    assert.deepEqual([state.happened.includes("bgpDrain"), drainedIs()], [false, "False"]);
    await clock.advance(1);
    await clock.advance(1_000);
    assert.deepEqual([state.happened.at(-1), drainedIs()], ["bgpDrain", "True"]);
  });

  it("does so too for a session that the agent before it lost a moment ago", async () => {
    const { clock, state, drainedIs } = await begun({ drain: true, bgp: [said("Active", 5)] });
    await clock.advance(4_000);
    assert.deepEqual([state.happened, drainedIs()], [["session tor", "routes to tor: "], "False"]);
  });

  const rows: readonly (readonly [what: string, stored: Partial<VipNode>, peers?: readonly KnownPeer[]])[] = [
    ["it had no session", {}],
    ["the session has been down for long", { bgp: [said("Active", 3_600)] }],
    ["it was drained already", { bgp: [said("Idle", 5)], conditions: [drained] }],
    ["its peer keeps nothing", { bgp: [said("Established", 600)] }, [peer("tor", { gracefulRestart: false })]],
  ];
  for (const [what, stored, peers] of rows)
    it(`begins no session where ${what}`, async () => {
      const { clock, state, drainedIs } = await begun({ drain: true, ...stored }, peers);
      await clock.advance(4_000);
      assert.deepEqual([state.happened, drainedIs()], [[], "True"]);
    });
});

it("drained while a session is lost, it waits until that is back and its peer knows", async () => {
  const { clock, state, setDrain } = await begun({});
  state.report(report("tor"));
  await clock.advance(4_000);
  state.report(report("tor", { state: "Active", announced: 0 }));
  await clock.advance(1_000);
  await setDrain(true);
  await clock.advance(withdrawMs);
  assert.deepEqual(state.happened, ["routes to tor: "]);
  state.report(report("tor", { announced: 0 }));
  await clock.advance(withdrawMs);
  assert.deepEqual(state.happened, ["routes to tor: ", "bgpDrain"]);
});

it("a BGPPeer that is deleted after a drain is forgotten by the speaker too", async () => {
  const { agent, clock, state, setDrain } = await begun({});
  await setDrain(true);
  assert.deepEqual(state.happened, ["routes to tor: ", "bgpDrain"]);
  state.bgp = { peers: [], node };
  agent.wake();
  await clock.advance(1_000);
  assert.deepEqual(state.happened.slice(2), ["no session tor"]);
});

describe("an agent that is stopped on a node that is about to go", () => {
  const going = { ...node, going: "is cordoned" };

  it("ends its sessions, so that routers drop the routes at once", async () => {
    const { state, stop, ended } = await begun({});
    state.report(report("tor"));
    state.bgp = { peers: [peer("tor")], node: going };
    await settle();
    state.happened.length = 0;
    stop.abort();
    await settle();
    state.report({ kind: "left" });
    await ended;
    assert.deepEqual(state.happened, ["leave", "lease says leaving", "bgpDrain", "closed", "lease emptied"]);
    assert.deepEqual(state.commands.at(-1), { kind: "bgpDrain", text: "node is cordoned" });
  });

  it("ends them once only, if it has been drained before", async () => {
    const { state, stop, ended, setDrain } = await begun({});
    state.bgp = { peers: [peer("tor")], node: going };
    await setDrain(true);
    stop.abort();
    await settle();
    state.report({ kind: "left" });
    await ended;
    assert.deepEqual(
      state.happened.filter((each) => each === "bgpDrain"),
      ["bgpDrain"],
    );
  });
});

describe("an agent that ends says in its Lease whether routers keep its routes", () => {
  const established = { families: [4], silent: [], gracefulRestart: true } as const;
  const rows: readonly (readonly [what: string, said: Parameters<typeof report>[1], want: string])[] = [
    ["they do", { established }, "lease emptied, routes stay"],
    ["nothing was agreed on", { established: { ...established, gracefulRestart: false } }, "lease emptied"],
    ["they have none", { established, announced: 0 }, "lease emptied"],
    ["the session is lost", { state: "Active", announced: 0 }, "lease emptied"],
  ];
  for (const [what, said, want] of rows)
    it(`${what}: ${want}`, async () => {
      const { state, stop, ended } = await begun({});
      state.report(report("tor", said));
      stop.abort();
      await settle();
      state.report({ kind: "left" });
      await ended;
      assert.equal(state.happened.at(-1), want);
    });

  it("not when its machine is about to go", async () => {
    const { state, stop, ended } = await begun({});
    state.report(report("tor", { established }));
    state.bgp = { peers: [peer("tor")], node: { ...node, going: "is cordoned" } };
    stop.abort();
    await settle();
    state.report({ kind: "left" });
    await ended;
    assert.equal(state.happened.at(-1), "lease emptied");
  });
});
