import type { Negotiated, Open } from "./message.ts";
import { negotiated } from "./negotiation.ts";
import type { SessionTimes } from "./session-settings.ts";
import { SEND_HOLD_MS } from "./session-settings.ts";

/** What the two OPENs of a session come to. */
export type Agreement = {
  readonly peer: Open;
  readonly negotiated: Negotiated;
  /** We said that we take messages of more than 4,096 bytes, so they may come whatever the peer said of itself (RFC 8654, 4). */
  readonly takesExtended: boolean;
  /** The smaller of both; 0: neither silence nor KEEPALIVEs count. */
  readonly holdTimeMs: number;
  /** For how long the peer may take nothing; absent where silence does not count either (RFC 9687). */
  readonly sendHoldMs?: number;
  /** Both can restart gracefully: the peer keeps routes over a lost connection (RFC 4724). */
  readonly gracefulRestart: boolean;
  /** Both have the N bit: only a hard reset makes the peer drop routes (RFC 8538). */
  readonly hardReset: boolean;
};

/** What our OPEN and the peer's, which was found to be acceptable, agree on. */
export function agreement(ours: Open, peer: Open): Agreement {
  const holdTimeMs = Math.min(ours.holdTimeSeconds, peer.holdTimeSeconds) * 1_000;
  const [mine, theirs] = [ours.capabilities.gracefulRestart, peer.capabilities.gracefulRestart];
  const gracefulRestart = mine !== undefined && theirs !== undefined;
  return {
    peer,
    negotiated: negotiated(ours, peer),
    takesExtended: ours.capabilities.extendedMessage,
    holdTimeMs,
    ...(holdTimeMs > 0 && { sendHoldMs: Math.max(SEND_HOLD_MS, 2 * holdTimeMs) }),
    gracefulRestart,
    hardReset: gracefulRestart && mine.notification && theirs.notification,
  };
}

/** How often a KEEPALIVE is sent, in milliseconds: as wished, but at least three in a hold time; 0: none are sent. */
export function keepaliveEveryMs({ holdTimeMs }: Agreement, { keepaliveSeconds }: SessionTimes): number {
  return Math.min(keepaliveSeconds * 1_000, holdTimeMs / 3);
}
