import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parseVipNode,
  type VipNodeObject,
  type VipNodeStatus,
  vipNodeObject,
  vipNodeStatusObject,
} from "../../../src/api/vip-node.ts";
import { address, addresses, nodeInterface } from "../../support/builders.ts";

const status: VipNodeStatus = {
  interfaces: [nodeInterface({ subnets: ["192.168.50.11/24", "fd50::11/64"] })],
  gateways: addresses("192.168.50.1"),
  announcing: [
    { protocol: "ARP", interface: "eth0", addresses: addresses("192.168.50.100") },
    { protocol: "NDP", interface: "eth0", addresses: addresses("fd50::100", "fd50::101") },
  ],
  refusing: [{ address: address("192.0.2.7"), reason: "NoInterface", message: "no interface matches" }],
  groups: [{ name: "192-168-50-0-24-1", epoch: 3, quorum: true, hears: ["node2", "node3"] }],
  bgp: [{ peer: "tor", state: "Idle", since: "2026-01-31T12:00:00Z", message: "refused", announced: 0, bfd: "Down" }],
  conditions: [],
};

function object(changes: Partial<NonNullable<VipNodeObject["status"]>>): VipNodeObject {
  return { metadata: { name: "node1", uid: "u", resourceVersion: "7" }, status: { ...changes } };
}

describe("what a node's agent says", () => {
  it("counts an address that is announced in two ways once", () => {
    const byRoute = { protocol: "BGP", interface: "", addresses: addresses("192.168.50.100", "fd50::102") } as const;
    const both = { ...status, announcing: [...status.announcing, byRoute] };
    assert.equal(vipNodeStatusObject(both).addresses, 4);
    const parsed = parseVipNode(object(vipNodeStatusObject(both)));
    assert.deepEqual("value" in parsed && parsed.value.announcing, both.announcing);
  });

  it("is read back as it was written", () => {
    assert.deepEqual(parseVipNode(object(vipNodeStatusObject(status))), {
      value: { name: "node1", uid: "u", resourceVersion: "7", drain: false, ...status },
      warnings: [],
    });
  });

  it("is without groups where the agent does not vote, and counts what it announces", () => {
    const { groups: _, ...older } = status;
    const written = vipNodeStatusObject(older);
    assert.equal("groups" in written, false);
    assert.equal(written.addresses, 3);
    const parsed = parseVipNode(object(written));
    assert.ok("value" in parsed);
    assert.equal(parsed.value.groups, undefined);
  });

  it("is empty before the agent has said anything", () => {
    const parsed = parseVipNode({ metadata: { name: "node1" } });
    assert.ok("value" in parsed);
    assert.deepEqual(parsed.value.announcing, []);
  });

  it("is not believed if any of it does not parse; all of that is told", () => {
    const parsed = parseVipNode(
      object({
        interfaces: [
          { name: "eth0", mac: "02:00", up: true, defaultRoute: true, subnets: ["192.168.50.11/24", "x/24"] },
        ],
        gateways: ["192.168.50.01"],
        announcing: [{ protocol: "ARP", interface: "eth0", addresses: ["fd50::100", "fe80::1%eth0"] }],
        refusing: [{ address: "", reason: "A", message: "" }],
      }),
    );
    assert.deepEqual("problems" in parsed && parsed.problems.map(({ path }) => path), [
      "status.interfaces[0].mac",
      "status.interfaces[0].subnets[1]",
      "status.gateways",
      "status.announcing[0].addresses[1]",
      "status.announcing[0].addresses",
      "status.refusing[0].address",
    ]);
  });
});

it("people say whether a node is drained, and until when it may get its share", () => {
  const annotations = { "herald.dev/rebalance-until": "2026-01-31T12:00:00Z" };
  const parsed = parseVipNode({ metadata: { name: "node1", annotations }, spec: { drain: true } });
  assert.ok("value" in parsed);
  assert.deepEqual([parsed.value.drain, parsed.value.rebalanceUntilMs], [true, Date.UTC(2026, 0, 31, 12)]);
  const other = { "herald.dev/rebalance-until": "soon" };
  const unread = parseVipNode({ metadata: { name: "node1", annotations: other } });
  assert.ok("value" in unread);
  assert.equal(unread.value.rebalanceUntilMs, undefined);
});

it("a VIPNode goes with its Node", () => {
  assert.deepEqual(vipNodeObject({ name: "node1", uid: "u" }).metadata, {
    name: "node1",
    ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "node1", uid: "u" }],
  });
});
