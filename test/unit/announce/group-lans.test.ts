import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { carryingInterfaces, type Load, loadOf } from "../../../src/announce/group-lans.ts";
import { type GroupPlan, planGroups } from "../../../src/announce/groups.ts";
import { interfaceFor } from "../../../src/announce/interface-for.ts";
import type { Announcement } from "../../../src/api/announcement.ts";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { ClusterNode } from "../../../src/api/node.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { advertisement, clusterNode, group, nodeInterface, pool, service, voter } from "../../support/builders.ts";
import { facts } from "./group-view.ts";

const serving = nodeInterface({ name: "eth1", subnets: ["192.168.50.11/24", "fd50::11/64"], defaultRoute: false });
const management = nodeInterface({ name: "eth0", subnets: ["172.18.0.11/16"], defaultRoute: true });
const node = voter("a", { interfaces: [management, serving] });

const on = (interfaces: readonly string[], changes: Partial<Announcement> = {}): Announcement => ({
  arp: { interfaces, mode: "Responder", conflictCheck: "On" },
  ...changes,
});

const poolOf = (addresses: readonly string[], changes: Partial<Pool> & { exclude?: readonly string[] } = {}): Load =>
  loadOf([pool({ addresses, ...changes })], []);

const names = (vipNode: VipNode, { spans }: Load, its?: ClusterNode): readonly string[] =>
  carryingInterfaces(vipNode, its, spans).map(({ name }) => name);

describe("a node carries addresses", () => {
  const edge = { nodeSelector: { matchLabels: { edge: "yes" } } };
  const down = voter("a", { interfaces: [management, { ...serving, up: false }] });
  const rows: readonly {
    readonly name: string;
    readonly load: Load;
    readonly want: readonly string[];
    readonly of?: VipNode;
    readonly its?: ClusterNode;
  }[] = [
    {
      name: "on the interface whose subnet a pool has addresses of",
      load: poolOf(["192.168.50.96/27"]),
      want: ["eth1"],
    },
    { name: "also by IPv6", load: poolOf(["fd50::200-fd50::2ff"]), want: ["eth1"] },
    { name: "on the default route's if they are of no subnet", load: poolOf(["203.0.113.0/24"]), want: ["eth0"] },
    {
      name: "on the one that is named, whatever the subnet",
      load: poolOf(["203.0.113.0/24"], { announcement: on(["eth1"]) }),
      want: ["eth1"],
    },
    {
      name: "on none if none is called so",
      load: poolOf(["192.168.50.96/27"], { announcement: on(["/^bond/"]) }),
      want: [],
    },
    {
      name: "on both of a range that leaves a subnet behind",
      load: poolOf(["192.168.50.96-192.168.51.5"]),
      want: ["eth0", "eth1"],
    },
    {
      name: "on both of a range that begins before a subnet",
      load: poolOf(["192.168.49.0-192.168.50.5"]),
      want: ["eth0", "eth1"],
    },
    {
      name: "on none whose subnet is taken out of the pool",
      load: poolOf(["192.168.48.0/20"], { exclude: ["192.168.50.0/24"] }),
      want: ["eth0"],
    },
    { name: "also while that is down", load: poolOf(["192.168.50.96/27"]), want: ["eth1"], of: down },
    {
      name: "not where the pool does not select it",
      load: poolOf(["192.168.50.96/27"], { announcement: on([], edge) }),
      want: [],
      its: clusterNode("a"),
    },
    {
      name: "where the pool selects it",
      load: poolOf(["192.168.50.96/27"], { announcement: on([], edge) }),
      want: ["eth1"],
      its: clusterNode("a", { labels: { edge: "yes" } }),
    },
    {
      name: "not where it is excluded from all",
      load: poolOf(["192.168.50.96/27"]),
      want: [],
      its: clusterNode("a", { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } }),
    },
    {
      name: "outside every pool that somebody holds",
      load: loadOf([], [{ ...advertisement("192.168.50.7", { owner: service() }), pool: "" }]),
      want: ["eth1"],
    },
    {
      name: "not outside every pool that nobody holds any more",
      load: loadOf([], [{ ...advertisement("192.168.50.7"), services: [] }]),
      want: [],
    },
    { name: "of no pool nowhere", load: loadOf([], []), want: [] },
  ];
  for (const { name, load, want, of = node, its } of rows)
    it(name, () => assert.deepEqual(names(of, load, its).toSorted(), want));

  it("for any pool on just the interfaces that placement would take for its addresses", () => {
    const octet = fc.nat(255).map((host) => `10.0.0.${host}`);
    const subnet = fc.tuple(octet, fc.integer({ min: 24, max: 32 })).map(([text, length]) => `${text}/${length}`);
    const link = fc.record({
      subnets: fc.array(subnet, { maxLength: 2 }),
      up: fc.boolean(),
      defaultRoute: fc.boolean(),
    });
    const check = (
      links: readonly Partial<Parameters<typeof nodeInterface>[0]>[],
      addresses: readonly string[],
    ): void => {
      const interfaces = links.map((each, i) => nodeInterface({ name: `eth${i}`, ...each }));
      const { ranges } = pool({ addresses });
      const each = ranges.flatMap(({ first: { family, value }, last }) =>
        Array.from({ length: Number(last.value - value) + 1 }, (_, i) => ({ family, value: value + BigInt(i) })),
      );
      const raised = interfaces.map((one) => ({ ...one, up: true }));
      const wanted = each.flatMap((address) => {
        const found = interfaceFor(address, [], interfaces);
        if ("interface" in found) return [found.interface];
        const whenUp = interfaceFor(address, [], raised);
        return found.reason === "InterfaceDown" && "interface" in whenUp ? [whenUp.interface] : [];
      });
      const found = names(voter("a", { interfaces }), loadOf([pool({ addresses })], []));
      assert.deepEqual([...found].sort(), [...new Set(wanted)].sort(), each.slice(0, 1).map(formatAddress).join());
    };
    const few = fc.array(fc.tuple(fc.nat(255), fc.nat(9)), { minLength: 1, maxLength: 4 });
    const texts = few.map((all) => all.map(([host, more]) => `10.0.0.${host}-10.0.0.${Math.min(host + more, 255)}`));
    fc.assert(fc.property(fc.array(link, { maxLength: 3 }), texts, check));
  });
});

