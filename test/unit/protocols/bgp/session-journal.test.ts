import assert from "node:assert/strict";
import { it } from "node:test";
import { Journal } from "../../../../src/protocols/bgp/session-journal.ts";

it("counts what the peer announces by family, anew with each time that the session is established", () => {
  const journal = new Journal(0);
  journal.stand("Established", "up", 1);
  journal.prefixes({ 4: 2, 6: 1 });
  journal.prefixes({ 4: 1, 6: 0 });
  assert.deepEqual(journal.counters.receivedPrefixes, { 4: 3, 6: 1 });
  journal.stand("Idle", "lost", 2);
  assert.deepEqual(journal.counters.receivedPrefixes, { 4: 3, 6: 1 });
  journal.stand("Established", "up", 3);
  assert.deepEqual(journal.counters.receivedPrefixes, { 4: 0, 6: 0 });
});
