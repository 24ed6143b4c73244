import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { RightsBook } from "../../../src/controller/route-rights.ts";
import { peer } from "../../support/bgp-builders.ts";
import { address, clusterNode, vipNode } from "../../support/builders.ts";

describe("who may announce what no nodes are named for", () => {
  const bgp = { announcement: { bgp: defaultBgp } };
  const session = { peer: "n3/192.0.2.9", state: "Established", since: "", message: "", announced: 0 } as const;
  const nodes = [
    clusterNode("n1", { labels: { rack: "a" } }),
    clusterNode("n2", { labels: { rack: "a", [excludeLabel]: "" } }),
    clusterNode("n3"),
    clusterNode("n4", { labels: { rack: "a" } }),
    clusterNode("n5", { labels: { rack: "a" } }),
  ];
  const own = vipNode("n3", { bgp: [session] });
  const vipNodes = [vipNode("n1"), vipNode("n2"), own, vipNode("n4", { drain: true }), vipNode("gone")];
  const reports = new Map(vipNodes.map((node) => [node.name, nodeReport(node, "alive")]));
  const peers = [peer({ nodeSelector: { matchLabels: { rack: "a" } } })];

  it("is whoever is not excluded and has a session by which it would be told, drained or not", () => {
    const rights = new RightsBook().at(nodes, peers, reports);
    const tellers = [...rights({ address: address("192.0.2.1"), ...bgp })].map(([name, by]) => [name, ...by]);
    assert.deepEqual(tellers, [
      ["n1", "tor"],
      ["n3", "n3/192.0.2.9"],
      ["n4", "tor"],
    ]);
    const selected = { nodeSelector: { matchLabels: { rack: "b" } }, bgp: defaultBgp };
    assert.deepEqual([...rights({ address: address("192.0.2.1"), announcement: selected })], []);
  });

  it("is the very same map while nobody else may, nor by another session", () => {
    const book = new RightsBook();
    const vip = { address: address("192.0.2.1"), ...bgp };
    const first = book.at(nodes, peers, reports)(vip);
    assert.equal(book.at([...nodes], peers, reports)(vip), first);
    assert.notEqual(book.at(nodes.slice(1), peers, reports)(vip), first);
    const before = book.at(nodes, peers, reports)(vip);
    assert.notEqual(book.at(nodes, [...peers, peer({ name: "spine" })], reports)(vip), before);
  });
});
