import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";

const root = join(import.meta.dirname, "../../..");
const fresh = mkdtempSync(join(tmpdir(), "herald-generated-"));
after(() => rmSync(fresh, { recursive: true }));

it("the generated types are those of crds/: npm run generate would change nothing", () => {
  execFileSync(process.execPath, [join(root, "scripts/generate-types.ts"), fresh]);
  const contents = (folder: string): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  assert.deepEqual(contents(join(root, "src/api/generated")), contents(fresh));
});
