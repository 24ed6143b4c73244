import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEndpointSlice } from "../../../src/api/endpoint-slice.ts";
import { parseNamespace } from "../../../src/api/namespace.ts";
import { parseNode } from "../../../src/api/node.ts";
import { groupObject, parseGroup } from "../../../src/api/vip-group.ts";
import { addresses, prefix } from "../../support/builders.ts";

describe("a Node", () => {
  it("has the addresses and pod prefixes that are some", () => {
    const node = parseNode({
      metadata: { name: "node1", uid: "u", labels: { edge: "" } },
      spec: { podCIDR: "10.244.1.0/24", podCIDRs: ["10.244.1.0/24", "fd24:0:0:1::/64", "nonsense"] },
      status: {
        addresses: [
          { type: "Hostname", address: "192.0.2.1" },
          { type: "InternalIP", address: "192.168.50.11" },
          { type: "ExternalIP", address: "203.0.113.11" },
          { type: "ExternalIP", address: "node1.example.com" },
        ],
        conditions: [{ type: "NetworkUnavailable", status: "True" }],
      },
    });
    assert.deepEqual(node, {
      name: "node1",
      uid: "u",
      labels: { edge: "" },
      networkUnavailable: true,
      cordoned: false,
      outOfService: false,
      addresses: addresses("192.168.50.11", "203.0.113.11"),
      podPrefixes: [prefix("10.244.1.0/24"), prefix("fd24:0:0:1::/64")],
    });
  });

  it("may be cordoned, and out of service", () => {
    const taints = [{ key: "node.kubernetes.io/out-of-service" }];
    const node = parseNode({ metadata: { name: "node1" }, spec: { unschedulable: true, taints } });
    assert.deepEqual([node.cordoned, node.outOfService], [true, true]);
  });

  it("that says nothing has a network", () => {
    assert.equal(parseNode({ metadata: { name: "node1" } }).networkUnavailable, false);
  });
});

describe("an EndpointSlice", () => {
  const slice = (conditions: { ready?: boolean; serving?: boolean; terminating?: boolean }) =>
    parseEndpointSlice({
      metadata: { name: "web-1", namespace: "shop", labels: { "kubernetes.io/service-name": "web" } },
      endpoints: [{ nodeName: "node1", conditions }],
    });

  const cases = [
    { name: "whose conditions are absent is ready", conditions: {}, want: { ready: true, servingTerminating: false } },
    {
      name: "that terminates and serves is not ready but serves",
      conditions: { ready: false, serving: true, terminating: true },
      want: { ready: false, servingTerminating: true },
    },
    {
      name: "that terminates and does not say whether it serves follows ready",
      conditions: { ready: false, terminating: true },
      want: { ready: false, servingTerminating: false },
    },
  ];
  for (const { name, conditions, want } of cases) {
    it(`has an endpoint ${name}`, () => {
      assert.deepEqual(slice(conditions), { service: "shop/web", endpoints: [{ node: "node1", ...want }] });
    });
  }

  it("of no Service, or without endpoints, says little", () => {
    assert.equal(parseEndpointSlice({ metadata: { name: "x", namespace: "shop" } }), undefined);
    const labels = { "kubernetes.io/service-name": "web" };
    const empty = parseEndpointSlice({ metadata: { name: "x", namespace: "shop", labels }, endpoints: null });
    assert.deepEqual(empty, { service: "shop/web", endpoints: [] });
  });
});

it("a namespace has labels, or none", () => {
  assert.deepEqual(parseNamespace({ metadata: { name: "shop" } }), { name: "shop", labels: {} });
});

it("a group of a version that knew no votes has no witness, and is neither forced nor by Lease", () => {
  const read = parseGroup({ metadata: { name: "lan-1" }, spec: { lan: "192.168.50.0/24", members: ["node1"] } });
  assert.ok("value" in read);
  const { witness, forced, byLease, epoch } = read.value;
  assert.deepEqual([witness, forced, byLease, epoch], [false, false, false, 0]);
});

it("a group is read back as it was written, and refused without a LAN", () => {
  const list = { lan: "192.168.50.0/24", members: ["node1", "node2"], witness: true, forced: false, byLease: false };
  const group = { name: "lan-1", ...list };
  const seen = { uid: "u", resourceVersion: "7" };
  const { metadata, spec } = groupObject(group, seen);
  const read = parseGroup({ metadata: { ...metadata, generation: 4 }, spec });
  assert.deepEqual(read, { value: { ...group, ...seen, epoch: 4 }, warnings: [] });
  assert.deepEqual(parseGroup(groupObject({ ...group, lan: "lan" })), {
    problems: [{ path: "spec.lan", message: '"lan" is no CIDR' }],
  });
});
