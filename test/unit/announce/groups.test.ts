import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import { type GroupPlan, type GroupView, planGroups } from "../../../src/announce/groups.ts";
import { type Group, largestGroup } from "../../../src/api/vip-group.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { group, nodeInterface, vipNode } from "../../support/builders.ts";
import { changedVoters, everywhere, facts } from "./group-view.ts";

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `node${i + 1}`);

function view(nodes: readonly VipNode[], groups: readonly Group[] = [], dead: readonly string[] = []): GroupView {
  const liveness = new Map(nodes.map(({ name }): [string, Liveness] => [name, dead.includes(name) ? "dead" : "alive"]));
  return { vipNodes: nodes, nodes: [], liveness, groups, facts: facts({ settled: groups }), load: everywhere };
}

const onLan = (name: string, ...subnets: readonly string[]): VipNode =>
  vipNode(name, { interfaces: [nodeInterface({ subnets })] });

const members = ({ groups }: GroupPlan): readonly (readonly string[])[] => groups.map((each) => each.members);

/** The groups as the API server has them after the writes. */
const written = ({ groups }: GroupPlan): readonly Group[] =>
  groups.map(({ members: nodes, ...rest }) => group(nodes, rest));

/** A list with an odd number of voters, as a test wrote it or as it comes to rest. */
const even = (members: readonly string[]): Group => group(members, { witness: members.length % 2 === 0 });

describe("groups", () => {
  it("are one a LAN, named after it, with all its live nodes", () => {
    const { changes, groups } = planGroups(view(names(3).map((name) => vipNode(name))));
    const list = { witness: false, forced: false, byLease: false };
    assert.deepEqual(groups, [{ name: "192-168-50-0-24-1", lan: "192.168.50.0/24", members: names(3), ...list }]);
    assert.deepEqual(changes, [{ kind: "create", group: groups[0] }]);
  });

  it("take the first IPv4 subnet of an interface as its LAN, else the first IPv6 one", () => {
    const nodes = [onLan("a", "2001:db8::1/64", "10.0.0.1/8", "10.9.0.1/16"), onLan("b", "2001:db8:7::b/64")];
    assert.deepEqual(
      planGroups(view(nodes)).groups.map(({ name, lan }) => [name, lan]),
      [
        ["10-0-0-0-8-1", "10.0.0.0/8"],
        ["2001-0db8-0007-0000-0000-0000-0000-0000-64-1", "2001:db8:7::/64"],
      ],
    );
  });

  it("take a subnet of one address as a LAN only where there is no other", () => {
    const floating = onLan("a", "10.0.0.100/32", "10.0.0.2/24");
    const nodes = [floating, onLan("b", "10.0.0.3/32"), onLan("c", "2001:db8::c/128", "10.0.0.4/32", "2001:db8::5/64")];
    assert.deepEqual(
      planGroups(view(nodes)).groups.map(({ lan, members: on }) => [lan, ...on]),
      [
        ["10.0.0.0/24", "a"],
        ["10.0.0.3/32", "b"],
        ["2001:db8::/64", "c"],
      ],
    );
  });

  it("stay while their members get a second subnet, whatever its place in the list", () => {
    const both = (name: string): VipNode => onLan(name, "10.0.0.1/24", "192.168.50.11/24");
    const groups = [even(["a", "b"])];
    assert.deepEqual(planGroups(view([both("a"), onLan("b", "192.168.50.12/24")], groups)).changes, []);
    assert.deepEqual(members(planGroups(view([both("a"), both("b"), both("c")], groups))), [["a", "b", "c"]]);
    const other = group(["c"], { name: "10-0-0-0-24-1", lan: "10.0.0.0/24" });
    const nodes = [both("a"), both("b"), onLan("c", "10.0.0.3/24")];
    assert.deepEqual(planGroups(view(nodes, [other, ...groups])).changes, []);
  });

  it("have a node of two LANs in both", () => {
    const two = [nodeInterface(), nodeInterface({ name: "eth1", subnets: ["10.0.0.1/24"], defaultRoute: false })];
    const { groups } = planGroups(view([vipNode("a", { interfaces: two }), vipNode("b")]));
    assert.deepEqual(members({ changes: [], groups }), [["a"], ["a", "b"]]);
  });

  it("have at most seven members: eight nodes form two of four", () => {
    const sizes = members(planGroups(view(names(8).map((name) => vipNode(name))))).map(({ length }) => length);
    assert.deepEqual(sizes, [4, 4]);
  });

  it("stay the very same objects when nothing changes", () => {
    const groups = [group(names(3))];
    const plan = planGroups(
      view(
        names(3).map((name) => vipNode(name)),
        groups,
      ),
    );
    assert.deepEqual(plan.changes, []);
    assert.equal(plan.groups, groups);
  });
});

