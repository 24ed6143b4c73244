import type { Spec } from "../../api/generated/ippool-v1beta1.ts";
import { fieldsOf, type Manifest, nameOf, textOf } from "../manifest.ts";
import { joinedCidrs, readAddresses } from "./addresses.ts";
import { type ImportedPool, type Importer, type Note, note, type Part, type ServiceAnnotations } from "./imported.ts";
import {
  globalScope,
  type PoolKey,
  poolKeys,
  settingFor,
  switchFor,
  unknownKeys,
  usedKeys,
} from "./kube-vip-config.ts";
import { namedApart } from "./pool-names.ts";
import { annotationsOf, loadBalancers, serviceNotes, sharingAnnotations, shownAddresses } from "./services.ts";

const addressAnnotation = "kube-vip.io/loadbalancerIPs";

/** Annotations of Services whose effect Herald does not have. */
const lostAnnotations: Readonly<Record<string, string>> = {
  "kube-vip.io/ignore": "Herald does not know it: give the Service a loadBalancerClass of the one that serves it",
  "kube-vip.io/loadbalancerHostname": "Herald asks no DHCP server",
  "kube-vip.io/serviceVLAN": "Herald makes no VLAN interfaces",
  "kube-vip.io/serviceInterface": "set announcement.arp.interfaces of a pool instead",
  "kube-vip.io/forwardUPNP": "Herald does not speak UPnP",
  "kube-vip.io/egress": "Herald does not change where traffic of Pods leaves",
  "kube-vip.io/ddns": "Herald asks no DHCP server",
};

/**
 * Reads the ConfigMap of the kube-vip cloud provider (`kubevip`) or of its forerunner (`plndr`), and what Services use of
 * kube-vip. Both present: `kubevip` counts. A namespace's own pool comes before the global one.
 */
export const importKubeVip: Importer = (objects) => {
  const maps = objects.filter(
    ({ kind, data }) => kind === "ConfigMap" && Object.keys(fieldsOf(data)).some((key) => /^(cidr|range)-/.test(key)),
  );
  const current = maps.find((each) => !isForerunner(each)) ?? maps[0];
  const others = maps.filter((each) => each !== current);
  const read = current === undefined ? { notes: [] } : readMap(current);
  const named = namedApart(read.pools ?? []);
  const services = loadBalancers(objects);
  return {
    pools: named.pools,
    annotations: sharedAddresses(services),
    notes: [
      ...others.map((each) => note(each, "data", `is not used beside ${nameOf(current ?? each)}: left out`)),
      ...read.notes,
      ...named.notes,
      ...services.filter(byDhcp).map((each) => note(each, `metadata.annotations[${addressAnnotation}]`, dhcp)),
      ...serviceNotes(services, (name) => name.startsWith("kube-vip.io/"), lostAnnotations),
    ],
  };
};

const dhcp =
  "asks for an address by DHCP, which Herald does not do: the Service gets an address of a pool once the annotation is gone";

function byDhcp(service: Manifest): boolean {
  const texts = (annotationsOf(service)[addressAnnotation] ?? "").split(",").map((text) => text.trim());
  return texts.includes("0.0.0.0") || texts.includes("::");
}

/** The forerunner, `plndr`, never gave the ends of a CIDR, and knew no ranges. */
function isForerunner(object: Manifest): boolean {
  return nameOf(object).startsWith("plndr");
}

function readMap(object: Manifest): Part {
  const { keys, notes } = poolKeys(object);
  const { used, notes: unused } = usedKeys(object, keys);
  const parts = used.map((key) => readKey(object, key));
  const pools = parts.flatMap((part) => part.pools ?? []);
  return {
    pools,
    notes: [
      ...notes,
      ...unused,
      ...parts.flatMap((part) => part.notes),
      ...sharing(object, used),
      ...overflow(object, pools),
      ...strayInterfaces(object, used),
      ...unknownKeys(object),
    ],
  };
}

