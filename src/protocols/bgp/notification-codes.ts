import type { Notification } from "./message.ts";

/** A reason to end a session, as numbers and in the words of its RFC. */
export type NotificationReason = { readonly code: number; readonly subcode: number; readonly words: string };

const reason = (code: number, subcode: number, words: string): NotificationReason => ({ code, subcode, words });

/** The reasons that there are: RFC 4271, 4.5; 4486, 5492, 6608, 7313, 8538, 9234, 9384, 9687. */
export const notificationReason = {
  connectionNotSynchronized: reason(1, 1, "connection not synchronized"),
  badMessageLength: reason(1, 2, "bad message length"),
  badMessageType: reason(1, 3, "bad message type"),
  malformedOpen: reason(2, 0, "malformed OPEN"),
  unsupportedVersion: reason(2, 1, "unsupported version number"),
  badPeerAs: reason(2, 2, "bad peer AS"),
  badIdentifier: reason(2, 3, "bad BGP identifier"),
  unsupportedParameter: reason(2, 4, "unsupported optional parameter"),
  authenticationFailure: reason(2, 5, "authentication failure"),
  unacceptableHoldTime: reason(2, 6, "unacceptable hold time"),
  unsupportedCapability: reason(2, 7, "unsupported capability"),
  roleMismatch: reason(2, 11, "role mismatch"),
  malformedAttributeList: reason(3, 1, "malformed attribute list"),
  unrecognizedAttribute: reason(3, 2, "unrecognized well-known attribute"),
  missingAttribute: reason(3, 3, "missing well-known attribute"),
  attributeFlags: reason(3, 4, "attribute flags error"),
  attributeLength: reason(3, 5, "attribute length error"),
  invalidOrigin: reason(3, 6, "invalid ORIGIN attribute"),
  routingLoop: reason(3, 7, "AS routing loop"),
  invalidNextHop: reason(3, 8, "invalid NEXT_HOP attribute"),
  optionalAttribute: reason(3, 9, "optional attribute error"),
  invalidNetworkField: reason(3, 10, "invalid network field"),
  malformedAsPath: reason(3, 11, "malformed AS_PATH"),
  holdTimerExpired: reason(4, 0, "hold timer expired"),
  stateMachine: reason(5, 0, "finite state machine error"),
  unexpectedInOpenSent: reason(5, 1, "unexpected message in OpenSent"),
  unexpectedInOpenConfirm: reason(5, 2, "unexpected message in OpenConfirm"),
  unexpectedInEstablished: reason(5, 3, "unexpected message in Established"),
  cease: reason(6, 0, "cease"),
  tooManyPrefixes: reason(6, 1, "maximum number of prefixes reached"),
  administrativeShutdown: reason(6, 2, "administrative shutdown"),
  peerDeconfigured: reason(6, 3, "peer de-configured"),
  administrativeReset: reason(6, 4, "administrative reset"),
  connectionRejected: reason(6, 5, "connection rejected"),
  otherConfigurationChange: reason(6, 6, "other configuration change"),
  connectionCollision: reason(6, 7, "connection collision resolution"),
  outOfResources: reason(6, 8, "out of resources"),
  hardReset: reason(6, 9, "hard reset"),
  bfdDown: reason(6, 10, "BFD down"),
  invalidRefreshLength: reason(7, 1, "invalid length of a ROUTE-REFRESH"),
  sendHoldTimerExpired: reason(8, 0, "send hold timer expired"),
} as const satisfies Readonly<Record<string, NotificationReason>>;

const codeWords: Readonly<Record<number, string>> = {
  1: "message header error",
  2: "OPEN error",
  3: "UPDATE error",
  4: "hold timer expired",
  5: "finite state machine error",
  6: "cease",
  7: "ROUTE-REFRESH error",
  8: "send hold timer expired",
};

const wordsOf: ReadonlyMap<string, string> = new Map(
  Object.values(notificationReason).map(({ code, subcode, words }) => [`${code}/${subcode}`, words]),
);

/** The NOTIFICATION that gives this reason; the data are copied. */
export function notificationOf(
  name: keyof typeof notificationReason,
  data: Uint8Array = new Uint8Array(),
): Notification {
  const { code, subcode } = notificationReason[name];
  return { kind: "notification", code, subcode, data: data.slice() };
}

/** Code and subcode in words, and always as numbers: `administrative shutdown (6/2)`; of an unknown subcode at least the code's. */
export function reasonWords({ code, subcode }: Pick<Notification, "code" | "subcode">): string {
  const words = wordsOf.get(`${code}/${subcode}`) ?? codeWords[code] ?? "unknown error";
  return `${words} (${code}/${subcode})`;
}

/** The hard reset that stands for a NOTIFICATION to a peer which else would keep our routes (RFC 8538, section 3). */
export function hardReset({ code, subcode, data }: Notification): Notification {
  return notificationOf("hardReset", Uint8Array.of(code, subcode, ...data));
}

/** The NOTIFICATION that a hard reset stands for; any other is its own, and so is a hard reset that carries none. */
export function notificationWithin(outer: Notification): Notification {
  const { code, subcode } = notificationReason.hardReset;
  const [innerCode, innerSubcode] = outer.data;
  if (outer.code !== code || outer.subcode !== subcode) return outer;
  if (innerCode === undefined || innerSubcode === undefined) return outer;
  return { kind: "notification", code: innerCode, subcode: innerSubcode, data: outer.data.slice(2) };
}
