import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { cliCommands } from "../../../src/cli/commands.ts";
import { grounds } from "../../../src/cli/explain/ground.ts";
import { fates } from "../../../src/controller/forecast.ts";

const text = readFileSync(join(import.meta.dirname, "../../../docs/cli.md"), "utf8");

it("docs/cli.md has a row for every command", () => {
  const documented = new Set([...text.matchAll(/^\| `herald (\w+)/gm)].map(([, name]) => name));
  assert.deepEqual([...documented].sort(), cliCommands.map(({ name }) => name).sort());
});

it("docs/cli.md names every exit code that a command has besides 0", async () => {
  for (const { name, load } of cliCommands) {
    const codes = Object.keys((await load()).exitCodes ?? {}).filter((code) => code !== "0");
    for (const code of codes) assert.match(text, new RegExp(`^\\| ${code} \\|.*\`${name}\``, "m"), `${name} ${code}`);
  }
});

it("docs/cli.md explains every fate that `herald plan` tells", () => {
  for (const fate of fates) assert.match(text, new RegExp(`^\\| \`${fate}\` \\|`, "m"), fate);
});

it("docs/cli.md explains every rule by which a node holds an address", () => {
  for (const rule of grounds) assert.match(text, new RegExp(`^\\| \`${rule}\` \\|`, "m"), rule);
});
