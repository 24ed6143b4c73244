import assert from "node:assert/strict";
import { it } from "node:test";
import { type Condition, type ConditionState, mergeConditions } from "../../../src/api/condition.ts";

const nowMs = Date.UTC(2026, 0, 31, 12);
const before: Condition = {
  type: "Ready",
  status: "True",
  reason: "Valid",
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};
const { lastTransitionTime: earlier, ...state } = before;

it("conditions that say the same are the very same list", () => {
  const existing = [before];
  assert.equal(mergeConditions(existing, [state], nowMs), existing);
});

it("a new message keeps the time of the last transition", () => {
  const told: ConditionState = { ...state, message: "30 of 30 allocated" };
  assert.deepEqual(mergeConditions([before], [told], nowMs), [{ ...told, lastTransitionTime: earlier }]);
});

it("a new status moves the time, and other conditions stay as they are", () => {
  const other = { ...before, type: "Other" };
  const failed: ConditionState = { ...state, status: "False", reason: "Invalid" };
  assert.deepEqual(mergeConditions([other, before], [failed], nowMs), [
    other,
    { ...failed, lastTransitionTime: "2026-01-31T12:00:00Z" },
  ]);
});

it("a condition that was not there is added with the time of now", () => {
  assert.deepEqual(mergeConditions([], [state], nowMs), [{ ...state, lastTransitionTime: "2026-01-31T12:00:00Z" }]);
});
