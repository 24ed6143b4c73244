import type { Liveness } from "../announce/eligibility.ts";
import type { GroupSpec } from "../announce/groups.ts";
import { type Placement, planPlacements } from "../announce/placement.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { LedgerChange, LedgerSpec } from "../ipam/change.ts";
import type { Address } from "../net/address.ts";
import { addressMapKey } from "./address-text.ts";
import type { AddressState } from "./node-reports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** Where every address belongs, and what becomes of the specs by that. */
export type Placements = {
  /** What an advertisement shall say after a write to the ledger. */
  written(spec: LedgerSpec): AdvertisementSpec;
  /** Where an address belongs. */
  of(address: Address): Placement;
};

const nowhere: Placement = { group: "", node: "" };

/** Places all addresses, those of this plan's claims included; nothing where they are only observed. */
export function placements(
  snapshot: ControllerSnapshot,
  changes: readonly LedgerChange[],
  network: { readonly liveness: ReadonlyMap<string, Liveness>; readonly groups: readonly GroupSpec[] },
): Placements {
  const placed = snapshot.allocation.options.observe
    ? new Map<string, Placement>()
    : planPlacements({ addresses: placeables(snapshot, changes), ...snapshotOf(snapshot), ...network });
  const of = (address: Address): Placement => placed.get(addressMapKey(address)) ?? nowhere;
  return {
    of,
    written: (spec) => {
      const { group, node } = spec.services.length === 0 ? nowhere : of(spec.address);
      return { ...spec, group, node };
    },
  };
}

function snapshotOf({ vipNodes, nodes, endpointSlices }: ControllerSnapshot) {
  return { vipNodes, nodes, endpointSlices };
}

/** What will be held: the ledger with the plan's writes over it. */
function placeables(
  { allocation }: ControllerSnapshot,
  changes: readonly LedgerChange[],
): readonly AdvertisementSpec[] {
  const writes = changes.filter((change) => change.kind === "write");
  if (writes.length === 0) return allocation.advertisements.filter(({ services }) => services.length > 0);
  const written = new Set(writes.flatMap(({ before }) => (before === undefined ? [] : [before])));
  const kept = allocation.advertisements.filter((each) => each.services.length > 0 && !written.has(each));
  const changed = writes
    .filter(({ spec }) => spec.services.length > 0)
    .map(({ before, spec }) => ({ ...spec, group: before?.group ?? "", node: before?.node ?? "" }));
  return [...kept, ...changed];
}

/** The state of an address; why nobody announces it is, before anything else, why it is placed nowhere. */
export function placedState(state: AddressState, { misplaced }: Placement): AddressState {
  return state.holder === "" && misplaced !== undefined ? { ...state, ...misplaced } : state;
}

/** The advertisement's spec, without the parts that are the object's. */
export function specOf(advertisement: Advertisement): AdvertisementSpec {
  const { address, pool, services, released, trafficPolicy, announcement, group, node } = advertisement;
  return { address, pool, services, ...(released && { released }), trafficPolicy, announcement, group, node };
}
