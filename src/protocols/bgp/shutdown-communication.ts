import type { Notification } from "./message.ts";
import { notificationReason, notificationWithin, reasonWords } from "./notification-codes.ts";

const LONGEST_TEXT = 255;
const MOST_BYTES_SHOWN = 32;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a terminal or a log could take for more than text: controls, invisible and direction-changing characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The data of an administrative shutdown or reset: a text for the people on the other side (RFC 9003), of at most 255 bytes
 * of UTF-8; what is longer is cut between two characters. None for the empty text.
 */
export function encodeShutdownText(text: string): Uint8Array {
  const bytes = new Uint8Array(1 + LONGEST_TEXT);
  const { written } = encoder.encodeInto(text, bytes.subarray(1));
  bytes[0] = written;
  return written === 0 ? new Uint8Array() : bytes.slice(0, 1 + written);
}

/**
 * The text in such data; undefined if there is none, it is longer than the data, or not UTF-8. As the peer sent it: it may
 * hold anything that a character can be, so it is for notificationText to show.
 */
export function readShutdownText(data: Uint8Array): string | undefined {
  const length = data[0] ?? 0;
  if (length === 0 || 1 + length > data.length) return undefined;
  try {
    return strictDecoder.decode(data.subarray(1, 1 + length));
  } catch {
    return undefined;
  }
}

/**
 * A NOTIFICATION for people, on one line and safe to print: `administrative shutdown (6/2): "maintenance"`. Of a hard reset
 * also what it stands for; data that are no text as hexadecimal digits, of long ones the beginning.
 */
export function notificationText(notification: Notification): string {
  const inner = notificationWithin(notification);
  const prefix = inner === notification ? "" : `${reasonWords(notification)}: `;
  return `${prefix}${reasonWords(inner)}${dataText(inner)}`;
}

function dataText(notification: Notification): string {
  const text = isAdministrative(notification) ? readShutdownText(notification.data) : undefined;
  if (text !== undefined) return `: "${text.replace(unprintable, "\ufffd")}"`;
  return notification.data.length === 0 ? "" : `, data ${hexadecimal(notification.data)}`;
}

function isAdministrative({ code, subcode }: Notification): boolean {
  const { administrativeShutdown: shutdown, administrativeReset: reset } = notificationReason;
  return code === shutdown.code && (subcode === shutdown.subcode || subcode === reset.subcode);
}

function hexadecimal(bytes: Uint8Array): string {
  const shown = [...bytes.subarray(0, MOST_BYTES_SHOWN)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length > MOST_BYTES_SHOWN ? `${shown}… (${bytes.length} bytes)` : shown;
}
