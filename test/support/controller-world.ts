import type { Liveness } from "../../src/announce/eligibility.ts";
import type { BgpPeer } from "../../src/api/bgp-peer.ts";
import type { Condition } from "../../src/api/condition.ts";
import type { EndpointSlice } from "../../src/api/endpoint-slice.ts";
import type { Pool } from "../../src/api/ip-pool.ts";
import type { Service } from "../../src/api/service.ts";
import type { Advertisement } from "../../src/api/vip-advertisement.ts";
import type { Group } from "../../src/api/vip-group.ts";
import type { VipNode } from "../../src/api/vip-node.ts";
import { applyAction } from "../../src/controller/apply.ts";
import type { Change } from "../../src/controller/change.ts";
import { Gatherer, type PlanOptions } from "../../src/controller/gather.ts";
import { planCluster } from "../../src/controller/plan.ts";
import type { ClusterView, ClusterWrites, Invalid, Notice, WitnessLease } from "../../src/controller/ports.ts";
import { createPlanner } from "../../src/ipam/plan.ts";
import { formatAddress, objectName, parseAddress } from "../../src/net/address.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import type { JobResult } from "../../src/runtime/loop.ts";
import { advertisement, clusterNode, nodeInterface, pool, service, vipNode } from "./builders.ts";

type Versioned = { readonly uid: string; readonly resourceVersion: string };

/** Objects of one kind, guarded as the API server guards them. */
class Collection<T extends Versioned> {
  readonly #objects = new Map<string, T>();
  #values: readonly T[] | undefined;
  #version = 100;

  get = (name: string): T | undefined => this.#objects.get(name);

