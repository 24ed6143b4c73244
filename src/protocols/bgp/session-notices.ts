import type { Notification } from "./message.ts";
import {
  type NotificationReason,
  notificationOf,
  notificationReason,
  notificationWithin,
} from "./notification-codes.ts";
import { encodeShutdownText } from "./shutdown-communication.ts";
import type { State } from "./state.ts";
import type { TimerName } from "./timers.ts";

/**
 * Why a session is stopped. `shutdown`: for good, the peer is to drop the routes now; `deconfigured`: there is no such session
 * any more; `upgrade`: another process will go on, the peer is to keep the routes; `configuration`: another session with the
 * same peer takes its place.
 */
export type StopReason =
  | { readonly kind: "shutdown"; readonly text: string }
  | { readonly kind: "deconfigured" }
  | { readonly kind: "upgrade" }
  | { readonly kind: "configuration" };

/** What makes an event, in words; `notification` is what the peer is told of it, if it is told. */
export type Cause = {
  readonly words: string;
  readonly notification?: Notification;
  /** Whether the peer is to drop the routes even if it would keep them over a NOTIFICATION (RFC 8538). */
  readonly hard?: boolean;
  /** The peer takes no more prefixes. */
  readonly prefixLimit?: boolean;
};

/** RFC 6608: the subcode says in which state the message was not expected. */
const unexpectedIn = {
  Idle: "stateMachine",
  Connect: "stateMachine",
  Active: "stateMachine",
  OpenSent: "unexpectedInOpenSent",
  OpenConfirm: "unexpectedInOpenConfirm",
  Established: "unexpectedInEstablished",
} as const;

/** What the peer is told of a message that must not come in this state. */
export function unexpected(state: State): Notification {
  return notificationOf(unexpectedIn[state]);
}

/** Another connection of the peer stays (Cease, RFC 4486). */
export const outdone: Cause = {
  words: "another connection to the peer is kept",
  notification: notificationOf("connectionCollision"),
};

/** The peer itself began another one, so that nobody is at the other end of this one. */
export const outdoneSilently: Cause = { words: "the peer began another connection in place of the old one" };

/** BFD says that the path is gone (RFC 9384): the peer must not go on sending packets into it. */
export const pathDown: Cause = { words: "BFD: path down", notification: notificationOf("bfdDown"), hard: true };

/** What a stop means to the peer. */
export function stopCause(reason: StopReason): Cause {
  switch (reason.kind) {
    case "shutdown":
      return {
        words: "stopped",
        notification: notificationOf("administrativeShutdown", encodeShutdownText(reason.text)),
        hard: true,
      };
    case "deconfigured":
      return { words: "no longer configured", notification: notificationOf("peerDeconfigured"), hard: true };
    case "upgrade":
      return { words: "stopped for an upgrade" };
    case "configuration":
      return { words: "configuration changed", notification: notificationOf("otherConfigurationChange") };
  }
}

/** Whether the peer takes no more prefixes. */
export function isPrefixLimit(notification: Notification): boolean {
  return hasReason(notificationWithin(notification), notificationReason.tooManyPrefixes);
}

/** Whether the peer does not know optional parameters, so that it may want an OPEN without capabilities (RFC 5492, section 5). */
export function refusesCapabilities(notification: Notification): boolean {
  return hasReason(notification, notificationReason.unsupportedParameter);
}

/** Whether the peer speaks another version. */
export function refusesVersion(notification: Notification): boolean {
  return hasReason(notification, notificationReason.unsupportedVersion);
}

function hasReason({ code, subcode }: Notification, reason: NotificationReason): boolean {
  return code === reason.code && subcode === reason.subcode;
}

/** Why a timer that expires ends or moves the session. */
export const expiryCause: Readonly<Record<TimerName, Cause>> = {
  hold: { words: "nothing came from the peer for the hold time", notification: notificationOf("holdTimerExpired") },
  sendHold: { words: "the peer takes nothing any more" },
  connectRetry: { words: "tried again to connect" },
  keepalive: { words: "a KEEPALIVE was due" },
};
