import { type Address, formatAddress, notAnAddress, parseAddress } from "../net/address.ts";
import { annotationPath } from "./annotation-value.ts";
import { parseAsn } from "./asn.ts";
import { parsePassword } from "./bgp-password.ts";
import type { BgpPeer } from "./bgp-peer.ts";
import { type PeerSettings, parsePeerSettings } from "./bgp-peer-settings.ts";
import { cut } from "./cut-text.ts";
import type { Spec } from "./generated/bgppeer-v1beta1.ts";
import type { Labels } from "./label-selector.ts";
import type { Problem } from "./problem.ts";

/** The label of every peer that a node's annotations name, by which pools may select them or not. */
export const annotatedLabel: Labels = { "herald.dev/source": "node-annotations" };

/** The condition of a node whose annotations name no router yet, or one that cannot be read. */
export const annotationsIncomplete = "BGPAnnotationsIncomplete";

/** What a node's annotations say of its BGP sessions. */
export type AnnotatedPeers = {
  /** For this node alone; named `<node>/<address>`, which no BGPPeer can be. */
  readonly peers: readonly BgpPeer[];
  /** What is wrong; a peer with a problem is left out. */
  readonly problems: readonly Problem[];
  /** The annotations that are still missing, so that there is something to wait for. */
  readonly missing: readonly string[];
};

/** What a peer needs, and what it may have besides. */
const needed = ["node-asn", "peer-asn", "src-ip", "peer-ip"] as const;
const optional = ["bgp-pass", "peer-multi-hop"] as const;
const fields: readonly string[] = [...needed, ...optional];

type Field = (typeof needed)[number] | (typeof optional)[number];

/** The annotations of one entry: the key and its text by field. */
type Entry = Partial<Record<Field, { readonly key: string; readonly text: string }>>;

const mostEntries = 16;
const mostPeers = 16;

/**
 * The peers of a node that its annotations name, as cloud controllers write them: `<prefix>/node-asn`, `peer-asn`, `src-ip`,
 * `peer-ip` (a list with commas), and `bgp-pass` (base64) and `peer-multi-hop` if need be; or the same after
 * `bgp-peers-<N>-`, where another N than 0 has from 0 what it does not say itself. Where something is missing there is no peer
 * yet. A password is in no problem.
 */
export function annotatedPeers(
  node: { readonly name: string; readonly annotations: Labels | undefined },
  prefix: string,
): AnnotatedPeers {
  const { entries, problems } = entriesOf(node.annotations ?? {}, prefix);
  const missing: string[] = [];
  const peers = new Map<string, BgpPeer>();
  for (const [number, entry] of entries) {
    const absent = needed.filter((field) => entry[field] === undefined);
    missing.push(...absent.map((field) => keyOf(prefix, field, number === 0 ? entry : undefined, number)));
    if (absent.length > 0) continue;
    for (const peer of peersOf(node.name, entry, problems)) if (!peers.has(peer.name)) peers.set(peer.name, peer);
  }
  return { peers: [...peers.values()], problems, missing };
}

/** The key as the entry writes its others; plain where it has none. */
function keyOf(prefix: string, field: Field, plainOrNot: Entry | undefined, number: number): string {
  const keys = Object.values(plainOrNot ?? {}).map(({ key }) => key);
  const plain = plainOrNot !== undefined && !keys.some((key) => key.startsWith(`${prefix}/bgp-peers-`));
  return plain ? `${prefix}/${field}` : `${prefix}/bgp-peers-${number}-${field}`;
}

/** The entries by number, each with what it has from 0; at least one, which may be empty. */
function entriesOf(
  annotations: Labels,
  prefix: string,
): { readonly entries: readonly (readonly [number: number, entry: Entry])[]; readonly problems: Problem[] } {
  const found = foundEntries(annotations, prefix);
  const { "peer-ip": _, ...shared } = found.get(0) ?? {};
  if (found.size === 0) found.set(0, {});
  const entries = [...found]
    .sort(([a], [b]) => a - b)
    .map(([number, entry]) => [number, number === 0 ? entry : { ...shared, ...entry }] as const);
  const [beyond] = entries.slice(mostEntries);
  if (beyond === undefined) return { entries, problems: [] };
  const path = annotationPath(`${prefix}/bgp-peers-${beyond[0]}-peer-ip`);
  return {
    entries: entries.slice(0, mostEntries),
    problems: [{ path, message: `is beyond the first ${mostEntries}` }],
  };
}

