import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { type DirectionKey, TAG_LENGTH } from "./keys.ts";

const CODE_LENGTH = 16;

/** How many bytes longer a sealed packet is. */
export const SEAL_LENGTH: number = TAG_LENGTH + CODE_LENGTH;

/**
 * The datagram of a packet: the direction's tag, the packet, and 16 bytes of HMAC-SHA256 (RFC 2104) over both. It is neither
 * secret nor protected against replay: the reader goes by the process ids and the sequence in the packet.
 */
export function seal(packet: Uint8Array, { tag, secret }: DirectionKey): Uint8Array {
  const datagram = new Uint8Array(packet.length + SEAL_LENGTH);
  datagram.set(tag);
  datagram.set(packet, TAG_LENGTH);
  datagram.set(codeOf(datagram, secret), TAG_LENGTH + packet.length);
  return datagram;
}

/** The packet in a datagram (a view), or undefined if it is not one that the owner of the other key sealed for this direction. */
export function unseal(datagram: Uint8Array, { tag, secret }: DirectionKey): Uint8Array | undefined {
  if (datagram.length < SEAL_LENGTH) return undefined;
  if (!timingSafeEqual(datagram.subarray(0, TAG_LENGTH), tag)) return undefined;
  if (!timingSafeEqual(datagram.subarray(-CODE_LENGTH), codeOf(datagram, secret))) return undefined;
  return datagram.subarray(TAG_LENGTH, -CODE_LENGTH);
}

/** The tag that bytes begin with as a number, by which its peer is found; undefined if they are too short for one. */
export function tagOf(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < TAG_LENGTH) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
}

function codeOf(datagram: Uint8Array, secret: KeyObject): Uint8Array {
  return createHmac("sha256", secret).update(datagram.subarray(0, -CODE_LENGTH)).digest().subarray(0, CODE_LENGTH);
}
