import { openUdpSocket } from "../linux/udp-socket.ts";
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat, OtherVersionError } from "../protocols/heartbeat/packet.ts";
import { seal, tagOf, unseal } from "../protocols/heartbeat/seal.ts";
import { MalformedPacketError } from "../protocols/malformed-packet.ts";
import {
  type HeartbeatPeer,
  type HeartbeatSelf,
  type KnownPeer,
  knownPeers,
  peersByTag,
  sourcesOf,
} from "./heartbeat-peers.ts";

export type { HeartbeatPeer } from "./heartbeat-peers.ts";

/** The heartbeats of one group on one LAN: bytes, keys and a socket, but neither time nor meaning. */
export type Heartbeats = {
  /**
   * From now on these are the peers; addresses and keys may have changed. Who is not among them, or has another key, cannot be
   * heard at all, not even to say that somebody is there, because the kernel drops what he sends: read the Leases of the
   * members that are silent. @throws {Error} for a key that parseEndpoint refuses
   */
  setPeers(peers: readonly HeartbeatPeer[]): void;
  /** Sends at once. What the kernel does not take is lost like on the wire, and so is what is for no peer; both are counted. */
  send(to: string, heartbeat: Heartbeat): void;
  close(): void;
};

/** What happened, counted. The kernel's filter drops junk uncounted before any of it. */
export type HeartbeatCounters = {
  sent: number;
  /** The kernel took it not, or the peer is not known. */
  sendFailures: number;
  /** Given to onHeartbeat. */
  received: number;
  /** Passed the filter, but no peer sealed it; also the last ones of a peer that was dropped. */
  forged: number;
  malformed: number;
  /** Of a peer that speaks another major version of the format. */
  otherVersion: number;
};

/** All zero. */
export function createHeartbeatCounters(): HeartbeatCounters {
  return { sent: 0, sendFailures: 0, received: 0, forged: 0, malformed: 0, otherVersion: 0 };
}

/** `address` is an own one on the LAN, and peers are reached in its family alone: one address and port, one group at a time. */
export type HeartbeatOptions = HeartbeatSelf & {
  readonly interfaceName: string;
  /** Genuine, but perhaps replayed: the receiver goes by boot and seq. */
  readonly onHeartbeat: (from: string, heartbeat: Heartbeat) => void;
  readonly counters: HeartbeatCounters;
};

/** Opens the socket; hears nobody before setPeers. @throws {SystemCallError} as openUdpSocket does */
export function openHeartbeats(options: HeartbeatOptions): Heartbeats {
  const { counters } = options;
  let peers: ReadonlyMap<string, KnownPeer> = new Map();
  let byTag = peersByTag(peers);
  const socket = openUdpSocket({
    ...options,
    onDatagram: (datagram) => {
      const peer = byTag.get(tagOf(datagram));
      const heartbeat = readHeartbeat(datagram, peer, counters);
      if (peer !== undefined && heartbeat !== undefined) options.onHeartbeat(peer.node, heartbeat);
    },
  });
  return {
    setPeers: (list) => {
      peers = knownPeers(options, list, peers);
      byTag = peersByTag(peers);
      socket.setSources(sourcesOf(peers));
    },
    send: (to, heartbeat) => {
      const peer = peers.get(to);
      const failure = peer === undefined || socket.send(seal(encodeHeartbeat(heartbeat), peer.outgoing), peer.endpoint);
      if (failure === undefined) counters.sent++;
      else counters.sendFailures++;
    },
    close: () => socket.close(),
  };
}

function readHeartbeat(
  datagram: Uint8Array,
  peer: KnownPeer | undefined,
  counters: HeartbeatCounters,
): Heartbeat | undefined {
  const packet = peer && unseal(datagram, peer.incoming);
  if (packet === undefined) {
    counters.forged++;
    return undefined;
  }
  try {
    const heartbeat = decodeHeartbeat(packet);
    counters.received++;
    return heartbeat;
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
    counters[error instanceof OtherVersionError ? "otherVersion" : "malformed"]++;
    return undefined;
  }
}
