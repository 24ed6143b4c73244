import { type Address, formatAddress, parseAddress } from "../net/address.ts";
import {
  annotationPath,
  isOwn,
  mostAsked,
  parseAddresses,
  parseNamespaces,
  parseNodeCount,
  parsePoolNames,
  parseProtocols,
  parseSharingKey,
  type ValueParser,
} from "./annotation-value.ts";
import type { AnnouncementOverrides } from "./announcement-override.ts";
import type { Labels } from "./label-selector.ts";
import type { Problem } from "./problem.ts";
import type { ServiceAsks } from "./service.ts";
import type { SharingAsk } from "./sharing.ts";

/** The annotation in which Herald writes down what a Service holds, in ipFamilies order. */
export const allocatedAnnotation = "herald.dev/allocated";

const sharingKeyAnnotation = "herald.dev/sharing-key";
const shareWithAnnotation = "herald.dev/share-with-namespaces";
const protocolsAnnotation = "herald.dev/protocols";
const nodesAnnotation = "herald.dev/nodes";

type Meaning = "pools" | "addresses" | "sharing key" | "share with namespaces" | "protocols" | "nodes";

/** Every annotation that asks for something, with Herald's own before those of the systems that it replaces. */
const askTable: readonly (readonly [key: string, meaning: Meaning])[] = [
  ["herald.dev/pool", "pools"],
  ["herald.dev/addresses", "addresses"],
  [sharingKeyAnnotation, "sharing key"],
  [shareWithAnnotation, "share with namespaces"],
  [protocolsAnnotation, "protocols"],
  [nodesAnnotation, "nodes"],
  ["kube-vip.io/loadbalancerIPs", "addresses"],
  ["metallb.io/address-pool", "pools"],
  ["metallb.io/loadBalancerIPs", "addresses"],
  ["metallb.io/allow-shared-ip", "sharing key"],
  ["metallb.universe.tf/address-pool", "pools"],
  ["metallb.universe.tf/loadBalancerIPs", "addresses"],
  ["metallb.universe.tf/allow-shared-ip", "sharing key"],
  ["lbipam.cilium.io/ips", "addresses"],
  ["lbipam.cilium.io/sharing-key", "sharing key"],
  ["lbipam.cilium.io/sharing-cross-namespace", "share with namespaces"],
  ["io.cilium/lb-ipam-ips", "addresses"],
  ["io.cilium/lb-ipam-sharing-key", "sharing key"],
  ["io.cilium/lb-ipam-sharing-cross-namespace", "share with namespaces"],
  ["purelb.io/service-group", "pools"],
  ["purelb.io/addresses", "addresses"],
  ["purelb.io/allow-shared-ip", "sharing key"],
];

const meanings = new Map<string, Meaning>(askTable);
const ranks = new Map(askTable.map(([key], rank) => [key, rank]));
const ownKeys = askTable.map(([key]) => key).filter(isOwn);

/** What Herald writes itself: every address asked for, and one of a family that was not. */
const mostAllocated = mostAsked + 1;

/** What annotations ask for. Sharing is apart, because its terms are complete only with what the spec says. */
export type AnnotationAsks = ServiceAsks & { readonly sharing?: SharingAsk };

const nothing: AnnotationAsks = { problems: [] };

/**
 * What a Service's annotations ask for. Herald's own annotation wins over others of the same meaning; others that
 * contradict one another, and keys with Herald's prefix that it does not know, are problems.
 */
export function parseAsks(annotations: Labels | undefined): AnnotationAsks {
  if (annotations === undefined) return nothing;
  const { given, problems } = askingKeys(annotations);
  if (given.length === 0) return problems.length === 0 ? nothing : { problems };
  const asking: Asking = { annotations, given, problems };
  const pools = asked(asking, "pools", parsePoolNames);
  const addresses = asked(asking, "addresses", parseAddresses);
  const sharing = sharingAsk(asking);
  const overrides = overridesAsk(asking);
  return {
    ...(pools && { pools }),
    ...(addresses && { addresses }),
    ...(sharing && { sharing }),
    ...(overrides && { overrides }),
    problems,
  };
}

