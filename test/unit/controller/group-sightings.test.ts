import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import type { NodeGroup } from "../../../src/api/vip-node.ts";
import { GroupSightings } from "../../../src/controller/group-sightings.ts";
import { group, voter } from "../../support/builders.ts";

const three = group(["a", "b", "c"]);
const { name } = three;

type Says = Partial<NodeGroup> & { readonly deadForMs?: number; readonly aliveForMs?: number };

function sight(
  says: Readonly<Record<string, Says>>,
  groups: readonly Group[] = [three],
  witnesses: readonly string[] = [],
) {
  const entries = Object.entries(says);
  const liveness = entries.map(([node, { deadForMs }]): [string, Liveness] => [
    node,
    deadForMs === undefined ? "alive" : "dead",
  ]);
  const vipNodes = entries.map(([node, { deadForMs: _, aliveForMs, ...said }]) => {
    const view = { name, epoch: 1, quorum: false, hears: [], ...said };
    return [node, voter(node, { groups: [view] })] as const;
  });
  return {
    groups,
    nodes: { vipNodes: new Map(vipNodes), liveness: new Map(liveness) },
    witnesses: witnesses.map((members) => ({ group: name, members: members.split(",") })),
    forMs: (node: string) => says[node]?.deadForMs ?? says[node]?.aliveForMs ?? 1_000_000,
  };
}

const connected: Says = { quorum: true, hears: ["a", "b", "c"] };

describe("time tells of a group", () => {
  it("that its list has been in use for a second", () => {
    const sightings = new GroupSightings();
    const now = sight({ a: connected, b: connected, c: { epoch: 0 } });
    assert.deepEqual([...sightings.at(now, 0).facts.settled], []);
    assert.equal(sightings.at(now, 400).changesInMs, 600);
    assert.deepEqual([...sightings.at(now, 1_000).facts.settled], [name]);
    const newer = { ...now, groups: [{ ...three, epoch: 2 }] };
    assert.deepEqual([...sightings.at(newer, 2_000).facts.settled], []);
  });

  it("that a member has been dead and unheard for a minute", () => {
    const lost = (c: Says, heard: readonly string[] = []) => {
      const others = { quorum: true, hears: heard };
      return [...new GroupSightings().at(sight({ a: others, b: others, c }), 0).facts.lost];
    };
    assert.deepEqual(lost({ deadForMs: 60_000 }), [`${name} c`]);
    assert.deepEqual(lost({ deadForMs: 59_999 }), []);
    assert.deepEqual(lost({ deadForMs: 60_000 }, ["c"]), []);
    const soon = new GroupSightings().at(
      sight({ a: { epoch: 0 }, b: { epoch: 0 }, c: { epoch: 0, deadForMs: 50_000 } }),
      0,
    );
    assert.equal(soon.changesInMs, 10_000);
  });

  it("that for 30 s too few have lived, and just these few", () => {
    const short = (a: Says, bc: Says) =>
      [...new GroupSightings().at(sight({ a, b: bc, c: bc }), 0).facts.short].length > 0;
    assert.equal(short({}, { deadForMs: 30_000 }), true);
    assert.equal(short({}, { deadForMs: 29_999 }), false);
    assert.equal(short({ aliveForMs: 5_000 }, { deadForMs: 90_000 }), false);
  });

  it("that nobody has heard anybody for 30 s, and that most have had a quorum for as long", () => {
    const sightings = new GroupSightings();
    const deaf = sight({ a: {}, b: {}, c: {} });
    sightings.at(deaf, 0);
    assert.deepEqual([...sightings.at(deaf, 29_999).facts.deaf], []);
    assert.deepEqual([...sightings.at(deaf, 30_000).facts.deaf], [name]);
    const hearing = sight({ a: connected, b: connected, c: {} });
    assert.deepEqual([...sightings.at(hearing, 30_001).facts.hearing], []);
    assert.deepEqual([...sightings.at(hearing, 60_001).facts.hearing], [name]);
  });

  it("that nobody but the last member has been able to hold the witness for 4 s", () => {
    const sightings = new GroupSightings();
    const last = group(["a"], { witness: true });
    const settled = (witness: string, nowMs: number) =>
      sightings.at(sight({ a: { epoch: 1 } }, [last], [witness]), nowMs).facts.settled.size > 0;
    assert.equal(settled("a,b", 0), false);
    assert.equal(settled("a,b", 9_000), false);
    assert.equal(settled("a", 9_001), false);
    assert.equal(settled("a", 13_000), false);
    assert.equal(settled("a", 13_001), true);
  });
});
