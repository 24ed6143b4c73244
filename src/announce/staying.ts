import { addressKey } from "../net/address.ts";
import { endpointRank } from "./endpoint-rank.ts";
import { bestRank, type Field, type FieldParts, type Fit, fitOn, type Placeable, rankOn } from "./field.ts";
import { yielding } from "./holders.ts";
import { misplacement } from "./misplacement.ts";
import type { IneligibilityReason, Ineligible, Misplacement } from "./reason.ts";

/** All that a placement is decided from; the groups are those after this plan's own changes. */
export type PlacementView = FieldParts & {
  readonly addresses: readonly Placeable[];
  /** By `addressKey`: the member that has answered for the address for so long that it counts as being there. */
  readonly follow?: ReadonlyMap<string, string>;
  /** Nodes that have failed just now: the votes are given time to find another for what they have. */
  readonly waiting?: ReadonlySet<string>;
};

/** Where an address belongs; both empty: nowhere. */
export type Placement = {
  readonly group: string;
  readonly node: string;
  /** As `spec.candidates`. */
  readonly candidates?: readonly string[];
  /** As `spec.readySeen`. */
  readonly readySeen?: boolean;
  /** As `spec.announcers`. */
  readonly announcers?: readonly string[];
  /** Of an address that is announced on the LAN and by BGP: why one of the two cannot be, in words. */
  readonly besides?: string;
  /** Present while no node can take it, also where it stays on a node that has lost the right to it. */
  readonly misplaced?: Misplacement;
};

/** A field, and what time has told of addresses. */
export type Scene = { readonly field: Field; readonly view: Pick<PlacementView, "follow" | "waiting"> };

/** What only time decides; until then nothing is known against the node. */
const undecided: ReadonlySet<IneligibilityReason> = new Set(["AgentUnknown", "NoGroup"]);

/** What the members find out by themselves, and vote for another. */
const voted: ReadonlySet<IneligibilityReason> = new Set(["AgentDead", "AgentLeaving", "InterfaceDown", "NoQuorum"]);

/** Where an address stays; undefined: it has to be placed anew. */
export function stayingPlace(placeable: Placeable, { field, view }: Scene): Placement | undefined {
  if (placeable.node === "") return undefined;
  const fit = fitOn(placeable.node, placeable, field);
  if ("reason" in fit) return stayingUnfit(fit, placeable, { field, view });
  return followed(placeable, { field, view }) ?? withEndpoint(fit, placeable, field);
}

function stayingUnfit({ reason }: Ineligible, placeable: Placeable, scene: Scene): Placement | undefined {
  if (undecided.has(reason)) return placeOf(placeable);
  if (!voted.has(reason)) return undefined;
  const waits = scene.view.waiting?.has(placeable.node);
  return followed(placeable, scene) ?? (waits ? placeOf(placeable) : undefined);
}

/** Where it is placed at present. */
export function placeOf({ group, node }: Placeable): Pick<Placement, "group" | "node"> {
  return { group, node };
}

/** The node that it has gone to, if that is of its group and fits. */
function followed(placeable: Placeable, { field, view: { follow } }: Scene): Fit | undefined {
  const name = follow?.size ? follow.get(addressKey(placeable.address)) : undefined;
  if (name === undefined) return undefined;
  const fit = fitOn(name, placeable, field);
  return "reason" in fit || fit.group !== placeable.group ? undefined : fit;
}

function withEndpoint(fit: Fit, placeable: Placeable, field: Field): Fit | undefined {
  if (placeable.trafficPolicy === "Cluster") return fit;
  const rank = rankOn(fit.node, placeable, field);
  return rank === endpointRank.ready || rank <= bestRank(placeable, field) ? fit : undefined;
}

/** Under policy Local it stays on a node that is to be emptied while the best endpoints are there alone; undefined: it need not. */
export function lastEndpoint(placeable: Placeable, field: Field): Placement | undefined {
  if (placeable.trafficPolicy === "Cluster" || placeable.node === "") return undefined;
  const fit = fitOn(placeable.node, placeable, field);
  if (!("reason" in fit) || !yielding.has(fit.reason)) return undefined;
  if (rankOn(placeable.node, placeable, field) >= bestRank(placeable, field)) return undefined;
  return { ...placeOf(placeable), misplaced: misplacement([fit]) };
}
