import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PeerObject } from "../../../src/api/bgp-peer.ts";
import { type PeerNode, type PeerSurroundings, reviewPeer } from "../../../src/api/bgp-peer-review.ts";
import { formatProblems } from "../../../src/api/problem.ts";
import { addresses } from "../../support/builders.ts";

function peer(name: string, spec: Partial<PeerObject["spec"]> = {}): PeerObject {
  return { metadata: { name }, spec: { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec } };
}

const rack = (value: string): Partial<PeerObject["spec"]> => ({ nodeSelector: { matchLabels: { rack: value } } });

function node(name: string, labels: Readonly<Record<string, string>> = {}, ...texts: readonly string[]): PeerNode {
  return { name, labels, addresses: addresses(...texts) };
}

function review(object: PeerObject, around: Partial<PeerSurroundings>): { problems: string; warnings: string } {
  const { problems, warnings } = reviewPeer(object, { peers: [], nodes: [], ...around });
  return { problems: formatProblems(problems), warnings: formatProblems(warnings) };
}

const selecting = (nodeSelector: NodeSelector): Partial<PeerObject["spec"]> => ({ nodeSelector });

function rackIs(operator: "In" | "NotIn" | "Exists" | "DoesNotExist", ...values: string[]): NodeSelector {
  return { matchExpressions: [{ key: "rack", operator, ...(values.length > 0 && { values }) }] };
}

type NodeSelector = NonNullable<PeerObject["spec"]["nodeSelector"]>;
type Pair = readonly [what: string, one: NodeSelector, other: NodeSelector];

const disjoint: readonly Pair[] = [
  ["one wants the label and the other its absence", rackIs("Exists"), rackIs("DoesNotExist")],
  ["one wants values and the other its absence", rackIs("In", "a", "b"), rackIs("DoesNotExist")],
  ["one wants a value and the other its absence", { matchLabels: { rack: "a" } }, rackIs("DoesNotExist")],
  ["one wants values that the other does not", rackIs("In", "a", "b"), rackIs("NotIn", "b", "c", "a")],
  ["one wants a value that the other does not", { matchLabels: { rack: "a" } }, rackIs("NotIn", "a")],
  ["they want other values", rackIs("In", "a", "b"), rackIs("In", "c")],
];

const overlapping: readonly Pair[] = [
  ["a value is left", rackIs("In", "a", "b"), rackIs("NotIn", "a")],
  ["a value is in both", rackIs("In", "a", "b"), rackIs("In", "b", "c")],
  ["neither wants the label", rackIs("NotIn", "a"), rackIs("DoesNotExist")],
  ["one wants any other value", rackIs("NotIn", "a"), rackIs("Exists")],
  ["both want none of some values", rackIs("NotIn", "a"), rackIs("NotIn", "b")],
  ["they look at other labels", { matchLabels: { zone: "a" } }, rackIs("DoesNotExist")],
  ["a label has a name that every object has", { matchLabels: { constructor: "a" } }, rackIs("DoesNotExist")],
];

const fine = { problems: "", warnings: "" };

