import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { readSources } from "../../../src/cli/files.ts";
import { terminalStub } from "./terminal-stub.ts";

const folder = mkdtempSync(join(tmpdir(), "herald-files-test-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "sub"));
mkdirSync(join(folder, "empty"));
for (const name of ["b.yaml", "a.yml", "notes.txt", "sub/c.json"]) writeFileSync(join(folder, name), name);

async function names(...paths: readonly string[]): Promise<readonly string[]> {
  return (await readSources(paths, terminalStub("from stdin"))).map(({ path, text }) => `${path}: ${text}`);
}

it("a folder gives its manifests and those below it, by name", async () =>
  assert.deepEqual(
    (await names(folder)).map((each) => each.replaceAll(`${folder}/`, "")),
    ["a.yml: a.yml", "b.yaml: b.yaml", "sub/c.json: sub/c.json"],
  ));

it("a file is read whatever its name, and - is standard input", async () =>
  assert.deepEqual(await names(join(folder, "notes.txt"), "-"), [
    `${join(folder, "notes.txt")}: notes.txt`,
    "<stdin>: from stdin",
  ]));

it("what is not there, and a folder without manifests, are refused by name", async () => {
  await assert.rejects(names(join(folder, "absent.yaml")), /read .*absent\.yaml/);
  await assert.rejects(names(join(folder, "empty")), /read .*empty: no \.yaml, \.yml or \.json file in it/);
});
