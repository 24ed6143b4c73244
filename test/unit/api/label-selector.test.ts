import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LabelRequirement, type LabelSelector, selectorMatches } from "../../../src/api/label-selector.ts";

const labels = { tier: "public", zone: "a" };

function requirement(operator: LabelRequirement["operator"], key: string, ...values: readonly string[]): LabelSelector {
  return { matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }] };
}

describe("a selector", () => {
  const cases: readonly (readonly [what: string, selector: LabelSelector, matches: boolean])[] = [
    ["that is empty matches everything", {}, true],
    ["matches equal labels", { matchLabels: { tier: "public" } }, true],
    ["matches only if all labels are equal", { matchLabels: { tier: "public", zone: "b" } }, false],
    ["In matches one of the values", requirement("In", "zone", "a", "b"), true],
    ["In does not match an absent label", requirement("In", "rack", "a"), false],
    ["NotIn does not match one of the values", requirement("NotIn", "zone", "a"), false],
    ["NotIn matches another value", requirement("NotIn", "zone", "b"), true],
    ["NotIn matches an absent label", requirement("NotIn", "rack", "a"), true],
    ["Exists matches a label that is there", requirement("Exists", "zone"), true],
    ["Exists does not match an absent label", requirement("Exists", "rack"), false],
    ["DoesNotExist matches an absent label", requirement("DoesNotExist", "rack"), true],
    ["DoesNotExist does not match a label that is there", requirement("DoesNotExist", "zone"), false],
    ["knows no label that only every object has", requirement("Exists", "constructor"), false],
    [
      "needs its labels and its expressions",
      { matchLabels: { tier: "public" }, ...requirement("In", "zone", "b") },
      false,
    ],
  ];
  for (const [what, selector, matches] of cases)
    it(what, () => assert.equal(selectorMatches(selector, labels), matches));
});
