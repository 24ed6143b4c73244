import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { fishScript } from "../../../../src/cli/completion/fish.ts";
import { commandWords } from "../../../../src/cli/completion/words.ts";

const lines = fishScript(await commandWords(cliCommands)).split("\n");

/** The words of a line as fish reads it: in single quotes only `\'` and `\\` mean something. */
function fishWords(line: string): readonly string[] {
  const words = line.match(/(?:'(?:[^'\\]|\\.)*'|[^\s'])+/g) ?? [];
  assert.equal(words.join(" "), line, "a quote is not closed");
  return words.map((word) => word.replace(/^'(.*)'$/, "$1").replace(/\\(['\\])/g, "$1"));
}

/** A `complete` command: when it applies, and what it offers. */
type Completion = {
  readonly program: string;
  readonly condition: string;
  readonly flags: readonly string[];
  readonly values: readonly string[];
  readonly exclusive: boolean;
};

const withValue = new Set(["-c", "-n", "-a", "-d", "-l", "-s"]);

function completion(line: string): Completion {
  const [command, ...words] = fishWords(line);
  assert.equal(command, "complete");
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    assert.match(word, /^-[cnadlsxrf]$/, line);
    if (withValue.has(word)) i++;
    given.set(word, words[i] ?? "");
  }
  const long = given.get("-l");
  const short = given.get("-s");
  return {
    program: given.get("-c") ?? "",
    condition: given.get("-n") ?? "",
    flags: [...(long === undefined ? [] : [`--${long}`]), ...(short === undefined ? [] : [`-${short}`])],
    values: (given.get("-a") ?? "").split(" ").filter(Boolean),
    exclusive: given.has("-x"),
  };
}

const completions = lines.filter((line) => line !== "" && !line.startsWith("#")).map(completion);

/** What fish offers of these after the words of a line that are typed already. */
function offered(program: string, ...typed: readonly string[]): readonly Completion[] {
  const [command] = typed;
  const condition = command === undefined ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${command}`;
  return completions.filter((each) => each.program === program && each.condition === condition);
}

for (const program of ["herald", "kubectl-herald"])
  describe(`fish, for ${program},`, () => {
    it("offers the commands first", () =>
      assert.deepEqual(
        offered(program).flatMap(({ values }) => values),
        cliCommands.map(({ name }) => name),
      ));

    it("offers each command's flags and values after it", async () => {
      for (const { name, options, values } of await commandWords(cliCommands)) {
        const after = offered(program, name);
        const flags = after.filter((each) => each.flags.length > 0);
        assert.deepEqual(
          flags.map((each) => each.flags),
          options.map((option) => option.flags),
          name,
        );
        assert.deepEqual(
          flags.map((each) => (each.exclusive ? each.values : [])),
          options.map((option) => option.values),
          name,
        );
        assert.deepEqual(
          after.filter((each) => each.flags.length === 0).flatMap((each) => each.values),
          values,
          name,
        );
      }
    });
  });
