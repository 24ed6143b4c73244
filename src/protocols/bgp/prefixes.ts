import { addressBytes, bitLength, type Family } from "../../net/address.ts";
import type { Prefix } from "../../net/prefix.ts";

/** A prefix as it stands in an UPDATE: its length in bits, then as many bytes as these need (RFC 4271, 4.3; 4760, section 5). */
function encodePrefix({ address, length }: Prefix): Uint8Array {
  return Uint8Array.of(length, ...addressBytes(address).subarray(0, Math.ceil(length / 8)));
}

/** Prefixes one after the other, in as few pieces of at most so many bytes as there can be; the room must be that of one. */
export function packPrefixes(prefixes: readonly Prefix[], room: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const piece = new Uint8Array(room);
  let length = 0;
  for (const prefix of prefixes) {
    const bytes = encodePrefix(prefix);
    if (length + bytes.length > room) {
      pieces.push(piece.slice(0, length));
      length = 0;
    }
    piece.set(bytes, length);
    length += bytes.length;
  }
  if (length > 0) pieces.push(piece.slice(0, length));
  return pieces;
}

/** How many prefixes of a family bytes hold, or undefined if one is longer than an address or than what is left (RFC 7606, 5.3). */
export function countPrefixes(bytes: Uint8Array, family: Family): number | undefined {
  const longest = bitLength(family);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    if (length > longest) return undefined;
    at += 1 + ((length + 7) >> 3);
    count++;
  }
  return at === bytes.length ? count : undefined;
}
