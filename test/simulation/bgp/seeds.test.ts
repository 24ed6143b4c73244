import assert from "node:assert/strict";
import { it } from "node:test";
import { run } from "./run.ts";

const SEEDS = 24;

it(`${SEEDS} seeds of flapping routers, restarts, drains and hostile input: in the end routers know what is planned, and nothing else`, async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) found.push(...(await run({ seed, forMs: 6 * 60_000, everyMs: 4_000 })));
  assert.deepEqual(found, [], "node test/simulation/bgp/main.ts --first SEED --seeds 1 repeats it");
});
