import type { NodeInterface } from "../api/vip-node.ts";
import { formatPrefix, maskedPrefix } from "../net/prefix.ts";

/** The network that an interface is on, as text (`192.168.50.0/24`): of its first IPv4 subnet, else of its first IPv6 one. */
export function lanName({ subnets }: Pick<NodeInterface, "subnets">): string | undefined {
  const subnet = subnets.find(({ address }) => address.family === 4) ?? subnets[0];
  return subnet === undefined ? undefined : formatPrefix(maskedPrefix(subnet));
}
