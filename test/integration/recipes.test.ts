import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Printed, type RecipeCluster, startRecipeCluster } from "../support/recipe-cluster.ts";
import { type Recipe, recipesOf } from "../support/recipes.ts";
import { installReplaced } from "../support/replaced-systems.ts";

const recipes = recipesOf(readFileSync(join(import.meta.dirname, "../../docs/recipes.md"), "utf8"));
let cluster: RecipeCluster;

before(async () => {
  cluster = await startRecipeCluster();
});
after(() => cluster?.stop());

/** Does what the recipe says, block by block; what it prints is its claim. */
async function follow({ steps }: Recipe): Promise<void> {
  let printed: Printed = { stdout: "", stderr: "" };
  for (const step of steps) {
    switch (step.kind) {
      case "file":
        cluster.write(step.name, step.text);
        break;
      case "commands":
        printed = await cluster.run(step.text);
        break;
      case "output":
        assert.equal(printed.stdout.slice(-step.text.length), step.text, `${printed.stdout}${printed.stderr}`);
        break;
    }
  }
}

describe("docs/recipes.md", () => {
  for (const recipe of recipes)
    it(recipe.title, async () => {
      try {
        await installReplaced(cluster.plane, recipe.title);
        await follow(recipe);
      } finally {
        await cluster.clear();
      }
    });

  it("claims something in each recipe", () => {
    assert.ok(recipes.length > 8);
    const silent = recipes.slice(1).filter(({ steps }) => !steps.some(({ kind }) => kind === "output"));
    assert.deepEqual(silent, []);
  });
});
