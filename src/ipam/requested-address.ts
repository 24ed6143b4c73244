import type { Pool } from "../api/ip-pool.ts";
import type { Service } from "../api/service.ts";
import { type Address, addressKey } from "../net/address.ts";
import { rangeContains } from "../net/range.ts";
import { specialPurpose } from "../net/special.ts";
import { announcementRefusal } from "./announcing.ts";
import type { ShownAddress } from "./claimant.ts";
import type { Demand } from "./demand.ts";
import { currentOf, type Draft, type Grant, holdersOf, plannedPast } from "./draft.ts";
import { poolGives, selectionRefusal } from "./pool-selection.ts";
import { quotaRefusal } from "./quota.ts";
import {
  aboutAddress,
  addressCooling,
  addressExcluded,
  addressForbidden,
  addressOutsideNamedPools,
  addressOutsidePools,
  addressRemembered,
  addressReserved,
  addressTaken,
  firstRefusal,
  poolPaused,
  type Refusal,
  sharingRefused,
  wrongFamily,
} from "./refusal.ts";
import { isQuarantined } from "./reuse.ts";
import { unshareable } from "./sharing.ts";

/**
 * One address that a Service wants: it asks for it (`ask`), it is kept or remembered for it (`return`), others have it and
 * would share it (`share`), or the Service shows it. What it shows in its status serves somebody: only what keeps the network
 * and the others safe is checked. What it shows in its annotation may be forged: it obeys whatever an ask obeys.
 */
