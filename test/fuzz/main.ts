/** `npm run fuzz`: mutated valid messages through every decoder of foreign bytes. */
import { parseArgs } from "node:util";
import { createCampaign, type Finding } from "./campaign.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets.ts";

const usage = `npm run fuzz -- [--seconds 60 | --messages N] [--only NAME] [--seed N]

Gives each decoder of foreign bytes mutated valid messages, in turns, for so many seconds in all, or N to each. --only: those
whose name begins so. A decoder that throws anything but its own error is reported with the bytes, and the exit code is 1. The
seed, new each time, repeats a run.`;

const MESSAGES_PER_TURN = 2_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

type Arguments = {
  readonly seconds: number;
  /** To each decoder; undefined: until the time is up. */
  readonly messages: number | undefined;
  readonly seed: number;
  readonly chosen: readonly Target[];
};

/** @throws {Error} that names the option and what it must be */
function parseArguments(argv: readonly string[]): Arguments {
  const text = { type: "string" } as const;
  const options = { seconds: { ...text, default: "60" }, messages: text, only: { ...text, default: "" }, seed: text };
  const { values } = parseArgs({ args: [...argv], options });
  const chosen = targets.filter(({ name }) => name.startsWith(values.only));
  if (chosen.length === 0)
    throw new Error(`--only: "${values.only}" is none of ${targets.map(({ name }) => name).join("; ")}`);
  return {
    seconds: whole("seconds", values.seconds),
    messages: values.messages === undefined ? undefined : whole("messages", values.messages),
    seed: whole("seed", values.seed ?? String(Math.floor(Math.random() * 1e9))),
    chosen,
  };
}

function whole(name: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`--${name}: "${text}" is no whole number`);
  return Number(text);
}

/** The bytes, and where it happens: stack traces of all that is refused would take most of the time. */
function report({ target, bytes, error }: Finding): void {
  Error.stackTraceLimit = 20;
  let again = error;
  try {
    targets.find(({ name }) => name === target)?.decode(bytes);
  } catch (traced) {
    again = traced;
  }
  print(`${target}: ${again instanceof Error ? again.stack : String(again)}`);
  print(`bytes: ${Buffer.from(bytes).toString("hex")}`);
}

function fuzz({ seconds, messages, seed, chosen }: Arguments): number {
  Error.stackTraceLimit = 0;
  const beganMs = performance.now();
  const campaigns = chosen.map((target, i) => ({ name: target.name, campaign: createCampaign(target, seed + i) }));
  print(`seed ${seed}`);
  const turns = messages === undefined ? Number.POSITIVE_INFINITY : Math.ceil(messages / MESSAGES_PER_TURN);
  const endMs = messages === undefined ? beganMs + 1000 * seconds : Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns && performance.now() < endMs; turn++)
    for (const { campaign } of campaigns) {
      const finding = campaign.run(MESSAGES_PER_TURN);
      if (finding === undefined) continue;
      report(finding);
      return 1;
    }
  for (const { name, campaign } of campaigns) {
    const { runs, accepted } = campaign.totals();
    print(`${name}: ${runs} messages, ${accepted} accepted, all others refused as they should be`);
  }
  print(`${Math.round((performance.now() - beganMs) / 1000)} s`);
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
