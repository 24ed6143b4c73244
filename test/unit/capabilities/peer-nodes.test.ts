import assert from "node:assert/strict";
import { it } from "node:test";
import { peerNodesOf } from "../../../capabilities/peer-nodes.ts";
import { formatAddress } from "../../../src/net/address.ts";

const interfaceOn = (
  ...subnets: string[]
): { name: string; mac: string; up: boolean; defaultRoute: boolean; subnets: string[] } => ({
  name: "eth0",
  mac: "02:00:00:00:00:01",
  up: true,
  defaultRoute: true,
  subnets,
});

it("a node's addresses are those of the Node and those that its agent sees, if its report can be read", () => {
  const status = { addresses: [{ type: "InternalIP", address: "192.0.2.11" }] };
  const nodes = ["node1", "node2"].map((name) => ({ metadata: { name, labels: { rack: "a" } }, status }));
  const told = peerNodesOf(nodes, [
    { metadata: { name: "node1" }, status: { interfaces: [interfaceOn("10.0.0.11/24", "fd00::11/64")] } },
    { metadata: { name: "node2" }, status: { interfaces: [interfaceOn("10.0.0.12")] } },
  ]);
  assert.deepEqual(
    told.map(({ name, labels, addresses }) => [name, labels, addresses.map(formatAddress)]),
    [
      ["node1", { rack: "a" }, ["192.0.2.11", "10.0.0.11", "fd00::11"]],
      ["node2", { rack: "a" }, ["192.0.2.11"]],
    ],
  );
});
