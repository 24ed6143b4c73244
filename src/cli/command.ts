import type { Terminal } from "./terminal.ts";

/** An option of a command, `--name`; without `value` it is a switch. */
export type CliOption = {
  readonly name: string;
  /** One letter, for `-o`. */
  readonly short?: string;
  /** What the help calls its value, such as `FILE`. */
  readonly value?: string;
  /** The only values that are taken. */
  readonly choices?: readonly string[];
  readonly default?: string;
  /** What the option means when it stands without its value; absent: it needs one. */
  readonly preset?: string;
  /** May be given several times, and takes all values up to the next option. */
  readonly many?: boolean;
  readonly help: string;
};

/** A word of a command that is no option. */
export type CliArgument = {
  readonly name: string;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly optional?: boolean;
  /** The last one only: takes all words that are left. */
  readonly many?: boolean;
};

/** A line to try, and what it does. */
export type Example = { readonly line: string; readonly does: string };

/** A command as the help, the completion and the parser know it, and what it does. */
export type Command = {
  readonly arguments?: readonly CliArgument[];
  readonly options: readonly CliOption[];
  readonly examples?: readonly Example[];
  /** What its exit codes mean, where there is more to say than 1: it failed, 2: wrong usage. One that means something by 2 has 1 for wrong usage. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** Words below the usage line; none for a command that needs no more than its summary. */
  readonly description?: string;
  /** Carries it out and gives the exit code. What it throws becomes one line on standard error and exit code 1. */
  run(call: Call): Promise<number>;
};

/** A row of the command table. Only the row whose name was typed is loaded, so that the help of the whole costs no more than the table. */
export type CommandRow = {
  readonly name: string;
  readonly summary: string;
  /** Started by manifests, hardly ever by hand: its options are not completed, because to load them takes its time. */
  readonly workload?: boolean;
  readonly load: () => Promise<Command>;
};

/** What was typed, and where to answer. */
export type Call = {
  /** Each argument's words, in the table's order; an absent optional one is empty. */
  readonly args: readonly (readonly string[])[];
  readonly given: Given;
  readonly terminal: Terminal;
  /** The whole table, for commands that speak of commands. */
  readonly rows: readonly CommandRow[];
  /** What the program is called, as a person types it: `herald` or `kubectl herald`. */
  readonly program: string;
};

/** The values of options by name; an option that was not given has its default's, or none. A switch that is on has the value `true`. */
export type Given = ReadonlyMap<string, readonly string[]>;

/** The value of an option that takes one, or undefined. */
export function textGiven(given: Given, name: string): string | undefined {
  return given.get(name)?.at(-1);
}

/** Whether a switch is on. */
export function isOn(given: Given, name: string): boolean {
  return textGiven(given, name) === "true";
}

/** Wrong usage: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
