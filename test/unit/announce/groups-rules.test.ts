import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { GroupFacts } from "../../../src/announce/group-facts.ts";
import { type GroupChange, planGroups } from "../../../src/announce/groups.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import { clusterNode, group, vipNode, voter } from "../../support/builders.ts";
import { everywhere, facts } from "./group-view.ts";

const nodeNames = ["a", "b", "c", "d"];

type World = {
  readonly groups: readonly Group[];
  readonly told?: GroupFacts;
  readonly dead?: readonly string[];
  readonly there?: readonly string[];
  readonly old?: readonly string[];
};

function changes({ groups, told, dead = [], there = nodeNames, old = [] }: World): readonly GroupChange[] {
  return planGroups({
    vipNodes: there.map((name) => (old.includes(name) ? vipNode(name) : voter(name))),
    nodes: there.map((name) => clusterNode(name)),
    liveness: new Map(there.map((name): [string, Liveness] => [name, dead.includes(name) ? "dead" : "alive"])),
    groups,
    facts: told ?? facts({ settled: groups }),
    load: everywhere,
  }).changes;
}

const textOf = (change: GroupChange): string => {
  const { members, witness, forced, byLease } = change.group;
  const flags = { witness, forced, byLease };
  const said = Object.entries(flags).flatMap(([name, on]) => (on ? [name] : []));
  return change.kind === "delete" ? `delete ${change.group.name}` : [change.kind, members.join(), ...said].join(" ");
};

const four = group(nodeNames, { witness: true });
const three = group(["a", "b", "c"]);

describe("a list changes", () => {
  const name = four.name;
  const rows: readonly { readonly name: string; readonly world: World; readonly want: readonly string[] }[] = [
    { name: "not before it is in use", world: { groups: [three], told: facts() }, want: [] },
    { name: "by one that joins", world: { groups: [three] }, want: ["replace a,b,c,d"] },
    { name: "not for a dead member", world: { groups: [four], dead: ["d"] }, want: [] },
    {
      name: "for a lost one",
      world: { groups: [four], dead: ["d"], told: facts({ settled: [four], lost: [`${name} d`] }) },
      want: ["replace a,b,c witness"],
    },
    {
      name: "not for a lost one while it is not in use",
      world: { groups: [four], dead: ["d"], told: facts({ lost: [`${name} d`] }) },
      want: [],
    },
    {
      name: "not when all are lost: somebody must be left to come back",
      world: {
        groups: [four],
        dead: nodeNames,
        told: facts({ settled: [four], lost: nodeNames.map((each) => `${name} ${each}`) }),
      },
      want: [],
    },
    {
      name: "to those that live when it is short, in use or not",
      world: { groups: [four], dead: ["a", "b", "c"], told: facts({ short: [four] }) },
      want: ["replace d forced"],
    },
    {
      name: "for a Node that is gone",
      world: { groups: [four], there: ["a", "b", "c"] },
      want: ["replace a,b,c witness"],
    },
    {
      name: "by no node that does not vote: it gets a group without voters",
      world: { groups: [three], old: ["d"] },
      want: ["create d"],
    },
    {
      name: "by a node that does not vote where nobody does",
      world: { groups: [three], old: nodeNames },
      want: ["replace a,b,c,d"],
    },
  ];
  for (const { name: what, world, want } of rows) it(what, () => assert.deepEqual(changes(world).map(textOf), want));

  it("not because VIPNodes were deleted and are made anew", () => {
    const plan = planGroups({
      vipNodes: [],
      nodes: nodeNames.map((each) => clusterNode(each)),
      liveness: new Map(),
      groups: [four],
      facts: facts({ settled: [four] }),
      load: everywhere,
    });
    assert.deepEqual(plan.changes, []);
  });

  it("of a LAN is made of nodes that vote though no Lease is judged yet; no such node joins one that there is", () => {
    const plan = (groups: readonly Group[]) =>
      planGroups({
        vipNodes: nodeNames.map((each) => voter(each)),
        nodes: [],
        liveness: new Map(),
        groups,
        facts: facts({ settled: groups }),
        load: everywhere,
      }).changes.map(textOf);
    assert.deepEqual(plan([]), ["create a,b,c,d witness"]);
    assert.deepEqual(plan([three]), []);
  });

  it("with all its voters at once when it is new: two nodes have a witness", () => {
    assert.deepEqual(changes({ groups: [], there: ["a", "b"] }).map(textOf), ["create a,b witness"]);
    assert.deepEqual(changes({ groups: [], there: ["a"] }).map(textOf), ["create a"]);
  });
});

describe("where nobody hears anybody", () => {
  const alone = (node: string, number: number): Group =>
    group([node], { name: `192-168-50-0-24-${number}`, byLease: true });

  it("each member that lives gets a group by Lease, and the group of all stays", () => {
    const told = facts({ settled: [three], deaf: [three] });
    const all = changes({ groups: [three], told, there: ["a", "b", "c"], dead: ["c"] });
    assert.deepEqual(all.map(textOf), ["create a byLease", "create b byLease"]);
  });

  it("they keep those until most hear each other, also while the deafness is not said anew", () => {
    const groups = [three, alone("a", 2), alone("b", 3), alone("c", 4)];
    const there = ["a", "b", "c"];
    assert.deepEqual(changes({ groups, there, told: facts({ settled: [three] }) }), []);
    const heard = changes({ groups, there, told: facts({ settled: [three], hearing: [three] }) });
    assert.deepEqual(
      heard.map(textOf),
      groups.slice(1).map(({ name }) => `delete ${name}`),
    );
  });

  it("one that comes back later gets one too, and one that is gone loses it", () => {
    const groups = [three, alone("a", 2), alone("b", 3)];
    const told = facts({ settled: [three], deaf: [three] });
    assert.deepEqual(changes({ groups, there: ["a", "b", "c"], told }).map(textOf), ["create c byLease"]);
    const without = changes({
      groups: [group(["b", "c"], { witness: true }), ...groups.slice(1)],
      there: ["b", "c"],
      told,
    });
    assert.deepEqual(without.map(textOf), [`delete ${groups[1]?.name}`, "create c byLease"]);
  });
});
