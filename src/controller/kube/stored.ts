import { type BgpPeer, type PeerObject, parsePeer, parsePeerStatus } from "../../api/bgp-peer.ts";
import { ingressManager, type ManagedFieldsEntry } from "../../api/field-managers.ts";
import { type Pool, type PoolObject, parsePool, parsePoolStatus } from "../../api/ip-pool.ts";
import { identity, type ObjectMeta } from "../../api/object-meta.ts";
import { formatProblems, type Parsed } from "../../api/problem.ts";
import { parseService, type Service, type ServiceObject } from "../../api/service.ts";
import { type Address, parseAddress } from "../../net/address.ts";
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import type { Logger } from "../../runtime/log.ts";
import type { AgentLease } from "../agent-liveness.ts";
import { leavingAnnotation, routesStayAnnotation } from "../agent-liveness.ts";
import type { Described } from "../cluster-view.ts";
import type { WitnessLease } from "../ports.ts";
import { membersAnnotation, witnessPrefix } from "../witness-lease.ts";

/** A Service, and who else than Herald wrote its ingress. */
export function storedService(object: ServiceObject, managedFields: readonly ManagedFieldsEntry[]): Service {
  const service = parseService(object);
  const manager = ingressManager(managedFields);
  return manager === undefined ? service : { ...service, ingressManager: manager };
}

/** An IPPool: what it gives, or all that is wrong with it and what was last said of it. */
export function storedPool(object: PoolObject): Described<Pool> {
  const parsed = parsePool(object);
  if ("value" in parsed) return { valid: parsed.value };
  const status = parsePoolStatus(object.status);
  return { invalid: { ...known(object.metadata), status, problems: parsed.problems } };
}

/** A BGPPeer: a router, or all that is wrong with it and what was last said of it. */
export function storedPeer(object: PeerObject): Described<BgpPeer> {
  const parsed = parsePeer(object);
  if ("value" in parsed) return { valid: parsed.value };
  const status = parsePeerStatus(object.status);
  return { invalid: { ...known(object.metadata), status, problems: parsed.problems } };
}

function known(metadata: ObjectMeta) {
  return { ...identity(metadata), generation: metadata.generation ?? 0 };
}

/** What a parser made of an object; what is wrong with it is logged, and the object counts as absent. */
export function valid<Raw extends { readonly metadata: { readonly name: string } }, Value>(
  object: Raw,
  parse: (object: Raw) => Parsed<Value>,
  log: Logger,
): Value | undefined {
  const parsed = parse(object);
  if ("value" in parsed) return parsed.value;
  log.warn({ object: object.metadata.name, problems: formatProblems(parsed.problems) }, "object ignored");
  return undefined;
}

/** The networks of a ServiceCIDR. */
export function storedServiceNetworks({
  spec,
}: {
  readonly spec?: { readonly cidrs?: readonly string[] };
}): readonly Prefix[] {
  return (spec?.cidrs ?? []).map(parsePrefix).filter((prefix) => prefix !== undefined);
}

/** The addresses of a Service inside the cluster. */
export function storedClusterIPs({
  spec,
}: {
  readonly spec?: { readonly clusterIPs?: readonly string[] };
}): readonly Address[] {
  return (spec?.clusterIPs ?? []).map(parseAddress).filter((address) => address !== undefined);
}

/** The addresses of the endpoints of an EndpointSlice. */
export function storedEndpointAddresses({
  endpoints,
}: {
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[] | null;
}): readonly Address[] {
  const texts = (endpoints ?? []).flatMap(({ addresses = [] }) => addresses);
  return texts.map(parseAddress).filter((address) => address !== undefined);
}

/** A Lease, with what its holder says of leaving. */
export function storedLease<Lease extends LeaseMeta>(lease: Lease): StoredLease<Lease> {
  const { name, annotations, uid = "", resourceVersion = "" } = lease.metadata;
  const { holderIdentity, renewTime } = lease.spec ?? {};
  const mark = `${uid} ${holderIdentity} ${renewTime}`;
  const says = (annotation: string): boolean => annotations?.[annotation] === "true";
  const stored = { name, leaving: says(leavingAnnotation), routesStay: says(routesStayAnnotation), mark, lease };
  if (!name.startsWith(witnessPrefix)) return stored;
  const members = (annotations?.[membersAnnotation] ?? "").split(",").filter((member) => member !== "");
  return { ...stored, witness: { name, uid, resourceVersion, group: name.slice(witnessPrefix.length), members } };
}

/** A Lease, and what it says if it is a group's witness. */
export type StoredLease<Lease> = AgentLease<Lease> & { readonly witness?: WitnessLease };

type LeaseMeta = {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: unknown };
};
