import assert from "node:assert/strict";
import { it } from "node:test";
import type { Heartbeat } from "../../../src/announce/votes/heartbeat.ts";
import { HeartbeatMeter } from "../../../src/speaker/heartbeat-meter.ts";

function heartbeat(seq: number, boot = 1n): Heartbeat {
  const table = { version: 0, from: 0, upTo: 0, known: 0, entries: [] };
  const flags = { quorum: true, leaving: false, answerMe: false, witness: false, forced: false, intervalMs: 100 };
  return { boot, seq, ack: { boot: 0n, seq: 0 }, epoch: 1, ...flags, table };
}

const cases: readonly { name: string; heard: readonly (readonly [seq: number, boot?: bigint])[]; lost: number }[] = [
  { name: "a number after the other is no loss", heard: [[1], [2], [3]], lost: 0 },
  { name: "a gap is a loss of so many", heard: [[1], [4]], lost: 2 },
  { name: "one that comes late is no loss again", heard: [[1], [3], [2], [4]], lost: 1 },
  { name: "what was sent before the first that is heard is not missed", heard: [[7], [8]], lost: 0 },
  { name: "a new process counts anew", heard: [[7], [1, 2n], [2, 2n]], lost: 0 },
];
for (const { name, heard, lost } of cases)
  it(name, () => {
    const meter = new HeartbeatMeter(100);
    for (const [i, [seq, boot]] of heard.entries()) meter.heard("b", heartbeat(seq, boot), i * 100);
    assert.deepEqual([meter.counters("lan")[0]?.lost, meter.counters("lan")[0]?.received], [lost, heard.length]);
  });

it("jitter is none at an even pace, and grows with what differs from it", () => {
  const [even, uneven] = [new HeartbeatMeter(100), new HeartbeatMeter(100)];
  for (let i = 0; i < 100; i++) {
    even.heard("b", heartbeat(i + 1), i * 100);
    uneven.heard("b", heartbeat(i + 1), i * 100 + (i % 2) * 40);
  }
  assert.equal(even.counters("lan")[0]?.jitterMs, 0);
  assert.ok(Math.abs((uneven.counters("lan")[0]?.jitterMs ?? 0) - 40) < 2);
});

it("forgets who is no member any more", () => {
  const meter = new HeartbeatMeter(100);
  meter.sent("b");
  meter.heard("c", heartbeat(1), 500);
  meter.setMembers(["c"]);
  assert.deepEqual(
    meter.counters("lan").map(({ node }) => node),
    ["c"],
  );
  assert.deepEqual([meter.heardMs("c"), meter.heardMs("b")], [500, Number.NEGATIVE_INFINITY]);
});
