/** What the replaced systems say of which node holds an address, as placement decides it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Placeable } from "../../../src/announce/field.ts";
import { planPlacements } from "../../../src/announce/placement.ts";
import { strictArpOff } from "../../../src/announce/strict-arp.ts";
import type { EndpointSlice } from "../../../src/api/endpoint-slice.ts";
import { excludeLabel } from "../../../src/api/node.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { addressKey } from "../../../src/net/address.ts";
import { advertisement, clusterNode, service, vipNode } from "../../support/builders.ts";
import { type Changes, names, placed, placeOne, theGroup, view, vip, vips } from "./placement-view.ts";

type Row = { readonly row: string; readonly rule: string; readonly does: () => void };

function rows(title: string, all: readonly Row[]): void {
  describe(title, () => {
    for (const { row, rule, does } of all) it(`${row}: ${rule}`, does);
  });
}

/** The nodes of the addresses, in their order. */
function nodesOf(addresses: readonly Placeable[], changes: Changes = {}): readonly string[] {
  const placements = planPlacements(view(addresses, changes));
  return addresses.map(({ address }) => placements.get(addressKey(address))?.node ?? "");
}

/** How many addresses each of the three nodes has. */
function loads(nodes: readonly string[]): readonly number[] {
  return names.map((name) => nodes.filter((node) => node === name).length);
}

const differBy = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

/** The addresses as a plan leaves them. */
function settled(addresses: readonly Placeable[], changes: Changes = {}): readonly Placeable[] {
  const nodes = nodesOf(addresses, changes);
  return addresses.map((each, i) => ({ ...each, group: theGroup, node: nodes[i] ?? "" }));
}

const labelled = (labels: Readonly<Record<string, Readonly<Record<string, string>>>>): Changes => ({
  nodes: names.map((name) => clusterNode(name, { labels: labels[name] ?? {} })),
});

rows("Which nodes", [
  {
    row: "S39, keepalived",
    rule: "Given a nodeSelector, Then only matching nodes hold addresses, and where none matches none does",
    does: () => {
      const nodeSelector = { matchLabels: { edge: "yes" } };
      const of = vips(6).map((each) => ({ ...each, announcement: { ...each.announcement, nodeSelector } }));
      assert.deepEqual(loads(nodesOf(of, labelled({ node2: { edge: "yes" }, node3: { edge: "yes" } }))), [0, 3, 3]);
      assert.deepEqual(nodesOf(of), ["", "", "", "", "", ""]);
    },
  },
  {
    row: "kube-vip #1031, MetalLB",
    rule: "a node with the label that excludes it from load balancers holds nothing, and loses what it has",
    does: () => {
      const changes = labelled({ node1: { [excludeLabel]: "" } });
      assert.deepEqual(loads(nodesOf(vips(6), changes)), [0, 3, 3]);
      assert.notEqual(placeOne(placed(1, "node1"), changes).node, "node1");
    },
  },
  {
    row: "MetalLB",
    rule: "a node whose network is unavailable gets nothing",
    does: () => {
      const nodes = names.map((name) => clusterNode(name, { networkUnavailable: name === "node2" }));
      assert.deepEqual(loads(nodesOf(vips(6), { nodes })), [3, 0, 3]);
    },
  },
  {
    row: "kube-vip #1114",
    rule: "a node whose kernel answers for the addresses of kube-ipvs0 gets nothing, and loses what it has",
    does: () => {
      const condition: VipNode["conditions"][number] = {
        type: strictArpOff,
        status: "True",
        reason: strictArpOff,
        message: "the kernel answers ARP for the addresses of kube-ipvs0",
        lastTransitionTime: "2026-01-31T12:00:00Z",
      };
      const vipNodes = names.map((name) => vipNode(name, name === "node1" ? { conditions: [condition] } : {}));
      assert.deepEqual(loads(nodesOf(vips(6), { vipNodes })), [0, 3, 3]);
      assert.notEqual(placeOne(placed(1, "node1"), { vipNodes }).node, "node1");
    },
  },
  {
    row: "kube-vip 1.1 (decided otherwise)",
    rule: "a node whose interface is down gets nothing, and its agent lives on",
    does: () => {
      const down = ({ interfaces }: VipNode): VipNode["interfaces"] =>
        interfaces.map((each) => ({ ...each, up: false }));
      const vipNodes = names.map((name) => vipNode(name, name === "node3" ? { interfaces: down(vipNode(name)) } : {}));
      assert.deepEqual(loads(nodesOf(vips(6), { vipNodes })), [3, 3, 0]);
    },
  },
]);

