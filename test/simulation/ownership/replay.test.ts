import assert from "node:assert/strict";
import { it } from "node:test";
import { firstFailure, smallest } from "./campaign.ts";
import { plantedBugs } from "./planted/plants.ts";
import { run } from "./run.ts";
import { anyScript, scriptOf } from "./script/script.ts";
import type { Script } from "./script/step.ts";

const seeds = [3, 17, 40, 71];
const forMs = 5_000;

it("two runs of a seed are the same, whether somebody looks or not", async () => {
  for (const seed of seeds) {
    const script = anyScript(seed, forMs);
    const [first, second] = [await run(script), await run(script, { trace: true })];
    assert.equal(first.hash, second.hash);
    assert.equal(first.heartbeats, second.heartbeats);
    assert.ok(second.lines.length > 50, "a trace that leaves nothing out");
  }
});

it("two seeds are not the same", async () => {
  const hashes = new Set<string>();
  for (const seed of seeds) hashes.add((await run(anyScript(seed, forMs))).hash);
  assert.equal(hashes.size, seeds.length);
});

it("a failing script is cut down to few steps, and can be written down and run again", async () => {
  const [bug] = plantedBugs;
  assert.ok(bug);
  const { rules, climate, forMs: long } = bug;
  const failure = await firstFailure({ first: 1, count: 200, forMs: long, climate }, { rules });
  assert.ok(failure);
  const script = await smallest(scriptOf(failure.seed, long, climate), failure.violation, { rules });
  assert.ok(script.steps.length <= 10, `${script.steps.length} steps are left`);
  const again = JSON.parse(JSON.stringify(script)) as Script;
  const { violation } = await run(again, { rules });
  assert.equal(violation?.invariant, failure.violation.invariant);
});
