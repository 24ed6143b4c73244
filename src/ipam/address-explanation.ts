import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import { type Address, addressKey, formatAddress, sameAddress } from "../net/address.ts";
import { rangeContains } from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import type { Outcome } from "./change.ts";
import { type Draft, plannedPast } from "./draft.ts";
import { advertisementOf } from "./ledger.ts";
import type { Drafted } from "./plan.ts";
import { isBuggy, poolGives } from "./pool-selection.ts";
import type { Past } from "./reuse.ts";

/** A pool whose addresses an address is among. */
export type CoveringPool = {
  readonly pool: Pool;
  /** Why the pool never gives it all the same: `exclude`, `skipEnds` or `avoidBuggyIPs`. */
  readonly excluded?: string;
  /** `namespace/name` for which it is reserved. */
  readonly reservedFor?: string;
};

/** A Service that has to do with an address that it does not hold. */
export type Suitor = {
  readonly service: Service;
  readonly because: "asks for it" | "shows it in its status" | "shows it in herald.dev/allocated";
  /** What it is told; absent: Herald does not handle it. */
  readonly outcome?: Outcome;
};

/** Everything that there is to say of one address. */
export type AddressExplanation = {
  readonly address: Address;
  /** Why no Service may have it: `reserved (loopback)`, `the address of node node2`. */
  readonly never?: string;
  /** In order of choice. */
  readonly pools: readonly CoveringPool[];
  readonly advertisement?: Advertisement;
  /** What it has behind it while nobody holds it. */
  readonly past?: Past;
  /** Oldest first. */
  readonly suitors: readonly Suitor[];
};

/** What the pools, the ledger and the Services say of an address, after a plan that leaves nothing to do. */
export function explainAddress(address: Address, { draft, outcomes }: Drafted): AddressExplanation {
  const never = neverBecause(address, draft);
  const advertisement = advertisementOf(draft.ledger, address);
  const past = plannedPast(draft, address);
  return {
    address,
    ...(never !== undefined && { never }),
    pools: draft.pools.flatMap((pool) => covering(pool, address, draft)),
    ...(advertisement && { advertisement }),
    ...(past && { past }),
    suitors: suitorsOf(address, advertisement, { draft, outcomes }),
  };
}

function neverBecause(address: Address, { snapshot }: Draft): string | undefined {
  const purpose = specialPurpose(address);
  if (purpose !== undefined) return `reserved (${purpose})`;
  return snapshot.forbidden.find(({ range }) => rangeContains(range, address))?.what;
}

function covering(pool: Pool, address: Address, { reservations }: Draft): readonly CoveringPool[] {
  if (!pool.covered.some((range) => rangeContains(range, address))) return [];
  const excluded = poolGives(pool, address) ? undefined : excludedBecause(pool, address);
  const own = reservations.get(addressKey(address))?.find((each) => each.pool === pool);
  return [{ pool, ...(excluded && { excluded }), ...(own && { reservedFor: own.owner }) }];
}

function excludedBecause({ avoidBuggyIPs }: Pool, { family, value }: Address): string {
  return avoidBuggyIPs && isBuggy(family, value) ? "avoidBuggyIPs" : "exclude or skipEnds";
}

function suitorsOf(
  address: Address,
  advertisement: Advertisement | undefined,
  { draft, outcomes }: Drafted,
): readonly Suitor[] {
  const holders = new Set(advertisement?.services.map(({ uid }) => uid));
  return draft.snapshot.services
    .filter(({ uid }) => !holders.has(uid))
    .flatMap((service): readonly Suitor[] => {
      const outcome = outcomes.get(service.key);
      const because = suitBecause(service, address);
      return because === undefined ? [] : [{ service, because, ...(outcome && { outcome }) }];
    })
    .sort((a, b) => a.service.createdMs - b.service.createdMs || (a.service.key < b.service.key ? -1 : 1));
}

function suitBecause(
  { type, asks, loadBalancerIP, ingress, allocated = [] }: Service,
  address: Address,
): Suitor["because"] | undefined {
  const text = formatAddress(address);
  if (ingress.some(({ ip }) => ip === text)) return "shows it in its status";
  const asked = (asks.addresses ?? []).some((each) => sameAddress(each, address));
  const wrote = allocated.some((each) => sameAddress(each, address));
  if (type !== "LoadBalancer") return undefined;
  if (asked || (loadBalancerIP === text && !wrote)) return "asks for it";
  return wrote ? "shows it in herald.dev/allocated" : undefined;
}
