import { defaultAnnouncement } from "../../src/api/announcement.ts";
import type { Pool } from "../../src/api/ip-pool.ts";
import type { ClusterNode } from "../../src/api/node.ts";
import type { Service, ServiceAsks } from "../../src/api/service.ts";
import type { Advertisement } from "../../src/api/vip-advertisement.ts";
import type { Group } from "../../src/api/vip-group.ts";
import type { NodeInterface, VipNode } from "../../src/api/vip-node.ts";
import type { Snapshot } from "../../src/ipam/snapshot.ts";
import { type Address, objectName, parseAddress } from "../../src/net/address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { type AddressRange, mergeRanges, parseRange, subtractRanges } from "../../src/net/range.ts";

/** The address of a text; throws if it is none, because then the test itself is wrong. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`test data: "${text}" is no address`);
  return parsed;
}

/** The addresses of several texts. */
export function addresses(...texts: readonly string[]): readonly Address[] {
  return texts.map(address);
}

/** The prefix of a text such as `192.0.2.7/24`. */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`test data: "${text}" is no prefix`);
  return parsed;
}

/** The range of a text: CIDR, `first-last` or one address. */
export function range(text: string): AddressRange {
  const parsed = parseRange(text);
  if ("problem" in parsed) throw new Error(`test data: ${parsed.problem}`);
  return parsed.range;
}

/** A pool called `public` that gives 192.0.2.0/24 to anybody; `addresses` and `exclude` are texts. */
export function pool({
  addresses: texts = ["192.0.2.0/24"],
  exclude = [],
  ...changes
}: Partial<Pool> & { addresses?: readonly string[]; exclude?: readonly string[] } = {}): Pool {
  const covered = mergeRanges(texts.map(range));
  return {
    name: "public",
    uid: `uid-${changes.name ?? "public"}`,
    resourceVersion: "1",
    generation: 1,
    covered,
    ranges: subtractRanges(covered, exclude.map(range)),
    avoidBuggyIPs: false,
    order: "Ascending",
    automatic: true,
    priority: 0,
    paused: false,
    services: {},
    announcement: defaultAnnouncement,
    status: { conditions: [] },
    ...changes,
  };
}

/** A Service `shop/web` of type LoadBalancer that wants one IPv4 address; `key` sets namespace, name and uid as well. */
export function service({
  key = "shop/web",
  asks = {},
  ...changes
}: Partial<Omit<Service, "asks">> & { asks?: Partial<ServiceAsks> } = {}): Service {
  const [namespace = "", name = ""] = key.split("/");
  return {
    key,
    namespace,
    name,
    uid: `uid-${key}`,
    resourceVersion: "1",
    generation: 1,
    createdMs: 0,
    terminating: false,
    type: "LoadBalancer",
    labels: {},
    ipFamilyPolicy: "SingleStack",
    ipFamilies: [4],
    trafficPolicy: "Cluster",
    loadBalancerIP: "",
    asks: { problems: [], ...asks },
    ingress: [],
    conditions: [],
    ...changes,
  };
}

/** The claim of an address for a Service, from pool `public`, placed nowhere; without `owner` it is a released one. */
export function advertisement(
  text: string,
  { owner, ...changes }: Partial<Advertisement> & { owner?: Service } = {},
): Advertisement {
  const services = owner === undefined ? [] : [{ namespace: owner.namespace, name: owner.name, uid: owner.uid }];
  return {
    address: address(text),
    name: objectName(address(text)),
    uid: `uid-${text}`,
    resourceVersion: "1",
    generation: 1,
    createdMs: 0,
    pool: "public",
    services,
    trafficPolicy: owner?.trafficPolicy ?? "Cluster",
    announcement: defaultAnnouncement,
    group: "",
    node: "",
    status: { holder: "", service: "", protocol: "", history: [], conditions: [] },
    ...changes,
  };
}

/** A cluster with these objects, nothing forbidden, and a namespace without labels for each Service. */
export function snapshot({
  options = {},
  ...parts
}: Partial<Omit<Snapshot, "options">> & { options?: Partial<Snapshot["options"]> } = {}): Snapshot {
  const services = parts.services ?? [];
  return {
    services,
    pools: [],
    advertisements: [],
    namespaces: new Map(services.map(({ namespace }) => [namespace, {}])),
    forbidden: [],
    options: { defaultClass: true, allowForeignAddresses: false, clusterFamily: 4, ...options },
    ...parts,
  };
}

/** An interface `eth0` that is up and carries the default route; `subnets` are texts. */
export function nodeInterface({
  subnets = ["192.168.50.11/24"],
  ...changes
}: Partial<Omit<NodeInterface, "subnets">> & { subnets?: readonly string[] } = {}): NodeInterface {
  return {
    name: "eth0",
    mac: "02:00:00:00:00:01",
    up: true,
    defaultRoute: true,
    subnets: subnets.map(prefix),
    ...changes,
  };
}

/** What the agent of a node says of itself; without `interfaces` it has `eth0` on 192.168.50.0/24. */
export function vipNode(name: string, changes: Partial<VipNode> = {}): VipNode {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    interfaces: [nodeInterface()],
    gateways: [],
    announcing: [],
    refusing: [],
    conditions: [],
    ...changes,
  };
}

/** A Kubernetes Node without labels and addresses. */
export function clusterNode(name: string, changes: Partial<ClusterNode> = {}): ClusterNode {
  return {
    name,
    uid: `uid-${name}`,
    labels: {},
    networkUnavailable: false,
    addresses: [],
    podPrefixes: [],
    ...changes,
  };
}

/** A group of nodes on 192.168.50.0/24. */
export function group(members: readonly string[], changes: Partial<Group> = {}): Group {
  const name = changes.name ?? "192-168-50-0-24-1";
  return { name, uid: `uid-${name}`, resourceVersion: "1", lan: "192.168.50.0/24", members, ...changes };
}
