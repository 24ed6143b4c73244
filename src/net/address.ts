import ipaddr from "ipaddr.js";

/** The two address families of a Service; the number is the IP version. */
export type Family = 4 | 6;

/** An IP address; `value` is it as an unsigned integer, 32 bits for family 4 and 128 for 6. */
export type Address = { readonly family: Family; readonly value: bigint };

const longestText = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;

const decimalOctet = "(?:0|[1-9][0-9]{0,2})";
const strictIpv4 = new RegExp(`^${decimalOctet}(?:\\.${decimalOctet}){3}$`);
const plainIpv6 = /^[0-9a-fA-F:]+(?:\.[0-9.]+)?$/;

/** Number of bits of an address of this family: 32 or 128. */
export function bitLength(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * The address that a text means, or undefined if it is none. Strict, so that nobody can read it in a second way: four
 * decimal octets without leading zeros, or RFC 4291 text without a zone; an IPv4-mapped address is no address here.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > longestText) return undefined;
  if (strictIpv4.test(text)) return parseIpv4(text);
  if (!plainIpv6.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  if (text.includes(".") && !strictIpv4.test(text.slice(text.lastIndexOf(":") + 1))) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  return parsed.isIPv4MappedAddress() ? undefined : fromBytes(parsed.toByteArray());
}

function parseIpv4(text: string): Address | undefined {
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? fromBytes(octets) : undefined;
}

/** What to say of a text that is no address; of a long one only the beginning is repeated. */
export function notAnAddress(text: string): string {
  const shown = text.length > longestText ? `${text.slice(0, longestText).toWellFormed()}…` : text;
  return `"${shown}" is no IP address: expected IPv4 without leading zeros or IPv6 without a zone, not IPv4-mapped`;
}

/** The canonical text: dotted decimal, or RFC 5952 (lower case, the longest run of zeros shortened). */
export function formatAddress(address: Address): string {
  const [a, b, c, d] = address.family === 4 ? octets(address) : [];
  // Not join: a planner of ten thousand addresses spends its time here.
  if (a !== undefined) return `${a}.${b}.${c}.${d}`;
  return ipaddr.fromByteArray([...addressBytes(address)]).toString();
}

function octets({ value }: Address): readonly number[] {
  const bits = Number(value);
  return [bits >>> 24, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff];
}

/** The address in network byte order: 4 or 16 bytes. */
export function addressBytes(address: Address): Uint8Array {
  if (address.family === 4) return Uint8Array.from(octets(address));
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, address.value >> 64n);
  view.setBigUint64(8, BigInt.asUintN(64, address.value));
  return bytes;
}

/**
 * The address that 4 or 16 bytes in network byte order hold.
 * @throws {RangeError} for any other number of bytes
 */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError(`address: ${bytes.length} bytes, not 4 or 16`);
  return fromBytes(bytes);
}

function fromBytes(bytes: ArrayLike<number> & Iterable<number>): Address {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

/** Whether both are the same address of the same family. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** Sort order: IPv4 before IPv6, then by value. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** A key for maps and sets, equal exactly for equal addresses; not for people. */
export function addressKey(address: Address): string {
  return `${address.family}:${address.value.toString(16)}`;
}

/** The name of the object that stands for this address: `203-0-113-7`, IPv6 fully expanded with `-` between the groups. */
export function objectName(address: Address): string {
  if (address.family === 4) return octets(address).join("-");
  const hex = [...addressBytes(address)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/.{4}(?=.)/g, "$&-");
}
