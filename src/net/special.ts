import type { Address } from "./address.ts";
import { type Prefix, parsePrefix, prefixContains, prefixRange } from "./prefix.ts";
import type { AddressRange } from "./range.ts";

/** IPv4-mapped (RFC 4291, section 2.5.5.2), which as a text is no address here. */
const mapped: Prefix = { address: { family: 6, value: 0xffff_0000_0000n }, length: 96 };

/** Networks whose addresses mean something of their own and can never be a Service's (RFC 6890, RFC 4291). */
const written = Object.entries({
  "0.0.0.0/8": "this network",
  "127.0.0.0/8": "loopback",
  "169.254.0.0/16": "link-local",
  "224.0.0.0/4": "multicast",
  "240.0.0.0/4": "reserved or broadcast",
  "::/127": "unspecified or loopback",
  "::ffff:0:0:0/96": "IPv4-translated",
  "fe80::/10": "link-local",
  "ff00::/8": "multicast",
}).flatMap(([text, meaning]) => {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [{ prefix, meaning }];
});

const special = [...written, { prefix: mapped, meaning: "IPv4-mapped" }];

/** What an address is reserved for by the standards ("loopback", "multicast", …), or undefined if it may be a Service's. */
export function specialPurpose(address: Address): string | undefined {
  return special.find(({ prefix }) => prefixContains(prefix, address))?.meaning;
}

/** The addresses that have a special purpose, as ranges. */
export const specialRanges: readonly AddressRange[] = special.map(({ prefix }) => prefixRange(prefix));
