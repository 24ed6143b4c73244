import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../../..");

function namesIn(pattern: string, shape: RegExp): readonly string[] {
  const texts = globSync(pattern, { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(shape)].map(([, name = ""]) => name)))].toSorted();
}

it("the documents have a row for each metric that there is, and for no other", () => {
  const registered = namesIn("src/**/*.ts", /"(herald_[a-z_]+)"/g);
  assert.ok(registered.length > 10);
  assert.deepEqual(namesIn("docs/*.md", /`(herald_[a-z_]+)`/g), registered);
});
