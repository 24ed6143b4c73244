import type { PeerNode } from "../src/api/bgp-peer-review.ts";
import { type NodeObject, parseNode } from "../src/api/node.ts";
import { parseVipNode, type VipNodeObject } from "../src/api/vip-node.ts";

/** Every Node with its addresses, and those that its agent sees on its interfaces; an agent's report that cannot be read counts for nothing. */
export function peerNodesOf(nodes: readonly NodeObject[], vipNodes: readonly VipNodeObject[]): readonly PeerNode[] {
  const reported = new Map(vipNodes.map((object) => [object.metadata.name, addressesOf(object)]));
  return nodes.map(parseNode).map(({ name, labels, addresses }) => ({
    name,
    labels,
    addresses: [...addresses, ...(reported.get(name) ?? [])],
  }));
}

function addressesOf(object: VipNodeObject): PeerNode["addresses"] {
  const parsed = parseVipNode(object);
  if ("problems" in parsed) return [];
  return parsed.value.interfaces.flatMap(({ subnets }) => subnets.map(({ address }) => address));
}
