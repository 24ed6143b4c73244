import { parseCommunity, parseLargeCommunity } from "../../api/community.ts";
import type { BGP } from "../../api/generated/ippool-v1beta1.ts";
import { selectorObject } from "../../api/label-selector.ts";
import { fieldsOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { type Note, note, peerLabel, unreadFields } from "./imported.ts";
import { selectorOf } from "./selectors.ts";

/** The communities that MetalLB's Community objects name, by name. */
export function namedCommunities(objects: readonly Manifest[]): ReadonlyMap<string, string> {
  const entries = objects
    .filter(({ kind }) => kind === "Community")
    .flatMap(({ spec }) => listOf(fieldsOf(spec).communities).map(fieldsOf));
  return new Map(entries.map(({ name, value }) => [textOf(name) ?? "", textOf(value) ?? ""]));
}

const read = [
  ...["aggregationLength", "aggregationLengthV6", "localPref", "communities", "peers"],
  ...["ipAddressPools", "ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"],
];

const everyService =
  "is not carried over, so that the addresses of all Services of its pools are announced: let the pools admit those alone (services.serviceSelector)";

/** Whether an advertisement is for some Services alone, which Herald's pools cannot say. */
export function selectorNotes(ad: Manifest): readonly Note[] {
  const selects = listOf(fieldsOf(ad.spec).serviceSelectors).length > 0;
  return selects ? [note(ad, "spec.serviceSelectors", everyService)] : [];
}

/** Notes on what no BGPAdvertisement of Herald's can say, once an object. */
export function advertisementNotes(ad: Manifest, communities: ReadonlyMap<string, string>): readonly Note[] {
  return [
    ...selectorNotes(ad),
    ...unreadFields(ad, "spec", read),
    ...readCommunities(ad, communities).unknown.map((text) =>
      note(ad, "spec.communities", `"${text}" is no community, and no Community names it: left out`),
    ),
  ];
}

/** How a pool is announced by BGP; `ads` are those that say how, so that the others are left out. */
export type Routed = { readonly bgp: BGP; readonly ads: readonly Manifest[]; readonly notes: readonly Note[] };

/**
 * How Herald announces a pool that these BGPAdvertisements announce. It has one way for a pool: of several that differ in more
 * than their peers the one with the longest prefixes counts, because shorter ones lead others' traffic here.
 */
export function routedBy(
  pool: Manifest,
  ads: readonly Manifest[],
  communities: ReadonlyMap<string, string>,
): Routed | undefined {
  const ways = [...Map.groupBy(ads, (ad) => JSON.stringify(wayOf(ad, communities))).values()];
  const texts = textsOf(fieldsOf(pool.spec).addresses);
  const shorterBy = ([ad]: readonly Manifest[]): number => bitsLeftOut(ad, texts);
  const [chosen, ...others] = ways.sort((a, b) => shorterBy(a) - shorterBy(b));
  const [first] = chosen ?? [];
  if (chosen === undefined || first === undefined) return undefined;
  const names = (some: readonly Manifest[]): string => some.map(nameOf).join(", ");
  const left = `Herald announces a pool in one way: as ${names(chosen)}, not as ${names(others.flat())}`;
  const way = wayOf(first, communities);
  return {
    bgp: { ...peerSelector(chosen), ...way },
    ads: chosen,
    notes: [
      ...(others.length > 0 ? [note(pool, "spec.announcement.bgp", left)] : []),
      ...(way.aggregate ? [note(pool, "spec.announcement.bgp.aggregate", notLocal)] : []),
    ],
  };
}

const notLocal =
  "Services with externalTrafficPolicy Local are given no address of it; those that have one are announced by themselves";

/** By how many bits its prefixes are shorter than addresses, in the families that the pool has. */
function bitsLeftOut(ad: Manifest | undefined, addresses: readonly string[]): number {
  const { aggregationLength, aggregationLengthV6 } = fieldsOf(ad?.spec);
  const left = (length: unknown, full: number): number => (typeof length === "number" ? full - length : 0);
  const isIpv6 = (text: string): boolean => text.includes(":");
  return (
    (addresses.every(isIpv6) ? 0 : left(aggregationLength, fullLengths.ipv4)) +
    (addresses.some(isIpv6) ? left(aggregationLengthV6, fullLengths.ipv6) : 0)
  );
}

const fullLengths = { ipv4: 32, ipv6: 128 };

function wayOf(ad: Manifest, names: ReadonlyMap<string, string>): BGP {
  const { aggregationLength, aggregationLengthV6, localPref } = fieldsOf(ad.spec);
  const { communities, largeCommunities } = readCommunities(ad, names);
  const shorter = (length: unknown, full: number): length is number => typeof length === "number" && length !== full;
  const aggregate = {
    ...(shorter(aggregationLength, fullLengths.ipv4) && { ipv4: aggregationLength }),
    ...(shorter(aggregationLengthV6, fullLengths.ipv6) && { ipv6: aggregationLengthV6 }),
  };
  return {
    ...(communities.length > 0 && { communities: [...communities] }),
    ...(largeCommunities.length > 0 && { largeCommunities: [...largeCommunities] }),
    ...(typeof localPref === "number" && localPref > 0 && { localPreference: localPref }),
    ...(Object.keys(aggregate).length > 0 && { aggregate }),
  };
}

type Communities = {
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly unknown: readonly string[];
};

/** MetalLB writes large ones with `large:` before them. */
function readCommunities({ spec }: Manifest, names: ReadonlyMap<string, string>): Communities {
  const texts = textsOf(fieldsOf(spec).communities).map((text) => ({ text, value: names.get(text) ?? text }));
  const small = ({ value }: { readonly value: string }): boolean => parseCommunity(value) !== undefined;
  const largeText = (value: string): string => value.replace(/^large:/, "");
  const large = ({ value }: { readonly value: string }): boolean =>
    value.startsWith("large:") && parseLargeCommunity(largeText(value)) !== undefined;
  return {
    communities: texts.filter(small).map(({ value }) => value),
    largeCommunities: texts.filter(large).map(({ value }) => largeText(value)),
    unknown: texts.filter((each) => !small(each) && !large(each)).map(({ text }) => text),
  };
}

/** Any of the advertisements' peers; every one as soon as one of them names none. */
function peerSelector(ads: readonly Manifest[]): Pick<BGP, "peerSelector"> {
  const lists = ads.map(({ spec }) => textsOf(fieldsOf(spec).peers));
  if (lists.some((list) => list.length === 0)) return {};
  const values = [...new Set(lists.flat())].sort();
  const selector = selectorOf([{ key: peerLabel, operator: "In", values }]);
  return selector === undefined ? {} : { peerSelector: selectorObject(selector) };
}
