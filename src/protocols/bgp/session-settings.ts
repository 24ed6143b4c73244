import type { Address, Family } from "../../net/address.ts";

/** A capability that a session may insist on (RFC 5492, section 3). */
export type RequiredCapability =
  | "fourOctetAs"
  | "extendedNextHop"
  | "extendedMessage"
  | "routeRefresh"
  | "gracefulRestart";

/** What one session is to be. The numbers are those of a valid BGPPeer; while the session lives only `SessionTimes` change. */
export type SessionSettings = {
  /** Both 1 to 4294967295; equal ones make it iBGP. */
  readonly localAsn: number;
  readonly peerAsn: number;
  /** The BGP Identifier: of family 4, not 0.0.0.0. */
  readonly routerId: Address;
  /** 0 (the session never ends for silence) or 3 to 65535. */
  readonly holdTimeSeconds: number;
  /** At least 1; at most a third of the hold time that both agree on is used. */
  readonly keepaliveSeconds: number;
  /** How long until a peer that cannot be reached is tried again; at least 1. */
  readonly connectRetrySeconds: number;
  /** Whether it only waits for the peer to connect. */
  readonly passive: boolean;
  /** Unicast families to announce, IPv4 first, at least one. */
  readonly families: readonly Family[];
  /** For how long, 0 to 4095 s, the peer is asked to keep the routes of a speaker that is gone (RFC 4724). */
  readonly gracefulRestart?: { readonly restartTimeSeconds: number };
  /** Without these the session is not opened. */
  readonly required: readonly RequiredCapability[];
};

/** What may change while a session lives: it holds from the next start of each timer on. */
export type SessionTimes = Pick<SessionSettings, "keepaliveSeconds" | "connectRetrySeconds">;

/** Whether both speakers are in one autonomous system. */
export function isInternal({ localAsn, peerAsn }: SessionSettings): boolean {
  return localAsn === peerAsn;
}

/** How long an OPEN is waited for (RFC 4271, 8.2.2, "a large value"). */
export const OPEN_WAIT_MS = 240_000;

/** For how long a peer may take nothing (RFC 9687, section 3.3), if twice the hold time is not longer. */
export const SEND_HOLD_MS = 480_000;
