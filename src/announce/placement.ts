import { addressKey, compareAddresses } from "../net/address.ts";
import { anyReady } from "./endpoint-rank.ts";
import { type Field, type Fit, fieldOf, fitOn, fits, type Placeable, rankOn } from "./field.ts";
import { candidatesFor } from "./holders.ts";
import { misplacement, noEndpoints } from "./misplacement.ts";
import type { IneligibilityReason, Ineligible } from "./reason.ts";
import { lastEndpoint, type Placement, type PlacementView, placeOf, stayingPlace } from "./staying.ts";

export type { Placement, PlacementView } from "./staying.ts";

/**
 * Where each address belongs, by `addressKey`. What is on an eligible node stays there; the rest is spread so that the
 * eligible nodes differ by one at most, in its own group if that can be. Under policy Local a node with a ready endpoint
 * comes before one whose endpoints still serve while they terminate, and that before one without. A node that waits for its
 * group or has not reported keeps what it has. What another member took over by votes stays there. Where no node is
 * eligible, an address stays on a node that may come back.
 */
export function planPlacements(view: PlacementView): ReadonlyMap<string, Placement> {
  const scene = { field: fieldOf(view), view };
  const placements = new Map<string, Placement>();
  const counts = new Map<string, number>();
  const movers: Placeable[] = [];
  for (const address of view.addresses) {
    const placeable = withReadySeen(address, scene.field);
    const stays = stayingPlace(placeable, scene);
    if (stays === undefined) movers.push(placeable);
    else place(placements, counts, placeable, completed(placeable, stays, scene.field));
  }
  movers.sort((a, b) => compareAddresses(a.address, b.address));
  for (const mover of movers) {
    const found = lastEndpoint(mover, scene.field) ?? newPlace(mover, scene.field, counts);
    place(placements, counts, mover, completed(mover, found, scene.field));
  }
  return placements;
}

/** Under policy Local it is noted when the first endpoint is ready; under Cluster there is nothing to note. */
function withReadySeen(placeable: Placeable, field: Field): Placeable {
  if (placeable.trafficPolicy === "Cluster" || placeable.readySeen || !anyReady(placeable.services, field.ranks))
    return placeable;
  return { ...placeable, readySeen: true };
}

/** With all that follows from where it is. */
function completed(placeable: Placeable, placement: Placement, field: Field): Placement {
  const candidates = placement.group === "" ? undefined : candidatesFor(placeable, placement, field);
  if (placeable.trafficPolicy === "Cluster") return candidates === undefined ? placement : { ...placement, candidates };
  const readySeen = placeable.readySeen && { readySeen: true };
  const nobody = candidates?.length === 0 && !placement.misplaced && { misplaced: noEndpoints(placeable) };
  return { ...placement, ...(candidates && { candidates }), ...readySeen, ...nobody };
}

function place(
  placements: Map<string, Placement>,
  counts: Map<string, number>,
  { address }: Placeable,
  placement: Placement,
): void {
  placements.set(addressKey(address), placement);
  counts.set(placement.node, (counts.get(placement.node) ?? 0) + 1);
}

/** The least loaded of the nodes that fit best; of equals the first by name. */
function newPlace(placeable: Placeable, field: Field, counts: ReadonlyMap<string, number>): Placement {
  let best: { readonly fit: Fit; readonly cost: readonly number[] } | undefined;
  const all = fits(placeable, field);
  for (const fit of all) {
    if ("reason" in fit) continue;
    const rank = placeable.trafficPolicy === "Local" ? rankOn(fit.node, placeable, field) : 0;
    const cost = [rank, Number(fit.group !== placeable.group), counts.get(fit.node) ?? 0];
    if (best === undefined || compareCosts(cost, best.cost) < 0) best = { fit, cost };
  }
  if (best !== undefined) return best.fit;
  return nowhere(
    placeable,
    all.filter((fit) => "reason" in fit),
    field,
  );
}

function compareCosts(a: readonly number[], b: readonly number[]): number {
  for (const [i, cost] of a.entries()) if (cost !== b[i]) return cost - (b[i] ?? 0);
  return 0;
}

/** What a node may get over; it keeps an address while nobody else can take it. */
const passing: ReadonlySet<IneligibilityReason> = new Set([
  "AgentDead",
  "AgentLeaving",
  "InterfaceDown",
  "NetworkUnavailable",
  "Draining",
  "Cordoned",
  "NoQuorum",
]);

function nowhere(placeable: Placeable, why: readonly Ineligible[], field: Field): Placement {
  const misplaced = misplacement(why);
  const current = placeable.node === "" ? undefined : fitOn(placeable.node, placeable, field);
  const keeps = current !== undefined && "reason" in current && passing.has(current.reason);
  return keeps ? { ...placeOf(placeable), misplaced } : { group: "", node: "", misplaced };
}
