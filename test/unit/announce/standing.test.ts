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

const drained = { type: "Drained", status: "True", reason: "Drained", message: "", lastTransitionTime: "" } as const;
const session = { peer: "tor", state: "Active", since: "", message: "", announced: 0 } as const;

it("is the very same while only the state of its BGP sessions changes, or the words of a drain that is not done", () => {
  const open = { ...drained, status: "False" } as const;
  const said = (state: "Active" | "Established", message: string) =>
    voter("node1", { bgp: [{ ...session, state }], conditions: [{ ...open, message }] });
  const known = standingOf(said("Active", ""), node, "alive", respectNothing);
  assert.equal(standingOf(said("Established", "3 left"), node, "alive", respectNothing), known);
  const done = voter("node1", { bgp: [session], conditions: [drained] });
  assert.notEqual(standingOf(done, node, "alive", respectNothing), known);
});

const others = [
  { name: "its interfaces", changes: { interfaces: [nodeInterface({ up: false })] } },
  { name: "that it is drained", changes: { drain: true } },
  { name: "which BGP sessions it has", changes: { bgp: [session] } },
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
