import {
  type Address,
  bitLength,
  compareAddresses,
  type Family,
  formatAddress,
  notAnAddress,
  parseAddress,
  sameAddress,
} from "./address.ts";
import { parsePrefix, prefixRange } from "./prefix.ts";

/** All addresses from `first` to `last`, both included, of one family. */
export type AddressRange = { readonly first: Address; readonly last: Address };

/** A range, or why a text is none. `hostBits` says that a CIDR had bits beyond its mask, which were masked. */
export type ParsedRange = { readonly range: AddressRange; readonly hostBits?: boolean } | { readonly problem: string };

const longestText = 2 * "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length + 3;

/** Reads a CIDR (`192.0.2.0/24`), a range (`192.0.2.10-192.0.2.20`) or a single address; white space around them is ignored. */
export function parseRange(text: string): ParsedRange {
  if (text.length > longestText)
    return { problem: `is ${text.length} characters long, an address range has at most ${longestText}` };
  const trimmed = text.trim();
  if (trimmed.includes("/")) return parseCidr(trimmed);
  const [firstText = "", lastText, ...more] = trimmed.split("-").map((part) => part.trim());
  if (more.length > 0) return { problem: `"${trimmed}" has more than one "-", expected first-last` };
  const first = parseAddress(firstText);
  if (first === undefined) return { problem: notAnAddress(firstText) };
  if (lastText === undefined) return { range: { first, last: first } };
  const last = parseAddress(lastText);
  if (last === undefined) return { problem: notAnAddress(lastText) };
  if (first.family !== last.family) return { problem: `range ${trimmed} mixes IPv4 and IPv6` };
  if (compareAddresses(first, last) > 0) return { problem: `range ${trimmed} ends before it starts` };
  return { range: { first, last } };
}

function parseCidr(text: string): ParsedRange {
  const prefix = parsePrefix(text);
  if (prefix === undefined) return { problem: `"${text}" is no CIDR: expected an address, "/" and a prefix length` };
  const range = prefixRange(prefix);
  return sameAddress(range.first, prefix.address) ? { range } : { range, hostBits: true };
}

/** The shortest of: one address, a CIDR, `first-last`. */
export function formatRange({ first, last }: AddressRange): string {
  if (sameAddress(first, last)) return formatAddress(first);
  const size = last.value - first.value + 1n;
  const hostBits = size.toString(2).length - 1;
  const aligned = size === 1n << BigInt(hostBits) && first.value % size === 0n;
  return aligned
    ? `${formatAddress(first)}/${bitLength(first.family) - hostBits}`
    : `${formatAddress(first)}-${formatAddress(last)}`;
}

/** How many addresses it holds. */
export function rangeSize({ first, last }: AddressRange): bigint {
  return last.value - first.value + 1n;
}

/** Whether the address lies in it. */
export function rangeContains({ first, last }: AddressRange, address: Address): boolean {
  return address.family === first.family && address.value >= first.value && address.value <= last.value;
}

/** Whether one of sorted, disjoint ranges (as mergeRanges gives them) holds the address; by halving, for there may be thousands. */
export function sortedRangesContain(ranges: readonly AddressRange[], address: Address): boolean {
  let from = 0;
  let to = ranges.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (rangeContains(range, address)) return true;
    if (compareAddresses(range.last, address) < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}

/** Whether both hold at least one address in common. */
export function rangesOverlap(a: AddressRange, b: AddressRange): boolean {
  return a.first.family === b.first.family && a.first.value <= b.last.value && b.first.value <= a.last.value;
}

/** The same addresses as sorted, disjoint ranges that do not touch one another; IPv4 first. */
export function mergeRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const merged: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => compareAddresses(a.first, b.first))) {
    const before = merged.at(-1);
    if (
      before === undefined ||
      before.first.family !== range.first.family ||
      before.last.value + 1n < range.first.value
    ) {
      merged.push(range);
    } else if (before.last.value < range.last.value) {
      merged[merged.length - 1] = { first: before.first, last: range.last };
    }
  }
  return merged;
}

/** What is left of sorted, disjoint ranges without the holes; sorted and disjoint too. */
export function subtractRanges(
  ranges: readonly AddressRange[],
  holes: readonly AddressRange[],
): readonly AddressRange[] {
  let rest = ranges;
  for (const hole of holes) rest = rest.flatMap((range) => without(range, hole));
  return rest;
}

function without(range: AddressRange, hole: AddressRange): readonly AddressRange[] {
  if (!rangesOverlap(range, hole)) return [range];
  const family: Family = range.first.family;
  const parts: AddressRange[] = [];
  if (range.first.value < hole.first.value)
    parts.push({ first: range.first, last: { family, value: hole.first.value - 1n } });
  if (range.last.value > hole.last.value)
    parts.push({ first: { family, value: hole.last.value + 1n }, last: range.last });
  return parts;
}
