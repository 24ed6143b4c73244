/** `npm run fuzz`: mutated valid messages through every decoder of foreign bytes. */
import { parseArgs } from "node:util";
import { createCampaign, type Finding } from "./campaign.ts";
import { targets } from "./targets.ts";

const usage = `npm run fuzz -- [--seconds 60] [--seed N]

Gives each decoder of foreign bytes mutated valid messages, in turns, for so many seconds in all. A decoder that throws
anything but its own error is reported with the bytes, and the exit code is 1. The seed, new each time, repeats a run.`;

const RUNS_PER_TURN = 2_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

type Arguments = { readonly seconds: number; readonly seed: number };

/** @throws {Error} that names the option and what it must be */
function parseArguments(argv: readonly string[]): Arguments {
  const options = { seconds: { type: "string", default: "60" }, seed: { type: "string" } } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const seed = values.seed ?? String(Math.floor(Math.random() * 1e9));
  return { seconds: whole("seconds", values.seconds), seed: whole("seed", seed) };
}

function whole(name: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`--${name}: "${text}" is no whole number`);
  return Number(text);
}

function report({ target, bytes, error }: Finding): void {
  print(`${target}: ${error instanceof Error ? error.stack : String(error)}`);
  print(`bytes: ${Buffer.from(bytes).toString("hex")}`);
}

function fuzz({ seconds, seed }: Arguments): number {
  const endMs = performance.now() + 1000 * seconds;
  const campaigns = targets.map((target, i) => ({ name: target.name, campaign: createCampaign(target, seed + i) }));
  print(`seed ${seed}`);
  do {
    for (const { campaign } of campaigns) {
      const finding = campaign.run(RUNS_PER_TURN);
      if (finding === undefined) continue;
      report(finding);
      return 1;
    }
  } while (performance.now() < endMs);
  for (const { name, campaign } of campaigns) {
    const { runs, accepted } = campaign.totals();
    print(`${name}: ${runs} messages, ${accepted} accepted, all others refused as they should be`);
  }
  return 0;
}

function main(argv: readonly string[]): number {
  let parsed: Arguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  return fuzz(parsed);
}

process.exitCode = main(process.argv.slice(2));
