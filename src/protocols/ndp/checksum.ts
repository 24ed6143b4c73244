/** ICMPv6 in the next header field of IPv6 (RFC 4443, 1). */
export const NEXT_HEADER_ICMPV6 = 58;

/**
 * The checksum of an ICMPv6 message (RFC 4443, 2.3): over the pseudo header with both addresses (32 bytes, as in the IPv6
 * header) and the message. With the right checksum in its place the result is 0.
 */
export function icmpChecksum(addresses: Uint8Array, message: Uint8Array): number {
  let sum = sumOf(addresses) + sumOf(message) + message.length + NEXT_HEADER_ICMPV6;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}
