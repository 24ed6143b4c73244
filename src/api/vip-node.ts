import { type Address, addressKey, formatAddress, parseAddress } from "../net/address.ts";
import { parseMac } from "../net/mac.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import type { DownState } from "./bgp-peer.ts";
import type { Condition } from "./condition.ts";
import type { Spec, StatusObject } from "./generated/vipnode-v1beta1.ts";
import { heraldApiVersion, identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed, Problem } from "./problem.ts";

/** What people want of a node, and what its agent says of it (VIPNode.status, written by that agent alone). */
export type VipNode = VipNodeStatus & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Its addresses shall be elsewhere, and no new ones come. */
  readonly drain: boolean;
  /** Until when addresses may be moved to it so that all nodes have as many, in ms since the epoch; absent: nobody asked. */
  readonly rebalanceUntilMs?: number;
};

/** The annotation by which a person lets the controller move addresses to a node until a time (RFC 3339). */
export const rebalanceAnnotation = "herald.dev/rebalance-until";

/** What an agent reports of its node. */
export type VipNodeStatus = {
  readonly interfaces: readonly NodeInterface[];
  readonly gateways: readonly Address[];
  readonly announcing: readonly NodeAnnouncement[];
  readonly refusing: readonly NodeRefusal[];
  /** Where it votes, as it sees it; absent: an agent of a version that does not vote. */
  readonly groups?: readonly NodeGroup[];
  /** Its BGP sessions, sorted by peer, at most 64; absent: no peer is named for it. */
  readonly bgp?: readonly NodeBgpSession[];
  readonly conditions: readonly Condition[];
};

/** A BGP session as the node sees it. */
export type NodeBgpSession = {
  /** The BGPPeer's name, or `<node>/<address>` of a router that the Node's annotations name. */
  readonly peer: string;
  readonly state: DownState | "Established";
  /** RFC 3339: when it was established, or ceased to be; while it never was: when the agent began. */
  readonly since: string;
  /** Why it is not established; while it is, the families of which it tells no route, and why. */
  readonly message: string;
  /** The families of which it tells no route although it is established, each with why. */
  readonly silent?: { readonly ipv4?: string; readonly ipv6?: string };
  /** The last NOTIFICATION in words, and who sent it. */
  readonly lastNotification?: string;
  /** Absent: BFD is not wanted. */
  readonly bfd?: "AdminDown" | "Down" | "Init" | "Up";
  /** How many prefixes the peer was told. */
  readonly announced: number;
  /** How many prefixes the peer announced since it was established, up to 10,000 a family; nothing is done with them. */
  readonly received?: { readonly ipv4: number; readonly ipv6: number };
};

/** A VIPGroup as one of its members sees it. */
export type NodeGroup = {
  readonly name: string;
  /** The generation of the VIPGroup that it goes by. */
  readonly epoch: number;
  /** More than half of the voters and it hear each other. */
  readonly quorum: boolean;
  /** The other members whose heartbeats it hears. */
  readonly hears: readonly string[];
};

/** The condition that says that a node which shall be drained holds no address. */
export const drainedCondition = "Drained";

/** A network interface of a node that can carry addresses. */
export type NodeInterface = {
  readonly name: string;
  readonly mac: string;
  /** Administratively up and with carrier. */
  readonly up: boolean;
  /** Whether a default route leaves by it. */
  readonly defaultRoute: boolean;
  /** The node's own addresses with their prefix lengths; never Herald's. */
  readonly subnets: readonly Prefix[];
};

/** The addresses that a node answers for on an interface; or, by BGP, whose route an established peer was told. */
export type NodeAnnouncement = {
  readonly protocol: "ARP" | "NDP" | "BGP";
  /** Empty with BGP. */
  readonly interface: string;
  readonly addresses: readonly Address[];
};

/** An address that a node was asked to announce and does not, and why. */
export type NodeRefusal = { readonly address: Address; readonly reason: string; readonly message: string };

/** A VIPNode as the API server has it. */
export type VipNodeObject = { readonly metadata: ObjectMeta; readonly spec?: Spec; readonly status?: StatusObject };

