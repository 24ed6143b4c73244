import type { Pool } from "../api/ip-pool.ts";
import { type Labels, selectorMatches } from "../api/label-selector.ts";
import type { Service } from "../api/service.ts";
import type { Address, Family } from "../net/address.ts";
import { rangeContains } from "../net/range.ts";
import { firstRefusal, namespaceNotSelected, type Refusal, serviceNotSelected } from "./refusal.ts";

/** The labels of each namespace. */
export type Namespaces = ReadonlyMap<string, Labels>;

type Selection = { readonly service: Service; readonly pool: Pool; readonly namespaces: Namespaces };

const namespaceUnlisted = ({ service, pool }: Selection): Refusal | undefined =>
  pool.services.namespaces === undefined || pool.services.namespaces.has(service.namespace)
    ? undefined
    : namespaceNotSelected(pool.name, service.namespace);

const namespaceLabelsDiffer = ({ service, pool, namespaces }: Selection): Refusal | undefined => {
  const selector = pool.services.namespaceSelector;
  if (selector === undefined) return undefined;
  const labels = namespaces.get(service.namespace);
  const matches = labels !== undefined && selectorMatches(selector, labels);
  return matches ? undefined : namespaceNotSelected(pool.name, service.namespace);
};

const serviceLabelsDiffer = ({ service, pool }: Selection): Refusal | undefined => {
  const selector = pool.services.serviceSelector;
  return selector === undefined || selectorMatches(selector, service.labels)
    ? undefined
    : serviceNotSelected(pool.name);
};

/** In order of precedence. A namespace that is not known is one that no selector matches. */
const checks = [namespaceUnlisted, namespaceLabelsDiffer, serviceLabelsDiffer];

/** Why a pool is not for a Service, or undefined if it is. */
export function selectionRefusal(service: Service, pool: Pool, namespaces: Namespaces): Refusal | undefined {
  return firstRefusal(checks, { service, pool, namespaces });
}

/** Pools in the order in which they are tried: priority, then those that select Services before those open to all, then name. */
export function inOrderOfChoice(pools: readonly Pool[]): readonly Pool[] {
  return [...pools].sort(
    (a, b) => b.priority - a.priority || selects(b) - selects(a) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
}

function selects({ services }: Pool): number {
  const parts = [services.namespaces, services.namespaceSelector, services.serviceSelector];
  return Number(parts.some((part) => part !== undefined));
}

/** Whether the pool may give this address: it lies in its ranges and, where that matters, does not end in .0 or .255. */
export function poolGives(pool: Pool, address: Address): boolean {
  if (pool.avoidBuggyIPs && isBuggy(address.family, address.value)) return false;
  return pool.ranges.some((range) => rangeContains(range, address));
}

/** Whether it is an IPv4 address that ends in .0 or .255, which some old equipment takes for a network or a broadcast. */
export function isBuggy(family: Family, value: bigint): boolean {
  if (family === 6) return false;
  const lowByte = value & 0xffn;
  return lowByte === 0n || lowByte === 0xffn;
}
