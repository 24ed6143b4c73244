import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { goneMs, localLookMs } from "../../../src/agent/bgp-own-addresses.ts";
import type { KnownPeer } from "../../../src/agent/bgp-ports.ts";
import { addresses, vipNode } from "../../support/builders.ts";
import { node, peer } from "./agent-bgp-builders.ts";
import { interfaces, settle, world } from "./agent-world.ts";

const loopback = "198.51.100.1";

/** An agent of node1, which has 192.168.50.11, and `loopback` on lo, with these peers. */
async function begun(...peers: readonly KnownPeer[]) {
  const made = world();
  void made.agent.run(new AbortController().signal);
  const localAddresses = addresses(loopback);
  Object.assign(made.state, { groups: [], node: vipNode("node1"), bgp: { peers, node }, localAddresses });
  made.state.report(interfaces);
  await settle();
  return made;
}

describe("a peer that wants to be spoken to from one address has a session", () => {
  const rows: readonly (readonly [what: string, sourceAddress: string, has: boolean])[] = [
    ["where an interface has it", "192.168.50.11", true],
    ["where lo has it", loopback, true],
    ["and none where it is another node's", "192.168.50.12", false],
  ];
  for (const [what, sourceAddress, has] of rows)
    it(what, async () => {
      const { clock, state } = await begun(peer("tor", { sourceAddress }));
      await clock.advance(4_000);
      assert.deepEqual(state.happened, has ? ["session tor", "routes to tor: "] : []);
      assert.deepEqual(
        (state.node?.bgp ?? []).map((each) => each.peer),
        has ? ["tor"] : [],
      );
    });

  it("as soon as the machine has it", async () => {
    const { agent, clock, state } = await begun(peer("tor", { sourceAddress: "198.51.100.2" }));
    assert.deepEqual(state.happened, []);
    state.localAddresses = addresses("198.51.100.2");
    agent.wake();
    await clock.advance(localLookMs);
    assert.deepEqual(state.happened, ["session tor", "routes to tor: "]);
  });

  it("until the machine has not had it for a minute", async () => {
    const { agent, clock, state } = await begun(peer("tor", { sourceAddress: loopback }));
    state.happened.length = 0;
    state.localAddresses = [];
    agent.wake();
    await clock.advance(goneMs - 1);
    assert.deepEqual(state.happened, []);
    agent.wake();
    await clock.advance(1);
    assert.deepEqual(state.happened, ["no session tor"]);
  });
});

it("two peers that are one session have one, the other says whose, and gets it when that is gone", async () => {
  const { agent, clock, state } = await begun(peer("b"), peer("a"));
  await clock.advance(4_000);
  assert.deepEqual(state.happened, ["session a", "routes to a: "]);
  assert.deepEqual(
    state.node?.bgp?.map((each) => [each.peer, each.message]),
    [
      ["a", "not begun yet"],
      ["b", "the same session as a"],
    ],
  );
  state.happened.length = 0;
  state.bgp = { peers: [peer("b")], node };
  agent.wake();
  await clock.advance(1_000);
  assert.deepEqual(state.happened, ["no session a", "session b", "routes to b: "]);
});
