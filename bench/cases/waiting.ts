import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../test/support/eventually.ts";
import { type BenchLab, inBenchLab } from "../bench-lab.ts";
import type { WaitingAnswer, WaitingOrder } from "../driver-waiting.ts";
import { labProcesses } from "../processes.ts";
import { ms, percent, type Row, row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

/** Services that wait for the controller to start: whether many are served as fast as few. */
export async function waiting({ quick, waiting: many, report }: CaseOptions): Promise<readonly Row[]> {
  const few = quick ? 200 : 1_000;
  const reference = await inBenchLab({ report }, (bench) => serve(bench, few));
  const most = await inBenchLab({ report }, (bench) => serve(bench, many));
  const share = most.perSecond / reference.perSecond;
  return [
    row({
      what: `${many} waiting Services, from the controller's start`,
      n: many,
      herald: `${ms(most.lastMs)}, ${most.perSecond.toFixed(0)}/s`,
      raw: `${few} waiting ${ms(reference.lastMs)}, ${reference.perSecond.toFixed(0)}/s`,
      ratio: percent(share),
      budget: "≥ 90 %",
      met: share >= 0.9,
      figures: { ...most, fewLastMs: reference.lastMs, fewPerSecond: reference.perSecond, share },
    }),
    row({
      what: `controller with ${many} Services, just served`,
      n: many,
      herald: `${most.residentMegabytes.toFixed(0)} MB resident`,
      raw: `with ${few} ${reference.residentMegabytes.toFixed(0)} MB`,
      budget: "≤ 250 MB at 10000",
      met: most.residentMegabytes <= 250,
      figures: { residentMegabytes: most.residentMegabytes, fewResidentMegabytes: reference.residentMegabytes },
    }),
  ];
}

type Served = {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly perSecond: number;
  /** Of the controller, when its garbage collector has had time. */
  readonly residentMegabytes: number;
};

const settleMs = 10_000;

async function serve(bench: BenchLab, n: number): Promise<Served> {
  await bench.stopController();
  await bench.drive("driver-waiting.ts", { admin: bench.admin, step: "fill", n } satisfies WaitingOrder);
  const watch = await watchAll(bench, n);
  const startMs = await bench.startController();
  const answer = await watch.answer;
  const lastMs = answer.lastMs - startMs;
  await sleep(settleMs);
  const controller = labProcesses(bench.lab.dir).find(({ name }) => name === "controller");
  const residentMegabytes = controller?.residentMegabytes ?? Number.NaN;
  return { firstMs: answer.firstMs - startMs, lastMs, perSecond: n / (lastMs / 1000), residentMegabytes };
}

/** Resolves once the watcher sees all that wait; `answer` resolves once all are served. */
async function watchAll({ lab, admin }: BenchLab, n: number): Promise<{ readonly answer: Promise<WaitingAnswer> }> {
  const order: WaitingOrder = { admin, step: "await", n };
  const script = join(import.meta.dirname, "..", "driver-waiting.ts");
  let output = "";
  const ended = lab.exec("top", [process.execPath, script, JSON.stringify(order)], {
    onOutput: (text) => {
      output += text;
    },
  });
  await eventually("the watcher watches", () => output.includes("watching\n") || undefined);
  const answer = ended.then(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`driver-waiting.ts: exit code ${code}: ${stderr.trim()}`);
    return JSON.parse(stdout.slice(stdout.indexOf("\n"))) as WaitingAnswer;
  });
  return { answer };
}
