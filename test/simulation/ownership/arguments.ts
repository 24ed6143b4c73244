import { parseArgs } from "node:util";
import { climateNames } from "./script/script.ts";

/** What the command line asks for. */
export type Arguments = {
  readonly what: "seeds" | "flapping" | "windows";
  readonly seeds: number;
  readonly first: number;
  readonly seconds: number;
  readonly hours: number;
  readonly loss: number;
  /** A file with a script, as a failure leaves it. */
  readonly replay: string | undefined;
  readonly workers: number;
  /** What all seeds are about; undefined: each has its own. */
  readonly climate: string | undefined;
};

/** How to call it. */
export const usage = `npm run simulate:ownership -- [--seeds N] [--first S] [--seconds 15] [--workers 2] [--climate NAME]
                               | --replay FILE
                               | --flapping [--hours 24] [--loss 1]
                               | --windows [--seeds 100]

Runs N seeds from S on; of the first that breaks an invariant, the shortest script that still does is written to
herald-ownership-SEED.json in the folder for temporary files, to be run again with --replay. --climate: all seeds are about one of ${climateNames.join(", ")}.
--flapping: groups of 2, 3 and 5
in which nothing happens but the loss of so many packets of a hundred. --windows: how long nobody answers once a port is cut.
Exit 1 if anything is not as it must be.`;

/** @throws {Error} that names the option and what it must be */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: "string", default: "100" },
      first: { type: "string", default: "1" },
      seconds: { type: "string", default: "15" },
      hours: { type: "string", default: "24" },
      loss: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      replay: { type: "string" },
      climate: { type: "string" },
      flapping: { type: "boolean", default: false },
      windows: { type: "boolean", default: false },
    },
  });
  const { replay, climate, flapping, windows, ...numbers } = values;
  if (climate !== undefined && !climateNames.includes(climate))
    throw new Error(`--climate: "${climate}" is none of ${climateNames.join(", ")}`);
  const whole = (name: keyof typeof numbers): number => wholeNumber(name, numbers[name]);
  return {
    what: flapping ? "flapping" : windows ? "windows" : "seeds",
    replay,
    seeds: whole("seeds"),
    first: whole("first"),
    seconds: whole("seconds"),
    hours: whole("hours"),
    loss: whole("loss") / 100,
    workers: whole("workers"),
    climate,
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`--${name}: "${text}" is no whole number from 1 on`);
  return Number(text);
}
