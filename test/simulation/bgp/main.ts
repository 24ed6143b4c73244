/** `node test/simulation/bgp/main.ts`: seeds in a row, each for as long as is asked for. */
import { parseArgs } from "node:util";
import { run } from "./run.ts";

const usage = `node test/simulation/bgp/main.ts [--seeds 100] [--first 1] [--minutes 6]

Runs so many seeds from the first on, each for so many virtual minutes with something every four seconds or so, and says what is
wrong at the end of each or on the way. Exit 1 if anything is. A day: --seeds 1 --minutes 1440.`;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

type Arguments = { readonly seeds: number; readonly first: number; readonly minutes: number };

/** @throws {Error} that names the option and what it must be */
function parseArguments(argv: readonly string[]): Arguments {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { ...text, default: "100" },
      first: { ...text, default: "1" },
      minutes: { ...text, default: "6" },
    },
  });
  const { seeds, first, minutes } = values;
  return { seeds: whole("seeds", seeds), first: whole("first", first), minutes: whole("minutes", minutes) };
}

function whole(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`--${name}: "${text}" is no whole number from 1 on`);
  return Number(text);
}

async function simulate({ seeds, first, minutes }: Arguments): Promise<number> {
  let broken = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const found = await run({ seed, forMs: 60_000 * minutes, everyMs: 4_000 });
    broken += Number(found.length > 0);
    for (const what of found) print(what);
  }
  print(`${broken} of ${seeds} seeds broke something`);
  return broken > 0 ? 1 : 0;
}

async function main(argv: readonly string[]): Promise<number> {
  let parsed: Arguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  return await simulate(parsed);
}

process.exitCode = await main(process.argv.slice(2));
