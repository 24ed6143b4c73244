import type { Command } from "../command.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type CommandWords, commandWords } from "./words.ts";
import { zshScript } from "./zsh.ts";

const shells: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `herald completion`: a script that completes commands, options and enumerated values. */
export const completionCommand: Command = {
  arguments: [{ name: "shell", help: "the shell that shall complete", choices: Object.keys(shells) }],
  options: [],
  examples: [
    { line: "source <(herald completion bash)", does: "complete in this bash; in ~/.bashrc: in each one" },
    { line: "herald completion fish > ~/.config/fish/completions/herald.fish", does: "complete in each fish" },
  ],
  run: async ({ args: [[shell = ""] = []], rows, terminal }) => {
    terminal.out(shells[shell]?.(await commandWords(rows)) ?? "");
    return 0;
  },
};
