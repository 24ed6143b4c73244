import type { CliOption, Command, CommandRow } from "../command.ts";

/** What can be typed after one command. */
export type CommandWords = {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** The values of its first argument, where they are enumerated. */
  readonly values: readonly string[];
};

/** What can be typed for one option. */
export type OptionWords = {
  /** `--output` and `-o`. */
  readonly flags: readonly string[];
  readonly help: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
};

const help: OptionWords = { flags: ["--help", "-h"], help: "display help for command", takesValue: false, values: [] };

/** Every command of the table with what can follow it: the one source of all shells' scripts. */
export async function commandWords(rows: readonly CommandRow[]): Promise<readonly CommandWords[]> {
  return Promise.all(
    rows.map(async ({ name, summary, load, workload }) => ({
      name,
      summary,
      ...(workload ? bare : wordsOf(await load())),
    })),
  );
}

const bare: Omit<CommandWords, "name" | "summary"> = { options: [help], values: [] };

function wordsOf({ arguments: given = [], options }: Command): Omit<CommandWords, "name" | "summary"> {
  return {
    options: [...options.map(optionWords), help],
    values: given[0]?.choices ?? [],
  };
}

/** An option that may stand alone is taken to do so. */
function optionWords({ name, short, value, choices = [], preset, help: text }: CliOption): OptionWords {
  const takesValue = value !== undefined && preset === undefined;
  const flags = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
  return { flags, help: text, takesValue, values: takesValue ? choices : [] };
}
