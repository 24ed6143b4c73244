import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { it } from "node:test";
import { inParallel } from "./workers.ts";

const seeds = { first: 1, end: 301, steps: 200 };

it("300 random clusters with random faults break no invariant, and come to rest", async () => {
  const failures = await inParallel(seeds, Math.min(2, availableParallelism()));
  const told = failures.map(({ seed, violation }) => `seed ${seed}: ${violation.invariant}: ${violation.message}`);
  assert.deepEqual(told, [], "npm run simulate -- --first SEED --seeds 1 shrinks it");
});
