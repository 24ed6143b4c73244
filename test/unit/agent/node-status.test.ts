import assert from "node:assert/strict";
import { it } from "node:test";
import type { HeldAddress } from "../../../src/agent/held.ts";
import { awaitsVotes, type NodeReport, nodeLinks, nodeStatus, sameStatus } from "../../../src/agent/node-status.ts";
import type { AddressWish, SpeakerInterface } from "../../../src/agent/ports.ts";
import { parseVipNode, type VipNodeStatus, vipNodeStatusObject } from "../../../src/api/vip-node.ts";
import { formatAddress, objectName } from "../../../src/net/address.ts";
import { address, addresses, advertisement, group, nodeInterface, prefix, service } from "../../support/builders.ts";

const nowMs = Date.UTC(2026, 0, 31, 12);

const lan = "192-168-50-0-24-1";

function wish(text: string, changes: Partial<AddressWish> = {}): AddressWish {
  const wanted = { group: lan, node: "node1", generation: 1, willing: true } as const;
  return { kind: "announce", address: address(text), ...wanted, ...changes };
}

function held(text: string, changes: Partial<HeldAddress> = {}): readonly [string, HeldAddress] {
  const entry = { address: address(text), interface: "eth0", wish: wish(text), answering: true };
  return [objectName(entry.address), { ...entry, ...changes }];
}

function report({
  held: entries = [],
  ...changes
}: Partial<Omit<NodeReport, "held">> & { held?: readonly (readonly [string, HeldAddress])[] }): NodeReport {
  const seen = { interfaces: [nodeInterface()], gateways: [], groups: [group(["node1", "node2"])], groupStates: [] };
  return { node: "node1", advertisements: [], drain: false, ...seen, held: new Map(entries), ...changes };
}

const none: VipNodeStatus = { interfaces: [], gateways: [], announcing: [], refusing: [], conditions: [] };

function statusOf(changes: Parameters<typeof report>[0]): VipNodeStatus {
  return nodeStatus(report(changes), none, nowMs);
}

function claims(...texts: readonly string[]) {
  return texts.map((text) => advertisement(text, { owner: service(), node: "node1", group: lan }));
}

it("lists what is answered for by protocol and interface, sorted, whatever the order in which it came", () => {
  const entries = [
    held("fd50::201"),
    held("192.168.50.10"),
    held("192.168.50.9"),
    held("192.168.50.1", { interface: "eth1" }),
  ];
  const want = [
    { protocol: "ARP", interface: "eth0", addresses: addresses("192.168.50.9", "192.168.50.10") },
    { protocol: "ARP", interface: "eth1", addresses: addresses("192.168.50.1") },
    { protocol: "NDP", interface: "eth0", addresses: addresses("fd50::201") },
  ];
  assert.deepEqual(statusOf({ held: entries }).announcing, want);
  assert.deepEqual(statusOf({ held: entries.toReversed() }).announcing, want);
});

it("lists an address until the speaker has withdrawn it, and not before it is announced", () => {
  const entries = [held("192.0.2.1"), held("192.0.2.2", { wish: undefined }), held("192.0.2.3", { answering: false })];
  assert.deepEqual(statusOf({ held: entries }).announcing[0]?.addresses, addresses("192.0.2.1", "192.0.2.2"));
});

