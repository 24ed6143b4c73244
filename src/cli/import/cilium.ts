import type { Announcement, Spec } from "../../api/generated/ippool-v1beta1.ts";
import { selectorObject } from "../../api/label-selector.ts";
import { fieldsOf, groupOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { readAddresses } from "./addresses.ts";
import {
  bgpByHand,
  type ImportedPool,
  type Importer,
  type Note,
  note,
  pausedInstead,
  unreadFields,
} from "./imported.ts";
import { importedInterface } from "./interfaces.ts";
import { namedApart } from "./pool-names.ts";
import { type Selection, selectionOf } from "./selection.ts";
import { namespaceNameLabel, requirementsOf, selectorOf } from "./selectors.ts";
import { loadBalancers, serviceNotes } from "./services.ts";

const nameLabel = "io.kubernetes.service.name";
const namespaceLabel = "io.kubernetes.service.namespace";

const lostAnnotations: Readonly<Record<string, string>> = {
  "lbipam.cilium.io/sharing-permit-different-pods":
    "under externalTrafficPolicy Local Herald shares an address only among Services of one selector",
};

/** Reads Cilium's CiliumLoadBalancerIPPools and CiliumL2AnnouncementPolicies, and what Services use of Cilium. */
export const importCilium: Importer = (objects) => {
  const own = objects.filter((object) => groupOf(object) === "cilium.io");
  const policies = own.filter(({ kind }) => kind === "CiliumL2AnnouncementPolicy");
  const { announcement, notes: announced } = announcementOf(policies);
  const objectsOfPools = own.filter(({ kind }) => kind === "CiliumLoadBalancerIPPool");
  const read = objectsOfPools.map(readPool);
  const named = namedApart(
    read.map(({ name, spec }) => ({ name, spec: announcement ? { ...spec, announcement } : spec })),
  );
  const bgp = own.filter(({ kind }) => textOf(kind)?.startsWith("CiliumBGP"));
  return {
    pools: named.pools.filter(({ spec }) => spec.addresses.length > 0),
    annotations: [],
    notes: [
      ...read.flatMap(({ notes }) => notes),
      ...announced,
      ...(policies.length === 0 ? objectsOfPools.map((pool) => note(pool, "spec.announcement", unannounced)) : []),
      ...bgp.map((object) => note(object, "spec", bgpByHand)),
      ...named.notes,
      ...serviceNotes(loadBalancers(objects), (name) => name.startsWith("io.cilium/"), lostAnnotations),
    ],
  };
};

function readPool(object: Manifest): ImportedPool & { readonly notes: readonly Note[] } {
  const { allowFirstLastIPs, blocks, cidrs, disabled, serviceSelector } = fieldsOf(object.spec);
  const texts = [...listOf(blocks), ...listOf(cidrs)].map(blockText);
  const read = readAddresses(object, "spec.blocks", texts);
  const selection = selectionBy(serviceSelector);
  const problem = "problem" in selection ? selection.problem : undefined;
  const services = "services" in selection ? selection.services : undefined;
  const spec: Spec = {
    addresses: [...read.addresses],
    ...(allowFirstLastIPs === "No" && { skipEnds: true }),
    ...((disabled === true || problem !== undefined) && { paused: true }),
    ...(services !== undefined && { services }),
  };
  const known = ["allowFirstLastIPs", "blocks", "cidrs", "disabled", "serviceSelector"];
  return {
    name: nameOf(object),
    spec,
    notes: [
      ...read.notes,
      ...(problem === undefined ? [] : [note(object, "spec.serviceSelector", `${problem}: ${pausedInstead}`)]),
      ...(allowFirstLastIPs === "No" ? longV6(object, read.addresses) : []),
      ...unreadFields(object, "spec", known),
    ],
  };
}

function blockText(block: unknown): string {
  const { cidr, start, stop } = fieldsOf(block);
  if (textOf(cidr) !== undefined) return String(cidr);
  return textOf(stop) === undefined ? String(start ?? "") : `${start}-${stop}`;
}

/** Cilium leaves out the ends of IPv6 blocks too, Herald those of IPv4 alone. */
function longV6(object: Manifest, addresses: readonly string[]): readonly Note[] {
  const cidrs = addresses.filter((text) => text.includes(":") && text.includes("/"));
  return cidrs.map((text) =>
    note(
      object,
      "spec.allowFirstLastIPs",
      `Herald may give the first and last address of ${text}: exclude them if they must not be`,
    ),
  );
}

/** A Service's name and namespace stand among its labels in Cilium's selectors; Herald selects a namespace by its own label. */
function selectionBy(selector: unknown): Selection {
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return { problem: "the selector cannot be read" };
  // Every Service has both labels.
  const meaningful = requirements.filter(
    ({ key, operator }) => !([nameLabel, namespaceLabel].includes(key) && operator === "Exists"),
  );
  if (meaningful.some(({ key }) => key === nameLabel))
    return { problem: `Herald's pools do not select by ${nameLabel}` };
  const namespaces = meaningful
    .filter(({ key }) => key === namespaceLabel)
    .map((each) => ({ ...each, key: namespaceNameLabel }));
  return selectionOf([namespaces], [meaningful.filter(({ key }) => key !== namespaceLabel)]);
}

const unannounced = "Cilium did not announce these addresses on the LAN; Herald announces them by ARP and NDP";

/** What one policy says for every pool; of several, each for other Services, no one announcement can be made. */
function announcementOf(policies: readonly Manifest[]): {
  readonly announcement?: Announcement;
  readonly notes: readonly Note[];
} {
  const [policy, ...more] = policies;
  if (policy === undefined) return { notes: [] };
  const several = "there are several policies: say in each pool's spec.announcement which interfaces and nodes it has";
  if (more.length > 0) return { notes: policies.map((each) => note(each, "spec", several)) };
  const { interfaces, loadBalancerIPs, nodeSelector } = fieldsOf(policy.spec);
  const names = textsOf(interfaces).map(importedInterface);
  const readable = names.flatMap((each) => ("name" in each ? [each.name] : []));
  const nodes = selectorOf(requirementsOf(nodeSelector) ?? []);
  const announcement: Announcement = {
    ...(nodes !== undefined && { nodeSelector: selectorObject(nodes) }),
    ...(readable.length > 0 && { arp: { interfaces: readable } }),
  };
  return {
    ...(Object.keys(announcement).length > 0 && { announcement }),
    notes: [
      ...names.flatMap((each) => ("problem" in each ? [note(policy, "spec.interfaces", each.problem)] : [])),
      ...(loadBalancerIPs === true ? [] : [note(policy, "spec.loadBalancerIPs", unannounced)]),
      ...unreadFields(policy, "spec", ["interfaces", "nodeSelector", "loadBalancerIPs"]),
    ],
  };
}
