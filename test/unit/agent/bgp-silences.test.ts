import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionReport } from "../../../src/agent/bgp-ports.ts";
import { Silences } from "../../../src/agent/bgp-silences.ts";
import { bgpRefusals } from "../../../src/agent/bgp-status.ts";
import { planRoutes, type RoutedVip } from "../../../src/announce/bgp-routes.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { address, prefix, vipNode } from "../../support/builders.ts";
import { peer as knownPeer, node, report, routed } from "./agent-bgp-builders.ts";
import { interfaces, settle, world } from "./agent-world.ts";

const v4 = "203.0.113.7";
const v6 = "2001:db8:5::7";
const here = [routedVip(v4), routedVip(v6)];
const elsewhere = [routedVip(v4), routedVip(v6, { announcers: ["node2"] })];

const noAddress = "this node has no IPv6 address towards the peer";
const notTaken = "the peer does not take IPv6 routes";

/** An established session that can tell nothing of IPv6 for this reason. */
const without6 = (reason: string): Partial<SessionReport> => ({
  established: { families: reason === notTaken ? [4] : [4, 6], silent: [{ family: 6, reason }], gracefulRestart: true },
});

/** What is said of the peers at each look: the routes, and the session's report (undefined: none is established). */
function follower(peers = [peer()]) {
  const silences = new Silences();
  return (vips: readonly RoutedVip[], said: Partial<SessionReport> | undefined) => {
    const routes = planRoutes({ vips, node: { name: "node1", labels: {}, shutdown: { phase: "none" } }, peers });
    const tor = said && report("tor", said);
    const found = silences.at(routes.peers, (name) => (name === "tor" ? tor : undefined));
    return { found, of6: found.get("tor")?.get(6), refusals: bgpRefusals(routes, vips, "node1", found) };
  };
}

type Look = Parameters<ReturnType<typeof follower>>;

/** What is said of IPv6 after the last look. */
const rows: readonly (readonly [what: string, looks: readonly Look[], want: string | undefined])[] = [
  ["everything is told", [[here, { established: { families: [4, 6], silent: [], gracefulRestart: true } }]], undefined],
  ["no session is established", [[here, undefined]], undefined],
  ["there is no next hop", [[here, without6(noAddress)]], noAddress],
  ["the peer takes only IPv4", [[here, without6(notTaken)]], notTaken],
  ["there is no next hop, and other nodes are chosen", [[elsewhere, without6(noAddress)]], noAddress],
  ["there is no next hop, and only IPv4 to tell", [[[routedVip(v4)], without6(noAddress)]], undefined],
  [
    "the address went, and now there is a next hop",
    [
      [here, without6(noAddress)],
      [elsewhere, {}],
    ],
    undefined,
  ],
  [
    "the session was lost",
    [
      [here, without6(noAddress)],
      [here, undefined],
    ],
    undefined,
  ],
];

describe("what an established session does not tell of IPv6:", () => {
  for (const [what, looks, want] of rows)
    it(`${want === undefined ? "nothing is said" : "it is said"} where ${what}`, () => {
      const look = follower();
      assert.equal(looks.map((each) => look(...each).of6).at(-1), want);
    });

  it("nothing is said of a family that the BGPPeer leaves out", () => {
    assert.equal(follower([peer({ families: [4] })])(here, without6(notTaken)).of6, undefined);
  });

  it("is the same map as long as it says the same", () => {
    const look = follower();
    assert.equal(look(here, without6(noAddress)).found, look(elsewhere, without6(noAddress)).found);
  });
});

describe("an address whose family no established peer is told", () => {
  it("is refused with that reason", () => {
    assert.deepEqual(follower()(here, without6(noAddress)).refusals, [
      { address: address(v6), reason: "FamilyNotTold", message: `tor: ${noAddress}` },
    ]);
  });

  it("is not refused where another peer is told", () => {
    const silences = new Map([
      ["spine", new Map()],
      ["tor", new Map([[6 as const, noAddress]])],
    ]);
    const node = { name: "node1", labels: {}, shutdown: { phase: "none" } } as const;
    const routes = planRoutes({ vips: here, node, peers: [peer(), peer({ name: "spine" })] });
    assert.deepEqual(bgpRefusals(routes, here, "node1", silences), []);
  });
});

it("a node says that a session tells no route of a family, and of which addresses nobody hears for that", async () => {
  const { agent, clock, state } = world();
  void agent.run(new AbortController().signal);
  const advertisements = [routed(v4), routed(v6)];
  Object.assign(state, {
    groups: [],
    node: vipNode("node1"),
    bgp: { peers: [knownPeer("tor")], node },
    advertisements,
  });
  state.report(interfaces);
  await settle();
  state.report(report("tor", { ...without6(noAddress), absent: [{ prefix: prefix(`${v6}/128`), reason: noAddress }] }));
  await clock.advance(5_000);
  const [session] = state.node?.bgp ?? [];
  assert.deepEqual([session?.state, session?.message], ["Established", `no IPv6 routes: ${noAddress}`]);
  assert.deepEqual(state.node?.announcing, [{ protocol: "BGP", interface: "", addresses: [address(v4)] }]);
  assert.deepEqual(state.node?.refusing, [
    { address: address(v6), reason: "FamilyNotTold", message: `tor: ${noAddress}` },
  ]);
  state.report(report("tor", { announced: 2 }));
  await clock.advance(5_000);
  assert.deepEqual([state.node?.bgp?.[0]?.message, state.node?.refusing], ["", []]);
});