const byDhcpPiece = "0.0.0.0/32";

function readKey(object: Manifest, pool: PoolKey): Part {
  const field = `data.${pool.key}`;
  const asks = pool.pieces.filter((piece) => piece === byDhcpPiece);
  const pieces = pool.pieces.filter((piece) => piece !== byDhcpPiece);
  const { addresses, notes } = readAddresses(object, field, pieces);
  const byDhcpServer = asks.map(() =>
    note(object, field, `${byDhcpPiece} means DHCP, which Herald does not do: left out`),
  );
  const said = [...byDhcpServer, ...notes];
  if (addresses.length === 0) return { notes: said };
  return { pools: [importedPool(object, pool, addresses)], notes: said };
}

function importedPool(object: Manifest, { scope, cidrs }: PoolKey, addresses: readonly string[]): ImportedPool {
  const { data } = object;
  const skipEnds = cidrs && (isForerunner(object) || fieldsOf(data)["skip-end-ips-in-cidr"] === "true");
  const interfaceName = settingFor(object, "interface", scope);
  const spec: Spec = {
    addresses: [...(skipEnds ? joinedCidrs(addresses) : addresses)],
    ...(skipEnds && { skipEnds }),
    avoidBuggyIPs: true,
    ...(fieldsOf(data)["search-order"] === "desc" && { order: "Descending" as const }),
    ...(scope !== globalScope && { priority: 10, services: { namespaces: [scope] } }),
    ...(interfaceName !== undefined &&
      interfaceName !== "auto" && { announcement: { arp: { interfaces: [interfaceName] } } }),
  };
  return { name: scope, spec };
}

/** A full pool of a namespace was an error; Herald asks the global one next. */
function overflow(object: Manifest, pools: readonly ImportedPool[]): readonly Note[] {
  const own = pools.map(({ name }) => name).filter((name) => name !== globalScope);
  if (own.length === 0 || own.length === pools.length) return [];
  const message = `Services of ${own.join(", ")} get addresses of pool ${globalScope} once their own pool is full`;
  return [note(object, "data", message)];
}

function sharing(object: Manifest, used: readonly PoolKey[]): readonly Note[] {
  const keys = Object.keys(fieldsOf(object.data)).filter((key) => key.startsWith("allow-share-"));
  return keys
    .filter((key) => switchFor(object, "allow-share", key.slice("allow-share-".length)) || used.length === 0)
    .map((key) => note(object, `data.${key}`, shareByKey));
}

const shareByKey =
  "Herald shares an address only among Services that say so: those that are to share need the same annotation herald.dev/sharing-key";

/** An interface of a namespace that has no pool of its own. */
function strayInterfaces(object: Manifest, used: readonly PoolKey[]): readonly Note[] {
  return Object.keys(fieldsOf(object.data))
    .filter((key) => key.startsWith("interface-") && textOf(fieldsOf(object.data)[key]) !== "auto")
    .filter((key) => !used.some(({ scope }) => `interface-${scope}` === key) && key !== `interface-${globalScope}`)
    .map((key) =>
      note(object, `data.${key}`, "is not carried over: an interface belongs to a pool, and the namespace has none"),
    );
}

/** Services that show one address together need a key, by which they go on sharing it; it is made of the address. */
function sharedAddresses(services: readonly Manifest[]): readonly ServiceAnnotations[] {
  const groups = new Map<string, Manifest[]>();
  for (const service of services.filter((each) => !byDhcp(each)))
    for (const address of shownAddresses(service, addressAnnotation).slice(0, 1))
      groups.set(address, [...(groups.get(address) ?? []), service]);
  return [...groups].flatMap(([address, members]) =>
    members.length < 2 || members.every(hasKey) ? [] : sharingAnnotations(members, `kube-vip-${address}`),
  );
}

function hasKey(service: Manifest): boolean {
  return annotationsOf(service)["herald.dev/sharing-key"] !== undefined;
}
