import type { Liveness } from "../announce/eligibility.ts";
import type { GroupSpec } from "../announce/groups.ts";
import { type Placement, planPlacements } from "../announce/placement.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { Claim, LedgerChange } from "../ipam/change.ts";
import type { Address } from "../net/address.ts";
import { addressMapKey } from "./address-text.ts";
import type { AddressState } from "./node-reports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** Where every address belongs, and what becomes of the specs by that. */
export type Placements = {
  /** What a claim's advertisement says from the start. */
  claimed(claim: Claim): AdvertisementSpec;
  /** Where an advertisement's address belongs. */
  of(address: Address): Placement;
};

const nowhere: Placement = { group: "", node: "" };

/** Places all addresses, those of this plan's claims included. */
export function placements(
  snapshot: ControllerSnapshot,
  changes: readonly LedgerChange[],
  network: { readonly liveness: ReadonlyMap<string, Liveness>; readonly groups: readonly GroupSpec[] },
): Placements {
  const held = snapshot.allocation.advertisements.filter(({ services }) => services.length > 0);
  const claims = changes.flatMap((change) => (change.kind === "claim" ? [unplacedSpec(change)] : []));
  const { vipNodes, nodes, endpointSlices } = snapshot;
  const placed = planPlacements({ addresses: [...held, ...claims], vipNodes, nodes, endpointSlices, ...network });
  const of = (address: Address): Placement => placed.get(addressMapKey(address)) ?? nowhere;
  return {
    of,
    claimed: (claim) => {
      const { group, node } = of(claim.address);
      return { ...unplacedSpec(claim), group, node };
    },
  };
}

function unplacedSpec({ service, address, pool, announcement }: Claim): AdvertisementSpec {
  const { namespace, name, uid, trafficPolicy } = service;
  return { address, pool, services: [{ namespace, name, uid }], trafficPolicy, announcement, group: "", node: "" };
}

/** The state of an address; why nobody announces it is, before anything else, why it is placed nowhere. */
export function placedState(state: AddressState, { misplaced }: Placement): AddressState {
  return state.holder === "" && misplaced !== undefined ? { ...state, ...misplaced } : state;
}

/** The advertisement's spec, without the parts that are the object's. */
export function specOf(advertisement: Advertisement): AdvertisementSpec {
  const { address, pool, services, trafficPolicy, announcement, group, node } = advertisement;
  return { address, pool, services, trafficPolicy, announcement, group, node };
}
