/** The states of one machine (RFC 4271, 8.2.2), in the order in which a session comes up. */
export const states = ["Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"] as const;

/** Where a machine stands. */
export type State = (typeof states)[number];

/** Sort order: how near the state is to Established. */
export function compareStates(a: State, b: State): number {
  return states.indexOf(a) - states.indexOf(b);
}

/** The events by name, with their numbers of RFC 4271, 8.1; the last is that of RFC 9687. */
export const events = {
  manualStart: 1,
  manualStop: 2,
  automaticStart: 3,
  manualStartPassive: 4,
  automaticStartPassive: 5,
  automaticStartDamped: 6,
  automaticStartDampedPassive: 7,
  automaticStop: 8,
  connectRetryTimerExpires: 9,
  holdTimerExpires: 10,
  keepaliveTimerExpires: 11,
  delayOpenTimerExpires: 12,
  idleHoldTimerExpires: 13,
  tcpConnectionValid: 14,
  tcpRequestInvalid: 15,
  tcpRequestAcknowledged: 16,
  tcpConnectionConfirmed: 17,
  tcpConnectionFails: 18,
  open: 19,
  openWhileDelayed: 20,
  headerError: 21,
  openError: 22,
  openCollisionDump: 23,
  notificationVersionError: 24,
  notification: 25,
  keepalive: 26,
  update: 27,
  updateError: 28,
  sendHoldTimerExpires: 29,
} as const;

/** The name of an event. */
export type EventName = keyof typeof events;
