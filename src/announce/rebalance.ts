import type { Address } from "../net/address.ts";
import { compareAddresses, sameAddress } from "../net/address.ts";
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
export function nextRebalanceMove(view: RebalanceView, mayGet?: (node: string) => boolean): Move | undefined {
  return new Rebalancing(view).next(mayGet);
}

/** Finds the moves one after the other: only what a move needs is looked at, and each address judged once. */
export class Rebalancing {
  readonly #view: RebalanceView;
  readonly #onNode: Map<string, Placeable[]>;
  /** The nodes whose addresses are in order. */
  readonly #ordered = new Set<string>();
  readonly #places = new Map<Placeable, readonly string[]>();
  #field: Field | undefined;

  constructor(view: RebalanceView) {
    this.#view = view;
    this.#onNode = Map.groupBy(view.addresses, ({ node }) => node);
    this.#onNode.delete("");
  }

  /** As nextRebalanceMove, after those that were made. */
  next(mayGet: (node: string) => boolean = () => true): Move | undefined {
    const gaining = this.#view.vipNodes.map(({ name }) => name).filter(mayGet);
    const steps = [...this.#onNode].flatMap(([from, { length }]) => this.#steps(from, length, gaining));
    const byGain = Map.groupBy(steps, ({ gain }) => gain);
    for (const gain of [...byGain.keys()].sort((a, b) => b - a)) {
      const moves = (byGain.get(gain) ?? []).flatMap((step) => this.#firstMove(step) ?? []);
      if (moves.length > 0) return moves.reduce((a, b) => (compareAddresses(b.address, a.address) < 0 ? b : a));
    }
    return undefined;
  }

  /** Counts a move that was found as made. */
  made({ address, from, to }: Move): void {
    const left = this.#onNode.get(from) ?? [];
    const at = left.findIndex((each) => sameAddress(each.address, address));
    const moved = left.splice(at, at < 0 ? 0 : 1);
    this.#onNode.set(to, [...(this.#onNode.get(to) ?? []), ...moved]);
    this.#ordered.delete(to);
  }

  /** Whom a node can give to so that the two differ by less, by how much they differ. */
  #steps(from: string, count: number, gaining: readonly string[]): readonly Step[] {
    const gainOf = (to: string): number => count - (this.#onNode.get(to)?.length ?? 0);
    const byGain = Map.groupBy(gaining, gainOf);
    return [...byGain].filter(([gain]) => gain > 1).map(([gain, to]) => ({ from, gain, to: new Set(to) }));
  }

  #firstMove({ from, to: receivers }: Step): Move | undefined {
    for (const placeable of this.#inOrder(from)) {
      const places = this.#placesFor(placeable);
      const to = places.includes(from) ? places.find((each) => receivers.has(each)) : undefined;
      if (to !== undefined) return { address: placeable.address, group: placeable.group, from, to };
    }
    return undefined;
  }

  #inOrder(node: string): readonly Placeable[] {
    const placeables = this.#onNode.get(node) ?? [];
    if (!this.#ordered.has(node)) placeables.sort((a, b) => compareAddresses(a.address, b.address));
    this.#ordered.add(node);
    return placeables;
  }

  /** The members of its group that may hold it. */
  #placesFor(placeable: Placeable): readonly string[] {
    const known = this.#places.get(placeable);
    if (known !== undefined) return known;
    this.#field ??= fieldOf(this.#view);
    const field = this.#field;
    const members = field.groupNamed.get(placeable.group)?.members ?? [];
    const places = members.filter((each) => isPlace(each, placeable, field));
    this.#places.set(placeable, places);
    return places;
  }
}

/** Nodes to which a node can give one, all with the same number of addresses less than it has. */
type Step = { readonly from: string; readonly gain: number; readonly to: ReadonlySet<string> };

function isPlace(node: string, placeable: Placeable, field: Field): boolean {
  if (field.candidates.get(node)?.vipNode.groups === undefined) return false;
  const fit = fitOn(node, placeable, field);
  if ("reason" in fit || fit.group !== placeable.group) return false;
  return placeable.trafficPolicy === "Cluster" || rankOn(node, placeable, field) === endpointRank.ready;
}
