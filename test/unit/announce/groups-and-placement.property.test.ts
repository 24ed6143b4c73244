import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { Placeable } from "../../../src/announce/field.ts";
import { loadOf } from "../../../src/announce/group-lans.ts";
import { planGroups } from "../../../src/announce/groups.ts";
import { planPlacements } from "../../../src/announce/placement.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { addressKey } from "../../../src/net/address.ts";
import { advertisement, clusterNode, group, nodeInterface, pool, service, vipNode } from "../../support/builders.ts";
import { facts } from "./group-view.ts";

const names = Array.from({ length: 9 }, (_, i) => `node${i + 1}`);

/** What comes and goes beside the subnets that every node always has; they sort before, between and after those. */
const extras = ["10.0.0.1/24", "192.168.50.250/32", "192.168.60.9/24", "2001:db8::9/64"] as const;

/** What may be given: an address for each of the subnets that every node has. */
const given = pool({ addresses: ["192.168.50.96/27", "10.7.9.0/24"] });

type NodeState = {
  readonly agent: "live" | "dead" | "gone" | "unreported" | "without VIPNode";
  readonly eth0: readonly string[];
  readonly eth1: readonly string[];
};

type Cluster = Readonly<Record<string, NodeState>>;

const steady: NodeState = { agent: "live", eth0: [], eth1: [] };

const anyState: fc.Arbitrary<NodeState> = fc.record({
  agent: fc.oneof(
    { weight: 6, arbitrary: fc.constant("live" as const) },
    { weight: 1, arbitrary: fc.constantFrom("dead", "gone", "unreported", "without VIPNode") },
  ),
  eth0: fc.subarray([...extras]),
  eth1: fc.subarray([...extras]),
});

const anyCluster: fc.Arbitrary<Cluster> = fc.record(Object.fromEntries(names.map((name) => [name, anyState])));

function vipNodeOf(name: string, { agent, eth0, eth1 }: NodeState): VipNode {
  if (agent === "unreported") return vipNode(name, { interfaces: [] });
  const sorted = (own: string, more: readonly string[]): string[] => [own, ...more].sort();
  return vipNode(name, {
    interfaces: [
      nodeInterface({ subnets: sorted("192.168.50.11/24", eth0) }),
      nodeInterface({ name: "eth1", subnets: sorted("10.7.0.11/16", eth1), defaultRoute: false }),
    ],
  });
}

/** The ledger as the plans have left it; groups and placements are planned together, as the controller does it. */
class Ledger {
  groups: readonly Group[] = [];
  addresses: readonly Placeable[];

  constructor(addresses: readonly Placeable[]) {
    this.addresses = addresses;
  }

  plan(cluster: Cluster): void {
    const there = names.filter((name) => cluster[name]?.agent !== "gone");
    const vipNodes = there.flatMap((name) => {
      const state = cluster[name] ?? steady;
      return state.agent === "without VIPNode" ? [] : [vipNodeOf(name, state)];
    });
    const liveness = new Map(
      there.map((name): [string, Liveness] => [name, cluster[name]?.agent === "dead" ? "dead" : "alive"]),
    );
    const nodes = there.map((name) => clusterNode(name));
    const { groups } = planGroups({
      nodes,
      vipNodes,
      liveness,
      groups: this.groups,
      facts: facts({ settled: this.groups }),
      load: loadOf(
        [given],
        this.addresses.map((each) => ({ ...each, pool: given.name })),
      ),
    });
    const placed = planPlacements({ vipNodes, nodes, liveness, groups, endpointSlices: [], addresses: this.addresses });
    this.groups = groups.map(({ members, ...rest }) => group(members, rest));
    this.addresses = this.addresses.map((each) => ({ ...each, ...placed.get(addressKey(each.address)) }));
  }
}

const vips = [
  ...Array.from({ length: 9 }, (_, i) => `192.168.50.${100 + i}`),
  ...Array.from({ length: 5 }, (_, i) => `10.7.9.${i}`),
].map((text) => advertisement(text, { owner: service() }));

const everywhereSteady: Cluster = Object.fromEntries(names.map((name) => [name, steady]));

const keeps = (cluster: Cluster, node: string): boolean => !["dead", "gone"].includes(cluster[node]?.agent ?? "gone");

const nodesOf = ({ addresses }: Ledger): readonly string[] => addresses.map(({ node }) => node);

describe("groups and placements planned together", () => {
  it("move only what is on nodes that are dead or gone, whatever subnets nodes of several groups get and lose", () => {
    const check = (clusters: readonly Cluster[]): void => {
      const ledger = new Ledger(vips);
      for (const cluster of [everywhereSteady, ...clusters]) {
        const before = nodesOf(ledger);
        ledger.plan(cluster);
        for (const [i, node] of nodesOf(ledger).entries()) {
          const was = before[i] ?? "";
          assert.ok(node === was || was === "" || !keeps(cluster, was), `from ${was} to ${node}`);
        }
      }
    };
    fc.assert(fc.property(fc.array(anyCluster, { minLength: 1, maxLength: 8 }), check), { numRuns: 150 });
  });

  it("come to rest, with every address in a group that its node is a member of", () => {
    const check = (clusters: readonly Cluster[]): void => {
      const ledger = new Ledger(vips);
      for (const cluster of clusters) ledger.plan(cluster);
      for (let round = 0; round < 40; round++) ledger.plan(everywhereSteady);
      const { groups, addresses } = ledger;
      ledger.plan(everywhereSteady);
      assert.deepEqual([ledger.groups, ledger.addresses], [groups, addresses]);
      for (const { node, group: its } of addresses)
        assert.ok(groups.find(({ name }) => name === its)?.members.includes(node), `${node} in ${its}`);
      assert.deepEqual([...new Set(groups.map(({ lan }) => lan))].sort(), ["10.7.0.0/16", "192.168.50.0/24"]);
    };
    fc.assert(fc.property(fc.array(anyCluster, { minLength: 1, maxLength: 4 }), check), { numRuns: 100 });
  });
});
