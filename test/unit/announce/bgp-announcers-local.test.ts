import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnnouncerView } from "../../../src/announce/bgp-announcers.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import { peer } from "../../support/bgp-builders.ts";
import { clusterNode } from "../../support/builders.ts";
import { candidate, chosen, draining, endpoints, names } from "./announcer-view.ts";

describe("policy Local, while no node with a ready endpoint can announce", () => {
  const local = { trafficPolicy: "Local" } as const;
  const two = { nodes: { count: 2 } } as const;
  const both = { ...local, readySeen: true, announcers: ["node1", "node2"] };
  const others = names.slice(1).map((name) => candidate(name));
  const notThere: readonly (readonly [what: string, view: Partial<AnnouncerView>, message: RegExp])[] = [
    [
      "whose agent is dead",
      { candidates: [candidate("node1", { liveness: "dead" }), ...others] },
      /^policy Local: the agent on node1 does not renew its Lease$/,
    ],
    [
      "that is excluded",
      {
        candidates: [candidate("node1", { node: clusterNode("node1", { labels: { [excludeLabel]: "" } }) }), ...others],
      },
      /^policy Local: node node1 has label /,
    ],
    ["that has no agent", { candidates: others }, /^policy Local: no agent runs on node1$/],
    [
      "that no BGPPeer selects",
      {
        candidates: [candidate("node1"), ...others],
        peers: [peer({ nodeSelector: { matchExpressions: [{ key: "rack", operator: "Exists" }] } })],
      },
      /^policy Local: no BGPPeer hears of the address from node1$/,
    ],
  ];
  for (const [what, view, message] of notThere)
    it(`on a node ${what} the only ready endpoint keeps what is announced, and it is said what is wrong there`, () => {
      const { announcers, misplaced } = chosen(both, { ranks: endpoints("node1 ready"), ...view }) ?? {};
      assert.deepEqual([announcers, misplaced?.reason], [["node1"], "NoEligibleNode"]);
      assert.match(misplaced?.message ?? "", message);
    });

  describe("while every node with a ready endpoint is out of sight", () => {
    const view = { candidates: [candidate("node1", { liveness: "dead" as const }), ...others] };
    const ready = { ...view, ranks: endpoints("node1 ready") };

    it("does not announce again what was withdrawn", () =>
      assert.deepEqual(chosen({ ...both, announcers: [] }, ready)?.announcers, []));

    it("keeps it where another that has one is not to get anything new", () => {
      const ranks = endpoints("node1 ready", "node2 ready");
      const [dead] = view.candidates;
      const candidates = [...(dead ? [dead] : []), draining("node2"), ...others.slice(1)];
      const { announcers, misplaced } = chosen({ ...both, announcers: ["node1"] }, { ranks, candidates }) ?? {};
      assert.deepEqual(announcers, ["node1"]);
      const message = "policy Local: the agent on node1 does not renew its Lease; node node2 is being drained";
      assert.equal(misplaced?.message, message);
    });

    it("withdraws with the last endpoint all the same", () => {
      for (const end of ["node1 terminating", "node1 unready"]) {
        const { announcers, misplaced } = chosen(both, { ...view, ranks: endpoints(end) }) ?? {};
        assert.deepEqual([announcers, misplaced?.reason], [[], "NoEndpoints"]);
      }
    });

    it("narrows what all nodes announce to them, unless a number was asked for", () => {
      assert.deepEqual(chosen(local, ready)?.announcers, ["node1"]);
      assert.deepEqual(chosen({ ...local, bgp: two }, ready)?.announcers, []);
    });
  });
});
