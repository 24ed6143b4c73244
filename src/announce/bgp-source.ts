import type { BgpPeer } from "../api/bgp-peer.ts";
import type { ClusterNode } from "../api/node.ts";
import type { VipNode } from "../api/vip-node.ts";
import { type Address, sameAddress } from "../net/address.ts";

/** Whether a node with these addresses of its own can speak to the peer: it names no `sourceAddress`, or one of them. */
export function hasSource({ sourceAddress }: Pick<BgpPeer, "sourceAddress">, addresses: readonly Address[]): boolean {
  return sourceAddress === undefined || addresses.some((each) => sameAddress(each, sourceAddress));
}

type KnownNode = {
  readonly node: Pick<ClusterNode, "addresses"> | undefined;
  readonly vipNode: Pick<VipNode, "interfaces" | "bgp"> | undefined;
};

/** The addresses that the Node and its agent say the node has; those of its loopback interface are not among them. */
export function knownAddresses({ node, vipNode }: KnownNode): readonly Address[] {
  const subnets = vipNode?.interfaces.flatMap((each) => each.subnets) ?? [];
  return [...(node?.addresses ?? []), ...subnets.map(({ address }) => address)];
}

/** As `hasSource` from afar, where a session that the node reports tells of addresses that are known to it alone. */
export function maySpeakTo(peer: Pick<BgpPeer, "name" | "sourceAddress">, known: KnownNode): boolean {
  return hasSource(peer, knownAddresses(known)) || known.vipNode?.bgp?.some((each) => each.peer === peer.name) === true;
}
