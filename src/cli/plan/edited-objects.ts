import { parseAllocated } from "../../api/annotations.ts";
import type { PoolObject } from "../../api/ip-pool.ts";
import type { NamespaceObject } from "../../api/namespace.ts";
import type { ObjectMeta } from "../../api/object-meta.ts";
import type { ServiceObject } from "../../api/service.ts";
import type { ClusterObjects } from "../../controller/cluster-objects.ts";
import { type Family, formatAddress } from "../../net/address.ts";
import { fieldsOf } from "../manifest.ts";
import { type Edit, type EditedKind, type ObjectRef, type Put, refText } from "./edit.ts";
import { appliedMetadata } from "./edited-metadata.ts";
import { storedSpec } from "./service-spec.ts";

/**
 * The objects of a cluster as they are once an edit has been made, at `nowMs` since the epoch. New objects are made in the
 * order of the edit. What Herald wrote, and what the API server sets, stays.
 */
export function editedObjects(objects: ClusterObjects, { puts, deletions }: Edit, nowMs: number): ClusterObjects {
  const gone = new Set(deletions.map(refText));
  const lists = { IPPool: objects.pools, Namespace: objects.namespaces, Service: objects.services };
  const clusterFamilies = familiesOf(objects);
  const stored = new Map(storedEntries(lists));
  const put = new Map(puts.map((each, i) => [refText(each), { ...each, createdMs: nowMs + i }]));
  const listOf = <T extends { readonly metadata: ObjectMeta }>(
    kind: EditedKind,
    list: readonly T[],
    applied: (put: Put & { readonly createdMs: number }, before: T | undefined) => T,
  ): readonly T[] => {
    const ofKind = [...put].filter(([, each]) => each.kind === kind);
    const kept = list.filter(({ metadata }) => !gone.has(refText(refOf(kind, metadata))));
    const untouched = kept.filter(({ metadata }) => !put.has(refText(refOf(kind, metadata))));
    return [...untouched, ...ofKind.map(([key, each]) => applied(each, stored.get(key) as T | undefined))];
  };
  return {
    ...objects,
    pools: listOf("IPPool", objects.pools, appliedPool),
    namespaces: listOf("Namespace", objects.namespaces, appliedNamespace),
    services: listOf("Service", objects.services, (each, before) => appliedService(each, before, clusterFamilies)),
  };
}

type Lists = Readonly<Record<EditedKind, readonly { readonly metadata: ObjectMeta }[]>>;

function storedEntries(lists: Lists): readonly [string, { readonly metadata: ObjectMeta }][] {
  return (["IPPool", "Namespace", "Service"] as const).flatMap((kind) =>
    lists[kind].map((object): [string, typeof object] => [refText(refOf(kind, object.metadata)), object]),
  );
}

function refOf(kind: EditedKind, { namespace = "", name }: ObjectMeta): ObjectRef {
  return { kind, namespace, name };
}

type Applied = Put & { readonly createdMs: number };

function metadataOf(put: Applied, stored: ObjectMeta | undefined): ObjectMeta {
  const { namespace, name, object, whole, createdMs } = put;
  const { labels = {}, annotations = {} } = whole
    ? (fieldsOf(object.metadata) as Pick<ObjectMeta, "labels" | "annotations">)
    : appliedMetadata(object, stored);
  const made = { uid: `new ${refText(put)}`, creationTimestamp: new Date(createdMs).toISOString(), generation: 1 };
  return { ...made, ...stored, name, ...(namespace !== "" && { namespace }), labels, annotations };
}

function appliedPool(put: Applied, before: PoolObject | undefined): PoolObject {
  const { spec } = put.object as Partial<PoolObject>;
  const status = before?.status;
  return { metadata: metadataOf(put, before?.metadata), spec: { addresses: [], ...spec }, ...(status && { status }) };
}

/** The API server labels each namespace with its name. */
function appliedNamespace(put: Applied, before: NamespaceObject | undefined): NamespaceObject {
  const metadata = metadataOf(put, before?.metadata);
  return { metadata: { ...metadata, labels: { ...metadata.labels, "kubernetes.io/metadata.name": put.name } } };
}

function appliedService(
  put: Applied,
  before: ServiceObject | undefined,
  clusterFamilies: readonly Family[],
): ServiceObject {
  const metadata = metadataOf(put, before?.metadata);
  const spec = fieldsOf(put.object.spec);
  const stored = before?.spec;
  const writtenByHerald = (parseAllocated(before?.metadata.annotations) ?? []).some(
    (address) => formatAddress(address) === stored?.loadBalancerIP,
  );
  return {
    metadata,
    spec: put.whole ? spec : storedSpec(spec, { ...(stored && { stored }), writtenByHerald, clusterFamilies }),
    ...(before?.status && { status: before.status }),
  };
}

/** The families of the cluster's Services, its own first. */
function familiesOf({ services, serviceNetworks }: ClusterObjects): readonly Family[] {
  const kubernetes = services.find(
    ({ metadata }) => metadata.namespace === "default" && metadata.name === "kubernetes",
  );
  const own = (kubernetes?.spec?.ipFamilies ?? []).map((family) => (family === "IPv6" ? 6 : 4));
  return [...new Set<Family>([...own, ...serviceNetworks.map(({ address }) => address.family)])];
}
