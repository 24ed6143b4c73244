import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arguments, parseArguments, usage } from "./arguments.ts";
import { type Failure, smallest } from "./campaign.ts";
import { run } from "./run.ts";
import { scriptOf } from "./script/script.ts";
import { type Script, stepText } from "./script/step.ts";
import { inParallel } from "./workers.ts";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function main(argv: readonly string[]): Promise<number> {
  let parsed: Arguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    print(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return Promise.resolve(2);
  }
  return parsed.replay === undefined ? simulate(parsed) : replay(parsed.replay);
}

async function simulate({ seeds, first, steps, workers }: Arguments): Promise<number> {
  const startMs = performance.now();
  const failures = await inParallel({ first, end: first + seeds, steps }, Math.min(workers, seeds));
  const seconds = (performance.now() - startMs) / 1000;
  for (const [invariant, count] of countsOf(failures)) print(`${count} seeds: ${invariant}`);
  for (const { seed, violation } of failures) print(`seed ${seed}: ${violation.invariant}: ${violation.message}`);
  const [lowest] = failures;
  if (lowest !== undefined) await report(lowest, steps);
  print(`${seeds} seeds of ${steps} steps, ${failures.length} failed, ${(seeds / seconds).toFixed(1)} seeds/s`);
  return failures.length === 0 ? 0 : 1;
}

function countsOf(failures: readonly Failure[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { violation } of failures) counts.set(violation.invariant, (counts.get(violation.invariant) ?? 0) + 1);
  return counts;
}

async function report({ seed, violation }: Failure, steps: number): Promise<void> {
  const script = await smallest(scriptOf(seed, steps), violation);
  const file = join(tmpdir(), `herald-simulation-${seed}.json`);
  writeFileSync(file, `${JSON.stringify(script, undefined, 1)}\n`);
  print(`${script.steps.length} of ${steps} steps are enough, in ${file}:`);
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

process.exitCode = await main(process.argv.slice(2));
