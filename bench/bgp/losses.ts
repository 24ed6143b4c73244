import { setTimeout as sleep } from "node:timers/promises";
import { inject, restartAgent } from "../../test/lab/faults.ts";
import { flapsOf, pathsSince } from "../../test/lab/routed-calm.ts";
import { openRoutedSite, type RoutedSite, type RoutedSiteOptions } from "../../test/lab/routed-site.ts";
import { ms, type Row, row } from "../row.ts";
import { spread } from "../statistics.ts";
import { attempt, type Change, type Sight } from "./trial.ts";

/** What there is to do, and who is told of it. */
export type Run = { readonly repetitions: number; readonly calmMs: number; readonly report: (line: string) => void };

const sized = { nodes: 3, services: 20 };
const slow = { intervalMs: 100, multiplier: 3 };
const quick = { intervalMs: 50, multiplier: 3 };
const undone = async (): Promise<void> => undefined;

const cut: Change = {
  what: "node cut",
  leaves: true,
  begin: async ({ lab }, node) => {
    const heal = await inject(lab, "both", node);
    return async () => {
      await heal();
      // A session that fails again and again rests longer each time.
      await restartAgent(lab, node);
    };
  },
};

const restart: Change = {
  what: "agent restart with graceful restart",
  leaves: false,
  begin: async ({ lab }, node) => {
    await lab.kill(`agent-${node}`, "SIGTERM");
    await restartAgent(lab, node);
    return undone;
  },
};

const drain: Change = {
  what: "drain",
  leaves: true,
  begin: async ({ cluster }, node) => {
    const patch = (wanted: boolean): Promise<string> =>
      cluster.kubectl(["patch", "vipnode", node, "--type=merge", "-p", JSON.stringify({ spec: { drain: wanted } })]);
    await patch(true);
    return async () => void (await patch(false));
  },
};

/** A node that is lost, restarted, drained, and one that is busy; the client reaches the addresses by way of the router. */
export async function lossRows(run: Run): Promise<readonly Row[]> {
  const kept = await inSite({ ...sized, bfd: { ...slow, graceful: true } }, async (site) => [
    ...keptRows(restart.what, await repeated(site, restart, run)),
    ...keptRows(drain.what, await repeated(site, drain, run)),
  ]);
  const cutSlow = await inSite({ ...sized, bfd: slow }, async (site) =>
    cutRows("BFD 100 ms × 3", await repeated(site, cut, run), 350),
  );
  const cutQuick = await inSite({ ...sized, bfd: quick }, async (site) => [
    ...cutRows("BFD 50 ms × 3", await repeated(site, cut, run)),
    await calmRow(site, run.calmMs),
  ]);
  return [...cutSlow, ...cutQuick, ...kept];
}

async function inSite<T>(options: RoutedSiteOptions, work: (site: RoutedSite) => Promise<T>): Promise<T> {
  const site = await openRoutedSite(options);
  try {
    return await work(site);
  } finally {
    await site.lab.stop();
  }
}

async function repeated(site: RoutedSite, change: Change, { repetitions, report }: Run): Promise<readonly Sight[]> {
  const sights: Sight[] = [];
  for (let i = 0; i < repetitions; i++) sights.push(await attempt(site, change));
  const texts = sights.map(
    ({ routerMs, tcpMs, lost }) => `${routerMs.toFixed(0)}/${tcpMs.toFixed(0)} ms, ${lost} lost`,
  );
  report(`${change.what}: ${texts.join("; ")}`);
  return sights;
}

function cutRows(bfd: string, sights: readonly Sight[], budgetMs?: number): readonly Row[] {
  const router = sights.map(({ routerMs }) => routerMs);
  const clients = sights.map(({ tcpMs }) => tcpMs);
  return [
    timeRow(`node cut, ${bfd}: the router's kernel still sends to it for`, router, budgetMs),
    timeRow(`node cut, ${bfd}: TCP connects fail for`, clients),
  ];
}

function timeRow(what: string, each: readonly number[], budgetMs?: number): Row {
  const { n, median, worst } = spread(each);
  return row({
    what,
    n,
    herald: `${ms(median)}, worst ${ms(worst)}`,
    ...(budgetMs !== undefined && { budget: `≤ ${budgetMs} ms`, met: median <= budgetMs }),
    figures: { medianMs: median, worstMs: worst },
  });
}

/** Nothing may be lost, and what the router is to keep may not change. */
function keptRows(what: string, sights: readonly Sight[]): readonly Row[] {
  const sum = (of: (sight: Sight) => number): number => sights.reduce((total, sight) => total + of(sight), 0);
  const [attempts, lost, changes] = [
    sum((sight) => sight.attempts),
    sum((sight) => sight.lost),
    sum((sight) => sight.routeChanges),
  ];
  return [
    row({
      what: `${what}: TCP connects lost, changes of routes that stay`,
      n: sights.length,
      herald: `${lost} of ${attempts.toLocaleString("en")}, ${changes}`,
      budget: "0, 0",
      met: lost === 0 && changes === 0,
      figures: { attempts, lost, changes },
    }),
  ];
}

/** Main loops that stand still for half of the time, and busy cores. */
async function calmRow(site: RoutedSite, forMs: number): Promise<Row> {
  const before = await flapsOf(site);
  for (const { name } of site.lab.nodes) await inject(site.lab, "stall", name, "main", "250", "500");
  const mend = await inject(site.lab, "hogs", "2");
  const paths = await pathsSince(site);
  const begun = site.routes.seen().length;
  await sleep(forMs);
  const changes = site.routes.seen().length - begun;
  const after = await pathsSince(site);
  const flaps = (await flapsOf(site)).filter((each, i) => each !== before[i]).length;
  await mend();
  const lost = paths.filter((each) => !after.includes(each)).length + flaps;
  return row({
    what: `busy cores and stalled main loops for ${forMs / 1000} s, BFD 50 ms × 3: sessions and paths lost, routes changed`,
    n: paths.length,
    herald: `${lost}, ${changes}`,
    budget: "0, 0",
    met: lost === 0 && changes === 0 && paths.length > 0,
    figures: { lost, changes, forMs },
  });
}
