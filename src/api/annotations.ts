import { type Address, formatAddress, parseAddress, sameAddress } from "../net/address.ts";
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
const foreignMeanings: Readonly<Record<string, string>> = {
  "0.0.0.0": "asks for an address by DHCP, which Herald does not do",
  "::": "asks for an address by DHCPv6, which Herald does not do",
};

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
    ...(addressAsk?.value && { addresses: addressAsk.value, addressesFrom: addressAsk.key }),
    problems,
  };
}

/** The keys that ask for something, in the table's order, and a problem for each of Herald's that is none. */
function askingKeys(annotations: Labels): { readonly given: readonly string[]; readonly problems: Problem[] } {
  const given: string[] = [];
  const problems: Problem[] = [];
  // A loop over the keys, because ten thousand Services are parsed and most have no annotation of interest.
  for (const key in annotations) {
    if (meanings.has(key)) given.push(key);
    else if (key.startsWith(annotationPrefix) && key !== allocatedAnnotation) problems.push(unknownKey(key));
  }
  return { given: given.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0)), problems };
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

const poolName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function parsePools(key: string, text: string, problems: Problem[]): readonly string[] | undefined {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const wrong = names.filter((name) => !poolName.test(name));
  for (const name of wrong) problems.push({ path: annotationPath(key), message: `"${name}" is no name of a pool` });
  return wrong.length === 0 ? names : undefined;
}

function parseAddresses(key: string, text: string, problems: Problem[]): readonly Address[] | undefined {
  const addresses: Address[] = [];
  const before = problems.length;
  for (const part of text.split(",").map((each) => each.trim())) {
    const foreign = key.startsWith(annotationPrefix) ? undefined : foreignMeanings[part];
    const address = parseAddress(part);
    if (foreign !== undefined) problems.push({ path: annotationPath(key), message: `"${part}" ${foreign}` });
    else if (address === undefined) problems.push({ path: annotationPath(key), message: notAnAddress(part) });
    else if (!addresses.some((each) => sameAddress(each, address))) addresses.push(address);
  }
  return problems.length === before ? addresses : undefined;
}

function notAnAddress(text: string): string {
  return `"${text}" is no IP address: expected IPv4 without leading zeros or IPv6 without a zone, not IPv4-mapped`;
}

/** What Herald last wrote into its own annotation, or undefined if it is absent or somebody made nonsense of it. */
export function parseAllocated(annotations: Labels | undefined): readonly Address[] | undefined {
  const text = annotations?.[allocatedAnnotation];
  if (text === undefined) return undefined;
  const addresses = text.split(",").map(parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}