/** What an object says of its node. An agent writes it, so nothing in it is believed that does not parse. */
export function parseVipNode({ metadata, spec, status = {} }: VipNodeObject): Parsed<VipNode> {
  const problems: Problem[] = [];
  const read = reader(problems);
  const value: VipNode = {
    ...identity(metadata),
    drain: spec?.drain ?? false,
    ...rebalanceTime(metadata),
    interfaces: (status.interfaces ?? []).map(({ name, mac, up, defaultRoute, subnets }, i) => {
      const path = `status.interfaces[${i}]`;
      if (parseMac(mac) === undefined) problems.push({ path: `${path}.mac`, message: `"${mac}" is no MAC address` });
      return { name, mac, up, defaultRoute, subnets: read.prefixes(subnets, `${path}.subnets`) };
    }),
    gateways: read.addresses(status.gateways ?? [], "status.gateways"),
    announcing: (status.announcing ?? []).map(({ protocol, interface: link, addresses: texts }, i) => {
      const path = `status.announcing[${i}].addresses`;
      const addresses = read.addresses(texts, path);
      problems.push(...familyProblems(protocol, addresses, path));
      return { protocol, interface: link, addresses };
    }),
    refusing: (status.refusing ?? []).flatMap(({ address: text, reason, message }, i) =>
      read.addresses([text], `status.refusing[${i}].address`).map((address) => ({ address, reason, message })),
    ),
    ...(status.groups && { groups: status.groups.map(parseNodeGroup) }),
    ...(status.bgp && { bgp: status.bgp }),
    conditions: status.conditions ?? [],
  };
  return problems.length > 0 ? { problems } : { value, warnings: [] };
}

function rebalanceTime({ annotations }: ObjectMeta): Pick<VipNode, "rebalanceUntilMs"> {
  const untilMs = Date.parse(annotations?.[rebalanceAnnotation] ?? "");
  return Number.isNaN(untilMs) ? {} : { rebalanceUntilMs: untilMs };
}

function parseNodeGroup({ name, epoch, quorum, hears = [] }: NodeGroupObject): NodeGroup {
  return { name, epoch, quorum, hears };
}

type NodeGroupObject = NonNullable<StatusObject["groups"]>[number];

type Reader = {
  addresses(texts: readonly string[], path: string): readonly Address[];
  prefixes(texts: readonly string[], path: string): readonly Prefix[];
};

function reader(problems: Problem[]): Reader {
  const all =
    <T>(parse: (text: string) => T | undefined, what: string) =>
    (texts: readonly string[], path: string): readonly T[] =>
      texts.flatMap((text, i) => {
        const value = parse(text);
        if (value !== undefined) return [value];
        problems.push({ path: texts.length > 1 ? `${path}[${i}]` : path, message: `"${text}" is no ${what}` });
        return [];
      });
  return { addresses: all(parseAddress, "IP address"), prefixes: all(parsePrefix, "address with a prefix length") };
}

type Protocol = NodeAnnouncement["protocol"];

function familyProblems(protocol: Protocol, addresses: readonly Address[], path: string): readonly Problem[] {
  if (protocol === "BGP") return [];
  const family = protocol === "ARP" ? 4 : 6;
  return addresses
    .filter((address) => address.family !== family)
    .map((address) => ({ path, message: `${formatAddress(address)} cannot be announced by ${protocol}` }));
}

/** The VIPNode that the controller makes for a Node; it is deleted with that Node. */
export function vipNodeObject(node: { readonly name: string; readonly uid: string }): {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { ownerReferences: readonly OwnerReference[] };
} {
  const owner = { apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid };
  return {
    apiVersion: heraldApiVersion,
    kind: "VIPNode",
    metadata: { name: node.name, ownerReferences: [owner] },
  };
}

/** metav1.OwnerReference: whose deletion deletes the object. */
type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
};

/** The `status` of a VIPNode to write, with the number of addresses that it announces, in whatever ways. */
export function vipNodeStatusObject(status: VipNodeStatus): StatusObject {
  return {
    addresses: new Set(status.announcing.flatMap(({ addresses }) => addresses.map(addressKey))).size,
    interfaces: status.interfaces.map((each) => ({ ...each, subnets: each.subnets.map(formatPrefix) })),
    gateways: status.gateways.map(formatAddress),
    announcing: status.announcing.map((each) => ({ ...each, addresses: each.addresses.map(formatAddress) })),
    refusing: status.refusing.map((each) => ({ ...each, address: formatAddress(each.address) })),
    ...(status.groups && { groups: status.groups.map((each) => ({ ...each, hears: [...each.hears] })) }),
    ...(status.bgp && { bgp: status.bgp.map((each) => ({ ...each })) }),
    conditions: [...status.conditions],
  };
}
