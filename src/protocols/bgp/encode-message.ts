import { ByteWriter } from "./byte-writer.ts";
import { framed, HEADER_LENGTH, LARGEST_MESSAGE } from "./header.ts";
import type { Notification, Open } from "./message.ts";
import { encodeOpen as openBody } from "./open.ts";

const MOST_NOTIFICATION_DATA = LARGEST_MESSAGE - HEADER_LENGTH - 2;

/** A whole OPEN. @throws {RangeError} if a number is out of range, or the capabilities need more than 253 bytes */
export function encodeOpen(open: Open): Uint8Array {
  return framed("open", openBody(open));
}

/** A whole NOTIFICATION (RFC 4271, 4.5); of data that need more than 4,096 bytes only the beginning. */
export function encodeNotification({ code, subcode, data }: Notification): Uint8Array {
  const writer = new ByteWriter();
  writer.uint8(code);
  writer.uint8(subcode);
  writer.bytes(data.subarray(0, MOST_NOTIFICATION_DATA));
  return framed("notification", writer.written());
}

/** A whole KEEPALIVE. */
export function encodeKeepalive(): Uint8Array {
  return framed("keepalive", new Uint8Array());
}
