import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GroupChange } from "../../../src/announce/groups.ts";
import type { Group, GroupSpec } from "../../../src/api/vip-group.ts";
import type { Change } from "../../../src/controller/change.ts";
import { groupChanges } from "../../../src/controller/group-changes.ts";
import type { WitnessLease } from "../../../src/controller/ports.ts";
import { group } from "../../support/builders.ts";

const spec = ({ name, lan, members, witness, forced, byLease }: Group): GroupSpec => ({
  ...{ name, lan, members, witness, forced, byLease },
});
const lease = (group: string, ...members: readonly string[]): WitnessLease => ({
  ...{ group, members, name: `herald-witness-${group}`, uid: "u", resourceVersion: "1" },
});
const kinds = (changes: readonly Change[]) => changes.map(({ kind }) => kind);

const two = group(["a", "b"], { name: "g", witness: true });
const three = group(["a", "b", "c"], { name: "g" });
const create: GroupChange = { kind: "create", group: spec(two) };

describe("a witness Lease", () => {
  it("is there before its group", () => {
    assert.deepEqual(kinds(groupChanges([create], { groups: [], witnesses: [] })), ["writeWitness"]);
    assert.deepEqual(kinds(groupChanges([create], { groups: [], witnesses: [lease("g", "a", "b")] })), ["createGroup"]);
  });

  it("is there before its group counts it", () => {
    const change: GroupChange = { kind: "replace", before: { ...two, witness: false }, group: spec(two) };
    assert.deepEqual(kinds(groupChanges([change], { groups: [change.before], witnesses: [] })), ["writeWitness"]);
    const seen = { groups: [change.before], witnesses: [lease("g", "a", "b")] };
    assert.deepEqual(kinds(groupChanges([change], seen)), ["replaceGroup"]);
  });

  it("names the members that there are", () => {
    const [change] = groupChanges([], { groups: [two], witnesses: [lease("g", "a")] });
    assert.ok(change?.kind === "writeWitness");
    assert.deepEqual([change.witness.members, change.before?.members], [["a", "b"], ["a"]]);
    assert.deepEqual(groupChanges([], { groups: [two], witnesses: [lease("g", "a", "b")] }), []);
  });

  it("is made anew for a group that lacks it", () => {
    assert.deepEqual(kinds(groupChanges([], { groups: [two], witnesses: [] })), ["writeWitness"]);
  });

  it("goes once its group has done without, and with its group", () => {
    const witnesses = [lease("g", "a", "b")];
    assert.deepEqual(kinds(groupChanges([], { groups: [three], witnesses })), ["deleteWitness"]);
    assert.deepEqual(kinds(groupChanges([], { groups: [], witnesses })), ["deleteWitness"]);
    const change: GroupChange = { kind: "replace", before: { ...three, witness: true }, group: spec(three) };
    assert.deepEqual(kinds(groupChanges([change], { groups: [change.before], witnesses })), ["replaceGroup"]);
  });
});

describe("an Event of the group tells", () => {
  it("of members that are left out", () => {
    const change: GroupChange = {
      kind: "replace",
      before: three,
      group: { ...spec(three), members: ["b"], forced: true },
    };
    const [notice] = groupChanges([change], { groups: [three], witnesses: [] }).flatMap(({ notices }) => notices);
    assert.deepEqual([notice?.object.kind, notice?.reason, notice?.type], ["VIPGroup", "GroupForced", "Warning"]);
    assert.match(notice?.message ?? "", /: b vote without a, c$/);
  });

  it("of heartbeats that are blocked, in the same words for each node", () => {
    const alone = (name: string): GroupChange => ({
      kind: "create",
      group: spec(group([name], { name: `g-${name}`, byLease: true })),
    });
    const notices = groupChanges([alone("a"), alone("b")], { groups: [three], witnesses: [] }).flatMap(
      (change) => change.notices,
    );
    assert.equal(notices.length, 2);
    assert.deepEqual(notices[0], notices[1]);
    assert.deepEqual([notices[0]?.reason, notices[0]?.object.name], ["HeartbeatsBlocked", "g"]);
  });
});
