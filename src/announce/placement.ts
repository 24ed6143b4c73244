import { addressKey, compareAddresses } from "../net/address.ts";
import { endpointRank } from "./endpoint-rank.ts";
import {
  bestRank,
  type Field,
  type FieldParts,
  type Fit,
  fieldOf,
  fitOn,
  fits,
  type Placeable,
  rankOn,
} from "./field.ts";
import type { IneligibilityReason, Ineligible, Misplacement } from "./reason.ts";

/** All that a placement is decided from; the groups are those after this plan's own changes. */
export type PlacementView = FieldParts & { readonly addresses: readonly Placeable[] };

/** Where an address belongs; both empty: nowhere. */
export type Placement = {
  readonly group: string;
  readonly node: string;
  /** Present while no node can take it, also where it stays on a node that has lost the right to it. */
  readonly misplaced?: Misplacement;
};

/**
 * Where each address belongs, by `addressKey`. What is on an eligible node stays there; the rest is spread so that the
 * eligible nodes differ by one at most, in its own group if that can be. Under policy Local a node with a ready endpoint
 * comes before one whose endpoints still serve while they terminate, and that before one without. A node of unknown
 * liveness, or that waits for its group, keeps what it has. Where no node is eligible, an address stays on a node that may come back.
 */
export function planPlacements(view: PlacementView): ReadonlyMap<string, Placement> {
  const field = fieldOf(view);
  const placements = new Map<string, Placement>();
  const counts = new Map<string, number>();
  const movers: Placeable[] = [];
  for (const placeable of view.addresses) {
    const stays = stayingPlace(placeable, field);
    if (stays === undefined) movers.push(placeable);
    else place(placements, counts, placeable, stays);
  }
  movers.sort((a, b) => compareAddresses(a.address, b.address));
  for (const mover of movers) place(placements, counts, mover, newPlace(mover, field, counts));
  return placements;
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

/** What only time decides; until then nothing is known against the node. */
const undecided: ReadonlySet<IneligibilityReason> = new Set(["AgentUnknown", "NoGroup"]);

/** Where it stays; undefined: it has to be placed anew. */
function stayingPlace(placeable: Placeable, field: Field): Placement | undefined {
  if (placeable.node === "") return undefined;
  const fit = fitOn(placeable.node, placeable, field);
  if ("reason" in fit) return undecided.has(fit.reason) ? asItIs(placeable) : undefined;
  if (placeable.trafficPolicy === "Cluster") return fit;
  const rank = rankOn(fit.node, placeable, field);
  return rank === endpointRank.ready || rank <= bestRank(placeable, field) ? fit : undefined;
}

function asItIs({ group, node }: Placeable): Placement {
  return { group, node };
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
]);

function nowhere(placeable: Placeable, why: readonly Ineligible[], field: Field): Placement {
  const misplaced = misplacement(why);
  const current = placeable.node === "" ? undefined : fitOn(placeable.node, placeable, field);
  const keeps = current !== undefined && "reason" in current && passing.has(current.reason);
  return keeps ? { ...asItIs(placeable), misplaced } : { group: "", node: "", misplaced };
}

const namedInMessage = 4;

/** As long as the other messages of conditions are at most. */
const longestMessage = 1024;

function misplacement(why: readonly Ineligible[]): Misplacement {
  if (why.length === 0) return { reason: "NoAgent", message: "no agent runs on any node" };
  const messages = why.slice(0, namedInMessage).map(({ message }) => message);
  const more = why.length - messages.length;
  const message = [...messages, ...(more > 0 ? [`${more} more nodes`] : [])].join("; ");
  return { reason: "NoEligibleNode", message: message.slice(0, longestMessage) };
}
