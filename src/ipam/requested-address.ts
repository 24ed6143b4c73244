import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import { type Address, addressKey } from "../net/address.ts";
import { rangeContains } from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import type { ShownAddress } from "./claimant.ts";
import type { Demand } from "./demand.ts";
import { type Draft, type Grant, ownerOf } from "./draft.ts";
import { poolGives, selectionRefusal } from "./pool-selection.ts";
import {
  aboutAddress,
  addressExcluded,
  addressForbidden,
  addressOutsideNamedPools,
  addressOutsidePools,
  addressTaken,
  firstRefusal,
  poolPaused,
  type Refusal,
  wrongFamily,
} from "./refusal.ts";

/**
 * One address that a Service wants. What it shows in its status serves somebody: only what keeps the network safe is checked.
 * What it shows in its annotation may be forged: it obeys `paused`, and what others show in their status is theirs.
 */
export type AddressRequest = {
  readonly service: Service;
  readonly demand: Demand;
  readonly address: Address;
  readonly origin: "ask" | ShownAddress["origin"];
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

const shownByAnother: Check = ({ service, address, origin }, { shown }) => {
  const other = origin === "annotation" ? shown.get(addressKey(address)) : undefined;
  return other === undefined || other === service.key ? undefined : addressTaken(address, other);
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
const addressChecks = [familyUnwanted, special, clusterUsesIt, taken, shownByAnother, excluded, outsidePools];

type PoolCheck = (request: AddressRequest, pool: Pool, draft: Draft) => Refusal | undefined;

const notNamed: PoolCheck = ({ service, address, origin }, pool) => {
  const named = service.asks.pools;
  if (origin !== "ask" || named === undefined || named.includes(pool.name)) return undefined;
  return addressOutsideNamedPools(address, pool.name, named);
};

const unselected: PoolCheck = ({ service, address }, pool, { snapshot }) => {
  const refusal = selectionRefusal(service, pool, snapshot.namespaces);
  return refusal && aboutAddress(address, refusal);
};

const paused: PoolCheck = ({ address, origin }, pool) =>
  pool.paused && origin !== "ingress" ? aboutAddress(address, poolPaused(pool.name)) : undefined;

const poolChecks = [notNamed, unselected, paused];

/** The requested address with the pool that gives it, or why the Service cannot have it. */
function requestedGrant(request: AddressRequest, draft: Draft): Grant | Refusal {
  const refusal = firstRefusal(addressChecks, request, draft);
  if (refusal !== undefined) return refusal;
  let first: Refusal | undefined;
  for (const pool of draft.pools) {
    if (!poolGives(pool, request.address)) continue;
    const refusal = firstRefusal(poolChecks, request, pool, draft);
    if (refusal === undefined) return { address: request.address, pool };
    first ??= refusal;
  }
  return first ?? foreignGrant(request);
}

/** Outside every pool, which the flags allow once we are here; a Service that names pools wants none of that. */
function foreignGrant({ service, address, origin }: AddressRequest): Grant | Refusal {
  return origin !== "ask" || service.asks.pools === undefined
    ? { address, pool: undefined }
    : addressOutsidePools(address);
}

/** The grants for all requested addresses, or the first refusal: they are given together or not at all. */
export function requestedGrants(requests: readonly AddressRequest[], draft: Draft): readonly Grant[] | Refusal {
  const grants: Grant[] = [];
  for (const request of requests) {
    const grant = requestedGrant(request, draft);
    if ("reason" in grant) return grant;
    grants.push(grant);
  }
  return grants;
}
