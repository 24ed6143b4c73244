import { bitLength, type Family } from "../net/address.ts";
import { type Prefix, prefixRange } from "../net/prefix.ts";
import { type AddressRange, formatRange, rangeContains } from "../net/range.ts";
import {
  type Community,
  formatCommunity,
  formatLargeCommunity,
  type LargeCommunity,
  notACommunity,
  notALargeCommunity,
  parseCommunity,
  parseLargeCommunity,
} from "./community.ts";
import type { BGP as BgpObject } from "./generated/ippool-v1beta1.ts";
import { type LabelSelector, selectorObject } from "./label-selector.ts";
import type { Problem } from "./problem.ts";

/** Announcing to routers by BGP. */
export type BgpAnnouncement = {
  /** How many nodes announce an address. */
  readonly nodes: NodeCount;
  /** Which peers hear of the addresses, by their labels; absent: all. */
  readonly peerSelector?: LabelSelector;
  /** Sorted, each once. */
  readonly communities: readonly Community[];
  readonly largeCommunities: readonly LargeCommunity[];
  /** LOCAL_PREF towards routers of the nodes' own AS. */
  readonly localPreference: number;
  /** MULTI_EXIT_DISC; absent: none is told. */
  readonly med?: number;
  /** How many times more than once the own AS number stands in AS_PATH. */
  readonly prepend: number;
  /** Prefix lengths that are announced; 32 and 128: each address by itself. */
  readonly aggregate: Aggregate;
  /** The addresses are put on the loopback interface of the nodes that announce them. */
  readonly addressOnLo: boolean;
};

/** All eligible nodes, or so many of them. */
export type NodeCount = "All" | { readonly count: number };

/** The length of the announced prefixes of each family. */
export type Aggregate = { readonly ipv4: number; readonly ipv6: number };

/** How an address is announced by BGP where nothing is said: each by itself, by every node to every peer. */
export const defaultBgp: BgpAnnouncement = {
  nodes: "All",
  communities: [],
  largeCommunities: [],
  localPreference: 100,
  prepend: 0,
  aggregate: { ipv4: 32, ipv6: 128 },
  addressOnLo: false,
};

/** The value of `announcement.bgp` at a path, with the defaults of the schema; what cannot be read is a problem each. */
export function parseBgpAnnouncement(
  object: BgpObject,
  path: string,
): { readonly bgp: BgpAnnouncement; readonly problems: readonly Problem[] } {
  const { nodes, peerSelector, communities: _, largeCommunities: __, aggregate, ...plain } = object;
  const problems: Problem[] = [];
  const bgp: BgpAnnouncement = {
    ...defaultBgp,
    ...plain,
    ...(nodes && { nodes: { count: nodes.count } }),
    ...(peerSelector && { peerSelector }),
    ...parseCommunities(object, path, problems),
    aggregate: { ...defaultBgp.aggregate, ...aggregate },
  };
  problems.push(...boundProblems(bgp, path));
  return { bgp, problems };
}

function parseCommunities(
  { communities = [], largeCommunities = [] }: BgpObject,
  path: string,
  problems: Problem[],
): Pick<BgpAnnouncement, "communities" | "largeCommunities"> {
  const read = <T>(texts: readonly string[], field: string, [parse, say]: Reader<T>): readonly T[] =>
    texts.flatMap((text, i) => {
      const value = parse(text);
      if (value === undefined) problems.push({ path: `${path}.${field}[${i}]`, message: say(text) });
      return value === undefined ? [] : [value];
    });
  const small = read(communities, "communities", [parseCommunity, notACommunity]);
  const large = read(largeCommunities, "largeCommunities", [parseLargeCommunity, notALargeCommunity]);
  return { communities: [...new Set(small)].sort((a, b) => a - b), largeCommunities: large };
}

type Reader<T> = readonly [parse: (text: string) => T | undefined, say: (text: string) => string];

const largest32 = 0xffff_ffff;
/** As many nodes as can be asked for. */
export const mostNodes = 5_000;

/** What the schema bounds too; told again, because a ledger or a file may have come past it. */
function boundProblems({ nodes, localPreference, med, prepend, aggregate }: BgpAnnouncement, path: string): Problem[] {
  const bounds: readonly (readonly [field: string, value: number | undefined, least: number, most: number])[] = [
    ["nodes.count", nodes === "All" ? undefined : nodes.count, 1, mostNodes],
    ["localPreference", localPreference, 0, largest32],
    ["med", med, 0, largest32],
    ["prepend", prepend, 0, 16],
    ["aggregate.ipv4", aggregate.ipv4, 8, 32],
    ["aggregate.ipv6", aggregate.ipv6, 16, 128],
  ];
  return bounds
    .filter(([, value, least, most]) => value !== undefined && !isWhole(value, least, most))
    .map(([field, value, least, most]) => ({
      path: `${path}.${field}`,
      message: `${value}: expected ${least} to ${most}`,
    }));
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** The `announcement.bgp` to write: the inverse of parseBgpAnnouncement. */
export function bgpObject(bgp: BgpAnnouncement): BgpObject {
  const { nodes, peerSelector, communities, largeCommunities, aggregate, ...plain } = bgp;
  return {
    ...plain,
    ...(nodes !== "All" && { nodes: { ...nodes } }),
    ...(peerSelector && { peerSelector: selectorObject(peerSelector) }),
    ...(communities.length > 0 && { communities: communities.map(formatCommunity) }),
    ...(largeCommunities.length > 0 && { largeCommunities: largeCommunities.map(formatLargeCommunity) }),
    aggregate: { ...aggregate },
  };
}

/** The length of the prefix in which an address of this family is announced. */
export function announcedLength({ aggregate }: Pick<BgpAnnouncement, "aggregate">, family: Family): number {
  return family === 4 ? aggregate.ipv4 : aggregate.ipv6;
}

/** Whether addresses of this family are announced together with others. */
export function isAggregated(bgp: Pick<BgpAnnouncement, "aggregate">, family: Family): boolean {
  return announcedLength(bgp, family) < bitLength(family);
}

/**
 * What an aggregate does to a pool that covers these ranges (merged): a range in which no whole prefix lies is a problem, for
 * all that is announced of it is mostly somebody else's; one that begins or ends within a prefix is odd.
 */
export function aggregateRemarks(
  bgp: Pick<BgpAnnouncement, "aggregate">,
  covered: readonly AddressRange[],
  path: string,
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const range of covered.filter(({ first }) => isAggregated(bgp, first.family))) {
    const { family } = range.first;
    const length = announcedLength(bgp, family);
    const at = `${path}.${family === 4 ? "ipv4" : "ipv6"}`;
    if (!holdsWhole(range, length))
      problems.push({
        path: at,
        message: `no whole /${length} lies in ${formatRange(range)}, whose addresses it would hold`,
      });
    else if (!endsWhole(range, length))
      warnings.push({
        path: at,
        message: `/${length} reaches beyond ${formatRange(range)}: others' traffic is attracted too`,
      });
  }
  return { problems, warnings };
}

function holdsWhole({ first, last }: AddressRange, length: number): boolean {
  const size = 1n << BigInt(bitLength(first.family) - length);
  const start = ((first.value + size - 1n) / size) * size;
  return start + size - 1n <= last.value;
}

function endsWhole(range: AddressRange, length: number): boolean {
  return [range.first, range.last].every((address) => {
    const block = prefixRange({ address, length } satisfies Prefix);
    return rangeContains(range, block.first) && rangeContains(range, block.last);
  });
}
