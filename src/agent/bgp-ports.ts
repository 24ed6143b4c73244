import type { BgpPeer, PeerObject } from "../api/bgp-peer.ts";
import type { Labels } from "../api/label-selector.ts";
import type { ClusterNode, NodeObject } from "../api/node.ts";
import type { NodeBgpSession } from "../api/vip-node.ts";
import type { Address, Family } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";

/** A BGPPeer, and the object by which it is kept. */
export type KnownPeer = { readonly peer: BgpPeer; readonly object: PeerObject };

/** The node's own Node as sessions depend on it, and the object by which it is kept; the same until one of these changes. */
export type KnownNode = {
  readonly node: ClusterNode;
  /** Those that may name routers. */
  readonly annotations: Labels;
  /** Why the machine is about to go, in words after "node"; absent: nothing says so. It is not kept over a restart. */
  readonly going?: string;
  readonly object: NodeObject;
};

/** What is known of the node and its peers, and the passwords by Secret. */
export type BgpKnown = {
  readonly node: KnownNode;
  readonly peers: readonly KnownPeer[];
  readonly passwords: ReadonlyMap<string, string>;
};

/** What the agent follows for the sake of BGP. */
export type BgpCluster = {
  /** All peers, the same array until one changes, and the own Node; undefined before both have been read. */
  read(): { readonly peers: readonly KnownPeer[]; readonly node: KnownNode } | undefined;
  /** The password that a Secret of namespace `herald-bgp` holds; never rejects. */
  readPassword(secret: string): Promise<PasswordAnswer>;
};

/** What came of reading a Secret: a password; that there is none, and why in words that repeat nothing of it; or no answer. */
export type PasswordAnswer =
  | { readonly kind: "password"; readonly password: string }
  | { readonly kind: "missing"; readonly message: string }
  | { readonly kind: "unanswered"; readonly message: string };

/** What the agent asks of the speaker about BGP. */
export type BgpCommand =
  | PeerWish
  /** The session ends for good: the peer is de-configured. */
  | { readonly kind: "bgpPeerGone"; readonly name: string }
  | RoutesWish
  /** All addresses that are to be on lo, in place of those before. */
  | { readonly kind: "bgpLo"; readonly addresses: readonly Address[] }
  /** All sessions end, and the peers drop the routes at once; each is begun again by its next `bgpPeer`. */
  | { readonly kind: "bgpDrain"; readonly text: string };

/** All that one session is to be, by the name of its peer. */
export type PeerWish = {
  readonly kind: "bgpPeer";
  readonly name: string;
  readonly settings: SessionWish;
  readonly transport: TransportWish;
  readonly bfd?: BfdWish;
};

/** What is said in the OPEN, and the times. */
export type SessionWish = {
  readonly localAsn: number;
  readonly peerAsn: number;
  readonly routerId: Address;
  readonly holdTimeSeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectRetrySeconds: number;
  readonly passive: boolean;
  readonly families: readonly Family[];
  readonly gracefulRestart?: { readonly restartTimeSeconds: number };
  readonly required: readonly never[];
};

/** Where the peer is and how it is spoken to; exactly one of `peer` and `interface` is there. */
export type TransportWish = {
  readonly peer?: Address;
  readonly interface?: string;
  readonly port: number;
  readonly source?: Address;
  readonly device?: string;
  readonly hops?: number;
  readonly ttlSecurity?: number;
  readonly password?: string;
};

/** How fast the loss of the peer is noticed; `multihop`: by RFC 5883, else the peer is on the link (RFC 5881). */
export type BfdWish = {
  readonly transmitMs: number;
  readonly receiveMs: number;
  readonly multiplier: number;
  readonly multihop: boolean;
};

/** All routes of one session, in place of those before. */
export type RoutesWish = {
  readonly kind: "bgpRoutes";
  readonly name: string;
  /** Higher than that of any wish before; from 1. */
  readonly serial: number;
  readonly routes: readonly RouteWish[];
};

/** A prefix without host bits, and what it carries; routes of equal attributes share the object. */
export type RouteWish = { readonly prefix: Prefix; readonly attributes: RouteWishAttributes };

/** What a route carries besides what the session gives it: own AS number, next hop, ORIGIN. */
export type RouteWishAttributes = {
  readonly prepend: number;
  readonly med?: number;
  readonly localPref?: number;
  readonly communities: readonly number[];
  readonly largeCommunities: readonly (readonly [number, number, number])[];
};

/** Why peers cannot connect (`port`), or addresses are not on lo (`lo`); empty: nothing keeps them any more. */
export type BgpTrouble = { readonly kind: "bgpTrouble"; readonly about: "port" | "lo"; readonly message: string };

/** A session as the speaker sees it; texts are safe to show. */
export type SessionReport = {
  readonly kind: "bgpSession";
  readonly name: string;
  readonly state: NodeBgpSession["state"];
  /** Why it is in that state. */
  readonly reason: string;
  /** Since when it is in that state, by a clock of the speaker's. */
  readonly sinceMs: number;
  /** While it is Established: what the peer takes, and of what it can be told nothing, with why. */
  readonly established?: {
    readonly families: readonly Family[];
    readonly silent: readonly { readonly family: Family; readonly reason: string }[];
    /** The peer keeps the routes of an agent that is replaced. */
    readonly gracefulRestart: boolean;
  };
  /** What last kept it from being Established. */
  readonly lastError?: string;
  readonly lastNotification?: { readonly direction: "sent" | "received"; readonly text: string; readonly atMs: number };
  readonly bfd?: { readonly state: "AdminDown" | "Down" | "Init" | "Up"; readonly message?: string };
  /** Of the last wish for routes that it knew when this was said; 0: none. */
  readonly serial: number;
  /** Routes that the peer has been told; 0 unless it is Established. */
  readonly announced: number;
  /** Routes that it is yet to be told of, or that are to be withdrawn: the transport takes no more now. */
  readonly waiting: number;
  /** The first of those that the Established session does not tell, each with why. */
  readonly absent: readonly { readonly prefix: Prefix; readonly reason: string }[];
  readonly counters: SessionCounters;
};

/** What a session has done since it was begun. */
export type SessionCounters = {
  readonly sent: { readonly update: number; readonly notification: number };
  readonly received: { readonly update: number; readonly notification: number };
  readonly established: number;
  /** Prefixes that the peer announced since the session was last established. */
  readonly receivedPrefixes: Readonly<Record<Family, number>>;
};
