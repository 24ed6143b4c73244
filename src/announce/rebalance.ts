import type { Address } from "../net/address.ts";
import { compareAddresses } from "../net/address.ts";
import { endpointRank } from "./endpoint-rank.ts";
import { type Field, type FieldParts, fieldOf, fitOn, type Placeable, rankOn } from "./field.ts";

/** An address that goes to another node of its group for the sake of balance alone. */
export type Move = { readonly address: Address; readonly group: string; readonly from: string; readonly to: string };

/** The addresses as they are placed, and what decides where they may be. */
export type RebalanceView = FieldParts & { readonly addresses: readonly Placeable[] };

/**
 * The next move from the fullest node to the emptiest, of equals the lowest address; undefined once nodes that may hold the
 * same address differ by one at most. Only nodes that `mayGet` admits get anything. An address moves within its group, from
 * and to a node that may hold it, and under policy Local only to a ready endpoint.
 */
export function nextRebalanceMove(
  view: RebalanceView,
  mayGet: (node: string) => boolean = () => true,
): Move | undefined {
  const field = fieldOf(view);
  const counts = Map.groupBy(view.addresses, ({ node }) => node);
  const count = (node: string): number => counts.get(node)?.length ?? 0;
  let best: Move | undefined;
  let most = 1;
  for (const placeable of view.addresses.toSorted((a, b) => compareAddresses(a.address, b.address))) {
    for (const to of placesFor(placeable, field).filter(mayGet)) {
      const gain = count(placeable.node) - count(to);
      if (gain <= most) continue;
      const { address, group, node: from } = placeable;
      best = { address, group, from, to };
      most = gain;
    }
  }
  return best;
}

/** The other members of its group that may hold it; none while it is where it may not be. */
function placesFor(placeable: Placeable, field: Field): readonly string[] {
  const { node, group } = placeable;
  if (!isPlace(node, placeable, field)) return [];
  const members = field.groupNamed.get(group)?.members ?? [];
  return members.filter((each) => each !== node && isPlace(each, placeable, field));
}

function isPlace(node: string, placeable: Placeable, field: Field): boolean {
  if (node === "" || field.candidates.get(node)?.vipNode.groups === undefined) return false;
  const fit = fitOn(node, placeable, field);
  if ("reason" in fit || fit.group !== placeable.group) return false;
  return placeable.trafficPolicy === "Cluster" || rankOn(node, placeable, field) === endpointRank.ready;
}
