import { setTimeout as sleep } from "node:timers/promises";
import { type BenchLab, inBenchLab } from "../bench-lab.ts";
import type { BurstAnswer, BurstOrder } from "../driver-burst.ts";
import { cpuBetween, labProcesses } from "../processes.ts";
import { isLease, type RequestCounts, requestsBetween, total } from "../request-counts.ts";
import { ms, percent, type Row, row, times } from "../row.ts";
import { spread } from "../statistics.ts";
import type { CaseOptions } from "./case.ts";

const workers = 32;

/** What Herald writes after the last address is served belongs to the burst too. */
const settleMs = 5_000;

/** Many Services at once: until the last is served, and how many requests each costs. */
export function burst({ quick, report }: CaseOptions): Promise<readonly Row[]> {
  const n = quick ? 200 : 1_000;
  return inBenchLab({ report }, async (bench) => {
    await bench.stopController();
    const raw = await run(bench, "create", n);
    const byHand = await run(bench, "by-hand", n);
    await bench.startController();
    await bench.untilNoClaims();
    const before = await bench.requests();
    const herald = await run(bench, "herald", n);
    const requests = requestsBetween(before, await bench.requests());
    report(requestsText(requests, n));
    const runs = { raw, byHand, herald };
    return [...timeRows(n, runs), requestsRow(n, requests), cpuRow(n, runs)];
  });
}

type Run = BurstAnswer & { readonly cpuSeconds: ReadonlyMap<string, number> };

async function run(bench: BenchLab, served: BurstOrder["served"], n: number): Promise<Run> {
  const { drive, removeServices, admin, controller, lab } = bench;
  const before = labProcesses(lab.dir);
  const order: BurstOrder = { admin, writer: controller, n, workers, prefix: served, served };
  const answer = await drive<BurstAnswer>("driver-burst.ts", order);
  await sleep(settleMs);
  const cpuSeconds = cpuBetween(before, labProcesses(lab.dir));
  if (served !== "herald") await removeServices();
  return { ...answer, cpuSeconds };
}

type Runs = Readonly<Record<"raw" | "byHand" | "herald", Run>>;

function timeRows(n: number, { raw, byHand, herald }: Runs): readonly Row[] {
  const { median, p99 } = spread(herald.eachMs);
  const toRaw = herald.lastMs / raw.lastMs;
  const share = byHand.lastMs / herald.lastMs;
  const text = `${ms(herald.lastMs)}; each ${ms(median)}, p99 ${ms(p99)}`;
  return [
    row({
      what: `burst of ${n} until the last is served`,
      n,
      herald: text,
      raw: `create + status ${ms(raw.lastMs)}`,
      ratio: times(toRaw),
      budget: "≤ 3 ×",
      met: toRaw <= 3,
      figures: { lastMs: herald.lastMs, createdMs: herald.createdMs, medianMs: median, p99Ms: p99, rawMs: raw.lastMs },
    }),
    row({
      what: `burst of ${n}, share of a bare client's pace`,
      n,
      herald: ms(herald.lastMs),
      raw: `our writes ${ms(byHand.lastMs)}`,
      ratio: percent(share),
      budget: "≥ 65 %",
      met: share >= 0.65,
      figures: { share, byHandMs: byHand.lastMs },
    }),
  ];
}

function requestsRow(n: number, requests: RequestCounts): Row {
  const each = total(requests, (name) => !isLease(name)) / n;
  return row({
    what: "API requests per Service in a burst",
    n,
    herald: each.toFixed(2),
    budget: "≤ 7",
    met: each <= 7,
    figures: { each, ...Object.fromEntries(requests) },
  });
}

/** The processor time of all servers, which says more than the clock on a machine that others use too. */
function cpuRow(n: number, { raw, byHand, herald }: Runs): Row {
  const sum = ({ cpuSeconds }: Run): number => [...cpuSeconds.values()].reduce((a, b) => a + b, 0);
  const parts = [...herald.cpuSeconds].map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`);
  return row({
    what: `burst of ${n}: seconds of a core`,
    n,
    herald: `${sum(herald).toFixed(1)} s: ${parts.join(", ")}`,
    raw: `${sum(raw).toFixed(1)} s, our writes ${sum(byHand).toFixed(1)} s`,
    ratio: times(sum(herald) / sum(raw)),
    figures: { seconds: sum(herald), rawSeconds: sum(raw), byHandSeconds: sum(byHand) },
  });
}

function requestsText(requests: RequestCounts, n: number): string {
  const sorted = [...requests].toSorted(([, a], [, b]) => b - a).filter(([, count]) => count >= n / 100);
  return sorted.map(([name, count]) => `${name} ${count}`).join(" · ");
}
