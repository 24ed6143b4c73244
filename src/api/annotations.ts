import { type Address, formatAddress, notAnAddress, parseAddress, sameAddress } from "../net/address.ts";
import type { Labels } from "./label-selector.ts";
import type { Problem } from "./problem.ts";
import type { ServiceAsks } from "./service.ts";

/** The prefix of Herald's own annotations. */
const annotationPrefix = "herald.dev/";

/** The annotation in which Herald writes down what a Service holds, in ipFamilies order. */
export const allocatedAnnotation = "herald.dev/allocated";

type Meaning = "pools" | "addresses";

/** Every annotation that asks for something, with Herald's own before those of the systems that it replaces. */
const askTable: readonly (readonly [key: string, meaning: Meaning])[] = [
  ["herald.dev/pool", "pools"],
  ["herald.dev/addresses", "addresses"],
  ["kube-vip.io/loadbalancerIPs", "addresses"],
  ["metallb.io/address-pool", "pools"],
  ["metallb.io/loadBalancerIPs", "addresses"],
  ["metallb.universe.tf/address-pool", "pools"],
  ["metallb.universe.tf/loadBalancerIPs", "addresses"],
  ["lbipam.cilium.io/ips", "addresses"],
  ["purelb.io/service-group", "pools"],
  ["purelb.io/addresses", "addresses"],
];

const meanings = new Map<string, Meaning>(askTable);
const ranks = new Map(askTable.map(([key], rank) => [key, rank]));
const ownKeys = askTable.map(([key]) => key).filter((key) => key.startsWith(annotationPrefix));

/** Values by which others mean something that Herald does not do; read as addresses they would be nonsense. */
const foreignMeanings: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "asks for an address by DHCP, which Herald does not do"],
  ["::", "asks for an address by DHCPv6, which Herald does not do"],
]);

/** How many pools or addresses an annotation may list: anybody who may write a Service decides how much work each plan has with it. */
const mostAsked = 16;

/** What Herald writes itself: every address asked for, and one of a family that was not. */
const mostAllocated = mostAsked + 1;

/** The longest name that an object can have. */
const longestName = 253;

const nothing: ServiceAsks = { problems: [] };

/**
 * What a Service's annotations ask for. Herald's own annotation wins over others of the same meaning; others that
 * contradict one another, and keys with Herald's prefix that it does not know, are problems.
 */
export function parseAsks(annotations: Labels | undefined): ServiceAsks {
  if (annotations === undefined) return nothing;
  const { given, problems } = askingKeys(annotations);
  if (given.length === 0) return problems.length === 0 ? nothing : { problems };
  const pools = chosen(given, "pools", (key) => parsePools(key, annotations[key] ?? "", problems));
  const addresses = chosen(given, "addresses", (key) => parseAddresses(key, annotations[key] ?? "", problems));
  problems.push(...contradictions(pools), ...contradictions(addresses));
  const [poolAsk] = pools;
  const [addressAsk] = addresses;
  return {
    ...(poolAsk?.value && { pools: poolAsk.value }),
    ...(addressAsk?.value && { addresses: addressAsk.value }),
    problems,
  };
}

/** The keys that ask for something, in the table's order, and a problem for each of the first few of Herald's that is none. */
function askingKeys(annotations: Labels): { readonly given: readonly string[]; readonly problems: Problem[] } {
  const given: string[] = [];
  const problems: Problem[] = [];
  // A loop over the keys, because ten thousand Services are parsed and most have no annotation of interest.
  for (const key in annotations) {
    if (meanings.has(key)) given.push(key);
    else if (problems.length < mostAsked && isUnknown(key)) problems.push(unknownKey(key));
  }
  return { given: given.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0)), problems };
}

function isUnknown(key: string): boolean {
  return key.startsWith(annotationPrefix) && key !== allocatedAnnotation;
}

function unknownKey(key: string): Problem {
  return { path: annotationPath(key), message: `is not known, expected one of ${ownKeys.join(", ")}` };
}

function annotationPath(key: string): string {
  return `metadata.annotations[${key}]`;
}

/** What one annotation asks for; no value if it is wrong. */
type Ask<Value> = { readonly key: string; readonly value: Value | undefined };

/** The asks of one meaning: Herald's own alone if it is there, else all others. */
function chosen<Value>(
  given: readonly string[],
  meaning: Meaning,
  parse: (key: string) => Value | undefined,
): readonly Ask<Value>[] {
  const keys = given.filter((key) => meanings.get(key) === meaning);
  const own = keys.find((key) => key.startsWith(annotationPrefix));
  return (own === undefined ? keys : [own]).map((key) => ({ key, value: parse(key) }));
}

function contradictions(asks: readonly Ask<readonly (string | Address)[]>[]): readonly Problem[] {
  const [first, ...others] = asks;
  if (first === undefined) return [];
  return others
    .filter(({ value }) => value && first.value && textOf(value) !== textOf(first.value))
    .map(({ key }) => ({ path: annotationPath(key), message: `contradicts annotation ${first.key}` }));
}

function textOf(values: readonly (string | Address)[]): string {
  return values
    .map((value) => (typeof value === "string" ? value : formatAddress(value)))
    .sort()
    .join();
}

/** The entries of a list with commas between them; undefined and one problem if there are too many to look at. */
function listed(key: string, text: string, problems: Problem[]): readonly string[] | undefined {
  const entries = text.split(",", mostAsked + 1);
  if (entries.length <= mostAsked) return entries.map((entry) => entry.trim());
  problems.push({ path: annotationPath(key), message: `lists more than ${mostAsked}` });
  return undefined;
}

const poolName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function parsePools(key: string, text: string, problems: Problem[]): readonly string[] | undefined {
  const names = listed(key, text, problems);
  const wrong = (names ?? []).filter((name) => name.length > longestName || !poolName.test(name));
  for (const name of wrong)
    problems.push({ path: annotationPath(key), message: `"${name.slice(0, longestName)}" is no name of a pool` });
  return names === undefined || wrong.length > 0 ? undefined : [...new Set(names)];
}

function parseAddresses(key: string, text: string, problems: Problem[]): readonly Address[] | undefined {
  const addresses: Address[] = [];
  const before = problems.length;
  for (const part of listed(key, text, problems) ?? []) {
    const address = parsePart(key, part);
    if (typeof address === "string") problems.push({ path: annotationPath(key), message: address });
    else if (!addresses.some((each) => sameAddress(each, address))) addresses.push(address);
  }
  return problems.length === before ? addresses : undefined;
}

/** The address, or what is wrong with it. */
function parsePart(key: string, part: string): Address | string {
  const foreign = key.startsWith(annotationPrefix) ? undefined : foreignMeanings.get(part);
  return foreign === undefined ? (parseAddress(part) ?? notAnAddress(part)) : `"${part}" ${foreign}`;
}

/** What Herald last wrote into its own annotation, or undefined if it is absent or somebody made nonsense of it. */
export function parseAllocated(annotations: Labels | undefined): readonly Address[] | undefined {
  const texts = annotations?.[allocatedAnnotation]?.split(",", mostAllocated + 1);
  if (texts === undefined || texts.length > mostAllocated) return undefined;
  const addresses = texts.map(parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}
