import type { Family } from "../../net/address.ts";
import { HEADER_LENGTH, LARGEST_EXTENDED_MESSAGE, LARGEST_MESSAGE } from "./header.ts";
import type { Negotiated, PathAttributes } from "./message.ts";
import { encodePathAttributes, mpReachHeader } from "./path-attributes.ts";

/** The two lengths in the body of an UPDATE. */
const LENGTHS = 4;
/** An IPv6 address and its length. */
const LARGEST_PREFIX_LENGTH = 17;
const LARGEST_UINT32 = 0xffff_ffff;
/** Of four bytes each, with the headers of AS_PATH's segments: what any attribute can hold. */
const MOST_NUMBERS = 16_000;

/** Flags, type and two bytes of length. */
export const LONG_ATTRIBUTE_HEADER_LENGTH = 4;

/** How the routes of one UPDATE are written, all but the prefixes. */
export type UpdateForm = {
  /** What precedes the prefixes in MP_REACH_NLRI; undefined: the prefixes stand at the end of the message. */
  readonly mpReach?: Uint8Array;
  readonly attributes: Uint8Array;
  /** For the prefixes, in bytes; enough for at least one. */
  readonly room: number;
};

/**
 * The form of routes of this family and these attributes, or why no UPDATE can carry them, for people. Whatever the attributes
 * say: nothing is thrown.
 */
export function updateForm(family: Family, attributes: PathAttributes, negotiated: Negotiated): UpdateForm | string {
  const problem = numbersProblem(attributes);
  if (problem !== undefined) return problem;
  const nextHopFamily = attributes.nextHop.address.family;
  if (nextHopFamily < family) return "an IPv6 route needs an IPv6 next hop";
  if (nextHopFamily > family && !negotiated.extendedNextHop)
    return "the peer does not take IPv4 routes with an IPv6 next hop";
  const form = nextHopFamily === 4 ? plainForm(attributes, negotiated) : mpReachForm(family, attributes, negotiated);
  if (form.room >= LARGEST_PREFIX_LENGTH) return form;
  return `the attributes do not fit into a message of ${largestMessage(negotiated)} bytes`;
}

/** What cannot be written as attributes, before it is tried. */
function numbersProblem(attributes: PathAttributes): string | undefined {
  const { asPath, med = 0, localPref = 0, communities, largeCommunities } = attributes;
  const numbers = [...asPath, med, localPref, ...communities, ...largeCommunities.flat()];
  const wrong = numbers.find((number) => !isUint32(number));
  if (wrong !== undefined) return `${wrong} is no whole number from 0 to ${LARGEST_UINT32}`;
  return numbers.length > MOST_NUMBERS ? `there are more than ${MOST_NUMBERS} numbers in the attributes` : undefined;
}

function isUint32(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= LARGEST_UINT32;
}

function plainForm(attributes: PathAttributes, negotiated: Negotiated): UpdateForm {
  const bytes = encodePathAttributes(attributes, negotiated.fourOctetAs);
  return { attributes: bytes, room: prefixRoom(negotiated) - bytes.length };
}

function mpReachForm(family: Family, attributes: PathAttributes, negotiated: Negotiated): UpdateForm {
  const bytes = encodePathAttributes(attributes, negotiated.fourOctetAs);
  const mpReach = mpReachHeader(family, attributes.nextHop);
  const room = prefixRoom(negotiated) - bytes.length - LONG_ATTRIBUTE_HEADER_LENGTH - mpReach.length;
  return { mpReach, attributes: bytes, room };
}

/** How many bytes attributes and prefixes of one UPDATE may have together. */
export function prefixRoom(negotiated: Negotiated): number {
  return largestMessage(negotiated) - HEADER_LENGTH - LENGTHS;
}

function largestMessage({ extendedMessage }: Negotiated): number {
  return extendedMessage ? LARGEST_EXTENDED_MESSAGE : LARGEST_MESSAGE;
}
