import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BgpObjects } from "../../../../src/cli/bgp/bgp-field.ts";
import { bgpFieldOf } from "../../../../src/cli/bgp/bgp-field.ts";
import { type PeerRow, peerRows } from "../../../../src/cli/bgp/peer-row.ts";
import { noonMs } from "../../../support/builders.ts";
import { leaseObject, nodeObject, objectsOf, peerObject, routedObject, session, vipNodeObject } from "./objects-of.ts";

function rows(parts: Partial<BgpObjects> = {}): readonly PeerRow[] {
  const objects = objectsOf(parts);
  return peerRows(objects.peers, bgpFieldOf(objects, noonMs));
}

/** The one row of node1, whose agent says this. */
function ofNode1(said: Parameters<typeof vipNodeObject>[1], parts: Partial<BgpObjects> = {}): PeerRow {
  const [row, ...more] = rows({
    nodes: [nodeObject("node1")],
    vipNodes: [vipNodeObject("node1", said)],
    ...parts,
  });
  assert.deepEqual(more, []);
  return row ?? assert.fail("no row");
}

describe("a session", () => {
  it("that is established says since when, over which families, what BFD sees, and how much of what is planned was told", () => {
    const advertisements = [routedObject("203.0.113.7"), routedObject("203.0.113.8")];
    assert.deepEqual(ofNode1({ bgp: [session({ bfd: "Up", received: { ipv4: 1, ipv6: 0 } })] }, { advertisements }), {
      peer: "tor",
      router: "192.0.2.1",
      asn: 64_512,
      localAsn: 64_513,
      node: "node1",
      state: "Established",
      since: "2026-01-31T11:00:00Z",
      families: ["IPv4", "IPv6"],
      bfd: "Up",
      announced: 1,
      planned: 2,
      received: { ipv4: 1, ipv6: 0 },
      lastNotification: "",
      message: "",
      conditions: [],
    });
  });

  it("that is down says why, and the last NOTIFICATION in words", () => {
    const lastNotification = "received: Cease, Administrative Shutdown";
    const down = session({ state: "Active", message: "connection refused", lastNotification, announced: 0 });
    const row = ofNode1({ bgp: [down] });
    assert.deepEqual(
      [row.state, row.message, row.lastNotification],
      ["Active", "connection refused", lastNotification],
    );
  });

  it("that the node does not speak of yet is idle", () =>
    assert.equal(ofNode1({}).message, "node1 says nothing of it yet"));

  it("of a dead agent is idle, whatever it said last", () => {
    const { state, announced, message } = ofNode1({ bgp: [session()] }, { leases: [leaseObject("node1", 60)] });
    assert.deepEqual([state, announced, message], ["Idle", 0, "the agent on node1 does not run"]);
  });
});

describe("the rows of a BGPPeer", () => {
  it("are those of the nodes that it selects, by name", () => {
    const nodes = ["node3", "node1", "node2"].map((name) =>
      nodeObject(name, { labels: { rack: name === "node2" ? "b" : "a" } }),
    );
    const peers = [peerObject({ nodeSelector: { matchLabels: { rack: "a" } } })];
    assert.deepEqual(
      rows({ nodes, peers }).map(({ node }) => node),
      ["node1", "node3"],
    );
  });

  it("are one without a node, where it selects none", () => {
    const [row, ...more] = rows({ peers: [peerObject({ nodeSelector: { matchLabels: { rack: "z" } } })] });
    assert.deepEqual([row?.node, row?.state, more.length], ["", "", 0]);
    assert.match(row?.message ?? "", /^NoNodeSelected: no node has the labels/);
  });

  it("leave out a node that lacks its sourceAddress, which wants no session", () => {
    const vipNodes = [vipNodeObject("node1", { bgp: [session()] }), vipNodeObject("node2", { bgp: [] })];
    const found = rows({ vipNodes, peers: [peerObject({ sourceAddress: "192.0.2.11" })] });
    assert.deepEqual(
      found.map(({ node }) => node),
      ["node1"],
    );
  });

  it("have one for a node that has its sourceAddress and says nothing yet", () => {
    const nodes = [
      { ...nodeObject("node1"), status: { addresses: [{ type: "InternalIP", address: "192.0.2.11" }] } },
      nodeObject("node2"),
    ];
    const vipNodes = [vipNodeObject("node1"), vipNodeObject("node2")];
    const found = rows({ nodes, vipNodes, peers: [peerObject({ sourceAddress: "192.0.2.11" })] });
    assert.deepEqual(
      found.map(({ node, message }) => [node, message]),
      [["node1", "node1 says nothing of it yet"]],
    );
  });

  it("are one with every problem, where it cannot be read", () => {
    const [row] = rows({ peers: [peerObject({ address: "192.0.2.300", ebgpMultihop: 300 })] });
    assert.equal(row?.router, "192.0.2.300");
    assert.match(row?.message ?? "", /^Invalid: .*spec\.address.*spec\.ebgpMultihop/);
  });

  it("have the conditions that are not fine, each once", () => {
    const condition = (type: string, status: "True" | "False", reason: string, message: string) => ({
      ...{ type, status, reason, message, lastTransitionTime: "2026-01-31T11:00:00Z", observedGeneration: 1 },
    });
    const conditions = [
      condition("Ready", "False", "PeerConflict", "192.0.2.1 is also the peer spine of node node1"),
      condition("Conflict", "True", "PeerConflict", "192.0.2.1 is also the peer spine of node node1"),
      condition("SecretMissing", "False", "SecretFound", "no node waits for a password"),
    ];
    const peers = [peerObject({}, { status: { observedGeneration: 1, conditions } })];
    assert.deepEqual(rows({ peers })[0]?.conditions, ["PeerConflict: 192.0.2.1 is also the peer spine of node node1"]);
  });

  it("say so while the controller has not looked at them", () => {
    const peers = [peerObject({}, { status: {} })];
    assert.deepEqual(rows({ peers })[0]?.conditions, ["the controller has not looked at its present form yet"]);
  });
});

describe("routers that a Node's annotations name", () => {
  it("have the rows that the node reports, with the address out of their name", () => {
    const [row] = rows({
      peers: [],
      nodes: [nodeObject("node1")],
      vipNodes: [vipNodeObject("node1", { bgp: [session({ peer: "node1/192.0.2.9" })] })],
    });
    assert.deepEqual(
      [row?.peer, row?.router, row?.asn, row?.state],
      ["node1/192.0.2.9", "192.0.2.9", undefined, "Established"],
    );
  });

  it("have a row that says which annotations are missing, while they are waited for", () => {
    const conditions = [{ type: "BGPAnnotationsIncomplete", reason: "Missing", message: "missing: x.example/peer-ip" }];
    const [row] = rows({
      peers: [],
      nodes: [nodeObject("node1")],
      vipNodes: [vipNodeObject("node1", { conditions })],
    });
    assert.deepEqual([row?.node, row?.message], ["node1", "BGPAnnotationsIncomplete: missing: x.example/peer-ip"]);
  });
});
