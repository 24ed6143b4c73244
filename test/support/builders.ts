import { defaultAnnouncement } from "../../src/api/announcement.ts";
import type { Pool, Reservation, Reuse } from "../../src/api/ip-pool.ts";
import type { ClusterNode } from "../../src/api/node.ts";
import { defaultReuse } from "../../src/api/pool-reuse.ts";
import type { Service, ServiceAsks } from "../../src/api/service.ts";
import type { SharingTerms } from "../../src/api/sharing.ts";
import type { Advertisement, AdvertisementSpec, Member, Released } from "../../src/api/vip-advertisement.ts";
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

/** The wall clock of a snapshot that does not say another: noon of the last day of January 2026. */
export const noonMs = Date.UTC(2026, 0, 31, 12);

/** Forgets an address at once: whoever comes next may have it. */
export const noReuse: Reuse = { rememberForMs: 0, coolDownForMs: 0, coolDown: "Prefer" };

/** An address that is kept for a Service, given as `namespace/name`. */
export function reservation(text: string, key: string): Reservation {
  return { address: address(text), ...names(key) };
}

function names(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
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
    reservations: [],
    reuse: defaultReuse,
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
  return {
    key,
    ...names(key),
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

/** The terms of a Service that shares by the key `front`, within its namespace, and has the port TCP/80. */
export function sharingTerms(changes: Partial<SharingTerms> = {}): SharingTerms {
  return { key: "front", namespaces: [], ports: ["TCP/80"], policy: "Cluster", selector: "", ...changes };
}

/** A Service as the claim of its address names it, with the terms that it has. */
export function member({ namespace, name, uid, terms }: Service): Member {
  return { namespace, name, uid, ...(terms && { terms }) };
}

/** A Service as the claim remembers it that it released, at noon if nothing else is said. */
export function released({ namespace, name, uid }: Service, atMs = noonMs): Released {
  return { namespace, name, uid, atMs };
}

/**
 * The claim of an address for a Service, or for several (`owners`) that share it, from pool `public`, placed nowhere. Without
 * any it is to be deleted, or, with `released`, remembered.
 */
export function advertisement(
  text: string,
  { owner, owners, ...changes }: Partial<Advertisement> & { owner?: Service; owners?: readonly Service[] } = {},
): Advertisement {
  const holders = owners ?? (owner ? [owner] : []);
  return {
    address: address(text),
    name: objectName(address(text)),
    uid: `uid-${text}`,
    resourceVersion: "1",
    generation: 1,
    createdMs: 0,
    pool: "public",
    services: holders.map(member),
    trafficPolicy: holders[0]?.trafficPolicy ?? "Cluster",
    announcement: defaultAnnouncement,
    group: "",
    node: "",
    status: { holder: "", service: "", protocol: "", history: [], conditions: [] },
    ...changes,
  };
}

/** What an advertisement says, without what is the object's. */
export function specOf(given: Advertisement): AdvertisementSpec {
  const { name: _, uid, resourceVersion, generation, createdMs, status, ...spec } = given;
  return spec;
}

/** A cluster with these objects at noon, nothing forbidden, and a namespace without labels for each Service. */
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
    nowMs: noonMs,
    options: { defaultClass: true, allowForeignAddresses: false, clusterFamily: 4, observe: false, ...options },
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

/** What an agent that does not vote says of its node; without `interfaces` it has `eth0` on 192.168.50.0/24. */
export function vipNode(name: string, changes: Partial<VipNode> = {}): VipNode {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    drain: false,
    interfaces: [nodeInterface()],
    gateways: [],
    announcing: [],
    refusing: [],
    conditions: [],
    ...changes,
  };
}

/** What an agent that votes says of its node: as `vipNode`, in no group yet. */
export function voter(name: string, changes: Partial<VipNode> = {}): VipNode {
  return vipNode(name, { groups: [], ...changes });
}

/** A Kubernetes Node without labels and addresses. */
export function clusterNode(name: string, changes: Partial<ClusterNode> = {}): ClusterNode {
  return {
    name,
    uid: `uid-${name}`,
    labels: {},
    networkUnavailable: false,
    cordoned: false,
    outOfService: false,
    addresses: [],
    podPrefixes: [],
    ...changes,
  };
}

/** A group of nodes on 192.168.50.0/24 in its first epoch, without a witness. */
export function group(members: readonly string[], changes: Partial<Group> = {}): Group {
  const name = changes.name ?? "192-168-50-0-24-1";
  const list = { lan: "192.168.50.0/24", members, witness: false, forced: false, byLease: false };
  return { name, uid: `uid-${name}`, resourceVersion: "1", epoch: 1, ...list, ...changes };
}
