import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { it } from "node:test";

const root = join(import.meta.dirname, "../..");

const sources = globSync("{src,capabilities}/**/*.ts", { cwd: root }).filter((file) => !file.includes("generated"));

const lint = JSON.parse(readFileSync(join(root, "biome.json"), "utf8")) as { overrides: { includes: string[] }[] };

/** Composition roots and what Pepr or the API's generator shapes; they may import everything and hold no logic. */
const unrestricted = new Set(["admission", "main.ts"]);

function lineCount(file: string): number {
  return readFileSync(join(root, file), "utf8").split("\n").length - 1;
}

it("every folder of src has a row in the import table that the linter enforces", () => {
  const ruled = new Set(lint.overrides.flatMap(({ includes }) => includes.map((pattern) => pattern.split("/")[1])));
  const folders = new Set(sources.filter((file) => file.startsWith("src/")).map((file) => file.split("/")[1] ?? ""));
  assert.deepEqual(
    [...folders].filter((folder) => !ruled.has(folder) && !unrestricted.has(folder)),
    [],
  );
});

it("a file is named after the thing it defines", () => {
  const empty = /^(utils?|helpers?|common|types|index|misc|shared)\.ts$/;
  assert.deepEqual(
    sources.filter((file) => empty.test(basename(file))),
    [],
  );
  assert.deepEqual(
    sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file))),
    [],
  );
});

it("half of the files have at most 100 lines", () => {
  const counts = sources.map(lineCount).sort((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  assert.ok(median <= 100, `median ${median}`);
});
