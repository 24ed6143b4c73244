import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { lonelyMembers } from "../../../src/announce/group-facts.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { AddressStates } from "../../../src/controller/address-states.ts";
import { Handovers } from "../../../src/controller/handovers.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { addressKey } from "../../../src/net/address.ts";
import {
  address,
  addresses,
  advertisement,
  group,
  nodeInterface,
  service,
  vipNode,
  voter,
} from "../../support/builders.ts";

const vip = "192.168.50.100";
const groups = new Map([["g", group(["a", "b"], { name: "g" })]]);
const ledger = [advertisement(vip, { owner: service(), group: "g", node: "a" })];

type Node = {
  readonly liveness?: Liveness;
  readonly quorum?: boolean;
  /** Whether `b` hears it. */
  readonly heard?: boolean;
  readonly changes?: Partial<VipNode>;
};

/** `b` answers for the address that is wanted on `a`. */
function reports({ liveness = "alive", quorum = true, heard = true, changes = {} }: Node) {
  const view = { name: "g", epoch: 1, quorum, hears: ["b"] };
  const announcing = [{ protocol: "ARP", interface: "eth0", addresses: addresses(vip) }] as const;
  const a = voter("a", { groups: [view], ...changes });
  const b = voter("b", { groups: [{ ...view, quorum: true, hears: heard ? ["a"] : [] }], announcing });
  return new Map([
    ["a", nodeReport(a, liveness)],
    ["b", nodeReport(b, "alive")],
  ]);
}

function lonelyOf(said: ReturnType<typeof reports>): ReadonlySet<string> {
  const all = [...said.values()];
  return lonelyMembers([...groups.values()], {
    vipNodes: new Map(all.map(({ of }) => [of.name, of])),
    liveness: new Map(all.map(({ of, liveness }) => [of.name, liveness])),
  });
}

function follower() {
  const [states, handovers] = [new AddressStates(), new Handovers()];
  return (node: Node, nowMs: number) => {
    const said = reports(node);
    const now = states.at(ledger, { reports: said, groups }, nowMs);
    return handovers.at(now.moving, now.states, { reports: said, lonely: lonelyOf(said) }, nowMs);
  };
}

describe("the ledger follows the votes", () => {
  const rows = [
    { name: "2 s after the node has died", node: { liveness: "dead" }, afterMs: 2_000 },
    { name: "2 s after it began to leave", node: { liveness: "leaving" }, afterMs: 2_000 },
    { name: "2 s after it has lost its quorum", node: { quorum: false }, afterMs: 2_000 },
    { name: "2 s after the others heard it last, long before its Lease tells", node: { heard: false }, afterMs: 2_000 },
    { name: "2 s after it is in the group no more", node: { changes: { groups: [] } }, afterMs: 2_000 },
    { name: "30 s later if it only does not hold the address", node: {}, afterMs: 30_000 },
  ] as const;
  for (const { name, node, afterMs } of rows)
    it(name, () => {
      const at = follower();
      assert.deepEqual([...at(node, 0).follow], []);
      assert.deepEqual([...at(node, afterMs - 1).follow], []);
      assert.deepEqual([...at(node, afterMs).follow], [[addressKey(address(vip)), "b"]]);
    });
});

describe("the votes are given 5 s", () => {
  const failures: readonly { readonly name: string; readonly node: Node }[] = [
    { name: "an agent that dies", node: { liveness: "dead" } },
    { name: "a quorum that is lost", node: { quorum: false } },
    { name: "the others have heard it last", node: { heard: false } },
    { name: "an interface that goes down", node: { changes: { interfaces: [nodeInterface({ up: false })] } } },
  ];
  for (const { name, node } of failures)
    it(`after ${name}`, () => {
      const at = follower();
      assert.deepEqual([...at({}, 0).waiting], []);
      assert.deepEqual([...at(node, 100).waiting], ["a"]);
      assert.deepEqual([...at(node, 5_099).waiting], ["a"]);
      assert.deepEqual([...at(node, 5_100).waiting], []);
    });

  it("also when another failure of the node is old", () => {
    const at = follower();
    const changes = { interfaces: [nodeInterface(), nodeInterface({ name: "eth9", up: false })] };
    at({ changes }, 0);
    assert.deepEqual([...at({ changes }, 60_000).waiting], []);
    assert.deepEqual([...at({ changes, liveness: "leaving" }, 60_001).waiting], ["a"]);
  });

  it("but not where nobody votes", () => {
    const handovers = new Handovers();
    const said = new Map([["a", nodeReport(vipNode("a"), "dead")]]);
    assert.deepEqual([...handovers.at([], new Map(), { reports: said, lonely: new Set() }, 0).waiting], []);
  });
});