describe("two BGPPeers of one router", () => {
  const nodes = [node("node1", { rack: "a" }), node("node2", { rack: "b" }), node("node3", { rack: "b" })];
  const same = "spec.address: 192.0.2.1 is also the peer old of";
  const cases: readonly (readonly [
    what: string,
    one: Partial<PeerObject["spec"]>,
    other: Partial<PeerObject["spec"]>,
    around: readonly PeerNode[],
    want: string,
  ])[] = [
    ["on every node are refused", {}, {}, nodes, `${same} nodes node1, node2, node3`],
    ["on one node are refused", rack("a"), {}, nodes, `${same} node node1`],
    ["on nodes that are not there yet are refused", rack("c"), rack("c"), nodes, `${same} the same nodes`],
    ["of which one selects every node are refused", {}, rack("c"), nodes, `${same} the same nodes`],
    ["on other nodes are right", rack("a"), rack("b"), nodes, ""],
    ["while no node is known share nodes", {}, rack("a"), [], `${same} the same nodes`],
    ["while no node is known share none if no node can have both labels", rack("a"), rack("b"), [], ""],
    ...disjoint.flatMap(([what, a, b]) => [
      [`while no node is known share none if ${what}`, selecting(a), selecting(b), [], ""] as const,
      [`while no node is known share none if ${what}, turned round`, selecting(b), selecting(a), [], ""] as const,
    ]),
    ...overlapping.map(
      ([what, a, b]) =>
        [`while no node is known share nodes if ${what}`, selecting(a), selecting(b), [], `${same} the same`] as const,
    ),
    ["at another port are right", { port: 1790 }, {}, nodes, ""],
    ["in another VRF are right", { vrf: "blue" }, {}, nodes, ""],
    ["of another address are right", { address: "192.0.2.2" }, {}, nodes, ""],
    [
      "written in another way are refused",
      { address: "2001:DB8::1" },
      { address: "2001:db8::1" },
      [],
      "is also the peer",
    ],
  ];
  for (const [what, one, other, around, want] of cases)
    it(what, () => {
      const { problems } = review(peer("new", one), { peers: [peer("old", other)], nodes: around });
      assert.ok(want === "" ? problems === "" : problems.includes(want), problems);
    });

  it("spoken to from two addresses of a node are right", () => {
    const peers = [peer("old", { sourceAddress: "192.0.2.11" })];
    assert.equal(review(peer("new", { sourceAddress: "192.0.2.12" }), { peers, nodes }).problems, "");
  });

  it("found on one interface are refused", () => {
    const { address: _, ...spec } = peer("new", { interface: "eth1" }).spec;
    const peers = [{ metadata: { name: "old" }, spec }];
    assert.equal(
      review({ metadata: { name: "new" }, spec }, { peers }).problems,
      "spec.interface: eth1 is also the peer old of the same nodes",
    );
  });

  it("are none with the peer itself, and one that cannot be read is no reason to refuse", () => {
    const peers = [peer("new", { port: 179 }), peer("broken", { asn: 0 })];
    assert.deepEqual(review(peer("new"), { peers }), fine);
  });

  it("that were there before are only a warning, on more nodes they are refused", () => {
    const before = peer("new", rack("a"));
    const around = { before, peers: [before, peer("old")], nodes };
    assert.deepEqual(review(peer("new", { ...rack("a"), holdTime: "9s" }), around), {
      problems: "",
      warnings: `${same} node node1`,
    });
    assert.equal(review(peer("new"), around).problems, `${same} nodes node1, node2, node3`);
  });
});

describe("a BGPPeer whose address is a node's own", () => {
  const nodes = [node("node1", { rack: "a" }, "192.0.2.1", "2001:db8::1"), node("node2", { rack: "b" }, "192.0.2.2")];

  it("is refused where that node is selected", () => {
    const want = "spec.address: 192.0.2.1 is the own address of node node1, which nodeSelector selects";
    assert.equal(review(peer("new"), { nodes }).problems, want);
    assert.equal(review(peer("new", rack("a")), { nodes }).problems, want);
  });

  it("is right for the other nodes: it may be their route reflector", () => {
    assert.deepEqual(review(peer("new", rack("b")), { nodes }), fine);
  });
});

describe("a BGPPeer is taken with a warning", () => {
  const nodes = [node("node1", { rack: "a" }, "192.0.2.11")];
  const cases: readonly (readonly [what: string, spec: Partial<PeerObject["spec"]>, want: string])[] = [
    ["where no node is selected", rack("z"), "spec.nodeSelector: selects no node now"],
    [
      "where no node has the source address",
      { sourceAddress: "192.0.2.12" },
      "spec.sourceAddress: is an address of no selected node",
    ],
    ["not where a node has it", { sourceAddress: "192.0.2.11" }, ""],
  ];
  for (const [what, spec, want] of cases)
    it(what, () => assert.deepEqual(review(peer("new", spec), { nodes }), { problems: "", warnings: want }));
});

it("a BGPPeer that cannot be read is refused with all that is wrong, whatever it meets", () => {
  const { problems } = review(peer("new", { asn: 0, port: 0 }), { peers: [peer("old")] });
  assert.match(problems, /^spec\.asn: .*; spec\.port: /);
});
