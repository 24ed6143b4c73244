import { routerPeer, startBird } from "../../test/lab/bird.ts";
import { type Watch, watchRoutes } from "../../test/lab/watch.ts";
import type { RouteSight } from "../../test/lab/watch-routes.ts";
import { eventually } from "../../test/support/eventually.ts";
import { type BenchLab, inBenchLab } from "../bench-lab.ts";
import { served } from "../cases/latency.ts";
import type { LatencyAnswer, LatencyOrder, LatencySample } from "../driver-latency.ts";
import { routedPoolObject } from "../objects.ts";
import { ms, type Row, row, times } from "../row.ts";
import { spread } from "../statistics.ts";

const api = "/apis/herald.dev/v1beta1";

/** Services made one by one on an idle cluster: until the router's kernel has a route; beside the first ARP in the same lab. */
export function latencyRow(n: number, report: (line: string) => void): Promise<Row> {
  return inBenchLab({ report }, async (bench) => {
    const { lab } = bench;
    const bird = await startBird(lab);
    await lab.api.call("POST", `${api}/ippools`, routedPoolObject("routed", ["10.202.0.0/16"]));
    await lab.api.call("POST", `${api}/bgppeers`, routerPeer());
    await eventually("BIRD has a session with every node", async () => {
      const established = (await bird.ask("show protocols")).match(/Established/g) ?? [];
      return established.length === lab.nodes.length || undefined;
    });
    const routes = await watchRoutes(lab);
    // Half of the ARP before and half after, so that other work on the machine weighs on both alike.
    const before = await served(bench, { check: "Off", prefix: "arp-before", n: n / 2 });
    const routed = await routeTimes(bench, routes, n);
    const after = await served(bench, { check: "Off", prefix: "arp-after", n: n / 2 });
    return rowOf(spread(routed), (before.arp.median + after.arp.median) / 2);
  });
}

function rowOf({ n, median, p99, worst }: ReturnType<typeof spread>, arpMs: number): Row {
  const ratio = median / arpMs;
  return row({
    what: "create → route in a router's kernel",
    n,
    herald: `${ms(median)}, p99 ${ms(p99)}, worst ${ms(worst)}`,
    raw: `first ARP ${ms(arpMs)}`,
    ratio: times(ratio),
    budget: "≤ 1.2 ×",
    met: ratio <= 1.2,
    figures: { medianMs: median, p99Ms: p99, worstMs: worst, arpMs, ratio },
  });
}

async function routeTimes(bench: BenchLab, routes: Watch<RouteSight>, n: number): Promise<readonly number[]> {
  const order: LatencyOrder = { admin: bench.admin, check: "Routed", prefix: "routed", n };
  const { samples } = await bench.drive<LatencyAnswer>("driver-latency.ts", order);
  const seen = routes.seen();
  await bench.untilNoClaims();
  return samples.map((sample) => firstRoute(seen, sample) - sample.startMs);
}

function firstRoute(seen: readonly RouteSight[], { ip, startMs }: LatencySample): number {
  const first = seen.find(
    ({ prefix, atMs, gateways }) => prefix === `${ip}/32` && atMs >= startMs && gateways.length > 0,
  );
  if (first === undefined) throw new Error(`the router's kernel had no route to ${ip}`);
  return first.atMs;
}
