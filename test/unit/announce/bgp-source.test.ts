import assert from "node:assert/strict";
import { it } from "node:test";
import { hasSource, knownAddresses, maySpeakTo } from "../../../src/announce/bgp-source.ts";
import { peer } from "../../support/bgp-builders.ts";
import { address, addresses, clusterNode, nodeInterface, vipNode } from "../../support/builders.ts";

const node = clusterNode("node1", { addresses: addresses("10.0.0.1") });
const known = { node, vipNode: vipNode("node1", { interfaces: [nodeInterface({ subnets: ["192.168.50.11/24"] })] }) };
const from = (text: string) => peer({ sourceAddress: address(text) });

it("a peer that names no address to speak from takes any node, another only those that have it", () => {
  assert.ok(hasSource(peer(), []));
  assert.ok(hasSource(from("10.0.0.1"), addresses("192.0.2.1", "10.0.0.1")));
  assert.ok(!hasSource(from("10.0.0.1"), addresses("192.0.2.1")));
});

it("the Node and its interfaces tell which addresses a node has", () => {
  assert.deepEqual(knownAddresses(known), addresses("10.0.0.1", "192.168.50.11"));
  assert.deepEqual(knownAddresses({ node: undefined, vipNode: undefined }), []);
});

it("from afar a session that the node reports tells of an address that nobody else knows of", () => {
  const session = { peer: "tor", state: "Idle", since: "", message: "", announced: 0 } as const;
  assert.ok(maySpeakTo(from("192.168.50.11"), known));
  assert.ok(!maySpeakTo(from("10.9.9.9"), known));
  assert.ok(maySpeakTo(from("10.9.9.9"), { node, vipNode: vipNode("node1", { bgp: [session] }) }));
});