const trouble = { reason: "Conflict", message: "02:00:00:00:00:09 has the address too" } as const;
const refusals: readonly { name: string; report: Parameters<typeof report>[0]; want: readonly string[] }[] = [
  {
    name: "an address without an interface is refused",
    report: { advertisements: claims("192.0.2.7"), interfaces: [] },
    want: ["192.0.2.7 NoInterface"],
  },
  {
    name: "an address of an interface that is down is refused",
    report: { advertisements: claims("192.168.50.7"), interfaces: [nodeInterface({ up: false })] },
    want: ["192.168.50.7 InterfaceDown"],
  },
  {
    name: "an interface that went down outranks what the speaker says of it",
    report: {
      advertisements: claims("192.168.50.7"),
      interfaces: [nodeInterface({ up: false })],
      held: [held("192.168.50.7", { answering: false, trouble: { reason: "SpeakerFailed", message: "" } })],
    },
    want: ["192.168.50.7 InterfaceDown"],
  },
  {
    name: "an address that another station has is refused",
    report: { advertisements: claims("192.168.50.7"), held: [held("192.168.50.7", { answering: false, trouble })] },
    want: ["192.168.50.7 Conflict"],
  },
  {
    name: "a conflict is told of an announced address too",
    report: { advertisements: claims("192.168.50.7"), held: [held("192.168.50.7", { trouble })] },
    want: ["192.168.50.7 Conflict"],
  },
  {
    name: "an address that is about to be announced is not refused",
    report: { advertisements: claims("192.168.50.7"), held: [held("192.168.50.7", { answering: false })] },
    want: [],
  },
  {
    name: "an announced address is not refused",
    report: { advertisements: claims("192.168.50.7"), held: [held("192.168.50.7")] },
    want: [],
  },
  {
    name: "an address of another node is not refused",
    report: {
      advertisements: [advertisement("192.0.2.7", { owner: service(), node: "node2", group: lan })],
      interfaces: [],
    },
    want: [],
  },
  {
    name: "a conflict is told of an address of another node too, which this node holds",
    report: {
      advertisements: [advertisement("192.0.2.7", { owner: service(), node: "node2", group: lan })],
      held: [held("192.0.2.7", { trouble })],
    },
    want: ["192.0.2.7 Conflict"],
  },
  {
    name: "an address of no group is refused",
    report: { advertisements: [advertisement("192.168.50.7", { owner: service(), node: "node1" })] },
    want: ["192.168.50.7 NoGroup"],
  },
  {
    name: "an address of a group without this node is refused",
    report: { advertisements: claims("192.168.50.7"), groups: [group(["node2"])] },
    want: ["192.168.50.7 NoGroup"],
  },
  {
    name: "refusals are sorted by address",
    report: { advertisements: claims("192.0.2.9", "192.0.2.10"), interfaces: [] },
    want: ["192.0.2.9 NoInterface", "192.0.2.10 NoInterface"],
  },
];

for (const { name, report: situation, want } of refusals)
  it(name, () => {
    const { refusing } = statusOf(situation);
    assert.deepEqual(
      refusing.map(({ address: each, reason }) => `${formatAddress(each)} ${reason}`),
      want,
    );
  });

it("is ready with an interface, and says that there is none", () => {
  assert.deepEqual(
    statusOf({}).conditions.map(({ type, status, reason }) => [type, status, reason]),
    [["Ready", "True", "Ready"]],
  );
  assert.deepEqual(
    statusOf({ interfaces: [] }).conditions.map(({ status, reason }) => [status, reason]),
    [["False", "NoInterface"]],
  );
});

it("sorts interfaces, subnets and gateways, and names a gateway once", () => {
  const link = (name: string, last: number, gateways: readonly string[]): SpeakerInterface => ({
    name,
    mac: Uint8Array.of(2, 0, 0, 0, 0, last),
    up: true,
    subnets: [prefix("fd50::11/64"), prefix("192.168.50.11/24")],
    carriesDefaultRoute: last === 1,
    gateways: addresses(...gateways),
  });
  const { interfaces, gateways } = nodeLinks([
    link("eth1", 2, ["192.168.50.1"]),
    link("eth0", 1, ["fd50::1", "192.168.50.1"]),
  ]);
  assert.deepEqual(interfaces[0], {
    name: "eth0",
    mac: "02:00:00:00:00:01",
    up: true,
    defaultRoute: true,
    subnets: [prefix("192.168.50.11/24"), prefix("fd50::11/64")],
  });
  assert.equal(interfaces[1]?.name, "eth1");
  assert.deepEqual(gateways, addresses("192.168.50.1", "fd50::1"));
});

it("lists no more than the schema takes, so that one thing too many does not cost the whole status", () => {
  const links = Array.from({ length: 300 }, (_, i) => ({
    name: `vlan${i}`,
    mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    up: true,
    subnets: [
      ...Array.from({ length: 300 }, (_, j) => prefix(`192.0.${i & 255}.${j & 255}/32`)),
      prefix("198.51.100.1/24"),
    ],
    carriesDefaultRoute: i === 299,
    gateways: [address(`203.0.${i >> 8}.${i & 255}`)],
  }));
  const { interfaces, gateways } = nodeLinks(links);
  assert.deepEqual([interfaces.length, gateways.length], [128, 64]);
  assert.ok(interfaces.some(({ name }) => name === "vlan299"));
  assert.ok(gateways.some((gateway) => formatAddress(gateway) === "203.0.1.43"));
  assert.deepEqual(new Set(interfaces.map(({ subnets }) => subnets.length)), new Set([256]));
  assert.ok(interfaces.every(({ subnets }) => subnets.some(({ length }) => length === 24)));
});

