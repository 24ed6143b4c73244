import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { bashScript } from "../../../../src/cli/completion/bash.ts";
import { commandWords } from "../../../../src/cli/completion/words.ts";

const hasBash = spawnSync("bash", ["--version"]).status === 0;
const script = bashScript(await commandWords(cliCommands));

/** What bash offers for a line whose last word is being typed. */
function offered(...line: readonly string[]): readonly string[] {
  const words = ["herald", ...line].map((word) => `'${word}'`).join(" ");
  const asked = `COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _herald; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", `${script}\n${asked}`], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return stdout.split("\n").filter(Boolean);
}

describe("bash completes", { skip: !hasBash && "there is no bash" }, () => {
  const cases: readonly (readonly [what: string, line: readonly string[], wanted: readonly string[]])[] = [
    ["the commands", ["v"], ["vips", "validate"]],
    ["the options of a command", ["vips", "--p"], ["--pool"]],
    ["help everywhere", ["completion", "--he"], ["--help"]],
    ["the values of an option", ["pools", "-o", ""], ["table", "wide", "json", "yaml", "name"]],
    ["commands that share a beginning", ["un"], ["undrain"]],
    ["the options of draining", ["drain", "node1", "--w"], ["--wait"]],
    ["the beginning of a value", ["pools", "--output", "n"], ["name"]],
    ["the values of an argument", ["import", ""], ["metallb", "kube-vip", "cilium", "purelb"]],
    ["an argument after options", ["import", "--live", "k"], ["kube-vip"]],
    ["nothing of its own for a file", ["validate", "-f", ""], []],
    ["nothing for what is no command", ["nonsense", ""], []],
  ];
  for (const [what, line, wanted] of cases) it(what, () => assert.deepEqual(offered(...line), wanted));
});
