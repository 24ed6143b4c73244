import { setTimeout as sleep } from "node:timers/promises";
import { type BenchLab, inBenchLab, nodeCount, untilServed } from "../bench-lab.ts";
import type { WaitingOrder } from "../driver-waiting.ts";
import { cpuBetween, labProcesses, type Usage } from "../processes.ts";
import { isLease, type RequestCounts, requestsBetween, total } from "../request-counts.ts";
import { type Row, row } from "../row.ts";
import type { CaseOptions } from "./case.ts";

const services = 200;
const settleMs = 20_000;
/** What a member of the largest group may send. */
const framesBudget = 60;

/** What Herald costs while nothing happens. */
export function rest({ quick, report }: CaseOptions): Promise<readonly Row[]> {
  const seconds = quick ? 10 : 30;
  return inBenchLab({ report, proxies: true }, async (bench) => {
    await bench.drive("driver-waiting.ts", { admin: bench.admin, step: "fill", n: services } satisfies WaitingOrder);
    await untilServed(bench, services);
    await sleep(settleMs);
    const withHerald = await look(bench, seconds);
    await endHerald(bench);
    await sleep(settleMs);
    const without = await look(bench, seconds);
    report(`with Herald: ${requestsText(withHerald.requests)}; without: ${requestsText(without.requests)}`);
    const rows = usageRows(seconds, withHerald.usage);
    return [requestsRow(seconds, withHerald, without), framesRow(seconds, withHerald, without), ...rows];
  });
}

type Look = {
  readonly requests: RequestCounts;
  readonly usage: readonly (Usage & { readonly cpuShare: number })[];
  /** Frames that the nodes sent on the LAN, all together. */
  readonly frames: number;
};

async function look({ lab, requests }: BenchLab, seconds: number): Promise<Look> {
  const before = await requests();
  const usageBefore = labProcesses(lab.dir);
  const framesBefore = await framesSent(lab);
  await sleep(seconds * 1000);
  const after = labProcesses(lab.dir);
  const cpuSeconds = cpuBetween(usageBefore, after);
  const usage = after.map((each) => ({ ...each, cpuShare: (cpuSeconds.get(each.name) ?? 0) / seconds }));
  const frames = (await framesSent(lab)) - framesBefore;
  return { requests: requestsBetween(before, await requests()), usage, frames };
}

async function framesSent({ nodes, exec }: BenchLab["lab"]): Promise<number> {
  const counter = ["cat", "/sys/class/net/eth0/statistics/tx_packets"];
  const counts = await Promise.all(nodes.map(async ({ name }) => Number((await exec(name, counter)).stdout)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function endHerald({ lab }: BenchLab): Promise<void> {
  const agents = lab.nodes.map(({ name }) => `agent-${name}`);
  for (const program of ["controller", "admission", ...agents]) await lab.kill(program, "SIGKILL");
}

function requestsRow(seconds: number, withHerald: Look, without: Look): Row {
  const rate = (look: Look, accepts: (name: string) => boolean): number => total(look.requests, accepts) / seconds;
  const own = (accepts: (name: string) => boolean): number => rate(withHerald, accepts) - rate(without, accepts);
  const leases = own(isLease);
  const others = own((name) => !isLease(name));
  const all = Math.max(0, leases + others);
  return row({
    what: `at rest, ${services} Services, ${nodeCount} nodes: API requests`,
    n: seconds,
    herald: `${all.toFixed(2)}/s, of which Leases ${leases.toFixed(2)}`,
    raw: `without Herald ${rate(without, () => true).toFixed(2)}/s`,
    budget: `≤ 0.2/s an agent: ${(0.2 * nodeCount).toFixed(1)}`,
    met: all <= 0.2 * nodeCount,
    figures: { perSecond: all, leasesPerSecond: leases, othersPerSecond: others },
  });
}

function framesRow(seconds: number, withHerald: Look, without: Look): Row {
  const perNode = ({ frames }: Look): number => frames / seconds / nodeCount;
  const own = perNode(withHerald) - perNode(without);
  return row({
    what: "at rest: frames that a node sends on the LAN",
    n: seconds,
    herald: `${own.toFixed(1)}/s`,
    raw: `without Herald ${perNode(without).toFixed(1)}/s`,
    budget: "≤ 60/s",
    met: own <= framesBudget,
    figures: { framesPerSecond: own },
  });
}

function usageRows(seconds: number, usage: Look["usage"]): readonly Row[] {
  return usage
    .filter(({ name }) => name === "controller" || name === "admission" || name.startsWith("agent"))
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, cpuShare, residentMegabytes }) => {
      const isAgent = name.startsWith("agent");
      return row({
        what: `at rest: ${name}`,
        n: seconds,
        herald: `${(cpuShare * 100).toFixed(1)} % of a core, ${residentMegabytes.toFixed(0)} MB resident`,
        budget: isAgent ? "≤ 2 %, ≤ 110 MB" : "",
        ...(isAgent && { met: cpuShare <= 0.02 && residentMegabytes <= 110 }),
        figures: { cpuShare, residentMegabytes },
      });
    });
}

function requestsText(requests: RequestCounts): string {
  return [...requests].map(([name, count]) => `${name} ${count}`).join(" · ");
}
