import type { ClusterNode } from "../api/node.ts";
import type { Service } from "../api/service.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { ForbiddenRange } from "../ipam/snapshot.ts";
import { type Address, addressKey, type Family } from "../net/address.ts";
import { formatPrefix, maskedPrefix, type Prefix, prefixRange } from "../net/prefix.ts";

/** What of a cluster has addresses of its own. */
export type ClusterAddresses = {
  readonly nodes: readonly ClusterNode[];
  readonly vipNodes: readonly VipNode[];
  /** Where Services get their cluster IPs from. */
  readonly serviceNetworks: readonly Prefix[];
  readonly apiServers: readonly Address[];
};

/** The shortest IPv4 and IPv6 networks in which no host address means something else (RFC 3021, RFC 6164). */
const pointToPointLength = { 4: 31, 6: 127 } as const;

/** So much is believed of one node: a captured agent that lists the addresses of a pool as its own must not use it up. */
const mostSubnets = 128;
const mostGateways = 16;

/**
 * The addresses that the cluster itself uses, each once and with what it is: of nodes, their interfaces and gateways, the
 * network and broadcast addresses of the LANs, the pods', the Services' and the API servers' own.
 */
export function forbiddenRanges(cluster: ClusterAddresses): readonly ForbiddenRange[] {
  // Of an address that is two things the later is told: a node is also its neighbours' next hop. All readers tell the same.
  const vipNodes = cluster.vipNodes.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  const all = [
    ...vipNodes.flatMap(gatewaysOf),
    ...vipNodes.flatMap(subnetsOf),
    ...cluster.apiServers.map((address) => single(address, "the address of an API server")),
    ...cluster.nodes.flatMap(ofNode),
    ...cluster.serviceNetworks.map((prefix) => network(prefix, `in the Service network ${formatPrefix(prefix)}`)),
  ];
  const once = new Map(all.map((each) => [`${addressKey(each.range.first)}-${addressKey(each.range.last)}`, each]));
  return [...once.values()];
}

function ofNode({ name, addresses, podPrefixes }: ClusterNode): readonly ForbiddenRange[] {
  return [
    ...addresses.map((address) => single(address, `the address of node ${name}`)),
    ...podPrefixes.map((prefix) => network(prefix, `in the pod network ${formatPrefix(prefix)} of node ${name}`)),
  ];
}

function gatewaysOf({ name, gateways }: VipNode): readonly ForbiddenRange[] {
  return gateways.slice(0, mostGateways).map((address) => single(address, `a gateway of node ${name}`));
}

function subnetsOf({ name, interfaces }: VipNode): readonly ForbiddenRange[] {
  const subnets = interfaces.flatMap((each) => each.subnets).slice(0, mostSubnets);
  return [
    ...subnets.flatMap(endsOfLan),
    ...subnets.map(({ address }) => single(address, `the address of node ${name}`)),
  ];
}

/** IPv4: network and broadcast address. IPv6: the all-zero host, which is every router's (RFC 4291, section 2.6.1). */
function endsOfLan(subnet: Prefix): readonly ForbiddenRange[] {
  const { family } = subnet.address;
  if (subnet.length >= pointToPointLength[family]) return [];
  const { first, last } = prefixRange(subnet);
  const lan = formatPrefix(maskedPrefix(subnet));
  if (family === 6) return [single(first, `the routers' address of ${lan}`)];
  return [single(first, `the network address of ${lan}`), single(last, `the broadcast address of ${lan}`)];
}

function single(address: Address, what: string): ForbiddenRange {
  return { range: { first: address, last: address }, what };
}

function network(prefix: Prefix, what: string): ForbiddenRange {
  return { range: prefixRange(prefix), what };
}

/** The family of the Service `kubernetes` is the one that the cluster gives to Services that ask for none. */
export function clusterFamily(services: readonly Service[]): Family {
  return services.find(({ key }) => key === "default/kubernetes")?.ipFamilies[0] ?? 4;
}
