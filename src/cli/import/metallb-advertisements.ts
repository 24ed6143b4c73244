import type { Announcement } from "../../api/generated/ippool-v1beta1.ts";
import { selectorMatches, selectorObject } from "../../api/label-selector.ts";
import { fieldsOf, labelsOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { type Note, note, unreadFields } from "./imported.ts";
import { advertisementNotes, namedCommunities, type Routed, routedBy, selectorNotes } from "./metallb-bgp.ts";
import { anyOf, requirementsOf } from "./selectors.ts";

/** Which pools MetalLB announces, and how. */
export type Advertisements = {
  readonly l2: readonly Manifest[];
  readonly bgp: readonly Manifest[];
  /** By the names that the latter use. */
  readonly communities: ReadonlyMap<string, string>;
  readonly notes: readonly Note[];
};

/** The advertisements among MetalLB's objects, with a note for each field that is not carried over. */
export function advertisementsOf(objects: readonly Manifest[]): Advertisements {
  const l2 = objects.filter(({ kind }) => kind === "L2Advertisement");
  const read = ["ipAddressPools", "ipAddressPoolSelectors", "nodeSelectors", "interfaces", "serviceSelectors"];
  const bgp = objects.filter(({ kind }) => kind === "BGPAdvertisement");
  const communities = namedCommunities(objects);
  return {
    l2,
    bgp,
    communities,
    notes: [
      ...l2.flatMap((object) => [...selectorNotes(object), ...unreadFields(object, "spec", read)]),
      ...bgp.flatMap((object) => advertisementNotes(object, communities)),
    ],
  };
}

/** How Herald announces a pool; absent: by its default, on any node and the interface that suits the address. */
export function announcementOf(
  pool: Manifest,
  { l2, bgp, communities }: Advertisements,
): { readonly announcement?: Announcement; readonly notes: readonly Note[] } {
  const onLan = l2.filter((ad) => advertises(ad, pool));
  const toRouters = bgp.filter((ad) => advertises(ad, pool));
  const routed = routedBy(pool, toRouters, communities);
  if (onLan.length === 0 && routed === undefined) return { notes: [note(pool, "spec.announcement", unannounced)] };
  const ads = [...onLan, ...(routed?.ads ?? [])];
  const nodes = nodesOf(ads);
  const ways = waysOf(onLan, routed);
  const announcement: Announcement = {
    ...(nodes.selector && { nodeSelector: selectorObject(nodes.selector) }),
    ...ways,
  };
  const problem = nodes.problem === undefined ? [] : [note(pool, "spec.announcement.nodeSelector", nodes.problem)];
  const mixed = problem.length === 0 && ads.length > 1 && ads.some(selectsNodes) && Object.keys(ways).length > 0;
  return {
    ...(Object.keys(announcement).length > 0 && { announcement }),
    notes: [...problem, ...(mixed ? [note(pool, "spec.announcement", together)] : []), ...(routed?.notes ?? [])],
  };
}

const unannounced = "no advertisement names the pool; Herald announces it by ARP and NDP";
const together = "several advertisements become one: any of their ways on any of their nodes";

/** On the LAN is what a pool is announced where nothing is said, and not where BGP alone is said. */
function waysOf(onLan: readonly Manifest[], routed: Routed | undefined): Pick<Announcement, "arp" | "bgp"> {
  const interfaces = interfacesOf(onLan);
  if (routed === undefined) return interfaces.length > 0 ? { arp: { interfaces } } : {};
  return { ...(onLan.length > 0 && { arp: interfaces.length > 0 ? { interfaces } : {} }), bgp: routed.bgp };
}

function selectsNodes({ spec }: Manifest): boolean {
  return listOf(fieldsOf(spec).nodeSelectors).length > 0;
}

/** An advertisement that names no pool and no labels is for all. */
function advertises({ spec }: Manifest, pool: Manifest): boolean {
  const { ipAddressPools, ipAddressPoolSelectors } = fieldsOf(spec);
  const [names, selectors] = [textsOf(ipAddressPools), listOf(ipAddressPoolSelectors)];
  if (names.length === 0 && selectors.length === 0) return true;
  const labels = labelsOf(fieldsOf(pool.metadata).labels);
  const selected = selectors
    .map(requirementsOf)
    .some((each) => each !== undefined && selectorMatches({ matchExpressions: each }, labels));
  return names.includes(nameOf(pool)) || selected;
}

/** Any of the advertisements' interfaces; none as soon as one of them takes all. */
function interfacesOf(ads: readonly Manifest[]): string[] {
  const lists = ads.map(({ spec }) => textsOf(fieldsOf(spec).interfaces));
  return lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}

type Nodes = { readonly selector?: NonNullable<ReturnType<typeof anyOf>>["selector"]; readonly problem?: string };

function nodesOf(ads: readonly Manifest[]): Nodes {
  const lists = ads.map(({ spec }) => listOf(fieldsOf(spec).nodeSelectors));
  if (lists.some((list) => list.length === 0)) return {};
  const selectors = lists.flat().map(requirementsOf);
  const readable = selectors.filter((each) => each !== undefined);
  const any = readable.length === selectors.length ? anyOf(readable) : undefined;
  const names = ads.map((ad) => textOf(nameOf(ad))).join(", ");
  return (
    any ?? { problem: `no one selector says what the nodeSelectors of ${names} say: any node may announce the pool` }
  );
}
