import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plants } from "./plants.ts";
import { run } from "./run.ts";

describe("A planted bug is found within five seeds:", () => {
  for (const [name, make] of Object.entries(plants))
    it(name, async () => {
      const found: string[] = [];
      for (let seed = 1; seed <= 5 && found.length === 0; seed++)
        found.push(...(await run({ seed, forMs: 6 * 60_000, everyMs: 4_000, make })));
      assert.ok(found.length > 0, "it breaks nothing");
    });
});
