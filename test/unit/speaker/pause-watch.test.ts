import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PauseWatch } from "../../../src/speaker/pause-watch.ts";

/** What a turn at `turnMs` is told, after one that ended at 1,000 ms and asked for the next by `dueMs`; long is 200 ms. */
function told(dueMs: number, turnMs: number): number | undefined {
  const watch = new PauseWatch(200);
  watch.due(dueMs, 1_000);
  return watch.pauseMs(turnMs);
}

describe("a pause of the thread", () => {
  const rows: readonly (readonly [string, number, number, number | undefined])[] = [
    ["a turn in time is none", 1_500, 1_500, undefined],
    ["a turn that is early is none", 1_500, 1_100, undefined],
    ["a little late is none", 1_500, 1_699, undefined],
    ["so late is one", 1_500, 1_700.4, 200],
    ["what was due at once counts from then on", 0, 1_001, undefined],
    ["what was overdue counts from then on", Number.NEGATIVE_INFINITY, 1_001, undefined],
    ["what was overdue and comes late is one", Number.NEGATIVE_INFINITY, 1_300, 300],
    ["nothing was due", Number.POSITIVE_INFINITY, 90_000, undefined],
  ];
  for (const [name, dueMs, turnMs, want] of rows) it(name, () => assert.equal(told(dueMs, turnMs), want));

  it("is told once", () => {
    const watch = new PauseWatch(200);
    watch.due(1_000, 1_000);
    assert.deepEqual([watch.pauseMs(2_000), watch.pauseMs(3_000)], [1_000, undefined]);
  });
});
