import assert from "node:assert/strict";
import { it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { addressState, nodeReport } from "../../../src/controller/node-reports.ts";
import { address, addresses, advertisement, group, vipNode, voter } from "../../support/builders.ts";

const text = "192.0.2.1";

type Node = { readonly announces?: boolean; readonly refuses?: string; readonly liveness?: Liveness };

function report(name: string, { announces = false, refuses, liveness = "alive" }: Node) {
  const announcing = [{ protocol: "ARP", interface: "eth0", addresses: announces ? addresses(text) : [] }] as const;
  const refusing = refuses === undefined ? [] : [{ address: address(text), reason: refuses, message: "for a reason" }];
  return [name, nodeReport(vipNode(name, { announcing, refusing }), liveness)] as const;
}

type Case = {
  readonly name: string;
  readonly placed: string;
  readonly held?: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly want: readonly [holder: string, reason: string];
};

const cases: readonly Case[] = [
  {
    name: "the node where it is placed is believed",
    placed: "n1",
    nodes: { n1: { announces: true } },
    want: ["n1", "Announced"],
  },
  {
    name: "another node is not",
    placed: "n1",
    nodes: { n1: {}, n2: { announces: true } },
    want: ["", "NotYetAnnounced"],
  },
  {
    name: "during a move the last holder still counts",
    placed: "n2",
    held: "n1",
    nodes: { n1: { announces: true }, n2: {} },
    want: ["n1", "Announced"],
  },
  {
    name: "once the new one announces and the old one does not, it is the holder",
    placed: "n2",
    held: "n1",
    nodes: { n1: {}, n2: { announces: true } },
    want: ["n2", "Announced"],
  },
  {
    name: "while both say that they announce it is where it was: one that comes back says what it said before it went",
    placed: "n1",
    held: "n2",
    nodes: { n1: { announces: true }, n2: { announces: true } },
    want: ["n2", "Announced"],
  },
  {
    name: "a dead node's report counts for nothing",
    placed: "n1",
    held: "n1",
    nodes: { n1: { announces: true, liveness: "dead" } },
    want: ["", "NodeDown"],
  },
  {
    name: "a node that cannot be judged yet keeps what it has",
    placed: "n1",
    nodes: { n1: { announces: true, liveness: "unknown" } },
    want: ["n1", "Announced"],
  },
  {
    name: "a leaving node still answers",
    placed: "n1",
    nodes: { n1: { announces: true, liveness: "leaving" } },
    want: ["n1", "Announced"],
  },
  { name: "a refusal says why", placed: "n1", nodes: { n1: { refuses: "NoInterface" } }, want: ["", "NoInterface"] },
  { name: "placed nowhere", placed: "", nodes: {}, want: ["", "NoEligibleNode"] },
  { name: "placed on a node that says nothing", placed: "n9", nodes: {}, want: ["", "NodeDown"] },
];

for (const { name, placed, held = "", nodes, want } of cases)
  it(name, () => {
    const reports = new Map(Object.entries(nodes).map(([node, says]) => report(node, says)));
    const given = advertisement(text, { node: placed });
    const { holder, reason } = addressState({ ...given, status: { ...given.status, holder: held } }, reports);
    assert.deepEqual([holder, reason], want);
  });

it("another station with the address is a conflict, in the node's words", () => {
  const reports = new Map([report("n1", { refuses: "Conflict" })]);
  assert.equal(addressState(advertisement(text, { node: "n1" }), reports).conflict, "n1: for a reason");
});

it("a node that those with a quorum do not hear is not believed, though its Lease has not told yet", () => {
  const announcing = [{ protocol: "ARP", interface: "eth0", addresses: addresses(text) }] as const;
  const voting = (name: string, hears: readonly string[]) => {
    const view = { name: "g", epoch: 1, quorum: true, hears };
    return [name, nodeReport(voter(name, { announcing, groups: [view] }), "alive")] as const;
  };
  const given = advertisement(text, { node: "n1", group: "g" });
  const list = group(["n1", "n2", "n3"], { name: "g" });
  const holder = (...heard: readonly string[]) =>
    addressState(given, new Map([voting("n1", ["n2", "n3"]), voting("n2", heard)]), list);
  assert.equal(holder("n1", "n3").holder, "n1");
  assert.deepEqual([holder("n3").holder, holder("n3").elsewhere], ["n2", true]);
});
