import { type Address, bitLength, formatAddress, parseAddress } from "./address.ts";
import type { AddressRange } from "./range.ts";

/** An address with a prefix length, as an interface has it or as a network is written; host bits may be set. */
export type Prefix = { readonly address: Address; readonly length: number };

/** The prefix that a text such as `192.0.2.7/24` means (address as parseAddress wants it), or undefined. */
export function parsePrefix(text: string): Prefix | undefined {
  const [addressText = "", lengthText = "", ...more] = text.split("/");
  const address = parseAddress(addressText);
  if (address === undefined || more.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  return length <= bitLength(address.family) ? { address, length } : undefined;
}

/** The canonical text, host bits kept: `192.0.2.7/24`. */
export function formatPrefix({ address, length }: Prefix): string {
  return `${formatAddress(address)}/${length}`;
}

/** The network it lies in, from its all-zero to its all-one host. */
export function prefixRange({ address, length }: Prefix): AddressRange {
  const hostMask = (1n << BigInt(bitLength(address.family) - length)) - 1n;
  const first = address.value & ~hostMask;
  return { first: { family: address.family, value: first }, last: { family: address.family, value: first | hostMask } };
}

/** The same network with host bits cleared. */
export function maskedPrefix(prefix: Prefix): Prefix {
  return { address: prefixRange(prefix).first, length: prefix.length };
}

/** Whether the address lies in the prefix's network. */
export function prefixContains(prefix: Prefix, address: Address): boolean {
  if (address.family !== prefix.address.family) return false;
  const hostBits = BigInt(bitLength(address.family) - prefix.length);
  return address.value >> hostBits === prefix.address.value >> hostBits;
}
