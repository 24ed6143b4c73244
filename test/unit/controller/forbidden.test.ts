import assert from "node:assert/strict";
import { it } from "node:test";
import { forbiddenRanges } from "../../../src/controller/forbidden.ts";
import { formatRange } from "../../../src/net/range.ts";
import { addresses, clusterNode, nodeInterface, prefix, vipNode } from "../../support/builders.ts";

const nothing = { nodes: [], vipNodes: [], serviceNetworks: [], apiServers: [] };

function texts(cluster: Partial<Parameters<typeof forbiddenRanges>[0]>): readonly string[] {
  return forbiddenRanges({ ...nothing, ...cluster }).map(({ range, what }) => `${formatRange(range)} ${what}`);
}

function lan(...subnets: readonly string[]): readonly string[] {
  return texts({ vipNodes: [vipNode("n", { interfaces: [nodeInterface({ subnets })] })] });
}

it("names a node's addresses and pod networks", () => {
  const node = clusterNode("n", { addresses: addresses("10.0.0.1"), podPrefixes: [prefix("10.42.0.0/24")] });
  assert.deepEqual(texts({ nodes: [node] }), [
    "10.0.0.1 the address of node n",
    "10.42.0.0/24 in the pod network 10.42.0.0/24 of node n",
  ]);
});

it("names interface addresses, network, broadcast and gateways", () => {
  const node = vipNode("n", { gateways: addresses("192.168.50.1") });
  assert.deepEqual(texts({ vipNodes: [node] }), [
    "192.168.50.1 a gateway of node n",
    "192.168.50.0 the network address of 192.168.50.0/24",
    "192.168.50.255 the broadcast address of 192.168.50.0/24",
    "192.168.50.11 the address of node n",
  ]);
});

it("names the same node for a gateway that several have, in whatever order they come", () => {
  const all = ["b", "a", "c"].map((name) => vipNode(name, { interfaces: [], gateways: addresses("192.168.50.1") }));
  for (const vipNodes of [all, all.toReversed()])
    assert.deepEqual(texts({ vipNodes }), ["192.168.50.1 a gateway of node a"]);
});

it("leaves both ends of a /31 and a /127 usable, and knows no network in a /32", () => {
  assert.deepEqual(lan("192.0.2.0/31"), ["192.0.2.0 the address of node n"]);
  assert.deepEqual(lan("192.0.2.7/32"), ["192.0.2.7 the address of node n"]);
  assert.deepEqual(lan("2001:db8::1/127"), ["2001:db8::1 the address of node n"]);
  assert.equal(lan("192.0.2.1/30").length, 3);
});

it("names the all-zero host of an IPv6 LAN, which is every router's", () => {
  assert.deepEqual(lan("2001:db8:50::11/64"), [
    "2001:db8:50:: the routers' address of 2001:db8:50::/64",
    "2001:db8:50::11 the address of node n",
  ]);
});

it("believes a node about 128 subnets and 16 gateways, so that it cannot use up a pool", () => {
  const subnets = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);
  const gateways = subnets.map((text) => prefix(text).address);
  const listed = texts({ vipNodes: [vipNode("n", { interfaces: [nodeInterface({ subnets })] })] });
  assert.equal(listed.length, 128);
  assert.equal(texts({ vipNodes: [vipNode("n", { interfaces: [], gateways })] }).length, 16);
});

it("names Service networks and API servers, each range once", () => {
  const cluster = { serviceNetworks: [prefix("10.96.0.0/12")], apiServers: addresses("10.96.0.1", "10.0.0.1") };
  const node = clusterNode("n", { addresses: addresses("10.0.0.1") });
  assert.deepEqual(texts({ ...cluster, nodes: [node] }), [
    "10.96.0.1 the address of an API server",
    "10.0.0.1 the address of node n",
    "10.96.0.0/12 in the Service network 10.96.0.0/12",
  ]);
});

it("calls a node a node, although it is its neighbours' next hop", () => {
  const interfaces = [nodeInterface({ subnets: ["192.168.50.11/32"] })];
  const vipNodes = [
    vipNode("a", { interfaces }),
    vipNode("b", { gateways: addresses("192.168.50.11"), interfaces: [] }),
  ];
  assert.deepEqual(texts({ vipNodes }), ["192.168.50.11 the address of node a"]);
});
