import type { EventName, State } from "./state.ts";

/**
 * What a machine has to carry out at an event, in this order.
 * - `connect`: begin a connection; `close`: end the one there is, also one that is being made
 * - `open`, `keepalive`: send that message; `error`: send the NOTIFICATION that the event calls for, `stateError` that the event
 *   must not come in this state (RFC 6608), `cease` why this side ends the session
 * - `connectRetryTimer`, `keepaliveTimer`, `holdTimer`: start it anew, with the times of the session; `openTimer`: the hold timer
 *   while an OPEN is waited for; `stopTimers`: all of them, also the one that runs while the peer takes nothing
 * - `damp`: the session failed, it rests for longer each time; `forget`: as if it had never failed
 * - `restart`: it rested enough; `establish`: routes may flow
 */
export type Action =
  | "connect"
  | "close"
  | "open"
  | "keepalive"
  | "error"
  | "stateError"
  | "cease"
  | "connectRetryTimer"
  | "keepaliveTimer"
  | "holdTimer"
  | "openTimer"
  | "stopTimers"
  | "damp"
  | "forget"
  | "restart"
  | "establish";

/** What follows an event: where the machine stands then, and what is done on the way. */
export type Step = { readonly next: State; readonly actions: readonly Action[] };

type Row = Readonly<Partial<Record<EventName, Step>>> & { readonly otherwise: Step };

const to = (next: State, ...actions: Action[]): Step => ({ next, actions });

const dropped = to("Idle", "stopTimers", "close", "damp");
const refused = to("Idle", "error", "stopTimers", "close", "damp");
const misplaced = to("Idle", "stateError", "stopTimers", "close", "damp");
const outdone = to("Idle", "cease", "stopTimers", "close");
const ceased = to("Idle", "cease", "stopTimers", "close", "damp");
const stopped = to("Idle", "cease", "stopTimers", "close", "forget");
const opened = to("OpenSent", "stopTimers", "open", "openTimer");

const started = (state: State): Row => ({
  otherwise: dropped,
  manualStart: to(state),
  automaticStart: to(state),
  manualStartPassive: to(state),
  automaticStartPassive: to(state),
  automaticStartDamped: to(state),
  automaticStartDampedPassive: to(state),
  tcpConnectionValid: to(state),
  tcpRequestInvalid: to(state),
});

const withoutConnection = (state: State): Row => ({
  ...started(state),
  manualStop: to("Idle", "stopTimers", "close", "forget"),
  connectRetryTimerExpires: to("Connect", "close", "connectRetryTimer", "connect"),
  tcpRequestAcknowledged: opened,
  tcpConnectionConfirmed: opened,
  openCollisionDump: to("Idle", "stopTimers", "close"),
});

/** A second connection has a machine of its own, so that the one of another connection means nothing to this one. */
const withConnection = (state: State): Row => ({
  ...started(state),
  otherwise: misplaced,
  manualStop: stopped,
  automaticStop: ceased,
  holdTimerExpires: refused,
  tcpRequestAcknowledged: to(state),
  tcpConnectionConfirmed: to(state),
  tcpConnectionFails: dropped,
  headerError: refused,
  openError: refused,
  openCollisionDump: outdone,
  notificationVersionError: dropped,
  notification: dropped,
  sendHoldTimerExpires: dropped,
});

/**
 * RFC 4271, 8.2.2, for a speaker that never delays its OPEN (events 12 and 20 cannot be). It departs from the text thus, as
 * other speakers do: who cannot be reached is tried again from Active, not from Idle; a NOTIFICATION is never answered; a bad
 * header is called that also in Established; the loser of a collision is not damped; a peer that takes nothing any more is sent
 * nothing, either (RFC 9687).
 */
const table: Readonly<Record<State, Row>> = {
  Idle: {
    otherwise: to("Idle"),
    manualStart: to("Connect", "forget", "connectRetryTimer", "connect"),
    automaticStart: to("Connect", "forget", "connectRetryTimer", "connect"),
    automaticStartDamped: to("Connect", "connectRetryTimer", "connect"),
    manualStartPassive: to("Active", "forget", "connectRetryTimer"),
    automaticStartPassive: to("Active", "forget", "connectRetryTimer"),
    automaticStartDampedPassive: to("Active", "connectRetryTimer"),
    idleHoldTimerExpires: to("Idle", "restart"),
  },
  Connect: { ...withoutConnection("Connect"), tcpConnectionFails: to("Active", "close", "connectRetryTimer") },
  Active: withoutConnection("Active"),
  OpenSent: {
    ...withConnection("OpenSent"),
    tcpConnectionFails: to("Active", "stopTimers", "close", "connectRetryTimer"),
    open: to("OpenConfirm", "keepalive", "keepaliveTimer", "holdTimer"),
  },
  OpenConfirm: {
    ...withConnection("OpenConfirm"),
    keepaliveTimerExpires: to("OpenConfirm", "keepalive", "keepaliveTimer"),
    keepalive: to("Established", "holdTimer", "establish"),
  },
  Established: {
    ...withConnection("Established"),
    keepaliveTimerExpires: to("Established", "keepalive", "keepaliveTimer"),
    keepalive: to("Established", "holdTimer"),
    update: to("Established", "holdTimer"),
    updateError: refused,
  },
};

/** One step of the machine (RFC 4271, 8.2.2); there is one for each state and event. */
export function step(state: State, event: EventName): Step {
  const row = table[state];
  return row[event] ?? row.otherwise;
}