it("cuts a message to the 1024 characters that the schema takes, and no character in half", () => {
  for (const message of ["é".repeat(1024), "🐻".repeat(1024), "x".repeat(1025), `x${"🐻".repeat(1100)}`]) {
    const entry = held("192.168.50.7", { answering: false, trouble: { reason: "SpeakerFailed", message } });
    const { refusing } = statusOf({ advertisements: claims("192.168.50.7"), held: [entry] });
    const told = refusing[0]?.message ?? assert.fail();
    assert.equal([...told].length, 1024);
    assert.ok(told.isWellFormed());
    assert.equal(told === message, [...message].length === 1024);
  }
});

it("is the same after a way through the API server, so that it is written once", () => {
  const advertisements = claims("192.168.50.7", "fd50::7", "192.168.50.8");
  const entries = [held("192.168.50.7"), held("fd50::7"), held("192.168.50.8", { answering: false, trouble })];
  const first = statusOf({ advertisements, held: entries, gateways: addresses("192.168.50.1") });
  const json = JSON.parse(JSON.stringify(vipNodeStatusObject(first)));
  const parsed = parseVipNode({ metadata: { name: "node1" }, status: json });
  assert.ok("value" in parsed);
  const again = nodeStatus(
    report({ advertisements, held: entries, gateways: addresses("192.168.50.1") }),
    parsed.value,
    nowMs + 60_000,
  );
  assert.ok(sameStatus(again, parsed.value));
  assert.ok(!sameStatus(statusOf({ held: entries.slice(1) }), parsed.value));
});

it("a status that announces what this node may find again by votes waits for them", () => {
  const before = new Set([objectName(address("192.0.2.1"))]);
  const silent = { answering: false };
  const waits = (...entry: Parameters<typeof held>): boolean => awaitsVotes(before, new Map([held(...entry)]));
  assert.equal(waits("192.0.2.1", silent), true);
  assert.equal(waits("192.0.2.2", silent), false);
  assert.equal(waits("192.0.2.1"), false);
  assert.equal(waits("192.0.2.1", { ...silent, trouble }), false);
  assert.equal(waits("192.0.2.1", { ...silent, wish: wish("192.0.2.1", { willing: false }) }), false);
  assert.equal(awaitsVotes(before, new Map()), false);
});

it("a node that is drained says what it still holds, then that it holds nothing, and no more once it is not drained", () => {
  const drained = (entries: readonly (readonly [string, HeldAddress])[]) =>
    statusOf({ drain: true, held: entries }).conditions.find(({ type }) => type === "Drained");
  assert.deepEqual([drained([held("192.0.2.1")])?.status, drained([held("192.0.2.1")])?.reason], ["False", "Draining"]);
  assert.deepEqual([drained([])?.status, drained([])?.reason], ["True", "Drained"]);
  const again = nodeStatus(report({}), statusOf({ drain: true }), nowMs);
  assert.deepEqual(
    again.conditions.map(({ type }) => type),
    ["Ready"],
  );
});

it("says how it sees its groups, also that it is in none", () => {
  const state = { name: lan, epoch: 3, quorum: true, hears: ["node2"] };
  assert.deepEqual(statusOf({ groupStates: [state] }).groups, [state]);
  assert.deepEqual(statusOf({}).groups, []);
});

it("a node whose kernel answers for addresses of others says so, with the settings, and no more once it does not", () => {
  const loose = { reason: "StrictARPOff", message: "on eth0 arp_ignore is 0" } as const;
  const first = nodeStatus({ ...report({}), loose }, none, nowMs);
  const found = first.conditions.find(({ type }) => type === "StrictARPOff");
  assert.deepEqual([found?.status, found?.message], ["True", loose.message]);
  assert.deepEqual(
    nodeStatus(report({}), first, nowMs).conditions.map(({ type }) => type),
    ["Ready"],
  );
});
