import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";

const main = join(import.meta.dirname, "../../../src/main.ts");
const caches = mkdtempSync(join(tmpdir(), "herald-caches-"));
after(() => rmSync(caches, { recursive: true }));

/** The exit code of a start with this folder for caches; one that hangs is ended. */
function start(folder: string, ...argv: readonly string[]): number | null {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...environment } = process.env;
  const env = { ...environment, XDG_CACHE_HOME: folder };
  return spawnSync(process.execPath, [main, ...argv], { env, timeout: 30_000 }).status;
}

it("a workload keeps nothing in the user's folder for caches, a command for people does", () => {
  assert.equal(start(caches, "controller", "--help"), 0);
  assert.equal(existsSync(join(caches, "herald")), false);
  assert.equal(start(caches, "--help"), 0);
  assert.equal(existsSync(join(caches, "herald")), true);
});

for (const folder of ["/proc", join(caches, "absent"), "relative"])
  it(`where nothing can be kept, in ${folder.replace(caches, "…")}, a command does its work all the same`, () =>
    assert.equal(start(folder, "--version"), 0));
