import type { Announcement, Spec } from "../../api/generated/ippool-v1beta1.ts";
import { selectorObject } from "../../api/label-selector.ts";
import { type Fields, fieldsOf, groupOf, listOf, type Manifest, nameOf, textOf, textsOf } from "../manifest.ts";
import { readAddresses } from "./addresses.ts";
import { bgpByHand, type ImportedPool, type Importer, type Note, note, unreadFields } from "./imported.ts";
import { importedInterface } from "./interfaces.ts";
import { namedApart } from "./pool-names.ts";
import { requirementsOf, selectorOf } from "./selectors.ts";
import { annotationsOf, consentAnnotations, loadBalancers, serviceNotes } from "./services.ts";

/** The group of Services that name none. */
const defaultGroup = "default";

const lostAnnotations: Readonly<Record<string, string>> = {
  "purelb.io/multi-pool": "Herald gives a Service one address of each family",
};

/** Reads PureLB's ServiceGroups and LBNodeAgents (v1 and v2), and what Services use of PureLB. */
export const importPureLB: Importer = (objects) => {
  const own = objects.filter((object) => groupOf(object) === "purelb.io");
  const groups = own.filter(({ kind }) => kind === "ServiceGroup");
  const { announcement, notes: announced } = announcementOf(own.filter(({ kind }) => kind === "LBNodeAgent"));
  const read = groups.map((group) => readGroup(group, groups));
  const named = namedApart(
    read.map(({ name, spec, local }) => ({ name, spec: announcement && local ? { ...spec, announcement } : spec })),
  );
  const services = loadBalancers(objects);
  return {
    pools: named.pools.filter(({ spec }) => spec.addresses.length > 0),
    annotations: consentAnnotations(services, ["purelb.io/allow-shared-ip"]),
    notes: [
      ...read.flatMap(({ notes }) => notes),
      ...announced,
      ...named.notes,
      ...strangers(services, groups),
      ...serviceNotes(services, (name) => name.startsWith("purelb.io/"), lostAnnotations),
    ],
  };
};

type ReadGroup = ImportedPool & { readonly local: boolean; readonly notes: readonly Note[] };

function readGroup(object: Manifest, all: readonly Manifest[]): ReadGroup {
  const { local, remote, namespaces } = fieldsOf(object.spec);
  const place = local === undefined && remote !== undefined ? "remote" : "local";
  const { addresses, notes } = poolAddresses(object, place);
  const served = [...textsOf(namespaces)];
  const spec: Spec = {
    addresses: [...addresses],
    ...(!givesUnasked(object, all) && { automatic: false }),
    ...(served.length > 0 && { services: { namespaces: served } }),
  };
  const routed = "PureLB left it to routing; Herald announces its addresses by ARP and NDP";
  return {
    name: nameOf(object),
    spec,
    local: place === "local",
    notes: [
      ...notes,
      ...(place === "remote" ? [note(object, "spec.remote", routed)] : []),
      ...(place === "local" && remote !== undefined ? [note(object, "spec.remote", besideLocal)] : []),
      ...namespaceNotes(object),
      ...unreadFields(object, "spec", ["local", "remote", "namespaces", "enforceNamespaces", "namespaceDefault"]),
    ],
  };
}

const besideLocal = "is not carried over: the group has addresses in spec.local too";

const poolFields = ["v4pool", "v6pool", "v4pools", "v6pools"];

/** Older groups have one pool of one family, directly in `local`. */
function poolAddresses(
  object: Manifest,
  place: string,
): { readonly addresses: readonly string[]; readonly notes: readonly Note[] } {
  const fields = fieldsOf(fieldsOf(object.spec)[place]);
  const entries = [
    ...(textOf(fields.pool) === undefined ? [] : [{ path: `spec.${place}`, entry: fields }]),
    ...poolFields.flatMap((name) => entriesOf(fields[name], `spec.${place}.${name}`)),
  ];
  const read = entries.map(({ path, entry }) => readAddresses(object, `${path}.pool`, [textOf(entry.pool) ?? ""]));
  const aggregated = entries.filter(({ entry }) => !["", "default"].includes(textOf(entry.aggregation) ?? ""));
  const switches = ["multiPool", "balancePools", "skipIPv6DAD"].filter((name) => fields[name] === true);
  return {
    addresses: read.flatMap(({ addresses }) => addresses),
    notes: [
      ...read.flatMap(({ notes }) => notes),
      ...entries.flatMap(({ path, entry }) => (entry === fields ? [] : leftover(object, path, entry))),
      ...aggregated.map(({ path, entry }) => note(object, `${path}.aggregation`, `${entry.aggregation} ${bgpByHand}`)),
      ...switches.map((name) => note(object, `spec.${place}.${name}`, "is not carried over")),
      ...unreadFields(object, `spec.${place}`, [
        "subnet",
        "pool",
        "aggregation",
        "multiPool",
        "balancePools",
        "skipIPv6DAD",
        ...poolFields,
      ]),
    ],
  };
}

