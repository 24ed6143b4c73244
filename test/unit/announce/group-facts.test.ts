import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import {
  hasQuorum,
  isDeaf,
  isHeard,
  isInUse,
  isShort,
  lonelyMembers,
  type Nodes,
  usesList,
} from "../../../src/announce/group-facts.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import type { NodeGroup } from "../../../src/api/vip-node.ts";
import { group, vipNode, voter } from "../../support/builders.ts";

const name = "192-168-50-0-24-1";

/** What a member says; "old": its agent does not vote; "dead" and "silent": a voter that says nothing of the group. */
type Says = Partial<NodeGroup> | "old" | "dead" | "silent";

function nodes(says: Readonly<Record<string, Says>>): Nodes {
  const entries = Object.entries(says);
  const of = (node: string, said: Says) => {
    if (said === "old") return vipNode(node);
    if (typeof said === "string") return voter(node);
    return voter(node, { groups: [{ name, epoch: 1, quorum: false, hears: [], ...said }] });
  };
  return {
    vipNodes: new Map(entries.map(([node, said]) => [node, of(node, said)])),
    liveness: new Map(entries.map(([node, said]): [string, Liveness] => [node, said === "dead" ? "dead" : "alive"])),
  };
}

const uses = (epoch: number): Says => ({ epoch });
const hears = (...names: readonly string[]): Says => ({ hears: names });
const quorum: Says = { quorum: true };

type Row = {
  readonly name: string;
  readonly list: Group;
  readonly says: Readonly<Record<string, Says>>;
  readonly want: boolean;
};

const two = group(["a", "b"]);
const twoAndWitness = group(["a", "b"], { witness: true });
const three = group(["a", "b", "c"]);

describe("a list is in use", () => {
  const alone = group(["a"], { witness: true });
  type Use = { readonly list: Group; readonly used: Readonly<Record<string, number>>; readonly witness?: number };
  const rows: readonly (Use & { readonly name: string; readonly want: boolean })[] = [
    { name: "by two of three", list: three, used: { a: 1_000, b: 1_000 }, want: true },
    { name: "not before it was for a second", list: three, used: { a: 1_000, b: 999 }, want: false },
    { name: "not by one of two", list: two, used: { a: 1_000 }, want: false },
    {
      name: "not by one of two with a witness, which counts only when all do",
      list: twoAndWitness,
      used: { a: 9_000 },
      witness: 9_000,
      want: false,
    },
    { name: "by both of two with a witness", list: twoAndWitness, used: { a: 1_000, b: 1_000 }, want: true },
    { name: "not by one and a witness that another can take", list: alone, used: { a: 9_000 }, want: false },
    {
      name: "not by one whose the witness may not be yet",
      list: alone,
      used: { a: 9_000 },
      witness: 3_999,
      want: false,
    },
    {
      name: "not by a witness whose member does not use it",
      list: alone,
      used: { a: 999 },
      witness: 4_000,
      want: false,
    },
    { name: "by one whose the witness must be", list: alone, used: { a: 1_000 }, witness: 4_000, want: true },
  ];
  for (const { name, list, used, witness, want } of rows)
    it(name, () => {
      const usedSinceMs = new Map(Object.entries(used).map(([node, forMs]) => [node, 10_000 - forMs]));
      const witnessSinceMs = witness === undefined ? undefined : 10_000 - witness;
      assert.equal(isInUse(list, { usedSinceMs, witnessSinceMs }, 10_000), want);
    });

  it("by a member that says so, and by one that does not vote; not by one that says nothing", () => {
    const said: Readonly<Record<string, Says>> = { a: uses(1), b: uses(0), c: "old", d: "silent" };
    const { vipNodes } = nodes(said);
    const using = [...Object.keys(said), "gone"].filter((node) => usesList(three, vipNodes.get(node)));
    assert.deepEqual(using, ["a", "c"]);
  });
});