describe("members", () => {
  it("join one a write, at the end", () => {
    const nodes = names(4).map((name) => vipNode(name));
    const first = planGroups(view(nodes, [group(["node3", "node4"])]));
    assert.deepEqual(members(first), [["node3", "node4", "node1"]]);
    assert.deepEqual(members(planGroups(view(nodes, written(first)))), [["node3", "node4", "node1", "node2"]]);
  });

  it("stay while they are dead or their interface is down", () => {
    const nodes = [
      vipNode("node1", { interfaces: [nodeInterface({ up: false })] }),
      ...["node2", "node3"].map((name) => vipNode(name)),
    ];
    const kept = planGroups(view(nodes, [group(names(3))], ["node2"]));
    assert.deepEqual(kept.changes, []);
  });

  it("stay while they are dead and their VIPNode no longer lists the LAN", () => {
    const nodes = [vipNode("node1", { interfaces: [] }), vipNode("node2")];
    assert.deepEqual(planGroups(view(nodes, [even(["node1", "node2"])], ["node1"])).changes, []);
  });

  it("stay until they have reported to a VIPNode that was made anew", () => {
    const nodes = [vipNode("node1", { interfaces: [] }), vipNode("node2")];
    assert.deepEqual(planGroups(view(nodes, [even(["node1", "node2"])])).changes, []);
  });

  it("do not join while they are dead or their interface is down", () => {
    const nodes = [
      vipNode("node1", { interfaces: [nodeInterface({ up: false })] }),
      vipNode("node2"),
      vipNode("node3"),
    ];
    assert.deepEqual(members(planGroups(view(nodes, [], ["node2"]))), [["node3"]]);
  });

  it("leave one a write, before another joins", () => {
    const nodes = ["node2", "node3", "node4"].map((name) => vipNode(name));
    const first = planGroups(view(nodes, [group(names(3))]));
    assert.deepEqual(members(first), [["node2", "node3"]]);
    assert.deepEqual(members(planGroups(view(nodes, written(first)))), [["node2", "node3", "node4"]]);
  });

  it("leave when they live on another LAN now", () => {
    const plan = planGroups(view([vipNode("node1"), onLan("node2", "10.0.0.1/24")], [group(["node1", "node2"])]));
    assert.deepEqual(members(plan), [["node2"], ["node1"]]);
  });

  it("take the group with them when the last one leaves", () => {
    const empty = group(["node1"]);
    assert.deepEqual(planGroups(view([], [empty])), { changes: [{ kind: "delete", group: empty }], groups: [] });
  });

  it("that find no room get a group with a number that is free", () => {
    const full = group(names(7), { name: "192-168-50-0-24-1" });
    const { groups } = planGroups(
      view(
        names(8).map((name) => vipNode(name)),
        [full],
      ),
    );
    assert.deepEqual(
      groups.map(({ name, members: nodes }) => [name, nodes.length]),
      [
        ["192-168-50-0-24-1", 7],
        ["192-168-50-0-24-2", 1],
      ],
    );
  });

  it("settle for any cluster, each in one group of its LAN with an odd number of voters, one voter a write", () => {
    const check = (before: readonly string[], now: readonly string[]): void => {
      const groups = settled(
        now.map((name) => vipNode(name)),
        written(planGroups(view(before.map((name) => vipNode(name))))),
      );
      assert.deepEqual(groups.flatMap((each) => each.members).toSorted(), now.toSorted());
      for (const { members: its, witness } of groups) {
        assert.ok(its.length <= largestGroup && its.length > 0);
        assert.equal(witness, its.length % 2 === 0);
      }
    };
    fc.assert(fc.property(fc.subarray([...names(20)]), fc.subarray([...names(20)]), check));
  });
});

/** The groups once there is nothing more to write; each write on the way changes one voter. */
function settled(nodes: readonly VipNode[], before: readonly Group[]): readonly Group[] {
  let groups = before;
  for (let round = 0; round < 60; round++) {
    const plan = planGroups(view(nodes, groups));
    if (plan.changes.length === 0) return groups;
    for (const change of plan.changes)
      if (change.kind === "replace") assert.equal(changedVoters(change.before, change.group).length, 1);
    groups = written(plan);
  }
  throw new Error("sixty plans and still something to write");
}
