import { addressBytes, type Family } from "../../net/address.ts";
import { encodeAs4Path, encodeAsPath } from "./as-path.ts";
import { attributeClass, attributeFlag, attributeType } from "./attribute-types.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  addressFamilyNumber,
  type LargeCommunity,
  type NextHop,
  type PathAttributes,
  SAFI_UNICAST,
} from "./message.ts";

const originCode = { igp: 0, egp: 1, incomplete: 2 } as const;

/**
 * All attributes but those that hold prefixes, in the order of their types; NEXT_HOP if it is of IPv4: one of IPv6 stands in
 * MP_REACH_NLRI. `fourOctetAs`: the peer knows such numbers.
 * @throws {RangeError} if a number is out of range, or an attribute has more than 65,535 bytes; update-form.ts looks before
 */
export function encodePathAttributes(attributes: PathAttributes, fourOctetAs: boolean): Uint8Array {
  const { wellKnown, optional, optionalTransitive } = attributeClass;
  const { origin, asPath, nextHop, med, localPref, communities, largeCommunities } = attributes;
  const writer = new ByteWriter();
  const add = (flags: number, type: number, value: Uint8Array | undefined): void => {
    if (value !== undefined) writer.bytes(encodeAttribute(flags, type, value));
  };
  add(wellKnown, attributeType.origin, Uint8Array.of(originCode[origin]));
  add(wellKnown, attributeType.asPath, encodeAsPath(asPath, fourOctetAs));
  if (nextHop.address.family === 4) add(wellKnown, attributeType.nextHop, addressBytes(nextHop.address));
  add(optional, attributeType.med, uint32s(med));
  add(wellKnown, attributeType.localPref, uint32s(localPref));
  add(optionalTransitive, attributeType.communities, uint32s(...ascending(communities)));
  add(optionalTransitive, attributeType.as4Path, encodeAs4Path(asPath, fourOctetAs));
  add(optionalTransitive, attributeType.largeCommunities, uint32s(...largeCommunityNumbers(largeCommunities)));
  return writer.written();
}

/** One attribute with flags, type and length, which takes one byte or two. */
function encodeAttribute(flags: number, type: number, value: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  const extended = value.length > 0xff;
  writer.uint8(extended ? flags | attributeFlag.extendedLength : flags);
  writer.uint8(type);
  if (extended) writer.uint16(value.length);
  else writer.uint8(value.length);
  writer.bytes(value);
  return writer.written();
}

/** What stands before the prefixes in MP_REACH_NLRI (RFC 4760, section 3; 2545, section 3; 8950, section 3). */
export function mpReachHeader(family: Family, { address, linkLocal }: NextHop): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(mpUnreachHeader(family));
  const nextHops = linkLocal === undefined ? [address] : [address, linkLocal];
  writer.sized(Uint8Array.from(nextHops.flatMap((hop) => [...addressBytes(hop)])));
  writer.uint8(0);
  return writer.written();
}

/** What stands before the prefixes in MP_UNREACH_NLRI (RFC 4760, section 4). */
export function mpUnreachHeader(family: Family): Uint8Array {
  return Uint8Array.of(0, addressFamilyNumber[family], SAFI_UNICAST);
}

/** Undefined for no numbers: the attribute is left out. */
function uint32s(...numbers: readonly (number | undefined)[]): Uint8Array | undefined {
  const writer = new ByteWriter();
  for (const number of numbers) if (number !== undefined) writer.uint32(number);
  const bytes = writer.written();
  return bytes.length === 0 ? undefined : bytes;
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function largeCommunityNumbers(communities: readonly LargeCommunity[]): readonly number[] {
  const different = new Map(communities.map((community) => [community.join(":"), community]));
  return [...different.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).flat();
}
