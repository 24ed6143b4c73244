import type { Address, Family } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";
import type { RouteAttributes, SessionSettings } from "../protocols/bgp/session.ts";
import type { SessionCounters } from "../protocols/bgp/session-journal.ts";
import type { State } from "../protocols/bgp/state.ts";

/** What the speaker is asked to do about BGP. Every command may be repeated. */
export type BgpCommand =
  | BgpPeerCommand
  /** There is no such session any more: Cease, peer de-configured; its routes go with it. */
  | { readonly kind: "bgpPeerGone"; readonly name: string }
  | BgpRoutesCommand
  /**
   * All sessions end, and the peers drop the routes at once: Cease, administrative shutdown, with the text for the people there
   * (255 bytes of it). A session is begun again by its next `bgpPeer`.
   */
  | { readonly kind: "bgpDrain"; readonly text: string };

/**
 * All that one session is to be. Repeated with another password, other BFD, keepalive or connect retry time the session goes on;
 * with anything else different it is begun anew. If it is at another place then, the old peer drops the routes at once.
 */
export type BgpPeerCommand = {
  readonly kind: "bgpPeer";
  /** Of the BGPPeer; what else is said of the session names it so. */
  readonly name: string;
  readonly settings: SessionSettings;
  readonly transport: BgpTransport;
  /** Absent: the path is not watched. */
  readonly bfd?: BgpBfd;
};

/** Where the peer is and how it is spoken to. */
export type BgpTransport = {
  /** Exactly one of `peer` and `interface` (unnumbered) is there. */
  readonly peer?: Address;
  readonly interface?: string;
  /** The peer's. */
  readonly port: number;
  /** The node's address to speak from, of the peer's family; absent: the kernel chooses. */
  readonly source?: Address;
  /** The VRF, or the interface of a link-local peer. */
  readonly device?: string;
  /** How many hops away a peer of another AS may be, 1 to 255; absent: 1. A peer of the own AS may be anywhere. */
  readonly hops?: number;
  /** Packets that came over more hops are not taken (RFC 5082), 1 to 254; absent: all are. */
  readonly ttlSecurity?: number;
  /** Both sign with it (RFC 2385), 1 to 80 bytes. */
  readonly password?: string;
};

/** Bidirectional forwarding detection for a session; `multihop`: by RFC 5883, else the peer is on the link (RFC 5881). */
export type BgpBfd = {
  readonly transmitMs: number;
  readonly receiveMs: number;
  readonly multiplier: number;
  readonly multihop: boolean;
};

/**
 * All routes of one session, in place of those before; before the first of these commands the peer is not told that it knows all.
 * Routes of equal attributes may share the object. May come before the session's `bgpPeer`.
 */
export type BgpRoutesCommand = {
  readonly kind: "bgpRoutes";
  readonly name: string;
  /** What reports that know of it repeat. */
  readonly serial: number;
  readonly routes: readonly BgpRoute[];
};

/** A prefix without host bits, and what it carries besides what the session gives it: own AS number, next hop, ORIGIN. */
export type BgpRoute = { readonly prefix: Prefix; readonly attributes: RouteAttributes };

/**
 * What keeps peers from connecting (`port`), or addresses from lo (`lo`), in words; empty: nothing any more. Sessions and routes go
 * on. Once each time that it changes.
 */
export type BgpTrouble = { readonly kind: "bgpTrouble"; readonly about: "port" | "lo"; readonly message: string };

/** A session as it stands: soon after each change, and at most every 10 s if only counters changed. Texts are safe to show. */
export type BgpSessionReport = {
  readonly kind: "bgpSession";
  readonly name: string;
  readonly state: State;
  /** Why it is in that state, in words. */
  readonly reason: string;
  /** Since when it is in that state, see `machineMs`. */
  readonly sinceMs: number;
  /** While it is Established. */
  readonly established?: {
    readonly peerRouterId: Address;
    readonly families: readonly Family[];
    /** The families of which no route at all can be told, and why. */
    readonly silent: readonly { readonly family: Family; readonly reason: string }[];
    /** 0: silence does not end it. */
    readonly holdTimeSeconds: number;
    readonly gracefulRestart: boolean;
    /** In words. */
    readonly capabilities: readonly string[];
  };
  /** What last kept it from being Established, in words; it stays until it is Established. */
  readonly lastError?: string;
  /** The last NOTIFICATION, sent or received, in words; `atMs`: see `machineMs`. */
  readonly lastNotification?: { readonly direction: "sent" | "received"; readonly text: string; readonly atMs: number };
  /** Absent without BFD; `message`: why it is down, in words. */
  readonly bfd?: { readonly state: "AdminDown" | "Down" | "Init" | "Up"; readonly message?: string };
  /** Of the last command with routes; 0: there was none. */
  readonly serial: number;
  /** Routes that were wished for. */
  readonly wanted: number;
  /** Routes that the peer has been told; 0 unless it is Established. */
  readonly announced: number;
  /** Routes that it is yet to be told of, or that are to be withdrawn: the transport takes no more now. */
  readonly waiting: number;
  /** Those that the Established session does not tell, the first 10,000, and why. */
  readonly absent: readonly { readonly prefix: Prefix; readonly reason: string }[];
  readonly counters: SessionCounters;
};
