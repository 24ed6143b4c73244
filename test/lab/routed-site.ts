import { type Cluster, clusterOf, deploymentObject, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { type BirdOptions, type LabBird, routerPeer, startBird } from "./bird.ts";
import { goodSince } from "./flows.ts";
import { type Lab, type LabOptions, startLab } from "./lab.ts";
import type { LabNode } from "./layout.ts";
import { monotonicMs } from "./monotonic.ts";
import { type Watch, watchFlows, watchRoutes } from "./watch.ts";
import type { RouteSight } from "./watch-routes.ts";

/** A lab in which Herald tells the router's BIRD its addresses, with servers behind them: the client reaches them by way of the router. */
export type RoutedSite = {
  readonly lab: Lab;
  readonly cluster: Cluster;
  readonly bird: LabBird;
  /** Of the Services vip-1, vip-2 and so on; all IPv4. All serve TCP and UDP on port 80. */
  readonly addresses: readonly string[];
  /** Those that announce: all but the last, which has the servers. */
  readonly announcers: readonly LabNode[];
  /** Each change of a route of the router's kernel, since the start. */
  readonly routes: Watch<RouteSight>;
};

/** What a routed site is to be. */
export type RoutedSiteOptions = LabOptions & BirdOptions & { readonly services: number };

const ports = [
  { name: "http", port: 80, protocol: "TCP" },
  { name: "echo", port: 80, protocol: "UDP" },
];

/** Starts it; resolves once the router's kernel has every address over all announcers, and these lead the client to a server. */
export async function openRoutedSite({ services, bfd, ...options }: RoutedSiteOptions): Promise<RoutedSite> {
  const lab = await startLab({ report: () => undefined, ...options });
  try {
    const bird = await startBird(lab, { ...(bfd && { bfd }) });
    const routes = await watchRoutes(lab);
    const cluster = clusterOf(lab);
    const announcers = lab.nodes.slice(0, -1);
    await cluster.kubectl(["label", "node", ...announcers.map(({ name }) => name), "announces=yes"]);
    const announcement = { bgp: {}, nodeSelector: { matchLabels: { announces: "yes" } } };
    const pool = poolObject("routed", ["203.0.113.0/24"], { announcement });
    await cluster.apply(pool, routerPeer({ ...(bfd && { bfd }) }), servers(lab.nodes.at(-1)?.name ?? ""));
    await cluster.kubectl(["rollout", "status", "deployment/web", "--timeout=60s"]);
    const names = Array.from({ length: services }, (_, i) => `vip-${i + 1}`);
    const spec = { ports, allocateLoadBalancerNodePorts: false };
    await cluster.apply(...names.map((name) => serviceObject(name, "web", spec)));
    const addresses = await Promise.all(names.map((name) => cluster.address(name)));
    const site = { lab, cluster, bird, addresses, announcers, routes };
    await untilRouted(site, announcers);
    await untilServed(lab, addresses[0] ?? "");
    return site;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** In so long the client has come by way of every node. */
const goodForMs = 2_000;
const tryEveryMs = 20;

async function untilServed(lab: Lab, ip: string): Promise<void> {
  const flows = await watchFlows(lab, { ip, everyMs: tryEveryMs, protocol: "TCP" });
  const begunMs = monotonicMs();
  try {
    await eventually("every node leads the client to a server", () => {
      const sinceMs = monotonicMs() - goodForMs;
      return (sinceMs >= begunMs && goodSince(flows.seen(), sinceMs)) || undefined;
    });
  } finally {
    flows.stop();
  }
}

function servers(on: string): object {
  const deployment = deploymentObject("web", 2) as { spec: { template: { spec: object } } };
  Object.assign(deployment.spec.template.spec, { nodeSelector: { "kubernetes.io/hostname": on } });
  return deployment;
}

/** Resolves once the router's kernel has every address over exactly these nodes, and where there is BFD it sees them. */
export async function untilRouted(
  { bird, addresses }: Pick<RoutedSite, "bird" | "addresses">,
  nodes: readonly LabNode[],
): Promise<void> {
  const hops = nodes.map(({ lan4 }) => lan4).sort();
  await eventually(`the router has every address over ${hops.join(", ")}`, async () => {
    const routes = await bird.routes();
    const routed = addresses.every((address) => routes[`${address}/32`]?.join() === hops.join());
    return routed && (await seen(bird, hops)) ? true : undefined;
  });
}

/** Whether BFD, if BIRD runs it, sees all of these. */
async function seen(bird: LabBird, addresses: readonly string[]): Promise<boolean> {
  const states = await bfdStates(bird);
  return states === undefined || addresses.every((address) => states.get(address)?.startsWith("Up") === true);
}

/** The state of BIRD's BFD session with each address and since when it is, in BIRD's words; undefined: it runs none. */
export async function bfdStates({ ask }: LabBird): Promise<ReadonlyMap<string, string> | undefined> {
  const printed = await ask("show bfd sessions").catch(() => "");
  const lines = printed.split("\n").map((line) => /^(\d+\.\d+\.\d+\.\d+)\s+\S+\s+(\S+\s+\S+( \S+)?)/.exec(line));
  const states = lines.flatMap((match) => (match === null ? [] : [[match[1] ?? "", match[2] ?? ""] as const]));
  return printed === "" || /no BFD|not running/i.test(printed) ? undefined : new Map(states);
}
