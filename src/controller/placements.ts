import type { Liveness } from "../announce/eligibility.ts";
import type { Placeable } from "../announce/field.ts";
import { type Placement, type PlacementView, planPlacements } from "../announce/placement.ts";
import { nextRebalanceMove } from "../announce/rebalance.ts";
import { isOnLan, withRoutes } from "../announce/ways.ts";
import { shortMessage } from "../api/cut-text.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { GroupSpec } from "../api/vip-group.ts";
import type { LedgerChange, LedgerSpec, LedgerWrite } from "../ipam/change.ts";
import type { Address } from "../net/address.ts";
import { addressMapKey } from "./address-text.ts";
import { type AddressState, isAnnounced } from "./node-reports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** Where every address belongs, and what becomes of the specs by that. */
export type Placements = {
  /** What an advertisement shall say after a write to the ledger; `before`: as it is. */
  written(spec: LedgerSpec, before: Advertisement | undefined): AdvertisementSpec;
  /** Where an address belongs. */
  of(address: Address): Placement;
};

const nowhere: Placement = { group: "", node: "" };

/** Places all addresses, those of this plan's claims included; nothing where they are only observed. */
export function placements(
  snapshot: ControllerSnapshot,
  changes: readonly LedgerChange[],
  network: Network,
): Placements {
  const placed = snapshot.allocation.options.observe
    ? new Map<string, Placement>()
    : everywhere(placeables(snapshot, changes), snapshot, network);
  const of = (address: Address): Placement => placed.get(addressMapKey(address)) ?? nowhere;
  return {
    of,
    written: (spec, before) => placedSpec(spec, spec.services.length === 0 ? nowhere : of(spec.address), before),
  };
}

type Network = { readonly liveness: ReadonlyMap<string, Liveness>; readonly groups: readonly GroupSpec[] };

function fieldParts({ vipNodes, nodes, endpointSlices, follow, waiting, respect }: ControllerSnapshot) {
  return { vipNodes, nodes, endpointSlices, follow, waiting, respect };
}

/** What is announced on the LAN is placed there; what is announced by BGP has its announcers; one address may have both. */
function everywhere(
  addresses: readonly Placeable[],
  snapshot: ControllerSnapshot,
  network: Network,
): ReadonlyMap<string, Placement> {
  const parts = { ...fieldParts(snapshot), ...network };
  const onLan = addresses.every(isOnLan) ? addresses : addresses.filter(isOnLan);
  const { peers, sessions } = snapshot;
  return withRoutes(balanced({ addresses: onLan, ...parts }, snapshot), { addresses, ...parts, peers, sessions });
}

/** The placements, and one more move if nothing else is under way and some node may get more for the sake of balance. */
function balanced(view: PlacementView, { vipNodes, ...snapshot }: ControllerSnapshot): ReadonlyMap<string, Placement> {
  const placed = planPlacements(view);
  if (snapshot.moving || snapshot.starting || !vipNodes.some(({ name }) => snapshot.mayRebalanceTo(name)))
    return placed;
  const settled = view.addresses.every(({ address, node }) => placed.get(addressMapKey(address))?.node === node);
  const move = settled ? nextRebalanceMove(view, snapshot.mayRebalanceTo) : undefined;
  if (move === undefined) return placed;
  const key = addressMapKey(move.address);
  return new Map([...placed, [key, { ...placed.get(key), group: move.group, node: move.to }]]);
}

/** What an advertisement says of where it is. */
function placedSpec(
  spec: LedgerSpec,
  { group, node, candidates, announcers, readySeen }: Placement,
  before: Advertisement | undefined,
): AdvertisementSpec {
  const move = movesOf(before, node);
  const { address, pool, services, released, trafficPolicy, announcement } = spec;
  return {
    ...{ address, pool, services, ...(released && { released }), trafficPolicy, announcement, group, node },
    ...(candidates && { candidates }),
    ...(announcers && { announcers }),
    ...(readySeen && { readySeen }),
    ...(move !== undefined && { move }),
  };
}

/** How often it has been moved, this time included: what the votes go by, because other parts of the spec change too. */
function movesOf(before: Advertisement | undefined, node: string): number | undefined {
  const moves = before !== undefined && before.node !== "" && before.node !== node;
  return moves ? (before.move ?? 0) + 1 : before?.move;
}

/** Whether an advertisement says that it is where it is placed. */
export function isPlaced(
  advertisement: Advertisement,
  { group, node, candidates, announcers, readySeen }: Placement,
): boolean {
  return (
    group === advertisement.group &&
    node === advertisement.node &&
    (readySeen ?? false) === (advertisement.readySeen ?? false) &&
    candidates?.join() === advertisement.candidates?.join() &&
    announcers?.join() === advertisement.announcers?.join()
  );
}

/** The spec of an advertisement where it is placed, with what the ledger has to say anew. */
export function replacedSpec(
  advertisement: Advertisement,
  placement: Placement,
  refresh?: LedgerSpec,
): AdvertisementSpec {
  return placedSpec({ ...advertisement, ...refresh }, placement, advertisement);
}

/** What will be held: the ledger with the plan's writes over it. */
function placeables({ allocation }: ControllerSnapshot, changes: readonly LedgerChange[]): readonly Placeable[] {
  const writes = changes.filter((change) => change.kind === "write");
  if (writes.length === 0) return allocation.advertisements.filter(({ services }) => services.length > 0);
  const written = new Set(writes.flatMap(({ before }) => (before === undefined ? [] : [before])));
  const kept = allocation.advertisements.filter((each) => each.services.length > 0 && !written.has(each));
  const changed = writes.filter(({ spec }) => spec.services.length > 0).map(placeableOf);
  return [...kept, ...changed];
}

/** An address that goes to other Services altogether has not had their endpoints. */
function placeableOf({ before, spec }: LedgerWrite): Placeable {
  const { address, announcement, trafficPolicy, services } = spec;
  const { group = "", node = "", candidates, announcers, readySeen } = before ?? {};
  const same = before?.services.some(({ uid }) => services.some((each) => each.uid === uid));
  return {
    ...{ address, announcement, trafficPolicy, services, group, node },
    ...(candidates && { candidates }),
    ...(announcers && { announcers }),
    ...(same && readySeen && { readySeen }),
  };
}

/**
 * The state of an address; why nobody announces it is, before anything else, why it is placed nowhere. Where it is announced
 * all the same, its words say why nobody else can.
 */
export function placedState(state: AddressState, { misplaced, besides }: Placement): AddressState {
  if (misplaced === undefined) return withBesides(state, besides);
  if (!isAnnounced(state)) return { ...state, ...misplaced };
  return adding(state, `no other node can: ${misplaced.message}`);
}

function adding({ gist, ...state }: AddressState, words: string): AddressState {
  const after = (text: string): string => shortMessage(`${text}; ${words}`);
  return { ...state, message: after(state.message), ...(gist !== undefined && { gist: after(gist) }) };
}

/** Placement knows better than the nodes why one of the two ways does not work; while neither does, both have been said. */
function withBesides(state: AddressState, placed: string | undefined): AddressState {
  const besides = isAnnounced(state) ? (placed ?? state.besides) : undefined;
  return besides === undefined ? state : adding(state, besides);
}
