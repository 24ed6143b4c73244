import type { DatagramSource } from "../linux/datagram-filter.ts";
import type { UdpEndpoint } from "../linux/socket-address.ts";
import type { Address } from "../net/address.ts";
import { type DirectionKey, directionKey, type KeyPair } from "../protocols/heartbeat/keys.ts";
import { tagOf } from "../protocols/heartbeat/seal.ts";

/** Another member of the group, as its Lease describes it. */
export type HeartbeatPeer = {
  readonly node: string;
  /** Of the family of the own address. */
  readonly address: Address;
  /** Its public key, one that parseEndpoint let pass. */
  readonly key: string;
  /** Where it listens; absent: at the own port. */
  readonly port?: number;
};

/** Who this node is in the group. */
export type HeartbeatSelf = UdpEndpoint & { readonly node: string; readonly group: string; readonly keys: KeyPair };

/** A peer with what seals the heartbeats from and to it. */
export type KnownPeer = {
  readonly node: string;
  readonly key: string;
  readonly endpoint: UdpEndpoint;
  readonly incoming: DirectionKey;
  readonly outgoing: DirectionKey;
};

/** The peers by node name; neither the node itself nor one of another family is among them. What is known of a key already is taken over. */
export function knownPeers(
  self: HeartbeatSelf,
  peers: readonly HeartbeatPeer[],
  before: ReadonlyMap<string, KnownPeer>,
): ReadonlyMap<string, KnownPeer> {
  const reachable = peers.filter(({ node, address }) => node !== self.node && address.family === self.address.family);
  return new Map(reachable.map((peer) => [peer.node, knownPeer(self, peer, before.get(peer.node))]));
}

function knownPeer(self: HeartbeatSelf, peer: HeartbeatPeer, before: KnownPeer | undefined): KnownPeer {
  const { node, address, key, port = self.port } = peer;
  const keys = before?.key === key ? before : keysWith(self, peer);
  return { node, key, endpoint: { address, port }, incoming: keys.incoming, outgoing: keys.outgoing };
}

function keysWith(
  { keys, group, node: own }: HeartbeatSelf,
  { node, key }: HeartbeatPeer,
): Pick<KnownPeer, "incoming" | "outgoing"> {
  return {
    incoming: directionKey(keys, key, { group, from: node, to: own }),
    outgoing: directionKey(keys, key, { group, from: own, to: node }),
  };
}

/** What the kernel is to let in. */
export function sourcesOf(peers: ReadonlyMap<string, KnownPeer>): readonly DatagramSource[] {
  return [...peers.values()].map(({ endpoint, incoming }) => ({ address: endpoint.address, tag: incoming.tag }));
}

/** The peers by the tag of what they send. */
export function peersByTag(peers: ReadonlyMap<string, KnownPeer>): ReadonlyMap<bigint | undefined, KnownPeer> {
  return new Map([...peers.values()].map((peer) => [tagOf(peer.incoming.tag), peer]));
}