/** What is asked for of the announcement; undefined: nothing. Only Herald's own annotations ask for any of it. */
function overridesAsk({ annotations, given, problems }: Asking): AnnouncementOverrides | undefined {
  const read = <Value>(key: string, parse: ValueParser<Value>): readonly Value[] | undefined =>
    given.includes(key) ? parse(key, annotations[key] ?? "", problems) : undefined;
  const protocols = read(protocolsAnnotation, parseProtocols);
  const [nodes] = read(nodesAnnotation, parseNodeCount) ?? [];
  if (protocols === undefined && nodes === undefined) return undefined;
  return { ...(protocols && { protocols }), ...(nodes !== undefined && { nodes }) };
}

/** The annotations that ask for something, in the table's order, and what was found wrong with them so far. */
type Asking = { readonly annotations: Labels; readonly given: readonly string[]; readonly problems: Problem[] };

/** What the annotations of one meaning ask for: Herald's own alone if it is there, else the first of the others. */
function asked<Value extends string | Address>(
  { annotations, given, problems }: Asking,
  meaning: Meaning,
  parse: ValueParser<Value>,
): readonly Value[] | undefined {
  const asks = chosen(given, meaning).map((key) => ({ key, value: parse(key, annotations[key] ?? "", problems) }));
  problems.push(...contradictions(asks));
  return asks[0]?.value;
}

/**
 * With which key, and with whom, addresses are shared; undefined: not at all. Of others an empty key is as good as none, and
 * what they say of namespaces means nothing without a key; Herald's own then is a mistake that its writer should hear of.
 */
function sharingAsk(asking: Asking): SharingAsk | undefined {
  const { annotations, given, problems } = asking;
  const filled = given.filter((key) => isOwn(key) || annotations[key]?.trim() !== "");
  const key = askedIfAny({ annotations, given: filled, problems }, "sharing key", parseSharingKey);
  const unshared = key?.length === 0;
  const heard = unshared ? given.filter(isOwn) : given;
  const namespaces = askedIfAny({ annotations, given: heard, problems }, "share with namespaces", parseNamespaces);
  if (unshared && namespaces?.length) problems.push(withoutKey);
  const [value] = key ?? [];
  return value === undefined || namespaces === undefined ? undefined : { key: value, namespaces };
}

const withoutKey: Problem = {
  path: annotationPath(shareWithAnnotation),
  message: `means nothing without a sharing key, expected annotation ${sharingKeyAnnotation} beside it`,
};

/** As `asked`, but an empty list if nothing is asked for: undefined is only what is wrong. */
function askedIfAny(asking: Asking, meaning: Meaning, parse: ValueParser<string>): readonly string[] | undefined {
  return chosen(asking.given, meaning).length === 0 ? [] : asked(asking, meaning, parse);
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
  return isOwn(key) && key !== allocatedAnnotation;
}

function unknownKey(key: string): Problem {
  return { path: annotationPath(key), message: `is not known, expected one of ${ownKeys.join(", ")}` };
}

/** The keys of one meaning: Herald's own alone if it is there, else all others. */
function chosen(given: readonly string[], meaning: Meaning): readonly string[] {
  const keys = given.filter((key) => meanings.get(key) === meaning);
  const own = keys.find(isOwn);
  return own === undefined ? keys : [own];
}

/** What one annotation asks for; no value if it is wrong. */
type Ask = { readonly key: string; readonly value: readonly (string | Address)[] | undefined };

function contradictions([first, ...others]: readonly Ask[]): readonly Problem[] {
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

/** What Herald last wrote into its own annotation, or undefined if it is absent or somebody made nonsense of it. */
export function parseAllocated(annotations: Labels | undefined): readonly Address[] | undefined {
  const texts = annotations?.[allocatedAnnotation]?.split(",", mostAllocated + 1);
  if (texts === undefined || texts.length > mostAllocated) return undefined;
  const addresses = texts.map(parseAddress);
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}
