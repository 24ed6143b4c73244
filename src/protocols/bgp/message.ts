/**
 * The messages of BGP-4 as values: RFC 4271, with the extensions that README.md beside this file lists. Herald announces and
 * never imports: of a received UPDATE there is only what it would have changed, as numbers.
 */
import type { Address, Family } from "../../net/address.ts";
import type { Prefix } from "../../net/prefix.ts";

/** Opens a session; the version is always 4. */
export type Open = {
  readonly kind: "open";
  /**
   * The sender's number, never 0. In the bytes AS_TRANS stands for one of more than 16 bits; without `capabilities.fourOctetAs`
   * that is all a receiver learns of it.
   */
  readonly asn: number;
  /** 0 (never ends for silence) or 3 to 65535. */
  readonly holdTimeSeconds: number;
  /** The BGP Identifier: of family 4, never 0.0.0.0. */
  readonly routerId: Address;
  readonly capabilities: Capabilities;
};

/** What the sender of an OPEN can do (RFC 5492). */
export type Capabilities = {
  /** Unicast families (RFC 4760), no one twice, IPv4 first. Empty: the sender has no such capability for one of the two. */
  readonly families: readonly Family[];
  /** RFC 2918. */
  readonly routeRefresh: boolean;
  /** RFC 6793. */
  readonly fourOctetAs: boolean;
  /** Messages of up to 65,535 bytes (RFC 8654). */
  readonly extendedMessage: boolean;
  /** IPv4 unicast with an IPv6 next hop (RFC 8950). */
  readonly extendedNextHop: boolean;
  readonly gracefulRestart?: GracefulRestart;
  /** All else, as it came, in order: unknown codes, and other families. */
  readonly other: readonly OtherCapability[];
};

/** RFC 4724. */
export type GracefulRestart = {
  /** The R bit: the sender has just restarted and waits for End-of-RIB. */
  readonly restarting: boolean;
  /** The N bit (RFC 8538): routes are also kept after a NOTIFICATION or an expired hold time, unless it is a hard reset. */
  readonly notification: boolean;
  /** 0 to 4095. */
  readonly restartTimeSeconds: number;
  /** Unicast families, no one twice, IPv4 first; `forwardingKept` is the F bit: forwarding went on over the restart. */
  readonly families: readonly { readonly family: Family; readonly forwardingKept: boolean }[];
};

/** A capability that is not read; the value has 0 to 255 bytes. */
export type OtherCapability = { readonly code: number; readonly value: Uint8Array };

/** What an UPDATE of the peer would have changed; nothing of it is kept but these numbers. */
export type Update = {
  readonly kind: "update";
  /** Unicast prefixes; those of an announcement that counts as withdrawn are in `withdrawn`. */
  readonly announced: PrefixCounts;
  readonly withdrawn: PrefixCounts;
  /** The family that the peer has sent all of (RFC 4724, section 2). */
  readonly endOfRib?: Family;
  /** What is wrong with it and does not end the session (RFC 7606). */
  readonly faults: readonly UpdateFault[];
};

/** Number of prefixes by family. */
export type PrefixCounts = Readonly<Record<Family, number>>;

/** How an error in an UPDATE is dealt with while the session stays up (RFC 7606, section 2), from the mildest on. */
export type UpdateFault = {
  readonly approach: "attribute-discard" | "treat-as-withdraw" | "afi-safi-disable";
  /** Only with `afi-safi-disable`: the peer's routes of this family mean nothing from here on. */
  readonly family?: Family;
  /** For people: what is wrong. */
  readonly message: string;
};

/** Says why the session ends. notification-codes.ts has code and subcode as words, shutdown-communication.ts the text. */
export type Notification = {
  readonly kind: "notification";
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
};

/** Asks for all routes of a family again (RFC 2918); by subtype 1 and 2 begins and ends their repetition (RFC 7313). */
export type RouteRefresh = {
  readonly kind: "route-refresh";
  readonly afi: number;
  readonly safi: number;
  /** 0: asks. A receiver ignores all but 0 unless it knows them. */
  readonly subtype: number;
};

/** Says that the sender is there. */
export type Keepalive = { readonly kind: "keepalive" };

/** A message as it is received. */
export type Message = Open | Update | Notification | RouteRefresh | Keepalive;

/** What both sides' OPENs agree on. */
export type Negotiated = {
  /** Both are of one autonomous system. */
  readonly internal: boolean;
  /** Unicast families that both speak, IPv4 first. */
  readonly families: readonly Family[];
  readonly routeRefresh: boolean;
  readonly fourOctetAs: boolean;
  /** The peer may be sent messages of more than 4,096 bytes. */
  readonly extendedMessage: boolean;
  readonly extendedNextHop: boolean;
};

/** Where packets go: with a link-local address beside the global one, or a link-local one alone as `address`, only for IPv6. */
export type NextHop = { readonly address: Address; readonly linkLocal?: Address };

/** RFC 8092: three numbers of 32 bits. */
export type LargeCommunity = readonly [globalAdministrator: number, localData1: number, localData2: number];

/** The attributes of a route as it is sent. Two routes of equal attributes share an UPDATE; the same object is quickest to compare. */
export type PathAttributes = {
  readonly origin: "igp" | "egp" | "incomplete";
  /** One AS_SEQUENCE, the nearest first: own number as often as is prepended; empty over iBGP. */
  readonly asPath: readonly number[];
  /** IPv4 prefixes may have an IPv6 next hop if that was negotiated; IPv6 prefixes always have one. */
  readonly nextHop: NextHop;
  /** MULTI_EXIT_DISC, 32 bits. */
  readonly med?: number;
  /** LOCAL_PREF, 32 bits; only over iBGP. */
  readonly localPref?: number;
  /** RFC 1997, 32 bits each. Sent sorted, no one twice. */
  readonly communities: readonly number[];
  /** Sent sorted, no one twice. */
  readonly largeCommunities: readonly LargeCommunity[];
};

/** A prefix to announce; host bits must be clear. */
export type Route = { readonly prefix: Prefix; readonly attributes: PathAttributes };

/** What is to be told to a peer; no prefix stands in both, or twice. */
export type RouteChanges = { readonly announced: readonly Route[]; readonly withdrawn: readonly Prefix[] };

/** The address family numbers of unicast (RFC 4760): AFI 1 or 2, SAFI 1. */
export const addressFamilyNumber = { 4: 1, 6: 2 } as const;

/** Subsequent address family: unicast. */
export const SAFI_UNICAST = 1;

/** The unicast family that the two numbers mean, or undefined for any other. */
export function unicastFamily(afi: number, safi: number): Family | undefined {
  if (safi !== SAFI_UNICAST) return undefined;
  return afi === addressFamilyNumber[4] ? 4 : afi === addressFamilyNumber[6] ? 6 : undefined;
}
