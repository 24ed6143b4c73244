import { type Address, formatAddress, parseAddress } from "../net/address.ts";
import { parseMac } from "../net/mac.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../net/prefix.ts";
import type { Condition } from "./condition.ts";
import type { StatusObject } from "./generated/vipnode-v1beta1.ts";
import { heraldApiVersion, identity, type ObjectMeta } from "./object-meta.ts";
import type { Parsed, Problem } from "./problem.ts";

/** What a node's agent says of itself (VIPNode.status); written by that agent alone. */
export type VipNode = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly interfaces: readonly NodeInterface[];
  readonly gateways: readonly Address[];
  readonly announcing: readonly NodeAnnouncement[];
  readonly refusing: readonly NodeRefusal[];
  readonly conditions: readonly Condition[];
};

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

/** The addresses that a node answers for on an interface. */
export type NodeAnnouncement = {
  readonly protocol: "ARP" | "NDP";
  readonly interface: string;
  readonly addresses: readonly Address[];
};

/** An address that a node was asked to announce and does not, and why. */
export type NodeRefusal = { readonly address: Address; readonly reason: string; readonly message: string };

/** A VIPNode as the API server has it. */
export type VipNodeObject = { readonly metadata: ObjectMeta; readonly status?: StatusObject };

/** What an agent reports of its node: the part of a VipNode that is not the object's identity. */
export type VipNodeStatus = Omit<VipNode, "name" | "uid" | "resourceVersion">;

/** What an object says of its node. An agent writes it, so nothing in it is believed that does not parse. */
export function parseVipNode({ metadata, status = {} }: VipNodeObject): Parsed<VipNode> {
  const problems: Problem[] = [];
  const read = reader(problems);
  const value: VipNode = {
    ...identity(metadata),
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
    conditions: status.conditions ?? [],
  };
  return problems.length > 0 ? { problems } : { value, warnings: [] };
}

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

function familyProblems(protocol: "ARP" | "NDP", addresses: readonly Address[], path: string): readonly Problem[] {
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

/** The `status` of a VIPNode to write. */
export function vipNodeStatusObject(status: VipNodeStatus): StatusObject {
  return {
    interfaces: status.interfaces.map((each) => ({ ...each, subnets: each.subnets.map(formatPrefix) })),
    gateways: status.gateways.map(formatAddress),
    announcing: status.announcing.map((each) => ({ ...each, addresses: each.addresses.map(formatAddress) })),
    refusing: status.refusing.map((each) => ({ ...each, address: formatAddress(each.address) })),
    conditions: [...status.conditions],
  };
}
