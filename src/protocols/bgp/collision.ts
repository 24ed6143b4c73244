/** Who a speaker is to the other: RFC 4271's identifier as an unsigned number, and its AS number. */
export type Speaker = { readonly identifier: number; readonly asn: number };

/** One of two connections of the same peer, as seen when an OPEN came over the other. */
export type Rival = {
  readonly initiator: "us" | "peer";
  /** What its machine reached; one that has not yet had the peer's OPEN is unknown, it may be anybody's. */
  readonly state: "OpenSent" | "OpenConfirm" | "Established";
  /** The identifier that the peer has said over it; undefined: it has not yet. */
  readonly peerIdentifier?: number | undefined;
  /** Whether the peer has said over it that it can restart gracefully. */
  readonly gracefulRestart: boolean;
};

/** Which connection to give up: the `newer`, over which the OPEN came, or the `older`; `silently`: without a NOTIFICATION. */
export type Collision = "both-stay" | "close-newer" | "close-older" | "close-older-silently";

/**
 * What becomes of two connections when a peer's valid OPEN has come over one of them, begun by `initiator` (RFC 4271, 6.8). An
 * Established one stays, unless the peer can restart gracefully and begins another: then the old one is dead (RFC 4724, 4.2).
 * An unknown one stays until its own OPEN comes or the other is Established; so does one of another identifier, which is another
 * router at the same address, behind another port.
 */
export function collision(older: Rival, initiator: Rival["initiator"], us: Speaker, peer: Speaker): Collision {
  if (older.state === "OpenSent") return "both-stay";
  const isSamePeer = older.peerIdentifier === peer.identifier;
  const peerCameBack = isSamePeer && initiator === "peer" && older.gracefulRestart;
  if (older.state === "Established") return peerCameBack ? "close-older-silently" : "close-newer";
  if (!isSamePeer) return "both-stay";
  if (older.initiator === initiator) return "close-older";
  return initiator === stronger(us, peer) ? "close-older" : "close-newer";
}

/** Whose connections prevail: of the higher identifier, with equal ones of the higher AS number (RFC 6286, 2.3). */
function stronger(us: Speaker, peer: Speaker): Rival["initiator"] {
  if (us.identifier !== peer.identifier) return us.identifier > peer.identifier ? "us" : "peer";
  return us.asn > peer.asn ? "us" : "peer";
}
