import type { NodeInterface } from "../api/vip-node.ts";
import { bitLength } from "../net/address.ts";
import { formatPrefix, maskedPrefix, type Prefix } from "../net/prefix.ts";

/**
 * The networks that an interface is on, as text (`192.168.50.0/24`), each once: IPv4 before IPv6, otherwise in the order of
 * its subnets. A subnet of one address, such as a floating address of somebody else, is a network only if there is no other.
 */
export function lanNames({ subnets }: Pick<NodeInterface, "subnets">): readonly string[] {
  const networks = subnets.filter((subnet) => !isSingle(subnet));
  const known = networks.length > 0 ? networks : subnets;
  const byFamily = known.toSorted((a, b) => a.address.family - b.address.family);
  return [...new Set(byFamily.map((subnet) => formatPrefix(maskedPrefix(subnet))))];
}

function isSingle({ address, length }: Prefix): boolean {
  return length === bitLength(address.family);
}
