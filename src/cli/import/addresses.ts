import { bitLength, formatAddress } from "../../net/address.ts";
import { type AddressRange, mergeRanges, parseRange } from "../../net/range.ts";
import type { Manifest } from "../manifest.ts";
import { type Note, note } from "./imported.ts";

/** Addresses of one pool: the texts that Herald reads, and a note for each that it does not. */
export type ReadAddresses = { readonly addresses: readonly string[]; readonly notes: readonly Note[] };

/** Those texts that Herald reads as it stands written, white space aside. */
export function readAddresses(object: Manifest, field: string, texts: readonly string[]): ReadAddresses {
  const addresses: string[] = [];
  const notes: Note[] = [];
  for (const text of texts) {
    const parsed = parseRange(text);
    if ("problem" in parsed) notes.push(note(object, field, `${parsed.problem}: left out`));
    else addresses.push(text.trim());
  }
  return { addresses, notes };
}

/**
 * The same addresses in the fewest CIDRs. For systems that join what touches or overlaps before they leave out the ends:
 * 192.0.2.0/30 and 192.0.2.0/29 have the ends of the /29 only.
 */
export function joinedCidrs(texts: readonly string[]): readonly string[] {
  const ranges = texts.flatMap((text) => {
    const parsed = parseRange(text);
    return "range" in parsed ? [parsed.range] : [];
  });
  return mergeRanges(ranges).flatMap(cidrsOf);
}

function cidrsOf({ first, last }: AddressRange): readonly string[] {
  const cidrs: string[] = [];
  const bits = bitLength(first.family);
  let at = first.value;
  while (at <= last.value) {
    let hostBits = 0;
    while (hostBits < bits && at % (2n << BigInt(hostBits)) === 0n && at + (2n << BigInt(hostBits)) - 1n <= last.value)
      hostBits++;
    cidrs.push(`${formatAddress({ family: first.family, value: at })}/${bits - hostBits}`);
    at += 1n << BigInt(hostBits);
  }
  return cidrs;
}
