import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Arguments = {
  readonly seeds: number;
  readonly first: number;
  readonly steps: number;
  /** A file with a script, as a failure leaves it. */
  readonly replay: string | undefined;
  readonly workers: number;
};

/** How to call it. */
export const usage = `npm run simulate -- [--seeds N] [--first S] [--steps 200] [--workers 2] | --replay FILE

Runs N seeds from S on; of the first that breaks an invariant, the shortest script that still does is written to
herald-simulation-SEED.json in the folder for temporary files, to be run again with --replay. Exit 1 if any seed failed.`;

/** @throws {Error} that names the option and what it must be */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: "string", default: "100" },
      first: { type: "string", default: "1" },
      steps: { type: "string", default: "200" },
      workers: { type: "string", default: "2" },
      replay: { type: "string" },
    },
  });
  return {
    seeds: whole("seeds", values.seeds),
    first: whole("first", values.first),
    steps: whole("steps", values.steps),
    workers: whole("workers", values.workers),
    replay: values.replay,
  };
}

function whole(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`--${name}: "${text}" is no whole number from 1 on`);
  return Number(text);
}