export type AddressRequest = {
  readonly service: Service;
  readonly demand: Demand;
  readonly address: Address;
  readonly origin: "ask" | "return" | "share" | ShownAddress["origin"];
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

/** As many Services as an advertisement can list. */
const mostSharers = 64;

const taken: Check = ({ service, address }, draft) => {
  const holders = holdersOf(draft, address);
  if (holders.length >= mostSharers) return sharingRefused(address, `${holders.length} services have it already`);
  for (const holder of holders) {
    if (holder.uid === service.uid) continue;
    const other = currentOf(draft, holder);
    // Who has yet to leave has what it agreed to until then.
    const why = unshareable(service, other) ?? unshareable(service, holder);
    if (why === undefined) continue;
    const wouldShare = service.terms !== undefined && other.terms !== undefined;
    return wouldShare ? sharingRefused(address, why) : addressTaken(address, `${holder.namespace}/${holder.name}`);
  }
  return undefined;
};

/**
 * What is shown in a status may be served by somebody else: nobody else gets it, save for the one whom it is kept for. Of
 * several that show it and could have it, nobody does.
 */
const shownByAnother: Check = ({ service, address, origin }, draft) => {
  const key = addressKey(address);
  if ((origin === "ingress" || origin === "return") && !draft.disputed.has(key)) return undefined;
  const holders = holdersOf(draft, address);
  const other = draft.shown.get(key)?.find((each) => each !== service && !holders.some(({ uid }) => uid === each.uid));
  return other === undefined ? undefined : addressTaken(address, `${other.key}, which shows it`);
};

/** Who shares with the Service that it is reserved for has that one's consent. */
const reserved: Check = ({ service, address }, draft) => {
  const reservations = draft.reservations.get(addressKey(address));
  if (reservations === undefined || reservations.some(({ owner }) => owner === service.key)) return undefined;
  const holders = holdersOf(draft, address).map(({ namespace, name }) => `${namespace}/${name}`);
  if (reservations.some(({ owner }) => holders.includes(owner))) return undefined;
  const [first] = reservations;
  return first && addressReserved(address, first.pool.name, first.owner);
};

/**
 * A namespace may take over what one of its own Services had, and the one that it is reserved for what any had; what is shown
 * in a status is in use and need not rest.
 */
const hasPast: Check = ({ service, address, origin }, draft) => {
  const past = plannedPast(draft, address);
  if (past === undefined) return undefined;
  const { released, strict, restsUntilMs, rememberedUntilMs } = past;
  const { nowMs } = draft.snapshot;
  const owner = `${released.namespace}/${released.name}`;
  const isReserved = draft.reservations.get(addressKey(address))?.some((each) => each.owner === service.key) === true;
  if (released.namespace !== service.namespace && rememberedUntilMs > nowMs && !isReserved)
    return addressRemembered(address, owner, rememberedUntilMs);
  const exempt = owner === service.key && !isQuarantined(past, nowMs);
  const mustRest = strict && origin !== "ingress" && restsUntilMs > nowMs && !exempt;
  return mustRest ? addressCooling(address, restsUntilMs) : undefined;
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
const addressChecks = [
  familyUnwanted,
  special,
  clusterUsesIt,
  taken,
  shownByAnother,
  reserved,
  hasPast,
  excluded,
  outsidePools,
];

type PoolCheck = (request: AddressRequest, pool: Pool, given: Given) => Refusal | undefined;

type Given = { readonly draft: Draft; readonly grants: readonly Grant[] };

const isAdoption = ({ origin }: AddressRequest): boolean => origin === "ingress" || origin === "annotation";

const notNamed: PoolCheck = (request, pool) => {
  const { service, address } = request;
  const named = service.asks.pools;
  if (isAdoption(request) || named === undefined || named.includes(pool.name)) return undefined;
  return addressOutsideNamedPools(address, pool.name, named);
};

const unselected: PoolCheck = ({ service, address }, pool, { draft }) => {
  const refusal = selectionRefusal(service, pool, draft.snapshot.namespaces);
  return refusal && aboutAddress(address, refusal);
};

/** What serves already goes on. */
const aggregated: PoolCheck = ({ service, address, origin }, pool) => {
  const refusal = origin === "ingress" ? undefined : announcementRefusal(service, pool, address.family);
  return refusal && aboutAddress(address, refusal);
};

const paused: PoolCheck = ({ address, origin }, pool) =>
  pool.paused && origin !== "ingress" ? aboutAddress(address, poolPaused(pool.name)) : undefined;

/** A shared address is counted already. */
const overQuota: PoolCheck = ({ service, address, origin }, pool, { draft, grants }) => {
  if (origin === "ingress" || holdersOf(draft, address).length > 0) return undefined;
  const refusal = quotaRefusal(draft, pool, service.namespace, grants);
  return refusal && aboutAddress(address, refusal);
};

const poolChecks = [notNamed, unselected, aggregated, paused, overQuota];

/** The requested address with the pool that gives it, or why the Service cannot have it. */
function requestedGrant(request: AddressRequest, given: Given): Grant | Refusal {
  const { draft } = given;
  const refusal = firstRefusal(addressChecks, request, draft);
  if (refusal !== undefined) return refusal;
  let first: Refusal | undefined;
  for (const pool of candidates(request, draft)) {
    if (!poolGives(pool, request.address)) continue;
    const refusal = firstRefusal(poolChecks, request, pool, given);
    if (refusal === undefined) return { address: request.address, pool };
    first ??= refusal;
  }
  return first ?? foreignGrant(request);
}

/** What a Service shows may come from a pool that it does not name, but rather from one that it does. */
function candidates({ service }: AddressRequest, { pools }: Draft): readonly Pool[] {
  const named = service.asks.pools;
  if (named === undefined) return pools;
  const isNamed = ({ name }: Pool): boolean => named.includes(name);
  return [...pools.filter(isNamed), ...pools.filter((pool) => !isNamed(pool))];
}

/** Outside every pool, which the flags allow once we are here; a Service that names pools wants none of that. */
function foreignGrant(request: AddressRequest): Grant | Refusal {
  const { service, address } = request;
  return isAdoption(request) || service.asks.pools === undefined
    ? { address, pool: undefined }
    : addressOutsidePools(address);
}

/** The grants for all requested addresses, or the first refusal: they are given together or not at all. */
export function requestedGrants(
  requests: readonly AddressRequest[],
  draft: Draft,
  before: readonly Grant[] = [],
): readonly Grant[] | Refusal {
  const grants: Grant[] = [];
  for (const request of requests) {
    const grant = requestedGrant(request, { draft, grants: [...before, ...grants] });
    if ("reason" in grant) return grant;
    grants.push(grant);
  }
  return grants;
}