rows("Spread", [
  {
    row: "S82 balance, external IP controller fair, kube-vip #814 #877",
    rule: "Given any number of addresses, Then each is on one node and counts differ by one at most",
    does: () => {
      for (let count = 1; count <= 20; count++) assert.ok(differBy(loads(nodesOf(vips(count)))) <= 1, `${count}`);
    },
  },
  {
    row: "S82 all (decided otherwise)",
    rule: "under ARP an address is on one node, however many could have it",
    does: () => assert.equal(nodesOf(vips(1)).filter((node) => node !== "").length, 1),
  },
  {
    row: "external IP controller first-alive, keepalived (decided otherwise)",
    rule: "no node has all addresses while others live",
    does: () => assert.deepEqual(loads(nodesOf(vips(9))), [3, 3, 3]),
  },
  {
    row: "external IP controller fair",
    rule: "a new address goes to the node with the fewest",
    does: () => {
      const before = [
        placed(1, "node1"),
        placed(2, "node1"),
        placed(3, "node2"),
        placed(4, "node2"),
        placed(5, "node3"),
      ];
      assert.equal(nodesOf([...before, vip(6)]).at(-1), "node3");
    },
  },
  {
    row: "MetalLB L25, Cilium E21, kube-vip #879",
    rule: "an address that two Services share has one place, whoever of them comes first",
    does: () => {
      const [web, api] = [service({ key: "shop/web" }), service({ key: "shop/api" })];
      for (const owners of [
        [web, api],
        [api, web],
      ])
        assert.deepEqual(nodesOf([advertisement("192.168.50.7", { owners })]), ["node1"]);
    },
  },
]);

rows("Moves", [
  {
    row: "S83, external IP controller",
    rule: "Given a holder dies, Then its addresses move to live nodes, evenly, and no other moves",
    does: () => {
      const before = settled(vips(9));
      const after = nodesOf(before, { live: { node1: "dead" } });
      assert.deepEqual(loads(after).toSorted(), [0, 4, 5]);
      assert.equal(loads(after)[0], 0);
      for (const [i, { node }] of before.entries()) if (node !== "node1") assert.equal(after[i], node);
    },
  },
  {
    row: "external IP controller, kube-vip #330",
    rule: "a node that returns gets nothing back, and what is new comes to it first",
    does: () => {
      const without = settled(settled(vips(6)), { live: { node1: "dead" } });
      assert.deepEqual(loads(nodesOf(without)), [0, 3, 3]);
      assert.equal(nodesOf([...without, vip(200)]).at(-1), "node1");
    },
  },
  {
    row: "external IP controller, keepalived nopreempt",
    rule: "a new start of the controller, and another node, move nothing",
    does: () => {
      const before = settled(vips(7));
      assert.deepEqual(
        nodesOf(before),
        before.map(({ node }) => node),
      );
      const more = [...names, "node0"];
      const grown: Changes = {
        vipNodes: more.map((name) => vipNode(name)),
        nodes: more.map((name) => clusterNode(name)),
      };
      assert.deepEqual(
        nodesOf(before, grown),
        before.map(({ node }) => node),
      );
    },
  },
]);

const ready = (...nodes: readonly string[]): Changes => ({ endpointSlices: slices(true, nodes) });
const unready = (...nodes: readonly string[]): Changes => ({ endpointSlices: slices(false, nodes) });

function slices(isReady: boolean, nodes: readonly string[]): readonly EndpointSlice[] {
  return nodes.map((node) => ({
    service: "shop/web",
    endpoints: [{ node, ready: isReady, servingTerminating: false }],
  }));
}

const local = { trafficPolicy: "Local" } as const;

/** Nodes that vote, each hearing all others. */
const voting = names.map((name) => {
  const hears = names.filter((other) => other !== name);
  return vipNode(name, { groups: [{ name: theGroup, epoch: 1, quorum: true, hears }] });
});

rows("Endpoints", [
  {
    row: "kube-vip 1.4",
    rule: "under policy Cluster their readiness decides nothing",
    does: () => assert.equal(placeOne(placed(1, "node3"), unready("node1")).node, "node3"),
  },
  {
    row: "kube-vip 1.4 #201 #790",
    rule: "under policy Local the address is where a ready one is",
    does: () => assert.equal(placeOne(vip(1, local), ready("node2")).node, "node2"),
  },
  {
    row: "kube-vip #430 #1474",
    rule: "under policy Local it moves with its only endpoint",
    does: () => assert.equal(placeOne({ ...placed(1, "node3"), ...local }, ready("node2")).node, "node2"),
  },
  {
    row: "kube-vip 1.4 (decided otherwise)",
    rule: "a new address is announced before there is an endpoint, because some Pods wait for it",
    does: () => {
      for (const policy of ["Cluster", "Local"] as const) {
        const placement = placeOne(vip(1, { trafficPolicy: policy }), { vipNodes: voting });
        assert.notEqual(placement.node, "");
        assert.notDeepEqual(placement.candidates, []);
      }
    },
  },
  {
    row: "kube-vip 1.4",
    rule: "under policy Local it is withdrawn when the last endpoint goes that was ever ready, and stays where it was",
    does: () => {
      const before = { ...placed(1, "node3"), ...local, readySeen: true };
      const placement = placeOne(before, { vipNodes: voting, ...unready("node3") });
      assert.deepEqual([placement.node, placement.candidates], ["node3", []]);
    },
  },
]);
