import { type Cluster, clusterOf, deploymentObject, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { type Answer, soleMacs } from "./answers.ts";
import { type Lab, type LabOptions, startLab } from "./lab.ts";
import { monotonicMs } from "./monotonic.ts";
import type { Watch } from "./watch.ts";

/** A lab in which Herald announces addresses on the LAN, with servers behind them. */
export type Site = {
  readonly lab: Lab;
  readonly cluster: Cluster;
  /** Of the Services vip-1, vip-2 and so on; every fourth is an IPv6 one. All serve TCP and UDP on port 80. */
  readonly addresses: readonly string[];
};

/** What a site is to be. */
export type SiteOptions = LabOptions & {
  /** How many Services, each with an address; at most 160. */
  readonly services: number;
  /** The node on which the servers run; default: spread over all. It announces nothing, so that no other loss takes servers. */
  readonly serversOn?: string;
};

const ports = [
  { name: "http", port: 80, protocol: "TCP" },
  { name: "echo", port: 80, protocol: "UDP" },
];

/** Starts it; resolves once every address is held and all members of each group hear each other. */
export async function openSite({ services, serversOn, ...options }: SiteOptions): Promise<Site> {
  const lab = await startLab({ report: () => undefined, ...options });
  try {
    const cluster = clusterOf(lab);
    await cluster.apply(await pool(cluster, serversOn), servers(serversOn));
    await cluster.kubectl(["rollout", "status", "deployment/web", "--timeout=60s"]);
    const names = Array.from({ length: services }, (_, i) => `vip-${i + 1}`);
    await cluster.apply(...names.map((name, i) => service(name, i % 4 === 3 ? "IPv6" : "IPv4")));
    const addresses = await addressesOf(cluster, names);
    const site = { lab, cluster, addresses };
    await untilGrouped(site);
    return site;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

type Served = {
  readonly metadata: { readonly name: string };
  readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] } };
};

/** Of all in one question: a kubectl for each would take longer than Herald does. */
function addressesOf(cluster: Cluster, names: readonly string[]): Promise<readonly string[]> {
  return eventually("every Service has its address", async () => {
    const { items } = await cluster.get<Listed<Served>>("services");
    const served = new Map(items.map(({ metadata, status }) => [metadata.name, status.loadBalancer.ingress?.[0]?.ip]));
    const addresses = names.flatMap((name) => served.get(name) ?? []);
    return addresses.length === names.length ? addresses : undefined;
  });
}

async function pool({ kubectl, lab }: Cluster, serversOn: string | undefined): Promise<object> {
  const ranges = ["192.168.50.101-192.168.50.254", "fd50::200-fd50::2ff"];
  if (serversOn === undefined) return poolObject("lan", ranges);
  const others = lab.nodes.map(({ name }) => name).filter((name) => name !== serversOn);
  await kubectl(["label", "node", ...others, "announces=yes"]);
  return poolObject("lan", ranges, { announcement: { arp: {}, nodeSelector: { matchLabels: { announces: "yes" } } } });
}

function servers(on: string | undefined): object {
  const deployment = deploymentObject("web", 2) as { spec: { template: { spec: object } } };
  if (on !== undefined)
    Object.assign(deployment.spec.template.spec, { nodeSelector: { "kubernetes.io/hostname": on } });
  return deployment;
}

function service(name: string, family: "IPv4" | "IPv6"): object {
  return serviceObject(name, "web", { ports, ipFamilies: [family], allocateLoadBalancerNodePorts: false });
}

type Listed<Item> = { readonly items: readonly Item[] };
type GroupObject = {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly members: readonly string[]; readonly witness?: boolean };
};
type Seen = {
  readonly name: string;
  readonly epoch: number;
  readonly quorum: boolean;
  readonly hears: readonly string[];
};
type NodeObject = {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly groups?: readonly Seen[] };
};

/** Longer than a change takes to show in a node's status: what is older is no news of a member that has just returned. */
const standsMs = 1_500;

/**
 * Resolves once each group has an odd number of voters, its members go by its newest list and hear each other, and that has
 * been so for a while.
 */
export async function untilGrouped(site: Pick<Site, "cluster" | "lab">): Promise<void> {
  let sinceMs = Number.POSITIVE_INFINITY;
  await eventually("all members of all groups hear each other", async () => {
    const grouped = await isGrouped(site);
    sinceMs = grouped ? Math.min(sinceMs, monotonicMs()) : Number.POSITIVE_INFINITY;
    return monotonicMs() - sinceMs >= standsMs || undefined;
  });
}

async function isGrouped({ cluster, lab }: Pick<Site, "cluster" | "lab">): Promise<boolean> {
  const groups = (await cluster.get<Listed<GroupObject>>("vipgroups")).items;
  const nodes = (await cluster.get<Listed<NodeObject>>("vipnodes")).items;
  const members = new Set(groups.flatMap(({ spec }) => spec.members));
  return members.size === lab.nodes.length && groups.every((group) => isJoined(group, nodes));
}

function isJoined(
  { metadata, spec: { members, witness = false } }: GroupObject,
  nodes: readonly NodeObject[],
): boolean {
  if ((members.length + Number(witness)) % 2 === 0) return false;
  return members.every((member) => {
    const node = nodes.find(({ metadata: { name } }) => name === member);
    const seen = node?.status?.groups?.find(({ name }) => name === metadata.name);
    return seen?.quorum === true && seen.epoch === metadata.generation && seen.hears.length === members.length - 1;
  });
}

const lookMs = 600;
const patienceMs = 400;

/** Which node alone has answered for each address of late; undefined if for one nobody did, or two. */
export function holdersNow({ lab, addresses }: Site, frames: Watch<Answer>): ReadonlyMap<string, string> | undefined {
  const toMs = monotonicMs();
  const sole = soleMacs(frames.seen(), { addresses, fromMs: toMs - lookMs, toMs }, patienceMs);
  if (sole === undefined) return undefined;
  const nodeOf = new Map(lab.nodes.map(({ mac, name }) => [mac, name]));
  return new Map([...sole].map(([address, mac]) => [address, nodeOf.get(mac) ?? mac]));
}

/**
 * Resolves once one node alone answers for each address, and it is one that `may` (default: any), and says which.
 * @throws {Error} that says who answered of late, if that is not so within a minute
 */
export async function settled(
  site: Site,
  frames: Watch<Answer>,
  may: (node: string, address: string) => boolean = () => true,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await eventually("one node alone answers for each address", () => {
      const holders = holdersNow(site, frames);
      return holders !== undefined && [...holders].every(([address, node]) => may(node, address)) ? holders : undefined;
    });
  } catch (cause) {
    throw new Error(`not one node alone, or the wrong one: ${lateText(site, frames)}`, { cause });
  }
}

function lateText({ addresses, lab }: Site, frames: Watch<Answer>): string {
  const late = frames.seen().filter(({ atMs }) => atMs >= monotonicMs() - lookMs);
  const nodeOf = new Map(lab.nodes.map(({ mac, name }) => [mac, name]));
  const texts = addresses.map((address) => {
    const macs = new Set(late.filter((answer) => answer.address === address).map(({ mac }) => mac));
    return `${address} ${[...macs].map((mac) => nodeOf.get(mac) ?? mac).join(" and ") || "nobody"}`;
  });
  return texts.join(", ");
}
