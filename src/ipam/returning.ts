import { type Address, compareAddresses, type Family, sameAddress } from "../net/address.ts";
import type { Demand } from "./demand.ts";
import { type Draft, type Grant, holdersOf, plannedPast } from "./draft.ts";
import type { Need } from "./need.ts";
import { type Refusal, reservedForAsking } from "./refusal.ts";
import { requestedGrants } from "./requested-address.ts";
import { isQuarantined } from "./reuse.ts";

/** What is kept for a Service, and what it could not get of that. */
export type Return = { readonly grants: readonly Grant[]; readonly unavailable?: Refusal };

/** An address of each family that is reserved for the Service, else the one that it had last and that is remembered. */
export function returningGrants(need: Need, draft: Draft): Return {
  const grants: Grant[] = [];
  let unavailable: Refusal | undefined;
  for (const family of need.families) {
    const given = { draft, before: [...need.before, ...grants] };
    const reserved = firstGranted(need, ofFamily(reservedElsewhere(need, draft), family), given);
    const { grant } = reserved.grant
      ? reserved
      : firstGranted(need, ofFamily(rememberedAddresses(need, draft), family), given);
    unavailable ??= reserved.grant ? undefined : reserved.refusal;
    if (grant !== undefined) grants.push(grant);
  }
  return { grants, ...(unavailable && { unavailable }) };
}

/** Why a Service that has addresses has not the one that is reserved for it; undefined if it has, or none is. */
export function reservationNote(
  need: Need,
  has: readonly { readonly address: Address }[],
  draft: Draft,
): Refusal | undefined {
  const reserved = reservedAddresses(need, draft);
  if (reserved.length === 0) return undefined;
  for (const family of need.families) {
    const all = ofFamily(reserved, family);
    const [first] = all;
    if (first === undefined || all.some((each) => has.some((one) => sameAddress(one.address, each)))) continue;
    const grant = grantOf(need, first, { draft, before: [] });
    return "reason" in grant ? grant : reservedForAsking(first);
  }
  return undefined;
}

function ofFamily(addresses: readonly Address[], family: Family): readonly Address[] {
  return addresses.filter((address) => address.family === family);
}

type First = { readonly grant?: Grant; readonly refusal?: Refusal };

/** The first of these addresses that the Service can have, and why it cannot have the first of all. */
function firstGranted(need: Need, addresses: readonly Address[], given: Given): First {
  let refusal: Refusal | undefined;
  for (const address of addresses) {
    const grant = grantOf(need, address, given);
    if (!("reason" in grant)) return { grant };
    refusal ??= grant;
  }
  return refusal === undefined ? {} : { refusal };
}

function reservedAddresses({ service }: Need, { pools, reservedFor }: Draft): readonly Address[] {
  if (!reservedFor.has(service.key)) return [];
  const { namespace, name } = service;
  return pools.flatMap((pool) =>
    pool.reservations
      .filter((each) => each.namespace === namespace && each.name === name)
      .map(({ address }) => address),
  );
}

/** Those that it does not have already: one that it holds is none to move to. */
function reservedElsewhere(need: Need, draft: Draft): readonly Address[] {
  const { uid } = need.service;
  return reservedAddresses(need, draft).filter((each) => !holdersOf(draft, each).some((holder) => holder.uid === uid));
}

/** Those that nobody has meanwhile, the latest first. */
function rememberedAddresses({ service }: Need, draft: Draft): readonly Address[] {
  const before = draft.ledger.remembered.get(service.key) ?? [];
  const { namespace, name } = service;
  const freed = (draft.freedBy.get(service.key) ?? []).toSorted(compareAddresses).filter((address) => {
    const released = plannedPast(draft, address)?.released;
    return released?.namespace === namespace && released.name === name;
  });
  const earlier = before
    .map(({ address }) => address)
    .filter((address) => !freed.some((each) => sameAddress(each, address)));
  return [...freed, ...earlier].filter((address) => isRemembered(draft, address));
}

function isRemembered(draft: Draft, address: Address): boolean {
  const past = plannedPast(draft, address);
  const { nowMs } = draft.snapshot;
  if (past === undefined || isQuarantined(past, nowMs)) return false;
  return past.rememberedUntilMs > nowMs && holdersOf(draft, address).length === 0;
}

type Given = { readonly draft: Draft; readonly before: readonly Grant[] };

function grantOf({ service, families }: Need, address: Address, { draft, before }: Given): Grant | Refusal {
  const demand: Demand = { families, allOrNothing: false };
  const grants = requestedGrants([{ service, demand, address, origin: "return" }], draft, before);
  if ("reason" in grants) return grants;
  const [grant] = grants;
  return grant ?? { address, pool: undefined };
}