/** Of a plain key and the same with `bgp-peers-0-` the latter counts, which newer controllers write. */
function foundEntries(annotations: Labels, prefix: string): Map<number, Entry> {
  const found = new Map<number, Entry>();
  for (const [key, text] of Object.entries(annotations)) {
    const place = key.startsWith(`${prefix}/`) ? placeOf(key.slice(prefix.length + 1)) : undefined;
    if (place === undefined) continue;
    const entry = found.get(place.number) ?? {};
    if (place.plain && entry[place.field] !== undefined) continue;
    found.set(place.number, { ...entry, [place.field]: { key, text: text.trim() } });
  }
  return found;
}

const numbered = /^(?:bgp-peers-(0|[1-9][0-9]{0,2})-)?([a-z-]+)$/;

function placeOf(
  name: string,
): { readonly number: number; readonly field: Field; readonly plain: boolean } | undefined {
  const [, number, field = ""] = numbered.exec(name) ?? [];
  if (!fields.includes(field)) return undefined;
  return { number: Number(number ?? 0), field: field as Field, plain: number === undefined };
}

/** The peers of an entry that has all that is needed. */
function peersOf(node: string, entry: Entry, problems: Problem[]): readonly BgpPeer[] {
  const before = problems.length;
  const common = readEntry(entry, problems);
  const texts = (entry["peer-ip"]?.text ?? "").split(",", mostPeers + 1).map((text) => text.trim());
  if (texts.length > mostPeers) problems.push(wrong(entry, "peer-ip", `lists more than ${mostPeers}`));
  if (problems.length > before || common === undefined) return [];
  return texts.flatMap((text) => {
    const address = parseAddress(text);
    if (address === undefined) problems.push(wrong(entry, "peer-ip", notAnAddress(text)));
    return address === undefined ? [] : peerAt(address, { node, entry, common, problems });
  });
}

/** What the peers of an entry have in common. */
type Common = {
  readonly asn: number;
  readonly localAsn: number;
  readonly source: Address;
  readonly password: string | undefined;
  readonly multihop: boolean;
};

function readEntry(entry: Entry, problems: Problem[]): Common | undefined {
  const number = (field: "node-asn" | "peer-asn"): number => {
    const parsed = parseAsn(entry[field]?.text ?? "");
    if ("asn" in parsed) return parsed.asn;
    problems.push(wrong(entry, field, parsed.problem));
    return 0;
  };
  const [localAsn, asn] = [number("node-asn"), number("peer-asn")];
  const source = parseAddress(entry["src-ip"]?.text ?? "");
  if (source === undefined) problems.push(wrong(entry, "src-ip", notAnAddress(entry["src-ip"]?.text ?? "")));
  const password = parsePassword(entry["bgp-pass"]?.text ?? "");
  if ("problem" in password) problems.push(wrong(entry, "bgp-pass", password.problem));
  const multihop = entry["peer-multi-hop"]?.text ?? "false";
  if (multihop !== "true" && multihop !== "false")
    problems.push(wrong(entry, "peer-multi-hop", `"${cut(multihop, 32)}": expected true or false`));
  if (source === undefined || "problem" in password) return undefined;
  return { asn, localAsn, source, password: password.password, multihop: multihop === "true" };
}

/** More hops than lead to a router of a cloud. */
const multihopHops = 50;

type Making = {
  readonly node: string;
  readonly entry: Entry;
  readonly common: Common;
  readonly problems: Problem[];
};

function peerAt(address: Address, { node, entry, common, problems }: Making): readonly BgpPeer[] {
  const { asn, localAsn, source, multihop, password } = common;
  const spec: Spec = {
    address: formatAddress(address),
    asn,
    localAsn,
    ...(source.family === address.family && { sourceAddress: formatAddress(source) }),
    ...(source.family === 4 && { routerId: formatAddress(source) }),
    ...(multihop && asn !== localAsn && { ebgpMultihop: multihopHops }),
  };
  const parsed = parsePeerSettings(spec, "spec");
  if ("problems" in parsed) {
    problems.push(
      ...parsed.problems.map(({ path, message }) => wrong(entry, fieldsOfPaths[path] ?? "peer-ip", message)),
    );
    return [];
  }
  const settings: PeerSettings = {
    ...parsed.settings,
    ...(password !== undefined && { password: { text: password } }),
  };
  return [{ ...nobody, ...settings, name: `${node}/${spec.address}`, labels: annotatedLabel }];
}

const nobody = { uid: "", resourceVersion: "", generation: 0, status: { down: [], conditions: [] } };

const fieldsOfPaths: Readonly<Record<string, Field>> = {
  "spec.asn": "peer-asn",
  "spec.localAsn": "node-asn",
  "spec.sourceAddress": "src-ip",
  "spec.routerId": "src-ip",
};

function wrong(entry: Entry, field: Field, message: string): Problem {
  return { path: annotationPath(entry[field]?.key ?? field), message };
}
