import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planPlacements } from "../../../src/announce/placement.ts";
import { defaultAnnouncement } from "../../../src/api/announcement.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import { address, clusterNode, group, nodeInterface, vipNode } from "../../support/builders.ts";
import { names, of, placed, placeOne, theGroup, view, vip, vips } from "./placement-view.ts";

describe("placement", () => {
  it("gives a new address a node and its group", () => {
    assert.deepEqual(placeOne(vip(100)), { node: "node1", group: theGroup });
  });

  it("spreads new addresses so that nodes differ by one", () => {
    const all = planPlacements(view(vips(8)));
    const counts = names.map((name) => [...all.values()].filter(({ node }) => node === name).length);
    assert.deepEqual(counts, [3, 3, 2]);
  });

  it("counts what stays when it places what is new", () => {
    const stays = [placed(1, "node1"), placed(2, "node1"), placed(3, "node2")];
    const next = vip(4);
    assert.equal(of(next, planPlacements(view([next, ...stays]))).node, "node3");
  });

  it("leaves an address where it is, however unbalanced", () => {
    const stays = Array.from({ length: 5 }, (_, i) => placed(100 + i, "node2"));
    const all = planPlacements(view(stays));
    for (const each of stays) assert.deepEqual(of(each, all), { node: "node2", group: theGroup });
  });

  it("gives a returning node nothing back", () => {
    assert.equal(placeOne(placed(1, "node3"), { live: { node2: "alive" } }).node, "node3");
  });

  it("leaves a node of unknown liveness what it has and gives it nothing new", () => {
    const addresses = [placed(1, "node1"), ...vips(4)];
    const all = planPlacements(view(addresses, { live: { node1: "unknown" } }));
    assert.deepEqual(
      addresses.map((each) => of(each, all).node),
      ["node1", "node2", "node3", "node2", "node3"],
    );
  });

  it("takes an address from an excluded node even while its liveness is unknown", () => {
    const nodes = names.map((name) => clusterNode(name, name === "node1" ? { labels: { [excludeLabel]: "" } } : {}));
    assert.equal(placeOne(placed(1, "node1"), { nodes, live: { node1: "unknown" } }).node, "node2");
  });
});

describe("the choice of node and group", () => {
  it("keeps to the nodes that the announcement selects", () => {
    const nodes = names.map((name) => clusterNode(name, { labels: { rack: name === "node3" ? "b" : "a" } }));
    const announcement = { ...defaultAnnouncement, nodeSelector: { matchLabels: { rack: "b" } } };
    assert.equal(placeOne(vip(1, { announcement }), { nodes }).node, "node3");
  });

  it("stays in the group of the address if one of it can take it", () => {
    const groups = [group(["node1"], { name: "g1" }), group(["node2", "node3"], { name: "g2" })];
    const moved = vip(1, { node: "node2", group: "g2" });
    const others = [placed(2, "node3"), placed(3, "node3")];
    const all = planPlacements(view([moved, ...others], { groups, live: { node2: "dead" } }));
    assert.deepEqual(of(moved, all), { node: "node3", group: "g2" });
  });

  it("uses the group of the LAN that the address is announced on", () => {
    const interfaces = [
      nodeInterface(),
      nodeInterface({ name: "eth1", subnets: ["10.0.0.1/24"], defaultRoute: false }),
    ];
    const groups = [group(["node1"]), group(["node1"], { name: "10-0-0-0-24-1", lan: "10.0.0.0/24" })];
    const ten = { ...vip(1), address: address("10.0.0.99") };
    const changes = { vipNodes: [vipNode("node1", { interfaces })], groups };
    assert.equal(placeOne(ten, changes).group, "10-0-0-0-24-1");
    assert.equal(placeOne(vip(1), changes).group, theGroup);
  });
});

describe("an address that no node can take", () => {
  it("is nowhere, and the reason says that there is no agent", () => {
    const { node, group: none, misplaced } = placeOne(vip(1), { vipNodes: [], groups: [] });
    assert.deepEqual([node, none, misplaced?.reason], ["", "", "NoAgent"]);
  });

  it("says why for each node", () => {
    const { misplaced } = placeOne(vip(1), { live: { node1: "dead", node2: "leaving", node3: "unknown" } });
    assert.deepEqual(misplaced, {
      reason: "NoEligibleNode",
      message:
        "the agent on node1 does not renew its Lease; the agent on node2 is stopping; " +
        "whether the agent on node3 lives is not known yet",
    });
  });

  for (const live of ["dead", "leaving"] as const)
    it(`stays on a node that is ${live}, for want of another`, () => {
      const all = { node1: live, node2: live, node3: live };
      const { node, group: kept, misplaced } = placeOne(placed(1, "node2"), { live: all });
      assert.deepEqual([node, kept, misplaced?.reason], ["node2", theGroup, "NoEligibleNode"]);
    });

  it("does not stay on a node that must not have it", () => {
    const nodes = names.map((name) => clusterNode(name, { labels: { [excludeLabel]: "" } }));
    assert.equal(placeOne(placed(1, "node2"), { nodes }).node, "");
  });

  it("says so briefly where names are long", () => {
    const long = Array.from({ length: 9 }, (_, i) => `${"n".repeat(250)}${i}`);
    const { misplaced } = placeOne(vip(1), { vipNodes: long.map((name) => vipNode(name)), nodes: [] });
    assert.equal(misplaced?.message.length, 1024);
  });

  it("waits for its group", () => {
    const { node, misplaced } = placeOne(vip(1), { groups: [] });
    assert.equal(node, "");
    assert.match(misplaced?.message ?? "", /^node node1 is in no group of LAN 192\.168\.50\.0\/24 yet/);
  });
});
