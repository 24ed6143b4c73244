import type { Announcement } from "../../api/generated/ippool-v1beta1.ts";
import { selectorMatches, selectorObject } from "../../api/label-selector.ts";
import { fieldsOf, labelsOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { type Note, note, unreadFields } from "./imported.ts";
import { anyOf, requirementsOf } from "./selectors.ts";

/** Which pools MetalLB announces, and how. */
export type Advertisements = {
  readonly l2: readonly Manifest[];
  /** Those that announce by BGP: a pool of theirs alone was not announced on the LAN. */
  readonly bgp: readonly Manifest[];
  readonly notes: readonly Note[];
};

/** The advertisements among MetalLB's objects, with a note for each field that is not carried over. */
export function advertisementsOf(objects: readonly Manifest[]): Advertisements {
  const l2 = objects.filter(({ kind }) => kind === "L2Advertisement");
  const read = ["ipAddressPools", "ipAddressPoolSelectors", "nodeSelectors", "interfaces"];
  return {
    l2,
    bgp: objects.filter(({ kind }) => kind === "BGPAdvertisement"),
    notes: l2.flatMap((object) => unreadFields(object, "spec", read)),
  };
}

/** How Herald announces a pool; absent: by its default, on any node and the interface that suits the address. */
export function announcementOf(
  pool: Manifest,
  { l2, bgp }: Advertisements,
): { readonly announcement?: Announcement; readonly notes: readonly Note[] } {
  const ads = l2.filter((ad) => advertises(ad, pool));
  if (ads.length === 0)
    return {
      notes: [
        unannounced(
          pool,
          bgp.some((ad) => advertises(ad, pool)),
        ),
      ],
    };
  const interfaces = interfacesOf(ads);
  const nodes = nodesOf(ads);
  const announcement: Announcement = {
    ...(nodes.selector && { nodeSelector: selectorObject(nodes.selector) }),
    ...(interfaces.length > 0 && { arp: { interfaces } }),
  };
  const differ = ads.length > 1 && Object.keys(announcement).length > 1;
  const together = "several L2Advertisements become one: any of their interfaces on any of their nodes";
  return {
    ...(Object.keys(announcement).length > 0 && { announcement }),
    notes: [
      ...(nodes.problem === undefined ? [] : [note(pool, "spec.announcement.nodeSelector", nodes.problem)]),
      ...(differ ? [note(pool, "spec.announcement", together)] : []),
    ],
  };
}

function unannounced(pool: Manifest, byBgp: boolean): Note {
  const before = byBgp ? "MetalLB announced the pool by BGP only" : "no L2Advertisement names the pool";
  return note(pool, "spec.announcement", `${before}; Herald announces it by ARP and NDP`);
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
