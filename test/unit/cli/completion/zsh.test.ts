import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { commandWords } from "../../../../src/cli/completion/words.ts";
import { zshScript } from "../../../../src/cli/completion/zsh.ts";

const hasBash = spawnSync("bash", ["--version"]).status === 0;
const commands = await commandWords(cliCommands);
const script = zshScript(commands);

/**
 * What the script tells zsh's own functions for a command line whose last word is being typed. Both shells read quotes and
 * `case` alike, so bash runs it, with the one array that zsh counts from 1 spelled as bash counts.
 */
function told(...line: readonly string[]): readonly string[] {
  const inBash = script
    .replaceAll("$words[2]", `\${words[1]}`)
    .replace("shift words", ":")
    .replaceAll("$funcstack[1]", "");
  const setup = [
    `_arguments() { printf '%s\\n' "$@"; }`,
    `_describe() { printf '%s\\n' "\${commands[@]}"; }`,
    "compdef() { :; }",
  ];
  const words = ["herald", ...line].map((word) => `'${word}'`).join(" ");
  const asked = [...setup, inBash, `words=(${words}); CURRENT=${line.length + 1}; _herald`].join("\n");
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", asked], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return stdout.split("\n").filter(Boolean);
}

/** Grammar of a specification of `_arguments`: `*--flag[help]`, and with a value `:value:action`. */
const optionSpec = /^\*(--?[\w-]+)\[(?:[^\]\\]|\\.)+\](?::value:(_files|\([\w .-]+\)))?$/;

describe("zsh is told", { skip: !hasBash && "there is no bash" }, () => {
  it("every command with its summary, in the form of _describe", () => {
    const described = told("");
    assert.deepEqual(
      described.map((each) => each.split(":")[0]),
      cliCommands.map(({ name }) => name),
    );
    assert.ok(described.includes("vips:list the addresses\\: whose they are, and which node answers for them"));
  });

  for (const { name, options, values } of commands)
    it(`every flag of ${name}, long and short, in the form of _arguments`, () => {
      const specs = told(name, "");
      const flags = specs.slice(0, -1).map((spec) => optionSpec.exec(spec)?.[1] ?? assert.fail(spec));
      assert.deepEqual(
        flags,
        options.flatMap((option) => option.flags),
      );
      assert.equal(specs.at(-1), values.length === 0 ? "*:file:_files" : `1:value:(${values.join(" ")})`);
    });

  it("the values of an option", () =>
    assert.ok(told("pools", "").some((spec) => /^\*-o\[.*\]:value:\(table wide json yaml name\)$/.test(spec))));
});
