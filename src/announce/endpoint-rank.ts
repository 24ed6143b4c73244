import type { Endpoint, EndpointSlice } from "../api/endpoint-slice.ts";
import type { ServiceRef } from "../api/vip-advertisement.ts";

/** How well a node serves a Service of policy Local: lower is better. */
export const endpointRank = { ready: 0, servingTerminating: 1, none: 2 } as const;

/** By `namespace/name` of the Service, then by node: the rank of each node that has an endpoint. */
export type EndpointRanks = ReadonlyMap<string, ReadonlyMap<string, number>>;

const remembered = new WeakMap<readonly EndpointSlice[], EndpointRanks>();

/** The ranks of all nodes for all Services; a Service's slices count together. Remembered for the very same list. */
export function endpointRanks(slices: readonly EndpointSlice[]): EndpointRanks {
  let ranks = remembered.get(slices);
  if (ranks === undefined) {
    ranks = ranked(slices);
    remembered.set(slices, ranks);
  }
  return ranks;
}

function ranked(slices: readonly EndpointSlice[]): EndpointRanks {
  const ranks = new Map<string, Map<string, number>>();
  for (const { service, endpoints } of slices) {
    const ofService = ranks.get(service) ?? new Map<string, number>();
    ranks.set(service, ofService);
    for (const endpoint of endpoints) {
      const known = ofService.get(endpoint.node) ?? endpointRank.none;
      ofService.set(endpoint.node, Math.min(rankFor(endpoint), known));
    }
  }
  return ranks;
}

function rankFor({ ready, servingTerminating }: Endpoint): number {
  if (ready) return endpointRank.ready;
  return servingTerminating ? endpointRank.servingTerminating : endpointRank.none;
}

/** The rank of a node for an address: that of the Service of the address which it serves best. */
export function rankOf(node: string, services: readonly ServiceRef[], ranks: EndpointRanks): number {
  let best: number = endpointRank.none;
  for (const { namespace, name } of services)
    best = Math.min(best, ranks.get(`${namespace}/${name}`)?.get(node) ?? endpointRank.none);
  return best;
}

/** The nodes that have an endpoint of any of the Services, each once. */
export function endpointNodes(services: readonly ServiceRef[], ranks: EndpointRanks): readonly string[] {
  const [first, ...others] = services.map(({ namespace, name }) => [
    ...(ranks.get(`${namespace}/${name}`)?.keys() ?? []),
  ]);
  return others.length === 0 ? (first ?? []) : [...new Set([first ?? [], ...others].flat())];
}

/** Whether any node has a ready endpoint of any of the Services. */
export function anyReady(services: readonly ServiceRef[], ranks: EndpointRanks): boolean {
  return services.some(({ namespace, name }) =>
    [...(ranks.get(`${namespace}/${name}`)?.values() ?? [])].includes(endpointRank.ready),
  );
}