describe("a list is short", () => {
  const rows: readonly Row[] = [
    { name: "with one of three alive", list: three, says: { a: {}, b: "dead", c: "dead" }, want: true },
    { name: "not with two of three alive", list: three, says: { a: {}, b: {}, c: "dead" }, want: false },
    { name: "not with nobody alive", list: three, says: { a: "dead", b: "dead", c: "dead" }, want: false },
    {
      name: "not while one that lives has a quorum",
      list: three,
      says: { a: quorum, b: "dead", c: "dead" },
      want: false,
    },
    { name: "not with one of two and the witness", list: twoAndWitness, says: { a: {}, b: "dead" }, want: false },
    { name: "with one of two before the witness came", list: two, says: { a: {}, b: "dead" }, want: true },
    { name: "not with one alone that is dead", list: group(["a"]), says: { a: "dead" }, want: false },
  ];
  for (const { name, list, says, want } of rows) it(name, () => assert.equal(isShort(list, nodes(says)), want));
});

describe("members are deaf", () => {
  const rows: readonly Row[] = [
    { name: "when nobody hears anybody", list: three, says: { a: {}, b: {}, c: {} }, want: true },
    { name: "also beside one that is dead", list: three, says: { a: {}, b: {}, c: "dead" }, want: true },
    { name: "not when one hears another", list: three, says: { a: hears("b"), b: {}, c: {} }, want: false },
    { name: "not when one has a quorum by the witness", list: twoAndWitness, says: { a: quorum, b: {} }, want: false },
    { name: "not when only one lives", list: three, says: { a: {}, b: "dead", c: "dead" }, want: false },
    { name: "not when only one votes", list: three, says: { a: {}, b: "old", c: "old" }, want: false },
  ];
  for (const { name, list, says, want } of rows) it(name, () => assert.equal(isDeaf(list, nodes(says)), want));
});

it("a member is heard if more than half of the others that live hear it", () => {
  assert.equal(isHeard(three, "c", nodes({ a: hears("c"), b: hears("c"), c: {} })), true);
  assert.equal(isHeard(three, "c", nodes({ a: hears("c"), b: hears("a"), c: {} })), false);
  assert.equal(isHeard(three, "c", nodes({ a: hears("c"), b: "dead", c: {} })), true);
  assert.equal(isHeard(three, "c", nodes({ a: "dead", b: "dead", c: {} })), false);
});

it("a group has a quorum if more than half of its members say so", () => {
  assert.equal(hasQuorum(three, nodes({ a: quorum, b: quorum, c: {} })), true);
  assert.equal(hasQuorum(three, nodes({ a: quorum, b: "dead", c: {} })), false);
});

it("a member that none hears of those with a quorum is lonely, whatever it last said", () => {
  const lonely = (says: Readonly<Record<string, Says>>) => [...lonelyMembers([three], nodes(says))];
  const others = { quorum: true, hears: ["a", "b"] };
  assert.deepEqual(lonely({ a: others, b: others, c: { quorum: true, hears: ["a", "b"] } }), [`${name} c`]);
  assert.deepEqual(lonely({ a: { quorum: true, hears: ["b", "c"] }, b: others, c: quorum }), []);
  assert.deepEqual(lonely({ a: others, b: others, c: "old" }), []);
  assert.deepEqual(lonely({ a: others, b: others, c: "dead" }), [`${name} c`]);
});

it("a member without a quorum is lonely where another may hold addresses", () => {
  const lonely = (says: Readonly<Record<string, Says>>) => [...lonelyMembers([three], nodes(says))];
  const connected = { quorum: true, hears: ["a", "b", "c"] };
  assert.deepEqual(lonely({ a: connected, b: connected, c: {} }), [`${name} c`]);
  assert.deepEqual(lonely({ a: {}, b: {}, c: {} }), []);
  assert.deepEqual(lonely({ a: {}, b: "old", c: "old" }), [`${name} a`]);
  assert.deepEqual(lonely({ a: {}, b: "silent", c: "dead" }), []);
});
