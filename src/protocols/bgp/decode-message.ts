import { BgpMessageError } from "./bgp-message-error.ts";
import { badLength, HEADER_LENGTH, LARGEST_EXTENDED_MESSAGE, readHeader } from "./header.ts";
import type { Message, Negotiated, Notification, RouteRefresh } from "./message.ts";
import { decodeOpen } from "./open.ts";
import { decodeUpdate } from "./update.ts";

const REFRESH_LENGTH = 4;
/** Beginning and end of a repetition (RFC 7313). */
const demarcations: ReadonlySet<number> = new Set([1, 2]);

/** What holds before the OPENs are exchanged. */
const nothingNegotiated: Negotiated = {
  internal: false,
  families: [],
  routeRefresh: false,
  fourOctetAs: false,
  extendedMessage: false,
  extendedNextHop: false,
};

/**
 * The message that whole bytes hold, as a MessageSplitter gives them; nothing of it refers to them.
 * @throws {BgpMessageError} if it is one that ends the session; README.md beside this file has when
 */
export function decodeMessage(bytes: Uint8Array, negotiated: Negotiated = nothingNegotiated): Message {
  const { kind, length } = readHeader(whole(bytes), LARGEST_EXTENDED_MESSAGE);
  if (length !== bytes.length) throw badLength(bytes, `message of ${length} bytes in ${bytes.length}`);
  const body = bytes.subarray(HEADER_LENGTH);
  switch (kind) {
    case "open":
      return decodeOpen(body);
    case "update":
      return decodeUpdate(body, negotiated);
    case "notification":
      return decodeNotification(body);
    case "keepalive":
      return { kind: "keepalive" };
    case "route-refresh":
      return decodeRouteRefresh(bytes);
  }
}

function whole(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEADER_LENGTH) throw badLength(bytes, `message of ${bytes.length} bytes`);
  return bytes;
}

function decodeNotification(body: Uint8Array): Notification {
  const [code = 0, subcode = 0] = body;
  return { kind: "notification", code, subcode, data: body.slice(2) };
}

/** One of an unknown subtype may have any length: it is to be ignored (RFC 7313, section 5). */
function decodeRouteRefresh(message: Uint8Array): RouteRefresh {
  const view = new DataView(message.buffer, message.byteOffset + HEADER_LENGTH, message.length - HEADER_LENGTH);
  const subtype = view.getUint8(2);
  if (view.byteLength !== REFRESH_LENGTH && demarcations.has(subtype))
    throw new BgpMessageError("invalidRefreshLength", `route-refresh of ${message.length} bytes`, message);
  if (view.byteLength !== REFRESH_LENGTH && subtype === 0)
    throw badLength(message, `route-refresh of ${message.length} bytes`);
  return { kind: "route-refresh", afi: view.getUint16(0), safi: view.getUint8(3), subtype };
}
