import type { Liveness } from "../announce/eligibility.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import type { EndpointSlice } from "../api/endpoint-slice.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { Namespace } from "../api/namespace.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";
import type { Clock } from "../runtime/clock.ts";
import { memo } from "../runtime/memo.ts";
import type { Arrivals } from "./arrivals.ts";
import type { ClusterView, Invalid, WitnessLease } from "./ports.ts";

/** A store: its values are the same array until one of them changes. */
export type Source<Value> = { values(): readonly Value[] };

/** An object as it is: valid, or with all that is wrong with it. */
export type Described<Value extends Pool | BgpPeer> = { readonly valid: Value } | { readonly invalid: Invalid<Value> };

/** Where the view looks; undefined stands for an object that could not be read. */
export type Sources = {
  readonly services: Source<Service>;
  readonly pools: Source<Described<Pool>>;
  readonly advertisements: Source<Advertisement | undefined>;
  /** When each advertisement came, as it is. */
  readonly arrivals: Arrivals<Advertisement>;
  readonly peers: Source<Described<BgpPeer>>;
  readonly groups: Source<Group | undefined>;
  readonly vipNodes: Source<VipNode | undefined>;
  readonly nodes: Source<ClusterNode>;
  readonly namespaces: Source<Namespace>;
  readonly endpointSlices: Source<EndpointSlice | undefined>;
  readonly leases: Source<{ readonly witness?: WitnessLease }>;
  /** One entry an object. */
  readonly serviceNetworks: Source<readonly Prefix[]>;
  readonly apiServers: readonly Source<readonly Address[]>[];
};

/** Which agents live at a time, in ms on the monotonic clock; see AgentLiveness. */
export type Judgements = {
  of(node: string, nowMs: number): Liveness;
  forMs(node: string, nowMs: number): number;
  changesInMs(nowMs: number): number | undefined;
};

/** The view of these stores. */
export function clusterView(sources: Sources, liveness: Judgements, clock: Clock): ClusterView {
  const { services, pools, nodes, namespaces, serviceNetworks } = sources;
  const networks = memo((lists: readonly (readonly Prefix[])[]) => lists.flat());
  const witnesses = memo((leases: readonly { readonly witness?: WitnessLease }[]) =>
    leases.flatMap(({ witness }) => witness ?? []),
  );
  const apiServers = memo((...lists: readonly (readonly (readonly Address[])[])[]) => lists.flat(2));
  return {
    services: () => services.values(),
    pools: validOf(pools),
    invalidPools: invalidOf(pools),
    advertisements: readable(sources.advertisements),
    seenForMs: (advertisement) => sources.arrivals.forMs(advertisement),
    peers: validOf(sources.peers),
    invalidPeers: invalidOf(sources.peers),
    groups: readable(sources.groups),
    vipNodes: readable(sources.vipNodes),
    nodes: () => nodes.values(),
    namespaces: () => namespaces.values(),
    endpointSlices: readable(sources.endpointSlices),
    serviceNetworks: () => networks(serviceNetworks.values()),
    apiServers: () => apiServers(...sources.apiServers.map((source) => source.values())),
    liveness: (node) => liveness.of(node, clock.monotonicMs()),
    livenessForMs: (node) => liveness.forMs(node, clock.monotonicMs()),
    livenessChangesInMs: () => liveness.changesInMs(clock.monotonicMs()),
    witnesses: () => witnesses(sources.leases.values()),
  };
}

function readable<Value>(source: Source<Value | undefined>): () => readonly Value[] {
  const compact = memo((values: readonly (Value | undefined)[]) => values.filter((value) => value !== undefined));
  return () => compact(source.values());
}

function validOf<Value extends Pool | BgpPeer>(source: Source<Described<Value>>): () => readonly Value[] {
  const pick = memo((all: readonly Described<Value>[]) => all.flatMap((each) => ("valid" in each ? [each.valid] : [])));
  return () => pick(source.values());
}

function invalidOf<Value extends Pool | BgpPeer>(source: Source<Described<Value>>): () => readonly Invalid<Value>[] {
  const pick = memo((all: readonly Described<Value>[]) =>
    all.flatMap((each) => ("invalid" in each ? [each.invalid] : [])),
  );
  return () => pick(source.values());
}
