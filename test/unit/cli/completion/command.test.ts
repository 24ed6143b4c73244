import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { commandWords } from "../../../../src/cli/completion/words.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import { terminalStub } from "../terminal-stub.ts";

async function script(shell: string): Promise<string> {
  const terminal = terminalStub();
  const frame = { argv: ["completion", shell], script: "herald", version: "1", rows: cliCommands, terminal };
  assert.equal(await runProgram(frame), 0);
  return terminal.written.out;
}

/** An option as a shell's script writes it. */
const spellings: Readonly<Record<string, (flag: string) => string>> = {
  bash: (flag) => flag,
  zsh: (flag) => flag,
  fish: (flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)} ` : `-s ${flag.slice(1)} `),
};

for (const [shell, spelled] of Object.entries(spellings)) {
  describe(`the script of ${shell}`, () => {
    it("knows every command, every long option and every enumerated value of the table", async () => {
      const text = await script(shell);
      for (const { name, options, values } of await commandWords(cliCommands)) {
        const flags = options.map((option) => spelled(option.flags[0] ?? ""));
        const words = [name, ...flags, ...values, ...options.flatMap((option) => option.values)];
        assert.deepEqual(
          words.filter((word) => !text.includes(word)),
          [],
          name,
        );
      }
    });

    it("is for the plugin too", async () => assert.match(await script(shell), /kubectl-herald/));
  });
}

it("another shell is refused", async () => {
  const terminal = terminalStub();
  const frame = { argv: ["completion", "csh"], script: "herald", version: "1", rows: cliCommands, terminal };
  assert.equal(await runProgram(frame), 2);
  assert.match(terminal.written.err, /Allowed choices are bash, zsh, fish/);
});
