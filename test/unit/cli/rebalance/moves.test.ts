import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EndpointSlice } from "../../../../src/api/endpoint-slice.ts";
import type { Advertisement } from "../../../../src/api/vip-advertisement.ts";
import { nodesToFill, plannedMoves, type Spread } from "../../../../src/cli/rebalance/moves.ts";
import { advertisement, clusterNode, group, service, vipNode } from "../../../support/builders.ts";
import { groupName } from "../voting-of.ts";

const names = ["node1", "node2", "node3"];

/** Addresses 203.0.113.1, 203.0.113.2, …, each on the node of its place in the list. */
function on(nodes: readonly string[], changes: Partial<Advertisement> = {}): readonly Advertisement[] {
  return nodes.map((node, i) =>
    advertisement(`203.0.113.${i + 1}`, { owner: service(), node, group: groupName, ...changes }),
  );
}

function spread(
  advertisements: readonly Advertisement[],
  changes: { readonly dead?: string; readonly slices?: readonly EndpointSlice[] } = {},
): Spread {
  const parts = {
    vipNodes: names.map((name) => vipNode(name, { groups: [] })),
    nodes: names.map((name) => clusterNode(name)),
    liveness: new Map(names.map((name) => [name, name === changes.dead ? ("dead" as const) : ("alive" as const)])),
    groups: [group(names)],
    endpointSlices: changes.slices ?? [],
  };
  return { advertisements, parts };
}

function said(given: Spread, only: readonly string[] = []): readonly string[] {
  return plannedMoves(given, only).map(({ address, from, to }) => `${address} ${from} ${to}`);
}

const endpoint = (node: string) => ({ node, ready: true, servingTerminating: false });

describe("addresses are moved", () => {
  const cases: readonly {
    readonly name: string;
    readonly given: Spread;
    readonly only?: string[];
    readonly want: readonly string[];
  }[] = [
    { name: "not while the nodes differ by one", given: spread(on(["node1", "node1", "node2", "node3"])), want: [] },
    {
      name: "from the fullest to the emptiest, the lowest first, until the nodes differ by one",
      given: spread(on(["node1", "node1", "node1", "node1", "node2"])),
      want: ["203.0.113.1 node1 node3", "203.0.113.2 node1 node2"],
    },
    {
      name: "never to a node whose agent is dead",
      given: spread(on(["node1", "node1", "node1"]), { dead: "node3" }),
      want: ["203.0.113.1 node1 node2"],
    },
    {
      name: "never from one whose agent is dead: that is the controller's to settle",
      given: spread(on(["node1", "node1", "node1"]), { dead: "node1" }),
      want: [],
    },
    {
      name: "to candidates only",
      given: spread(on(["node1", "node1", "node1"], { candidates: ["node1", "node3"] })),
      want: ["203.0.113.1 node1 node3"],
    },
    {
      name: "to the named nodes only",
      given: spread(on(["node1", "node1", "node1", "node1"])),
      only: ["node2"],
      want: ["203.0.113.1 node1 node2", "203.0.113.2 node1 node2"],
    },
    {
      name: "under policy Local to a node with a ready endpoint only",
      given: spread(on(["node1", "node1", "node1"], { trafficPolicy: "Local" }), {
        slices: [{ service: "shop/web", endpoints: [endpoint("node1"), endpoint("node3")] }],
      }),
      want: ["203.0.113.1 node1 node3"],
    },
    { name: "not out of their group", given: spread(on(["node1", "node1"], { group: "other" })), want: [] },
  ];
  for (const { name, given, only, want } of cases) it(name, () => assert.deepEqual(said(given, only), want));
});

it("once all is moved, nothing is left to move", () => {
  const before = spread(on(["node1", "node1", "node1", "node1", "node1", "node2", "node2"]));
  const moves = plannedMoves(before);
  const places = new Map(moves.map(({ address, to }) => [address, to]));
  const after = before.advertisements.map((each, i) => ({
    ...each,
    node: places.get(`203.0.113.${i + 1}`) ?? each.node,
  }));
  assert.ok(moves.length > 0);
  assert.deepEqual(said({ ...before, advertisements: after }), []);
});

describe("the nodes to fill are", () => {
  const cases: readonly {
    readonly name: string;
    readonly given: Spread;
    readonly only?: string[];
    readonly want: readonly string[];
  }[] = [
    { name: "none where the nodes differ by one", given: spread(on(["node1", "node1", "node2", "node3"])), want: [] },
    { name: "all that have too few", given: spread(on(["node1", "node1", "node1"])), want: ["node2", "node3"] },
    {
      name: "of these the named ones",
      given: spread(on(["node1", "node1", "node1"])),
      only: ["node3"],
      want: ["node3"],
    },
  ];
  for (const { name, given, only = [], want } of cases)
    it(name, () => assert.deepEqual(nodesToFill(given, only), want));
});
