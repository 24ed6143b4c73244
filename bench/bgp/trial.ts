import { setTimeout as sleep } from "node:timers/promises";
import { counts, outageMs } from "../../test/lab/flows.ts";
import { monotonicMs } from "../../test/lab/monotonic.ts";
import { type RoutedSite, untilRouted } from "../../test/lab/routed-site.ts";
import { watchFlows } from "../../test/lab/watch.ts";

/** What is done to the node, and what is to be seen of it at the router. */
export type Change = {
  readonly what: string;
  /** Does it, and gives what undoes it; resolves at once. */
  readonly begin: (site: RoutedSite, node: string) => Promise<() => Promise<void>>;
  /** Whether the router is to lose the node. */
  readonly leaves: boolean;
};

/** What was seen of one change; times in ms. */
export type Sight = {
  /** Until the router's kernel sent nothing more to the node; 0 if it is to go on. */
  readonly routerMs: number;
  /** From the first connect that failed to the first that worked again. */
  readonly tcpMs: number;
  readonly attempts: number;
  readonly lost: number;
  /** Of routes at the router, as long as the node was to stay there. */
  readonly routeChanges: number;
};

const tryEveryMs = 5;
const settleMs = 1_000;
/** A thousand connects on each side of the change. */
const watchMs = 5_000;

/** Does it once to a node that announces, undoes it, and says what clients and the router saw of it. */
export async function attempt(site: RoutedSite, { begin, leaves }: Change): Promise<Sight> {
  const { lab, addresses, announcers, routes } = site;
  const [node, ...others] = announcers;
  if (node === undefined) throw new Error("no node announces");
  const flows = await watchFlows(lab, { ip: addresses[0] ?? "", everyMs: tryEveryMs, protocol: "TCP" });
  try {
    await sleep(settleMs);
    const begun = routes.seen().length;
    const fromMs = monotonicMs();
    const undo = await begin(site, node.name);
    await untilRouted(site, leaves ? others : announcers);
    await sleep(watchMs);
    const tried = flows.stop();
    const seen = routes.seen().slice(begun);
    await undo();
    await untilRouted(site, announcers);
    const left = seen.filter(({ gateways }) => !gateways.includes(node.lan4)).map(({ atMs }) => atMs - fromMs);
    return {
      routerMs: leaves ? Math.max(...left) : 0,
      tcpMs: outageMs(tried, fromMs),
      ...counts(tried, fromMs),
      routeChanges: leaves ? 0 : seen.length,
    };
  } finally {
    flows.stop();
  }
}
