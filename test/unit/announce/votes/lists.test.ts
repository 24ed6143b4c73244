import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GroupList } from "../../../../src/announce/votes/inputs.ts";
import { epochCounts, Lists } from "../../../../src/announce/votes/lists.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";

const list = (epoch: number, members: readonly string[], values: Partial<GroupList> = {}): GroupList => ({
  epoch,
  members,
  witness: false,
  forced: false,
  ...values,
});
const at = (nowMs: number) => ({ nowMs, intervalMs: 100, timing });
const nobody = (): boolean => false;
const everybody = (): boolean => true;

describe("Rule 20: a list", () => {
  it("that is older, or the same, says nothing", () => {
    const lists = new Lists(list(5, ["me", "x"]));
    assert.equal(lists.offer(list(5, ["me"]), 0), false);
    assert.equal(lists.offer(list(4, ["me"]), 0), false);
    assert.equal(lists.step("me", everybody, at(5_000)), false);
    assert.deepEqual(lists.list?.members, ["me", "x"]);
  });

  it("that is the first counts, and is shown, at once", () => {
    const lists = new Lists(undefined);
    lists.offer(list(5, ["me", "x"]), 0);
    assert.equal(lists.step("me", nobody, at(0)), true);
    assert.deepEqual([lists.list?.epoch, lists.shownEpoch], [5, 5]);
  });

  it("that was remembered counts, and is shown, from the start", () => {
    const lists = new Lists(list(5, ["me", "x"]));
    assert.deepEqual([lists.list?.epoch, lists.shownEpoch], [5, 5]);
  });

  it("with somebody new counts 2 intervals after all are linked: a group of one that grows needs that vote at once", () => {
    const lists = new Lists(list(1, ["me"]));
    lists.offer(list(2, ["me", "x"]), 1_000);
    assert.ok(lists.members.has("x"));
    assert.equal(lists.step("me", nobody, at(1_000)), false);
    assert.equal(lists.step("me", everybody, at(1_300)), false);
    assert.equal(lists.step("me", everybody, at(1_500)), true);
  });

  it("with somebody who is never linked counts after 10 intervals", () => {
    const lists = new Lists(list(1, ["me"]));
    lists.offer(list(2, ["me", "x"]), 1_000);
    assert.equal(lists.step("me", nobody, at(1_999)), false);
    assert.equal(lists.step("me", nobody, at(2_000)), true);
  });

  it("is shown 5 intervals after it counts, so that the others have it by then", () => {
    const lists = new Lists(list(1, ["me", "x"]));
    lists.offer(list(2, ["me"]), 1_000);
    lists.step("me", everybody, at(1_000));
    lists.step("me", everybody, at(1_200));
    assert.deepEqual([lists.list?.epoch, lists.shownEpoch], [2, 1]);
    lists.step("me", everybody, at(1_699));
    assert.equal(lists.shownEpoch, 1);
    lists.step("me", everybody, at(1_700));
    assert.equal(lists.shownEpoch, 2);
  });

  it("without this member counts at once", () => {
    const lists = new Lists(list(1, ["me", "x"]));
    lists.offer(list(2, ["x"]), 1_000);
    assert.equal(lists.step("me", nobody, at(1_000)), true);
  });

  it("that this member joins counts at once: the others wait for its votes", () => {
    const lists = new Lists(list(1, ["x"]));
    lists.offer(list(2, ["me", "x"]), 1_000);
    assert.equal(lists.step("me", nobody, at(1_000)), true);
  });

  it("that is forced counts, and is shown, at once (rule 21)", () => {
    const lists = new Lists(list(1, ["me", "x", "y"]));
    lists.offer(list(2, ["me"], { forced: true }), 1_000);
    assert.equal(lists.step("me", nobody, at(1_000)), true);
    assert.equal(lists.shownEpoch, 2);
  });

  it("takes the place of one that does not count yet", () => {
    const lists = new Lists(list(1, ["me"]));
    lists.offer(list(2, ["me", "x"]), 1_000);
    lists.offer(list(3, ["me", "x", "y"]), 1_100);
    assert.equal(lists.newestEpoch, 3);
    lists.step("me", nobody, at(2_100));
    assert.equal(lists.list?.epoch, 3);
  });
});

describe("Rule 20: what a member says counts", () => {
  const cases = [
    { name: "if it goes by the same list", theirs: 5, mine: 5, counts: true },
    { name: "if it goes by an older one", theirs: 4, mine: 5, counts: true },
    { name: "not if it goes by a newer one", theirs: 6, mine: 5, counts: false },
  ];
  for (const { name, theirs, mine, counts } of cases) it(name, () => assert.equal(epochCounts(theirs, mine), counts));
});
