import { type Address, notAnAddress, parseAddress, sameAddress } from "../net/address.ts";
import type { AnnouncingProtocol } from "./announcement-override.ts";
import { mostNodes, type NodeCount } from "./bgp-announcement.ts";
import { cut } from "./cut-text.ts";
import type { Problem } from "./problem.ts";

/** Reads the value of an annotation: a list, or undefined and a problem for each thing that is wrong with it. */
export type ValueParser<Value> = (key: string, text: string, problems: Problem[]) => readonly Value[] | undefined;

/** The prefix of Herald's own annotations. */
export const annotationPrefix = "herald.dev/";

/** Whether an annotation is Herald's own and not of a system that it replaces. */
export function isOwn(key: string): boolean {
  return key.startsWith(annotationPrefix);
}

/** Where an annotation stands in an object, for problems. */
export function annotationPath(key: string): string {
  return `metadata.annotations[${key}]`;
}

/** How many pools or addresses an annotation may list: anybody who may write a Service decides how much work each plan has with it. */
export const mostAsked = 16;

/** How many namespaces an annotation may list. */
const mostNamespaces = 64;

/** How long a sharing key may be. */
const longestKey = 253;

/** The longest name that an object can have. */
const longestName = 253;

/** The longest name that a namespace can have (RFC 1123, a label). */
const longestNamespace = 63;

/** What names look like, and what bears them. */
type NameKind = { readonly bearer: string; readonly fits: (name: string) => boolean };

const poolName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const namespaceName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const poolNames: NameKind = {
  bearer: "a pool",
  fits: (name) => name.length <= longestName && poolName.test(name),
};

const namespacesOrAll: NameKind = {
  bearer: "a namespace",
  fits: (name) => name === "*" || (name.length <= longestNamespace && namespaceName.test(name)),
};

/** Values by which others mean something that Herald does not do; read as addresses they would be nonsense. */
const foreignMeanings: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "asks for an address by DHCP, which Herald does not do"],
  ["::", "asks for an address by DHCPv6, which Herald does not do"],
]);

/** The entries of a list with commas between them; undefined and one problem if there are too many to look at. */
function listed(key: string, text: string, most: number, problems: Problem[]): readonly string[] | undefined {
  const entries = text.split(",", most + 1);
  if (entries.length <= most) return entries.map((entry) => entry.trim());
  problems.push({ path: annotationPath(key), message: `lists more than ${most}` });
  return undefined;
}

/** Names of pools in order of preference, each once, at most 16. */
export const parsePoolNames: ValueParser<string> = (key, text, problems) =>
  named(key, listed(key, text, mostAsked, problems), poolNames, problems);

/** Namespaces that are agreed to share with, sorted, each once, at most 64; `*` stands alone, as it is all of them. An empty text is nobody. */
export const parseNamespaces: ValueParser<string> = (key, text, problems) => {
  if (text.trim() === "") return [];
  const names = named(key, listed(key, text, mostNamespaces, problems), namespacesOrAll, problems);
  return names?.includes("*") ? ["*"] : names?.toSorted();
};

/** The names, each once; undefined and a problem for each that does not fit. */
function named(
  key: string,
  names: readonly string[] | undefined,
  { bearer, fits }: NameKind,
  problems: Problem[],
): readonly string[] | undefined {
  const wrong = (names ?? []).filter((name) => !fits(name));
  for (const name of wrong)
    problems.push({ path: annotationPath(key), message: `"${cut(name, longestName)}" is no name of ${bearer}` });
  return names === undefined || wrong.length > 0 ? undefined : [...new Set(names)];
}

/** Addresses, each once, at most 16. */
export const parseAddresses: ValueParser<Address> = (key, text, problems) => {
  const addresses: Address[] = [];
  const before = problems.length;
  for (const part of listed(key, text, mostAsked, problems) ?? []) {
    const address = parsePart(key, part);
    if (typeof address === "string") problems.push({ path: annotationPath(key), message: address });
    else if (!addresses.some((each) => sameAddress(each, address))) addresses.push(address);
  }
  return problems.length === before ? addresses : undefined;
};

/** The address, or what is wrong with it. */
function parsePart(key: string, part: string): Address | string {
  const foreign = isOwn(key) ? undefined : foreignMeanings.get(part);
  return foreign === undefined ? (parseAddress(part) ?? notAnAddress(part)) : `"${part}" ${foreign}`;
}

/** A sharing key of at most 253 characters; none if the text is empty. */
export const parseSharingKey: ValueParser<string> = (key, text, problems) => {
  const value = text.trim();
  if (value.length <= longestKey) return value === "" ? [] : [value];
  const message = `is ${value.length} characters long, a sharing key has at most ${longestKey}`;
  problems.push({ path: annotationPath(key), message });
  return undefined;
};

const protocolNames = { arp: "arp", ndp: "arp", bgp: "bgp" } as const;

/** Protocols to announce by, each once, at least one: `arp` (or `ndp`, the same) and `bgp`. */
export const parseProtocols: ValueParser<AnnouncingProtocol> = (key, text, problems) => {
  const names = listed(key, text, mostAsked, problems)?.map((name) => name.toLowerCase());
  const wrong = (names ?? []).filter((name) => !Object.hasOwn(protocolNames, name));
  for (const name of wrong)
    problems.push({ path: annotationPath(key), message: `"${cut(name, 32)}" is no protocol: expected arp or bgp` });
  if (names === undefined || wrong.length > 0) return undefined;
  return [...new Set(names.map((name) => protocolNames[name as keyof typeof protocolNames]))].sort();
};

/** How many nodes announce an address: `All`, or a number from 1 to 5000. */
export const parseNodeCount: ValueParser<NodeCount> = (key, text, problems) => {
  const value = text.trim();
  if (value.toLowerCase() === "all") return ["All"];
  const count = /^[1-9][0-9]{0,3}$/.test(value) ? Number(value) : Number.NaN;
  if (count <= mostNodes) return [{ count }];
  problems.push({ path: annotationPath(key), message: `"${cut(value, 32)}" is neither All nor 1 to ${mostNodes}` });
  return undefined;
};
