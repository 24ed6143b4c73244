import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { firstFailure } from "../campaign.ts";
import { plantedBugs } from "./plants.ts";

describe("a planted bug is found within 200 seeds", () => {
  for (const { name, plant, found, ...variant } of plantedBugs) {
    it(name, async () => {
      const failure = await firstFailure({ first: 1, count: 200, steps: 200, ...variant }, { plant });
      assert.ok(failure, "not found");
      assert.ok(found.includes(failure.violation.invariant), `found by: ${JSON.stringify(failure)}`);
    });
  }
});
