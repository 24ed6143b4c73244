import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";

const main = join(import.meta.dirname, "../../../src/main.ts");

/** The packages that a command line loads. */
function packagesOf(...argv: readonly string[]): readonly string[] {
  const hook = `
    import { registerHooks } from "node:module";
    const seen = new Set();
    registerHooks({ load: (url, context, next) => (seen.add(/node_modules\\/(@[^/]+\\/[^/]+|[^/]+)/.exec(url)?.[1]), next(url, context)) });
    process.on("exit", () => process.stderr.write("\\nloaded " + [...seen].filter(Boolean).sort().join(" ")));`;
  const argvOfNode = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, main, ...argv];
  const { stderr } = spawnSync(process.execPath, argvOfNode, { encoding: "utf8" });
  return (/\nloaded (.*)$/.exec(stderr)?.[1] ?? assert.fail(stderr)).split(" ");
}

/** All that a start costs little for. */
const light = ["commander", "ipaddr.js"];

describe("what is not needed is not loaded, so that it starts at once", () => {
  const lines = [
    ["--help"],
    ...["pools", "vips", "nodes", "explain", "drain", "undrain", "rebalance", "plan", "import", "validate"].map(
      (name) => [name, "--help"],
    ),
  ];
  for (const line of [...lines, ["completion", "bash"]])
    it(`herald ${line.join(" ")} loads no client, no YAML reader, no schema compiler, no logger`, () => {
      const packages = packagesOf(...line);
      assert.ok(packages.includes("commander"));
      assert.deepEqual(
        packages.filter((name) => !light.includes(name)),
        [],
      );
    });
});
