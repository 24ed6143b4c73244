import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NodeGroup } from "../../../src/api/vip-node.ts";
import { addressKey } from "../../../src/net/address.ts";
import { group, nodeInterface, voter } from "../../support/builders.ts";
import { type Changes, names, placed, placeOne, theGroup, vip } from "./placement-view.ts";

const here = placed(1, "node1");
const key = addressKey(here.address);
const voters: Changes = { vipNodes: names.map((name) => voter(name)) };
const followed = (node: string): Changes => ({ follow: new Map([[key, node]]) });
const waiting: Changes = { waiting: new Set(["node1"]) };

function seeing(quorum: Readonly<Record<string, boolean>>): Changes {
  const view = (name: string): NodeGroup => ({ name: theGroup, epoch: 1, quorum: quorum[name] ?? true, hears: names });
  return { vipNodes: names.map((name) => voter(name, { groups: [view(name)] })) };
}

describe("what votes have moved", () => {
  const dead: Changes = { ...voters, live: { node1: "dead" } };
  const rows: readonly { readonly name: string; readonly changes: Changes; readonly want: string }[] = [
    {
      name: "S83: Given a holder dies, Then the ledger follows the live node that took over",
      changes: { ...dead, ...followed("node3") },
      want: "node3",
    },
    { name: "waits for the votes while the failure is young", changes: { ...dead, ...waiting }, want: "node1" },
    { name: "goes to another once they have had their time", changes: dead, want: "node2" },
    { name: "follows from a node that lives, too", changes: { ...voters, ...followed("node3") }, want: "node3" },
    { name: "follows to no node that may not hold it", changes: { ...voters, ...followed("node4") }, want: "node1" },
    {
      name: "moves at once from a node that is drained: nothing failed",
      changes: {
        vipNodes: names.map((name) => voter(name, { drain: name === "node1" })),
        ...waiting,
        ...followed("node1"),
      },
      want: "node2",
    },
    {
      name: "waits while an interface has just gone down",
      changes: {
        vipNodes: names.map((name) => voter(name, { interfaces: [nodeInterface({ up: name !== "node1" })] })),
        ...waiting,
      },
      want: "node1",
    },
    {
      name: "leaves a node that hears nobody while others have a quorum",
      changes: seeing({ node1: false }),
      want: "node2",
    },
    {
      name: "stays where nobody has a quorum",
      changes: seeing({ node1: false, node2: false, node3: false }),
      want: "node1",
    },
  ];
  for (const { name, changes, want } of rows) it(name, () => assert.equal(placeOne(here, changes).node, want));
});

describe("a new address", () => {
  it("goes to a node that votes though its Lease is not judged yet: the votes put a wrong guess right", () => {
    const live = { node1: "unknown", node2: "unknown", node3: "unknown" } as const;
    assert.equal(placeOne(vip(9), { ...voters, live }).node, "node1");
  });

  it("goes to no node that hears too few", () => {
    assert.equal(placeOne(vip(9), seeing({ node1: false })).node, "node2");
  });

  it("goes into the group by Lease where there is one", () => {
    const alone = names.map((name, i) => group([name], { name: `g${i}`, byLease: true }));
    assert.equal(placeOne(vip(9), { ...voters, groups: [...alone, group(names)] }).group, "g0");
    assert.equal(placeOne(here, { ...voters, groups: [group(names), ...alone] }).group, "g0");
  });
});
