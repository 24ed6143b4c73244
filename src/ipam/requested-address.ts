import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import type { Address } from "../net/address.ts";
import { rangeContains } from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import type { Demand } from "./demand.ts";
import { type Draft, ownerOf, type Pick } from "./draft.ts";
import { poolGives, selectionRefusal } from "./pool-selection.ts";
import {
  aboutAddress,
  addressExcluded,
  addressForbidden,
  addressOutsideNamedPools,
  addressOutsidePools,
  addressTaken,
  poolPaused,
  type Refusal,
  wrongFamily,
} from "./refusal.ts";

/** One address that a Service wants; `adoption`: it shows it already, so that only what keeps the network safe is checked. */
export type AddressRequest = {
  readonly service: Service;
  readonly demand: Demand;
  readonly address: Address;
  readonly adoption: boolean;
};

type Check = (request: AddressRequest, draft: Draft) => Refusal | undefined;

const familyUnwanted: Check = ({ address, demand }) =>
  demand.families.includes(address.family) ? undefined : wrongFamily(address, demand.families);

const special: Check = ({ address }) => {
  const purpose = specialPurpose(address);
  return purpose === undefined ? undefined : addressForbidden(address, `reserved (${purpose})`);
};

const clusterUsesIt: Check = ({ address }, { snapshot }) => {
  const forbidden = snapshot.forbidden.find(({ range }) => rangeContains(range, address));
  return forbidden === undefined ? undefined : addressForbidden(address, forbidden.what);
};

const taken: Check = ({ address }, draft) => {
  const owner = ownerOf(draft, address);
  return owner === undefined ? undefined : addressTaken(address, owner);
};

const excluded: Check = ({ address }, { pools }) => {
  if (pools.some((pool) => poolGives(pool, address))) return undefined;
  const covering = pools.find(({ covered }) => covered.some((range) => rangeContains(range, address)));
  return covering === undefined ? undefined : addressExcluded(address, covering.name);
};

const outsidePools: Check = ({ address }, { pools, snapshot }) =>
  snapshot.options.allowForeignAddresses || pools.some((pool) => poolGives(pool, address))
    ? undefined
    : addressOutsidePools(address);

/** In order of precedence: the user is shown the first that applies. */
const addressChecks: readonly Check[] = [familyUnwanted, special, clusterUsesIt, taken, excluded, outsidePools];

type PoolCheck = (request: AddressRequest, pool: Pool, draft: Draft) => Refusal | undefined;

const notNamed: PoolCheck = ({ service, address, adoption }, pool) => {
  const named = service.asks.pools;
  if (adoption || named === undefined || named.includes(pool.name)) return undefined;
  return addressOutsideNamedPools(address, pool.name, named);
};

const unselected: PoolCheck = ({ service, address }, pool, { snapshot }) => {
  const refusal = selectionRefusal(service, pool, snapshot.namespaces);
  return refusal && aboutAddress(address, refusal);
};

const paused: PoolCheck = ({ address, adoption }, pool) =>
  pool.paused && !adoption ? aboutAddress(address, poolPaused(pool.name)) : undefined;

const poolChecks: readonly PoolCheck[] = [notNamed, unselected, paused];

/** The requested address with the pool that gives it, or why the Service cannot have it. */
function requestedPick(request: AddressRequest, draft: Draft): Pick | Refusal {
  for (const check of addressChecks) {
    const refusal = check(request, draft);
    if (refusal !== undefined) return refusal;
  }
  let first: Refusal | undefined;
  for (const pool of draft.pools) {
    if (!poolGives(pool, request.address)) continue;
    const refusal = poolRefusal(request, pool, draft);
    if (refusal === undefined) return { address: request.address, pool };
    first ??= refusal;
  }
  return first ?? foreignPick(request);
}

/** Outside every pool, which the flags allow once we are here; a Service that names pools wants none of that. */
function foreignPick({ service, address, adoption }: AddressRequest): Pick | Refusal {
  return adoption || service.asks.pools === undefined ? { address, pool: undefined } : addressOutsidePools(address);
}

function poolRefusal(request: AddressRequest, pool: Pool, draft: Draft): Refusal | undefined {
  for (const check of poolChecks) {
    const refusal = check(request, pool, draft);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The picks for all requested addresses, or the first refusal: they are given together or not at all. */
export function requestedPicks(requests: readonly AddressRequest[], draft: Draft): readonly Pick[] | Refusal {
  const picks: Pick[] = [];
  for (const request of requests) {
    const pick = requestedPick(request, draft);
    if ("reason" in pick) return pick;
    picks.push(pick);
  }
  return picks;
}
