import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { forcedList, nextList } from "../../../src/announce/group-list.ts";
import { type GroupSpec, largestGroup } from "../../../src/api/vip-group.ts";
import { changedVoters, votersOf } from "./group-view.ts";

/** `A B +` is a list of two members and the witness. */
function list(text: string, changes: Partial<GroupSpec> = {}): GroupSpec {
  const words = text.split(" ");
  const members = words.filter((word) => word !== "+");
  const flags = { witness: words.includes("+"), forced: false, byLease: false };
  return { name: "lan-1", lan: "192.168.50.0/24", members, ...flags, ...changes };
}

function textOf(given: GroupSpec | undefined): string {
  return given === undefined ? "as it is" : [...given.members, ...(given.witness ? ["+"] : [])].join(" ");
}

describe("the next list", () => {
  const cases = [
    { name: "one alone has no witness", from: "A", want: "as it is" },
    { name: "two get one", from: "A B", want: "A B +" },
    { name: "three have none", from: "A B C", want: "as it is" },
    { name: "a third joins two and their witness before that goes", from: "A B +", joining: ["C"], want: "A B C +" },
    { name: "then it goes", from: "A B C +", want: "A B C" },
    { name: "a fourth joins three before the witness comes", from: "A B C", joining: ["D"], want: "A B C D" },
    { name: "who leaves three goes before the witness comes", from: "A B C", leaving: ["B"], want: "A C" },
    { name: "who leaves two goes before the witness goes", from: "A B +", leaving: ["B"], want: "A +" },
    { name: "the witness leaves the last one", from: "A +", want: "A" },
    { name: "who leaves goes before anybody comes", from: "A B C", leaving: ["A"], joining: ["D"], want: "B C" },
    { name: "one at a time leaves", from: "A B C D E", leaving: ["B", "D"], want: "A C D E" },
    { name: "one at a time joins, at the end", from: "B", joining: ["A", "C"], want: "B A" },
    { name: "an eighth does not join seven", from: "A B C D E F G", joining: ["H"], want: "as it is" },
  ];
  for (const { name, from, want, ...wishes } of cases)
    it(name, () => assert.equal(textOf(nextList(list(from), { leaving: [], joining: [], ...wishes })), want));

  it("is forced no more", () => {
    const forced = forcedList(list("A B C D E +"), ["B", "D"]);
    assert.deepEqual([textOf(forced), forced.forced], ["B D", true]);
    const next = nextList(forced, { leaving: [], joining: [] });
    assert.deepEqual([textOf(next), next?.forced], ["B D +", false]);
  });
});

const names = [..."ABCDEFGHIJ"];

it("two successive lists share a majority of voters in every way, whoever comes and goes", () => {
  const check = (start: readonly string[], wished: readonly (readonly string[])[]): void => {
    let now = list(start.join(" "));
    for (const wish of wished) {
      const leaving = now.members.filter((name) => !wish.includes(name)).slice(0, now.members.length - 1);
      const joining = wish.filter((name) => !now.members.includes(name));
      const next = nextList(now, { leaving, joining });
      if (next === undefined) continue;
      assert.equal(changedVoters(now, next).length, 1);
      assert.ok(next.members.length <= largestGroup && next.members.length > 0);
      assert.equal(disjointMajorities(now, next), false);
      now = next;
    }
  };
  const anyWish = fc.subarray(names, { minLength: 1, maxLength: largestGroup });
  fc.assert(fc.property(anyWish, fc.array(anyWish, { maxLength: 30 }), check));
});

/** Whether more than half of one list and more than half of the other need have nobody in common. */
function disjointMajorities(a: GroupSpec, b: GroupSpec): boolean {
  const [as, bs] = [votersOf(a), votersOf(b)];
  const need = (voters: readonly string[]): number => Math.floor(voters.length / 2) + 1;
  const all = new Set([...as, ...bs]).size;
  return need(as) + need(bs) <= all;
}
