import { parseEndpointSlice } from "../../../src/api/endpoint-slice.ts";
import { parseNamespace } from "../../../src/api/namespace.ts";
import { parseNode } from "../../../src/api/node.ts";
import { parseService } from "../../../src/api/service.ts";
import { parseAdvertisement } from "../../../src/api/vip-advertisement.ts";
import { parseGroup } from "../../../src/api/vip-group.ts";
import { parseVipNode } from "../../../src/api/vip-node.ts";
import { Arrivals } from "../../../src/controller/arrivals.ts";
import { clusterView, type Source } from "../../../src/controller/cluster-view.ts";
import { Gatherer, type PlanOptions } from "../../../src/controller/gather.ts";
import {
  storedClusterIPs,
  storedEndpointAddresses,
  storedLease,
  storedPeer,
  storedPool,
  storedServiceNetworks,
} from "../../../src/controller/kube/stored.ts";
import { planCluster } from "../../../src/controller/plan.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import type { ApiObject } from "../api/object.ts";
import type { Storage } from "../api/storage.ts";

/** So long after the first sight of a cluster nothing of it is waited for any more. */
const patienceMs = 10_000;

/**
 * What a controller that starts now, sees everything as it is and knows that all agents live would do once it has waited long
 * enough: `kind key…` each.
 */
export function freshPlan(storage: Storage, options: PlanOptions, wallMs: number): readonly string[] {
  let nowMs = 0;
  const clock = { wallMs: () => wallMs, monotonicMs: () => nowMs, setTimer: () => () => {} };
  const liveness = { of: () => "alive" as const, forMs: () => nowMs, changesInMs: () => undefined };
  const gatherer = new Gatherer(clusterView(sourcesOf(storage, clock), liveness, clock), options, clock);
  gatherer.snapshot();
  nowMs += patienceMs;
  return planCluster(gatherer.snapshot(), createPlanner()).jobs.map(({ kind, keys }) => `${kind} ${keys.join(" ")}`);
}

type LeaseObject = Parameters<typeof storedLease>[0];

function sourcesOf(storage: Storage, clock: Pick<Clock, "monotonicMs">): Parameters<typeof clusterView>[0] {
  const source = <Raw, Value>(plural: string, parse: (raw: Raw) => Value): Source<Value> => {
    const values = [...storage.all(plural).values()].map((object) => parse(object as unknown as Raw));
    return { values: () => values };
  };
  const one = <Raw, Value>(plural: string, name: string, parse: (raw: Raw) => Value): Source<Value> => {
    const found: readonly ApiObject[] = [...storage.all(plural).values()].filter(
      ({ metadata }) => metadata.name === name,
    );
    const values = found.map((object) => parse(object as unknown as Raw));
    return { values: () => values };
  };
  return {
    services: source("services", parseService),
    pools: source("ippools", storedPool),
    advertisements: source("vipadvertisements", parsedValue(parseAdvertisement)),
    arrivals: new Arrivals(clock),
    peers: source("bgppeers", storedPeer),
    groups: source("vipgroups", parsedValue(parseGroup)),
    vipNodes: source("vipnodes", parsedValue(parseVipNode)),
    nodes: source("nodes", parseNode),
    namespaces: source("namespaces", parseNamespace),
    endpointSlices: source("endpointslices", parseEndpointSlice),
    leases: source("leases", storedLease<LeaseObject>),
    serviceNetworks: source("servicecidrs", storedServiceNetworks),
    apiServers: [
      one("services", "kubernetes", storedClusterIPs),
      one("endpointslices", "kubernetes", storedEndpointAddresses),
    ],
  };
}

function parsedValue<Raw, Value>(
  parse: (raw: Raw) => { readonly value: Value } | object,
): (raw: Raw) => Value | undefined {
  return (raw) => {
    const parsed = parse(raw);
    return "value" in parsed ? parsed.value : undefined;
  };
}
