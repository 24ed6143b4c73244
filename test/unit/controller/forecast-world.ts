import { allocatedAnnotation } from "../../../src/api/annotations.ts";
import { type PoolObject, poolStatusObject } from "../../../src/api/ip-pool.ts";
import type { Namespace } from "../../../src/api/namespace.ts";
import { parseService, type Service, type ServiceObject, type ServiceSpecObject } from "../../../src/api/service.ts";
import { advertisementObject, advertisementStatusObject } from "../../../src/api/vip-advertisement.ts";
import { vipNodeStatusObject } from "../../../src/api/vip-node.ts";
import { type Fields, fieldsOf, labelsOf } from "../../../src/cli/manifest.ts";
import type { Edit, ObjectRef } from "../../../src/cli/plan/edit.ts";
import type { ClusterObjects } from "../../../src/controller/cluster-objects.ts";
import { storedPool } from "../../../src/controller/kube/stored.ts";
import type { ClusterView } from "../../../src/controller/ports.ts";
import { allocatedCondition } from "../../../src/ipam/outcome.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { World } from "../../support/controller-world.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a Service has and is told; empty texts if it is told nothing. */
export type Told = { readonly addresses: readonly string[]; readonly reason: string; readonly message: string };

/**
 * A controller's world to which manifests are applied as `kubectl apply` does it, and whose objects can be read as the API
 * server has them.
 */
export class ObjectWorld extends World {
  readonly #manifests = new Map<string, Fields>();
  readonly #pools = new Map<string, PoolObject>();
  #namespaces: readonly Namespace[] = [];

  constructor() {
    super();
    this.addNode("node1", 11);
    this.addNode("node2", 12);
  }

  override view(): ClusterView {
    return { ...super.view(), namespaces: () => this.#namespaces };
  }

  /** All of an edit, before the controller notices any of it. */
  apply({ puts, deletions }: Edit): void {
    for (const ref of deletions) this.#delete(ref);
    for (const [i, { kind, namespace, name, object }] of puts.entries()) {
      if (kind === "Service") this.#applyService(`${namespace}/${name}`, object, this.nowMs + i);
      if (kind === "IPPool") this.#applyPool(name, object, this.nowMs + i);
      if (kind === "Namespace") this.#applyNamespace(name, labelsOf(fieldsOf(object.metadata).labels));
    }
  }

  /** Controller and nodes work until there is nothing left to do. */
  async quiet(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      const done = await this.settle();
      this.announce();
      if (done.length === 0 && this.plan().length === 0) return;
    }
    throw new Error("the controller does not come to rest");
  }

