import { BgpMessageError } from "./bgp-message-error.ts";

/** Marker, length and type (RFC 4271, section 4.1). */
export const HEADER_LENGTH = 19;

/** Of a whole message. */
export const LARGEST_MESSAGE = 4096;

/** Of a whole message once both sides have agreed on it (RFC 8654); an OPEN and a KEEPALIVE keep to the smaller limit. */
export const LARGEST_EXTENDED_MESSAGE = 65_535;

const MARKER_LENGTH = 16;

/** The number of each type, and how long one is at least and at most, header included. */
const messageTypes = {
  open: { type: 1, shortest: 29, longest: LARGEST_MESSAGE },
  update: { type: 2, shortest: 23, longest: LARGEST_EXTENDED_MESSAGE },
  notification: { type: 3, shortest: 21, longest: LARGEST_EXTENDED_MESSAGE },
  keepalive: { type: 4, shortest: 19, longest: 19 },
  "route-refresh": { type: 5, shortest: 23, longest: LARGEST_EXTENDED_MESSAGE },
} as const;

/** One of the five types of messages. */
export type MessageKind = keyof typeof messageTypes;

const kinds = Object.keys(messageTypes) as readonly MessageKind[];

/** A whole message. @throws {RangeError} if it would be longer than any can be */
export function framed(kind: MessageKind, body: Uint8Array): Uint8Array {
  const length = HEADER_LENGTH + body.length;
  if (length > messageTypes[kind].longest) throw new RangeError(`BGP: ${kind} of ${length} bytes`);
  const bytes = new Uint8Array(length).fill(0xff, 0, MARKER_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(MARKER_LENGTH, length);
  view.setUint8(MARKER_LENGTH + 2, messageTypes[kind].type);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

/**
 * The kind and the whole length of the message that bytes begin with; they hold a header, perhaps no more.
 * @throws {BgpMessageError} 1/1 for another marker, 1/2 for a length that the type or the session does not allow, 1/3 for an
 * unknown type
 */
export function readHeader(
  bytes: Uint8Array,
  largest: number,
): { readonly kind: MessageKind; readonly length: number } {
  if (bytes.subarray(0, MARKER_LENGTH).some((byte) => byte !== 0xff))
    throw new BgpMessageError("connectionNotSynchronized", "the marker is not all ones");
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_LENGTH);
  const length = view.getUint16(MARKER_LENGTH);
  if (length < HEADER_LENGTH || length > largest) throw badLength(bytes, `message of ${length} bytes`);
  const type = view.getUint8(MARKER_LENGTH + 2);
  const kind = kinds.find((name) => messageTypes[name].type === type);
  if (kind === undefined) throw new BgpMessageError("badMessageType", `message of type ${type}`, Uint8Array.of(type));
  const { shortest, longest } = messageTypes[kind];
  if (length < shortest || length > longest) throw badLength(bytes, `${kind} of ${length} bytes`);
  return { kind, length };
}

/** The error for a message whose length is not one that it can have; the data are its length field (RFC 4271, section 6.1). */
export function badLength(message: Uint8Array, what: string): BgpMessageError {
  return new BgpMessageError("badMessageLength", what, message.subarray(MARKER_LENGTH, MARKER_LENGTH + 2));
}
