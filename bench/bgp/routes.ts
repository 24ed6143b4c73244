import { join } from "node:path";
import { startBird } from "../../test/lab/bird.ts";
import { type Lab, startLab } from "../../test/lab/lab.ts";
import { watchRoutes } from "../../test/lab/watch.ts";
import type { RouteSight } from "../../test/lab/watch-routes.ts";
import type { RoutesAnswer, RoutesOrder } from "../driver-routes.ts";
import { ms, type Row, row } from "../row.ts";
import { spread } from "../statistics.ts";

const driver = join(import.meta.dirname, "..", "driver-routes.ts");
const budgetMs = 300;

/** Many routes at once between a speaker and a router: until the router's kernel has, or no longer has, the last of them. */
export async function routeRows(counts: readonly number[], rounds: number): Promise<readonly Row[]> {
  const lab = await startLab({ nodes: 1, herald: false, report: () => undefined });
  try {
    await startBird(lab);
    const rows: Row[] = [];
    for (const n of counts) rows.push(...(await countRows(lab, { n, rounds })));
    return rows;
  } finally {
    await lab.stop();
  }
}

async function countRows(lab: Lab, order: RoutesOrder): Promise<readonly Row[]> {
  const watch = await watchRoutes(lab);
  const { code, stdout, stderr } = await lab.exec("node1", [process.execPath, driver, JSON.stringify(order)]);
  const seen = watch.stop();
  if (code !== 0) throw new Error(`driver-routes.ts: exit code ${code}: ${stderr.trim()}`);
  const { rounds } = JSON.parse(stdout) as RoutesAnswer;
  const added = rounds.map(({ announcedMs, withdrawnMs }) => {
    const came = seen.filter(({ atMs, gateways }) => atMs >= announcedMs && atMs < withdrawnMs && gateways.length > 0);
    return lastOf(came, order.n) - announcedMs;
  });
  const gone = rounds.map(({ withdrawnMs }, i) => {
    const untilMs = rounds[i + 1]?.announcedMs ?? Number.POSITIVE_INFINITY;
    const went = seen.filter(({ atMs, gateways }) => atMs >= withdrawnMs && atMs < untilMs && gateways.length === 0);
    return lastOf(went, order.n) - withdrawnMs;
  });
  const count = order.n === 1 ? "1 route" : `${order.n.toLocaleString("en")} routes`;
  return [rowOf(`${count} added in a router's kernel`, added), rowOf(`${count} withdrawn from it`, gone)];
}

function lastOf(sights: readonly RouteSight[], n: number): number {
  const prefixes = new Set(sights.map(({ prefix }) => prefix));
  if (prefixes.size !== n) throw new Error(`the router's kernel changed ${prefixes.size} routes of ${n}`);
  return Math.max(...sights.map(({ atMs }) => atMs));
}

function rowOf(what: string, each: readonly number[]): Row {
  const { n, median, worst } = spread(each);
  return row({
    what,
    n,
    herald: `${ms(median)}, worst ${ms(worst)}`,
    budget: `≤ ${budgetMs} ms`,
    met: median <= budgetMs,
    figures: { medianMs: median, worstMs: worst },
  });
}