  /** Everything as a client of the API server reads it. */
  objects(): ClusterObjects {
    const advertisements = this.advertisements.values().map((each) => ({
      ...advertisementObject(each, each),
      metadata: { ...advertisementObject(each, each).metadata, creationTimestamp: iso(each.createdMs), generation: 1 },
      status: advertisementStatusObject(each.status),
    }));
    return {
      services: this.services.values().map((service) => this.#serviceObject(service)),
      pools: [...this.#pools.values()].map((each) => this.#poolObject(each)),
      advertisements,
      namespaces: this.#namespaces.map(({ name, labels }) => ({
        metadata: { name, labels, annotations: { [lastApplied]: JSON.stringify({ metadata: { labels } }) } },
      })),
      nodes: this.nodes.values().map(({ name, uid }) => ({ metadata: { name, uid } })),
      vipNodes: this.vipNodes.values().map((each) => ({
        metadata: { name: each.name, uid: each.uid, resourceVersion: each.resourceVersion },
        status: vipNodeStatusObject({ ...each, announcing: [] }),
      })),
      serviceNetworks: [],
      apiServers: [],
    };
  }

  /** What each Service of type LoadBalancer has by its own annotation and is told by its condition. */
  told(): ReadonlyMap<string, Told> {
    const balanced = this.services.values().filter(({ type }) => type === "LoadBalancer");
    return new Map(
      balanced.map(({ key, allocated = [], conditions }) => {
        const { reason = "", message = "" } = conditions.find(({ type }) => type === allocatedCondition) ?? {};
        return [key, { addresses: allocated.map(formatAddress), reason, message }];
      }),
    );
  }

  /** The addresses that the ledger says each Service holds, sorted. */
  held(key: string): readonly string[] {
    const holds = this.advertisements
      .values()
      .filter(({ services }) => services.some(({ namespace, name }) => `${namespace}/${name}` === key));
    return holds.map(({ address }) => formatAddress(address)).sort();
  }

  #delete({ kind, namespace, name }: ObjectRef): void {
    if (kind === "Service") this.services.delete(`${namespace}/${name}`);
    if (kind === "IPPool") {
      this.pools.delete(name);
      this.#pools.delete(name);
    }
  }

  #applyNamespace(name: string, labels: Namespace["labels"]): void {
    const others = this.#namespaces.filter((each) => each.name !== name);
    this.#namespaces = [...others, { name, labels: { ...labels, "kubernetes.io/metadata.name": name } }];
  }

  #applyPool(name: string, { spec }: Fields, createdMs: number): void {
    const metadata = this.#pools.get(name)?.metadata ?? { name, uid: `uid-${name}`, creationTimestamp: iso(createdMs) };
    const object: PoolObject = { metadata, spec: spec as PoolObject["spec"] };
    this.#pools.set(name, object);
    const stored = storedPool(this.#poolObject(object));
    if (!("valid" in stored)) throw new Error(`test data: pool ${name} is invalid`);
    this.pools.put(name, stored.valid);
  }

  #poolObject(object: PoolObject): PoolObject {
    const known = this.pools.get(object.metadata.name);
    return known === undefined ? object : { ...object, status: poolStatusObject(known.status) };
  }

  #applyService(key: string, manifest: Fields, createdMs: number): void {
    const before = this.services.get(key);
    const stored = before && this.#serviceObject(before).spec;
    this.#manifests.set(key, manifest);
    const [namespace = "", name = ""] = key.split("/");
    const uid = `uid-${key}-${createdMs}`;
    const known = before ?? { ...parseService({ metadata: { namespace, name, uid } }), createdMs };
    const ours = (known.allocated ?? []).map(formatAddress).includes(known.loadBalancerIP);
    const { loadBalancerIP = ours ? known.loadBalancerIP : "" } = fieldsOf(manifest.spec) as ServiceSpecObject;
    this.services.put(key, parseService(this.#serviceObject({ ...known, loadBalancerIP }, stored ?? {})));
  }

  /** The manifest with what Herald wrote, and with the families that the API server keeps or sets in a cluster of IPv4 alone. */
  #serviceObject(service: Service, before?: ServiceSpecObject): ServiceObject {
    const { key, namespace, name, uid, resourceVersion, createdMs, allocated, loadBalancerIP, ingress } = service;
    const manifest = this.#manifests.get(key) ?? {};
    const { labels, annotations } = fieldsOf(manifest.metadata);
    const written = allocated === undefined ? {} : { [allocatedAnnotation]: allocated.map(formatAddress).join(",") };
    const { loadBalancerIP: _, ...spec } = fieldsOf(manifest.spec) as ServiceSpecObject;
    const stored = before ?? this.#families(service);
    const ipFamilyPolicy = spec.ipFamilyPolicy ?? stored.ipFamilyPolicy ?? "SingleStack";
    const ipFamilies = spec.ipFamilies ?? stored.ipFamilies ?? ["IPv4"];
    return {
      metadata: {
        ...{ namespace, name, uid, resourceVersion, creationTimestamp: iso(createdMs), generation: 1 },
        labels: labelsOf(labels),
        annotations: { ...labelsOf(annotations), [lastApplied]: JSON.stringify(manifest), ...written },
      },
      spec: {
        ...spec,
        ipFamilyPolicy,
        ipFamilies: ipFamilyPolicy === "SingleStack" ? ipFamilies.slice(0, 1) : ipFamilies,
        ...(loadBalancerIP !== "" && { loadBalancerIP }),
      },
      status: { loadBalancer: { ingress }, conditions: service.conditions },
    };
  }

  #families({ ipFamilies, ipFamilyPolicy }: Service): Pick<ServiceSpecObject, "ipFamilies" | "ipFamilyPolicy"> {
    if (ipFamilies === undefined || ipFamilies.length === 0) return {};
    return { ipFamilyPolicy, ipFamilies: ipFamilies.map((family) => `IPv${family}`) };
  }
}
