import type { Labels } from "./label-selector.ts";
import type { Problem } from "./problem.ts";
import type { TrafficPolicy } from "./vip-advertisement.ts";

/** On which terms a Service shares an address: what must agree with, or differ from, the terms of the others. */
export type SharingTerms = {
  /** Never empty: a Service without a key shares nothing. */
  readonly key: string;
  /** The other namespaces that it agrees to share with, sorted; `*` is every one. */
  readonly namespaces: readonly string[];
  /** `TCP/80`, sorted. */
  readonly ports: readonly string[];
  readonly policy: TrafficPolicy;
  /** The Service's selector as `app=web,tier=front`, sorted by key. */
  readonly selector: string;
};

/** The part of the terms that a Service's spec says. */
export type SharedTraffic = Pick<SharingTerms, "ports" | "policy" | "selector">;

/** The part of the terms that a Service's annotations say. */
export type SharingAsk = Pick<SharingTerms, "key" | "namespaces">;

/** The part of the terms that a Service's spec says, as JSON holds it. */
export type SharedSpec = {
  readonly ports?: readonly { readonly port: number; readonly protocol?: string }[] | undefined;
  readonly selector?: Labels | undefined;
};

/** How many ports a Service that shares its address may have. */
const mostPorts = 256;

/** How long the canonical text of its selector may be. */
const longestSelector = 2048;

/** What a Service with this spec would share, whatever its size. */
export function parseTraffic({ ports, selector }: SharedSpec, policy: TrafficPolicy): SharedTraffic {
  return { ports: formatPorts(ports), policy, selector: formatSelector(selector) };
}

/** The terms on which a Service with this spec shares, or what of the spec is too large to be written down. */
export function parseTerms(
  ask: SharingAsk,
  spec: SharedSpec,
  policy: TrafficPolicy,
): { readonly terms: SharingTerms } | { readonly problems: readonly Problem[] } {
  const { ports, selector } = parseTraffic(spec, policy);
  const problems: Problem[] = [];
  if (ports.length > mostPorts)
    problems.push({ path: "spec.ports", message: tooLarge(`${ports.length} ports`, mostPorts) });
  if (selector.length > longestSelector)
    problems.push({ path: "spec.selector", message: tooLarge(`${selector.length} characters`, longestSelector) });
  return problems.length > 0 ? { problems } : { terms: { ...ask, ports, policy, selector } };
}

function tooLarge(size: string, most: number): string {
  return `has ${size}, a Service with a sharing key may have at most ${most}`;
}

function formatPorts(ports: SharedSpec["ports"] = []): readonly string[] {
  return [...new Set(ports.map(({ protocol = "TCP", port }) => `${protocol}/${port}`))].sort();
}

function formatSelector(selector: Labels = {}): string {
  return Object.keys(selector)
    .sort()
    .map((label) => `${label}=${selector[label]}`)
    .join();
}

/** The fields of a member of a VIPAdvertisement in which its terms are written; all absent if it does not share. */
export type TermsObject = {
  key?: string;
  namespaces?: string[];
  ports?: string[];
  policy?: TrafficPolicy;
  selector?: string;
};

/** The terms that the fields of a member say; undefined if it does not share. */
export function readTerms({
  key = "",
  namespaces = [],
  ports = [],
  policy = "Cluster",
  selector = "",
}: TermsObject): SharingTerms | undefined {
  return key === "" ? undefined : { key, namespaces, ports, policy, selector };
}

/** The fields to write for the terms of a member: the inverse of readTerms. */
export function termsObject(terms: SharingTerms | undefined): TermsObject {
  return terms === undefined ? {} : { ...terms, namespaces: [...terms.namespaces], ports: [...terms.ports] };
}
