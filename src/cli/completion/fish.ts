import type { CommandWords, OptionWords } from "./words.ts";

/** The completion script of fish, for `herald completion fish | source`. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = [
    ...commands.map(({ name, summary }) => `-n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`),
    ...commands.flatMap(commandLines),
  ];
  const programs = ["herald", "kubectl-herald"];
  return `# fish completion of herald
${programs.flatMap((program) => lines.map((line) => `complete -c ${program} ${line}`)).join("\n")}
`;
}

function commandLines({ name, options, values }: CommandWords): readonly string[] {
  const when = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const words = values.length === 0 ? [] : [`${when} -f -a ${quoted(values.join(" "))}`];
  return [...words, ...options.map((option) => `${when} ${optionWords(option)}`)];
}

function optionWords({ flags, help, takesValue, values }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = values.length > 0 ? [`-x -a ${quoted(values.join(" "))}`] : takesValue ? ["-r"] : [];
  return [...names, ...value, `-d ${quoted(help)}`].join(" ");
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}
