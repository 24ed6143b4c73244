import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { firstFailure } from "../campaign.ts";
import { plantedBugs } from "./plants.ts";

describe("a planted bug is found within 200 seeds", () => {
  for (const { name, rules, climate, forMs, found } of plantedBugs) {
    it(name, async () => {
      const failure = await firstFailure({ first: 1, count: 200, forMs, climate }, { rules }, found);
      assert.ok(failure, `not found by ${found.join(", ")}`);
    });

    it(`${name}: without it such scripts break nothing`, async () => {
      const failure = await firstFailure({ first: 1, count: 10, forMs, climate }, {});
      assert.equal(failure, undefined);
    });
  }
});
