import assert from "node:assert/strict";
import { it } from "node:test";
import { respectNothing, standingOf } from "../../../src/announce/standing.ts";
import { addresses, clusterNode, nodeInterface, voter } from "../../support/builders.ts";

const node = clusterNode("node1", { cordoned: true });
const first = () => standingOf(voter("node1"), node, "alive", respectNothing);

it("is the very same while a node only announces something else, or hears others", () => {
  const known = first();
  const announcing = [{ protocol: "ARP" as const, interface: "eth0", addresses: addresses("192.0.2.1") }];
  const groups = [{ name: "g", epoch: 1, quorum: true, hears: ["node2"] }];
  assert.equal(standingOf(voter("node1", { announcing, groups }), node, "alive", respectNothing), known);
});

const others = [
  { name: "its interfaces", changes: { interfaces: [nodeInterface({ up: false })] } },
  { name: "that it is drained", changes: { drain: true } },
];
for (const { name, changes } of others)
  it(`is another once the node says otherwise of ${name}`, () => {
    const known = first();
    const now = standingOf(voter("node1", changes), node, "alive", respectNothing);
    assert.notEqual(now, known);
    assert.deepEqual({ ...now.vipNode }, { ...voter("node1", changes) });
  });

it("is another when the agent is judged otherwise, or when what closes a node is respected", () => {
  const known = first();
  assert.equal(standingOf(voter("node1"), node, "dead", respectNothing).liveness, "dead");
  assert.notEqual(first(), known);
  const closed = standingOf(voter("node1"), node, "alive", { cordon: true, outOfService: false });
  assert.equal(closed.closed, "Cordoned");
});