describe("a LAN has groups", () => {
  const plan = (load: Load, groups: readonly Group[] = [], vipNodes: readonly VipNode[] = both): GroupPlan =>
    planGroups({
      vipNodes,
      nodes: vipNodes.map(({ name }) => clusterNode(name)),
      liveness: new Map(vipNodes.map(({ name }): [string, Liveness] => [name, "alive"])),
      groups,
      facts: facts({ settled: groups }),
      load,
    });
  const both = ["a", "b"].map((name) => voter(name, { interfaces: [management, serving] }));
  const lans = ({ groups }: GroupPlan): readonly string[] => groups.map(({ lan }) => lan);
  const lan = poolOf(["192.168.50.96/27"]);
  const old = group(["a", "b"], { witness: true });

  it("as soon as a pool can give addresses of it, and no other LAN has", () => {
    assert.deepEqual(lans(plan(lan)), ["192.168.50.0/24"]);
    assert.deepEqual(lans(plan(poolOf(["203.0.113.0/24"]))), ["172.18.0.0/16"]);
    assert.deepEqual(lans(plan(loadOf([], []))), []);
  });

  it("while an address is in one of them, though no pool is left", () => {
    const none = loadOf([], []);
    const placed = { ...none, occupied: new Set([old.name]) };
    assert.deepEqual(plan(placed, [old]).changes, []);
    assert.deepEqual(plan(none, [old]), { changes: [{ kind: "delete", group: old }], groups: [] });
  });

  it("of one by Lease no longer than of all", () => {
    const alone = group(["a"], { name: "192-168-50-0-24-2", byLease: true });
    assert.deepEqual(
      plan(loadOf([], []), [old, alone]).changes.map(({ kind }) => kind),
      ["delete", "delete"],
    );
    const held = { spans: [], occupied: new Set([alone.name]) };
    assert.ok(!plan(held, [old, alone]).changes.some(({ group: { name } }) => name === old.name));
  });

  it("while a member has not said what it sees", () => {
    const silent = ["a", "b"].map((name) => voter(name, { interfaces: [] }));
    assert.deepEqual(plan(lan, [old], silent).changes, []);
  });
});
