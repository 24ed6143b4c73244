import type { Announcement, Spec } from "../../api/generated/ippool-v1beta1.ts";
import { fieldsOf, groupOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { readAddresses } from "./addresses.ts";
import { type ImportedPool, type Importer, type Note, note, pausedInstead, unreadFields } from "./imported.ts";
import { advertisementsOf, announcementOf } from "./metallb-advertisements.ts";
import { isMetalLBConfigMap, readConfigMap } from "./metallb-config-map.ts";
import { peersOf } from "./metallb-peers.ts";
import { namedApart } from "./pool-names.ts";
import { priorities, type Rank } from "./priorities.ts";
import { namespaceIn, type Selection, selectionOf } from "./selection.ts";
import { requirementsOf } from "./selectors.ts";
import { consentAnnotations, loadBalancers, serviceNotes } from "./services.ts";

const notCarried: Readonly<Record<string, string>> = {
  AddressPool: "is of an API that MetalLB removed: convert it to an IPAddressPool first",
};

/**
 * Reads MetalLB's IPAddressPools, their advertisements on the LAN and by BGP, BGPPeers with their BFDProfiles, the ConfigMap of
 * its releases before 0.13, and what Services use of it. Its priorities, lower first, become Herald's, higher first, in the same order.
 */
export const importMetalLB: Importer = (objects) => {
  const own = objects.filter((object) => groupOf(object) === "metallb.io");
  const advertisements = advertisementsOf(own);
  const read = own.filter(({ kind }) => kind === "IPAddressPool").map((pool) => readPool(pool));
  const numbers = priorities(read.map(({ rank }) => rank));
  const pools = read.map(({ object, spec }, i): ImportedPool & { notes: readonly Note[] } => {
    const priority = numbers[i] ?? 0;
    const { announcement, notes } = announcementOf(object, advertisements);
    const ranked = priority === 0 ? spec : { ...spec, priority };
    return { name: nameOf(object), spec: announced(ranked, announcement), notes };
  });
  const older = objects.filter(isMetalLBConfigMap).map(readConfigMap);
  const named = namedApart(
    [...pools, ...older.flatMap((each) => each.pools ?? [])].map(({ name, spec }) => ({ name, spec })),
  );
  const services = loadBalancers(objects);
  const { peers, notes: peerNotes } = peersOf(own);
  return {
    pools: named.pools.filter(({ spec }) => spec.addresses.length > 0),
    ...(peers.length > 0 && { peers }),
    annotations: consentAnnotations(services, ["metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip"]),
    notes: [
      ...read.flatMap(({ notes }) => notes),
      ...pools.flatMap(({ notes }) => notes),
      ...advertisements.notes,
      ...peerNotes,
      ...own.flatMap((object) => leftBehind(object)),
      ...older.flatMap(({ notes }) => notes),
      ...named.notes,
      ...serviceNotes(services, (name) => name.includes("metallb"), {}),
    ],
  };
};

function announced(spec: Spec, announcement: Announcement | undefined): Spec {
  return announcement === undefined ? spec : { ...spec, announcement };
}

function leftBehind(object: Manifest): readonly Note[] {
  const message = notCarried[textOf(object.kind) ?? ""];
  return message === undefined ? [] : [note(object, "spec", message)];
}

type ReadPool = {
  readonly object: Manifest;
  readonly spec: Spec;
  readonly rank: Rank;
  readonly notes: readonly Note[];
};

function readPool(object: Manifest): ReadPool {
  const { addresses, autoAssign, avoidBuggyIPs, serviceAllocation } = fieldsOf(object.spec);
  const read = readAddresses(object, "spec.addresses", textsOf(addresses));
  const selection = poolSelection(serviceAllocation);
  const problem = "problem" in selection ? selection.problem : undefined;
  const services = "services" in selection ? selection.services : undefined;
  const { priority } = fieldsOf(serviceAllocation);
  return {
    object,
    spec: {
      addresses: [...read.addresses],
      ...(avoidBuggyIPs === true && { avoidBuggyIPs }),
      ...(autoAssign === false && { automatic: false }),
      ...(services !== undefined && { services }),
      ...(problem !== undefined && { paused: true }),
    },
    rank: {
      selects: problem !== undefined || services !== undefined,
      priority: typeof priority === "number" && priority > 0 ? priority : 0,
    },
    notes: [
      ...read.notes,
      ...(problem === undefined ? [] : [note(object, "spec.serviceAllocation", `${problem}: ${pausedInstead}`)]),
      ...unreadFields(object, "spec", ["addresses", "autoAssign", "avoidBuggyIPs", "serviceAllocation"]),
      ...unreadFields(object, "spec.serviceAllocation", [
        "priority",
        "namespaces",
        "namespaceSelectors",
        "serviceSelectors",
      ]),
    ],
  };
}

/** Namespaces by name or label, any of them; of the Services there those that any of the selectors matches. */
function poolSelection(serviceAllocation: unknown): Selection {
  const { namespaces, namespaceSelectors, serviceSelectors } = fieldsOf(serviceAllocation);
  const byName = textsOf(namespaces).length === 0 ? [] : [[namespaceIn(textsOf(namespaces))]];
  const byLabel = listOf(namespaceSelectors).map(requirementsOf);
  const byService = listOf(serviceSelectors).map(requirementsOf);
  const [places, services] = [[...byName, ...byLabel], byService];
  if (places.includes(undefined) || services.includes(undefined)) return { problem: "a selector cannot be read" };
  const some = <Each>(list: readonly (Each | undefined)[]): readonly Each[] | undefined =>
    list.length === 0 ? undefined : (list as readonly Each[]);
  return selectionOf(some(places), some(services));
}
