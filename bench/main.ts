/** The numbers: `npm run bench -- [--only NAME…] [--quick] [--waiting N] [--repetitions N] [--json FILE]`; README.md says what they mean. */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { Command } from "commander";
import { cases } from "./cases/all.ts";
import type { Row } from "./row.ts";
import { table } from "./table.ts";

type Options = {
  readonly only?: readonly string[];
  readonly quick?: boolean;
  readonly waiting: string;
  readonly repetitions: string;
  readonly json?: string;
};

const names = Object.keys(cases).join(", ");
const program = new Command("bench")
  .description("measures Herald beside the bare API server")
  .option("--only <name...>", `run these alone: ${names}`)
  .option("--quick", "fewer samples")
  .option("--waiting <n>", "how many Services wait in the larger run of `waiting`", "2000")
  .option("--repetitions <n>", "how often each loss of `failover`, `pair` and `planned` is repeated", "20")
  .option("--json <file>", "write the numbers there as well")
  .action(bench);

async function bench({ only = Object.keys(cases), quick = false, waiting, repetitions, json }: Options): Promise<void> {
  const unknown = only.filter((name) => !(name in cases));
  if (unknown.length > 0) throw new Error(`no ${unknown.join(", ")}: there are ${names}`);
  const machine = { date: new Date().toISOString(), cores: cpus().length, kernel: release(), load: loadavg()[0] ?? 0 };
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const told = { quick, waiting: Number(waiting), repetitions: Number(repetitions), report };
  const rows: Row[] = [];
  for (const name of only) {
    report(`${name}: running, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
    const results = (await cases[name]?.(told)) ?? [];
    rows.push(...results);
    report(table(results));
  }
  const { date, cores, kernel, load } = machine;
  process.stdout.write(
    `${date}, ${cores} cores, Linux ${kernel}, Node ${process.version}, load ${load.toFixed(1)}\n\n`,
  );
  process.stdout.write(`${table(rows)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...machine, rows }, undefined, 2)}\n`);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
