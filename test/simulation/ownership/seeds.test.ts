import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { it } from "node:test";
import { inParallel } from "./workers.ts";

const seeds = { first: 1, end: 1_001, forMs: 4_000, about: undefined };

it("1,000 random groups with random faults break no invariant, and each address has one holder in the end", async () => {
  const { failures } = await inParallel(seeds, Math.min(2, availableParallelism()));
  const told = failures.map(({ seed, violation }) => `seed ${seed}: ${violation.invariant}: ${violation.message}`);
  assert.deepEqual(told, [], "npm run simulate:ownership -- --seconds 4 --seeds 1 --first SEED shrinks it");
});