  values = (): readonly T[] => (this.#values ??= [...this.#objects.values()]);

  put(name: string, object: T): void {
    this.#objects.set(name, { ...object, resourceVersion: String(++this.#version) });
    this.#values = undefined;
  }

  delete(name: string): void {
    this.#objects.delete(name);
    this.#values = undefined;
  }

  create(name: string, object: T): Promise<JobResult> {
    if (this.#objects.has(name)) return Promise.resolve("stale");
    this.put(name, object);
    return Promise.resolve("done");
  }

  update(name: string, seen: Versioned, change: (object: T) => T | undefined): Promise<JobResult> {
    const now = this.#objects.get(name);
    if (now?.uid !== seen.uid || now.resourceVersion !== seen.resourceVersion) return Promise.resolve("stale");
    const after = change(now);
    if (after === undefined) this.delete(name);
    else this.put(name, after);
    return Promise.resolve("done");
  }
}

/** A cluster in memory with a clock that stands still until told to move: the controller's ports without an API server. */
export class World {
  readonly services = new Collection<Service>();
  readonly pools = new Collection<Pool>();
  readonly advertisements = new Collection<Advertisement>();
  readonly invalidPools = new Collection<Invalid<Pool>>();
  readonly peers = new Collection<BgpPeer>();
  readonly invalidPeers = new Collection<Invalid<BgpPeer>>();
  readonly groups = new Collection<Group>();
  readonly vipNodes = new Collection<VipNode>();
  readonly nodes = new Collection<ReturnType<typeof clusterNode> & Versioned>();
  readonly witnesses = new Collection<WitnessLease>();
  readonly endpointSlices = new Collection<EndpointSlice & Versioned>();
  readonly liveness = new Map<string, Liveness>();
  /** Since when a node's agent is as it is; absent: since just now. */
  readonly livenessSinceMs = new Map<string, number>();
  readonly notices: Notice[] = [];
  readonly gatherer: Gatherer;
  readonly #planner = createPlanner();
  nowMs = 1_000_000;

  constructor(options: Partial<PlanOptions> = {}) {
    const all = {
      defaultClass: true,
      allowForeignAddresses: false,
      writeLoadBalancerIP: true,
      observe: false,
      ...options,
    };
    this.gatherer = new Gatherer(this.view(), all, this.clock());
  }

  /** A node whose agent lives and is on 192.168.50.0/24. */
  addNode(name: string, host: number): void {
    this.nodes.put(name, { ...clusterNode(name), resourceVersion: "" });
    this.vipNodes.put(name, vipNode(name, { interfaces: [nodeInterface({ subnets: [`192.168.50.${host}/24`] })] }));
    this.liveness.set(name, "alive");
  }

  /** Every live node announces what is placed on it. */
  announce(): void {
    for (const node of this.vipNodes.values()) {
      if (this.liveness.get(node.name) !== "alive") continue;
      const placed = this.advertisements.values().filter((each) => each.node === node.name);
      const addresses = placed.map(({ address }) => address);
      this.vipNodes.put(node.name, { ...node, announcing: [{ protocol: "ARP", interface: "eth0", addresses }] });
    }
  }

  /** What a plan says now. */
  plan(): readonly Change[] {
    return planCluster(this.gatherer.snapshot(), this.#planner).jobs;
  }

  /** Plans and carries out, until a plan is empty; gives what was done. @throws {Error} if that takes more than 20 plans */
  async settle(): Promise<readonly Change[]> {
    const done: Change[] = [];
    for (let plans = 0; plans < 20; plans++) {
      const changes = this.plan();
      if (changes.length === 0) return done;
      for (const change of changes) await applyAction(change, this.writes());
      done.push(...changes);
    }
    throw new Error(`not settled: ${this.plan().map(({ kind, keys }) => `${kind} ${keys}`)}`);
  }

  clock(): Clock {
    return { wallMs: () => this.nowMs, monotonicMs: () => this.nowMs, setTimer: () => () => {} };
  }

  view(): ClusterView {
    const { services, pools, advertisements, groups, vipNodes, nodes } = this;
    const none: readonly never[] = [];
    return {
      services: services.values,
      pools: pools.values,
      invalidPools: this.invalidPools.values,
      advertisements: advertisements.values,
      seenForMs: () => Number.POSITIVE_INFINITY,
      peers: this.peers.values,
      invalidPeers: this.invalidPeers.values,
      groups: groups.values,
      vipNodes: vipNodes.values,
      nodes: nodes.values,
      namespaces: () => none,
      endpointSlices: this.endpointSlices.values,
      serviceNetworks: () => none,
      apiServers: () => none,
      liveness: (node) => this.liveness.get(node) ?? "dead",
      livenessForMs: (node) => this.nowMs - (this.livenessSinceMs.get(node) ?? this.nowMs),
      livenessChangesInMs: () => undefined,
      witnesses: this.witnesses.values,
    };
  }

  writes(): ClusterWrites {
    const { services, pools, advertisements, groups, vipNodes, witnesses } = this;
    const statusless = advertisement("192.0.2.1").status;
    return {
      createAdvertisement: (spec) => {
        const name = objectName(spec.address);
        const meta = {
          name,
          uid: `uid-${name}`,
          resourceVersion: "",
          generation: 1,
          createdMs: this.nowMs,
        };
        return advertisements.create(name, { ...spec, ...meta, status: statusless });
      },
      replaceAdvertisement: (seen, spec) =>
        advertisements.update(seen.name, seen, ({ released: _, candidates, announcers, readySeen, ...old }) => ({
          ...old,
          ...spec,
          generation: old.generation + 1,
        })),
      writeAdvertisementStatus: (seen, status) => advertisements.update(seen.name, seen, (old) => ({ ...old, status })),
      deleteAdvertisement: (seen) => advertisements.update(seen.name, seen, () => undefined),
      seenAdvertisement: advertisements.get,
      patchServiceFields: (service, { allocated, loadBalancerIP }) =>
        services.update(service.key, service, (old) => withFields(old, allocated, loadBalancerIP)),
      patchServiceStatus: (service, { ingress, conditions, removed }) =>
        services.update(service.key, service, (old) => ({
          ...old,
          ingress: ingress ?? old.ingress,
          conditions: merged(old.conditions, conditions).filter(({ type }) => !removed.includes(type)),
        })),
      writePeerStatus: (seen, status) => this.peers.update(seen.name, seen, (old) => ({ ...old, status })),
      writePoolStatus: ({ name }, status) => {
        const old = pools.get(name);
        if (old === undefined) return Promise.resolve("stale");
        pools.put(name, { ...old, status });
        this.gatherer.poolWritten(name);
        return Promise.resolve("done");
      },
      createGroup: (group) =>
        groups.create(group.name, { ...group, uid: `uid-${group.name}`, resourceVersion: "", epoch: 1 }),
      replaceGroup: (seen, group) =>
        groups.update(seen.name, seen, (old) => ({ ...old, ...group, epoch: old.epoch + 1 })),
      deleteGroup: (seen) => groups.update(seen.name, seen, () => undefined),
      writeWitness: (witness, seen) => {
        const lease = { ...witness, name: `herald-witness-${witness.group}`, uid: `uid-${witness.group}` };
        if (seen === undefined) return witnesses.create(lease.name, { ...lease, resourceVersion: "" });
        return witnesses.update(lease.name, seen, (old) => ({ ...old, ...witness }));
      },
      deleteWitness: (seen) => witnesses.update(seen.name, seen, () => undefined),
      createVipNode: ({ name }) => vipNodes.create(name, vipNode(name, { interfaces: [] })),
      deleteVipNode: (seen) => vipNodes.update(seen.name, seen, () => undefined),
      readAdvertisement: (name) => Promise.resolve(advertisements.get(name)),
      readService: (namespace, name) => Promise.resolve(services.get(`${namespace}/${name}`)),
      publish: (notice) => void this.notices.push(notice),
    };
  }
}

function withFields(
  { allocated: _, ...service }: Service,
  allocated: string | null | undefined,
  field: string | null | undefined,
): Service {
  const texts = allocated === undefined ? undefined : (allocated ?? "").split(",");
  const addresses = texts?.map(parseAddress).filter((address) => address !== undefined) ?? _;
  const kept = addresses === undefined || addresses.length === 0 ? {} : { allocated: addresses };
  return { ...service, ...kept, loadBalancerIP: field === undefined ? service.loadBalancerIP : (field ?? "") };
}

function merged(before: readonly Condition[], after: readonly Condition[]): readonly Condition[] {
  return [...before.filter(({ type }) => !after.some((each) => each.type === type)), ...after];
}

/** A settled cluster of three nodes and the pool `public`, with these Services, each with the address that a plan gave it. */
export async function worldWith(...services: readonly string[]): Promise<World> {
  const made = new World();
  for (const i of [1, 2, 3]) made.addNode(`node${i}`, 10 + i);
  made.pools.put("public", pool());
  for (const key of services) made.services.put(key, service({ key }));
  await made.settle();
  return made;
}

/** The same cluster once what was placed is announced, and so much time has passed that people are told everything. */
export async function announced(world: World): Promise<World> {
  world.announce();
  world.nowMs += 10_000;
  await world.settle();
  return world;
}

/** What the ledger says that a Service of this name holds, as text. */
export function heldBy(world: World, name: string): readonly string[] {
  const held = world.advertisements.values().filter(({ services }) => services.some((each) => each.name === name));
  return held.map((each) => formatAddress(each.address));
}
