import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Placement, type PlacementView, planPlacements } from "../../../src/announce/placement.ts";
import type { Condition } from "../../../src/api/condition.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { clusterNode, group, nodeInterface, vipNode } from "../../support/builders.ts";
import { type Changes, names, of, placed, theGroup, view, vips } from "./placement-view.ts";

const none: Placement = { node: "", group: "" };

/** A node whose VIPNode has no interfaces. */
const bare = (name: string, changes: Partial<VipNode> = {}): VipNode => vipNode(name, { interfaces: [], ...changes });

const notReady: Condition = {
  type: "Ready",
  status: "False",
  reason: "NoInterface",
  message: "no network interface with an address",
  lastTransitionTime: "2026-01-31T12:00:00Z",
};

describe("what is placed moves", () => {
  const lost: readonly { readonly name: string; readonly changes: Changes }[] = [
    { name: "is dead", changes: { live: { node2: "dead" } } },
    { name: "is leaving", changes: { live: { node2: "leaving" } } },
    { name: "does not exist", changes: { nodes: [clusterNode("node1"), clusterNode("node3")] } },
    {
      name: "is gone with its VIPNode",
      changes: {
        nodes: [clusterNode("node1"), clusterNode("node3")],
        vipNodes: [vipNode("node1"), vipNode("node3")],
      },
    },
    {
      name: "is dead and has no VIPNode",
      changes: { vipNodes: [vipNode("node1"), vipNode("node3")], live: { node2: "dead" } },
    },
    {
      name: "says that it has no interface",
      changes: { vipNodes: [vipNode("node1"), bare("node2", { conditions: [notReady] }), vipNode("node3")] },
    },
    {
      name: "is excluded by label",
      changes: {
        nodes: names.map((name) => clusterNode(name, name === "node2" ? { labels: { [excludeLabel]: "" } } : {})),
      },
    },
    {
      name: "has no pod network",
      changes: { nodes: names.map((name) => clusterNode(name, { networkUnavailable: name === "node2" })) },
    },
    {
      name: "has its interface down",
      changes: {
        vipNodes: names.map((name) => vipNode(name, { interfaces: [nodeInterface({ up: name !== "node2" })] })),
      },
    },
  ];
  for (const { name, changes } of lost)
    it(`exactly from a node that ${name}`, () => {
      const addresses = [placed(1, "node1"), placed(2, "node2"), placed(3, "node3"), placed(4, "node2")];
      const all = planPlacements(view(addresses, changes));
      assert.deepEqual(
        addresses.map((each) => of(each, all).node),
        ["node1", "node1", "node3", "node3"],
      );
    });
});

describe("what is placed stays", () => {
  const kept: readonly { readonly name: string; readonly changes: Changes }[] = [
    { name: "waits for its group", changes: { groups: [group(["node1", "node3"])] } },
    { name: "has no VIPNode for a moment", changes: { vipNodes: [vipNode("node1"), vipNode("node3")] } },
    {
      name: "has not reported since its VIPNode was made anew",
      changes: { vipNodes: [vipNode("node1"), bare("node2"), vipNode("node3")] },
    },
  ];
  for (const { name, changes } of kept)
    it(`leaves a node what it has that ${name}, and gives it nothing new`, () => {
      const addresses = [placed(1, "node2"), ...vips(4)];
      const all = planPlacements(view(addresses, changes));
      assert.deepEqual(
        addresses.map((each) => of(each, all).node),
        ["node2", "node1", "node3", "node1", "node3"],
      );
      assert.deepEqual(of(placed(1, "node2"), all), { node: "node2", group: theGroup });
    });

  it("moves nothing while all VIPNodes have been deleted and the nodes report one after another", () => {
    const addresses = [placed(1, "node1"), placed(2, "node2"), placed(3, "node3")];
    for (let reported = 0; reported <= names.length; reported++) {
      const vipNodes = names.map((name, i) => (i < reported ? vipNode(name) : bare(name)));
      const all = planPlacements(view(addresses, { vipNodes }));
      assert.deepEqual(
        addresses.map((each) => of(each, all).node),
        names,
      );
    }
  });

  it("sees what has become of the very same objects", () => {
    const same = { ...view([]), addresses: [placed(1, "node2")] };
    const at = (changes: Partial<PlacementView>): Placement =>
      [...planPlacements({ ...same, ...changes }).values()][0] ?? none;
    assert.deepEqual(at({}), { node: "node2", group: theGroup });
    assert.equal(at({ groups: [group(names, { name: "renamed" })] }).group, "renamed");
    assert.equal(
      at({
        liveness: new Map([
          ["node1", "alive"],
          ["node2", "dead"],
        ]),
      }).node,
      "node1",
    );
    assert.equal(at({ nodes: [clusterNode("node1")] }).node, "node1");
    assert.equal(at({ vipNodes: [vipNode("node1"), bare("node2", { conditions: [notReady] })] }).node, "node1");
    assert.deepEqual(at({}), { node: "node2", group: theGroup });
  });
});