function leftover(object: Manifest, path: string, entry: Fields): readonly Note[] {
  const names = Object.keys(entry).filter((name) => !["subnet", "pool", "aggregation"].includes(name));
  return names.map((name) => note(object, `${path}.${name}`, "is not carried over"));
}

function entriesOf(value: unknown, path: string): readonly { path: string; entry: ReturnType<typeof fieldsOf> }[] {
  if (Array.isArray(value)) return listOf(value).map((each, i) => ({ path: `${path}[${i}]`, entry: fieldsOf(each) }));
  return value === undefined || value === null ? [] : [{ path, entry: fieldsOf(value) }];
}

/** Whether Services that name no group get its addresses: the default group's, or those of the one that serves their namespace. */
function givesUnasked(group: Manifest, all: readonly Manifest[]): boolean {
  const { namespaces, namespaceDefault } = fieldsOf(group.spec);
  const served = textsOf(namespaces);
  if (served.length === 0) return nameOf(group) === defaultGroup;
  const rivals = all.filter((other) => other !== group).flatMap(({ spec }) => textsOf(fieldsOf(spec).namespaces));
  return namespaceDefault === true || served.every((each) => !rivals.includes(each));
}

function namespaceNotes(group: Manifest): readonly Note[] {
  const { namespaces, enforceNamespaces } = fieldsOf(group.spec);
  if (textsOf(namespaces).length === 0) return [];
  const fence =
    "Herald keeps others out of the pool, but not these namespaces' Services out of other pools: say there who may have addresses";
  const wider =
    "from now on only Services of these namespaces may have its addresses; before, others could ask by annotation";
  return enforceNamespaces === true
    ? [note(group, "spec.enforceNamespaces", fence)]
    : [note(group, "spec.namespaces", wider)];
}

/** Services that use a group from a namespace that it does not list: Herald would not let them. */
function strangers(services: readonly Manifest[], groups: readonly Manifest[]): readonly Note[] {
  return services.flatMap((service) => {
    const name = annotationsOf(service)["purelb.io/service-group"];
    const group = groups.find((each) => nameOf(each) === name);
    const served = textsOf(fieldsOf(group?.spec).namespaces);
    const namespace = textOf(fieldsOf(service.metadata).namespace) ?? "";
    if (served.length === 0 || served.includes(namespace)) return [];
    const message = `pool ${name} does not admit Services of namespace ${namespace}: add it to the pool's services.namespaces`;
    return [note(service, "metadata.annotations[purelb.io/service-group]", message)];
  });
}

/** One agent's interface, for local pools; what several say cannot become one announcement. */
function announcementOf(agents: readonly Manifest[]): {
  readonly announcement?: Announcement;
  readonly notes: readonly Note[];
} {
  const [agent, ...more] = agents;
  if (agent === undefined) return { notes: [] };
  const several = "there are several agents: say in each pool's spec.announcement which interfaces and nodes it has";
  if (more.length > 0) return { notes: agents.map((each) => note(each, "spec", several)) };
  const { local, nodeSelector } = fieldsOf(agent.spec);
  const fields = fieldsOf(local);
  const named = textOf(fields.localInterface) ?? textOf(fields.localint) ?? "default";
  const read = named === "default" ? undefined : importedInterface(named);
  const nodes = selectorOf(requirementsOf(nodeSelector) ?? []);
  const announcement: Announcement = {
    ...(nodes !== undefined && { nodeSelector: selectorObject(nodes) }),
    ...(read !== undefined && "name" in read && { arp: { interfaces: [read.name] } }),
  };
  return {
    ...(Object.keys(announcement).length > 0 && { announcement }),
    notes: [
      ...(read !== undefined && "problem" in read ? [note(agent, "spec.local", read.problem)] : []),
      ...unreadFields(agent, "spec", ["local", "nodeSelector"]),
      ...unreadFields(agent, "spec.local", ["localint", "localInterface", ...Object.keys(needless)]),
      ...Object.entries(needless)
        .filter(([name]) => fields[name] !== undefined)
        .map(([name, message]) => note(agent, `spec.local.${name}`, message)),
    ],
  };
}

/** Fields of an agent that Herald has no use for, and why. */
const needless: Readonly<Record<string, string>> = {
  extlbint: "is not carried over: Herald needs no interface of its own",
  dummyInterface: "is not carried over: Herald needs no interface of its own",
  sendgarp: "is not carried over: Herald sends gratuitous frames by itself",
  garpConfig: "is not carried over: Herald sends gratuitous frames by itself",
};
