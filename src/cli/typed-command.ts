/** The command among the words after the program's name: the first that is no option; after `help` that which it is about. */
export function typedCommand(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith("-"));
  return first === "help" ? second : first;
}
