import assert from "node:assert/strict";
import { it } from "node:test";
import { cut, shortMessage } from "../../../src/api/cut-text.ts";

const rows: readonly (readonly [what: string, text: string, want: string])[] = [
  ["a short text stays", "four", "four"],
  ["a longer one ends with a mark", "fives", "fiv…"],
  ["a character of two code units counts once", "🙂🙂🙂🙂", "🙂🙂🙂🙂"],
  ["and is never cut in half", "abc🙂e", "abc…"],
  ["half a character, cut by others, is as the API server gives it back", "ab\ud83d", "ab\ufffd"],
];
for (const [what, text, want] of rows) it(what, () => assert.equal(cut(text, 4), want));

it("a message is of 1,024 characters at most, as an Event's", () => {
  assert.equal(shortMessage("🙂".repeat(1_024)), "🙂".repeat(1_024));
  assert.equal(shortMessage("🙂".repeat(1_025)), `${"🙂".repeat(1_023)}…`);
});
