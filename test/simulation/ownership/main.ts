import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arguments, parseArguments, usage } from "./arguments.ts";
import { type Failure, smallest } from "./campaign.ts";
import { flapping } from "./flapping.ts";
import { quantiles } from "./quantiles.ts";
import { run } from "./run.ts";
import { anyScript } from "./script/script.ts";
import { type Script, stepText } from "./script/step.ts";
import { portCut } from "./windows.ts";
import { inParallel } from "./workers.ts";

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const sizes = [2, 3, 5];
const losses = [0, 0.01, 0.05];

function main(argv: readonly string[]): Promise<number> {
  let parsed: Arguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return Promise.resolve(2);
  }
  if (parsed.replay !== undefined) return replay(parsed.replay);
  switch (parsed.what) {
    case "seeds":
      return simulate(parsed);
    case "flapping":
      return flap(parsed);
    case "windows":
      return measure(parsed);
  }
}

async function simulate({ seeds, first, seconds, workers, climate: about }: Arguments): Promise<number> {
  const startMs = performance.now();
  const forMs = seconds * 1_000;
  const outcome = await inParallel({ first, end: first + seeds, forMs, about }, Math.min(workers, seeds));
  const { failures, overlapsMs, gapsMs, virtualMs } = outcome;
  for (const [invariant, count] of countsOf(failures)) print(`${count} seeds: ${invariant}`);
  for (const { seed, violation } of failures) print(`seed ${seed}: ${violation.invariant}: ${violation.message}`);
  const [lowest] = failures;
  if (lowest !== undefined) await report(lowest, anyScript(lowest.seed, forMs, about));
  for (const [cause, lengths] of Object.entries(overlapsMs)) print(`two answer, ${cause}: ${quantiles(lengths)}`);
  print(`nobody answers while a majority is linked: ${quantiles(gapsMs)}`);
  const rate = (seeds * 1_000) / (performance.now() - startMs);
  print(`${seeds} seeds, ${hoursOf(virtualMs)} h, ${failures.length} failed, ${rate.toFixed(1)} seeds/s`);
  return failures.length === 0 ? 0 : 1;
}

function hoursOf(ms: number): string {
  return (ms / 3_600_000).toFixed(1);
}

function countsOf(failures: readonly Failure[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { violation } of failures) counts.set(violation.invariant, (counts.get(violation.invariant) ?? 0) + 1);
  return counts;
}

async function report({ seed, violation }: Failure, whole: Script): Promise<void> {
  const script = await smallest(whole, violation);
  const file = join(tmpdir(), `herald-ownership-${seed}.json`);
  writeFileSync(file, `${JSON.stringify(script, undefined, 1)}\n`);
  print(`${script.steps.length} of ${whole.steps.length} steps are enough, in ${file}:`);
  print(`  ${JSON.stringify(script.variant)}`);
  for (const step of script.steps) print(`  ${stepText(step)}`);
}

async function replay(file: string): Promise<number> {
  const script = JSON.parse(readFileSync(file, "utf8")) as Script;
  const { violation, lines, hash } = await run(script, { trace: true });
  for (const line of lines) print(line);
  print(violation === undefined ? "nothing is wrong" : `${violation.invariant}: ${violation.message}`);
  print(`hash ${hash}`);
  return violation === undefined ? 0 : 1;
}

async function flap({ hours, loss, first }: Arguments): Promise<number> {
  let changes = 0;
  for (const members of sizes) {
    const outcome = await flapping({ seed: first, members, loss, forMs: hours * 3_600_000 });
    changes += outcome.changes;
    const each = (outcome.heartbeats / members / hours / 3_600).toFixed(1);
    print(
      `${members} members, ${loss * 100} % lost, ${hours} h: ${outcome.changes} moves and yields, ${each} packets/s a member`,
    );
  }
  return changes === 0 ? 0 : 1;
}

async function measure({ seeds, first }: Arguments): Promise<number> {
  for (const members of sizes) {
    for (const loss of losses) {
      const all: number[] = [];
      for (let seed = first; seed < first + seeds; seed++) all.push(...(await portCut({ seed, members, loss })));
      print(`${members} members, ${loss * 100} % lost, port cut: ${quantiles(all)}`);
    }
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
