import assert from "node:assert/strict";
import { it } from "node:test";
import { firstFailure, smallest } from "./campaign.ts";
import { plantedBugs } from "./planted/plants.ts";
import { run } from "./run.ts";
import { scriptOf } from "./script/script.ts";
import type { Script } from "./script/step.ts";

const seeds = [3, 17, 40, 71];

it("two runs of a seed are the same, event by event, whether somebody looks or not", async () => {
  for (const seed of seeds) {
    const script = scriptOf(seed, 200);
    const [first, second] = [await run(script), await run(script, { trace: true })];
    assert.equal(first.hash, second.hash);
    assert.equal(first.events, second.events);
    assert.ok(second.lines.length > 500, "a trace that leaves nothing out");
  }
});

it("two seeds are not the same", async () => {
  const hashes = new Set<string>();
  for (const seed of seeds) hashes.add((await run(scriptOf(seed, 200))).hash);
  assert.equal(hashes.size, seeds.length);
});

it("a failing script is cut down to few steps, and can be written down and run again", async () => {
  const [, , , , , , , announced] = plantedBugs;
  assert.ok(announced);
  const { plant } = announced;
  const failure = await firstFailure({ first: 1, count: 20, steps: 60 }, { plant });
  assert.ok(failure);
  const script = await smallest(scriptOf(failure.seed, 60), failure.violation, { plant });
  assert.ok(script.steps.length <= 10, `${script.steps.length} steps are left`);
  const again = JSON.parse(JSON.stringify(script)) as Script;
  const { violation } = await run(again, { plant });
  assert.equal(violation?.invariant, failure.violation.invariant);
});
