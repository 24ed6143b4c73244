import type { FieldParts } from "../../announce/field.ts";
import { nextRebalanceMove, type Move as PlannedMove, Rebalancing } from "../../announce/rebalance.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import { addressKey, formatAddress, sameAddress } from "../../net/address.ts";

/** One address that moves. */
export type Move = {
  readonly address: string;
  /** `namespace/name` of the Services that have it. */
  readonly services: readonly string[];
  readonly from: string;
  readonly to: string;
};

/** The addresses that Services hold, and what decides where they may be. */
export type Spread = { readonly advertisements: readonly Advertisement[]; readonly parts: FieldParts };

/** How many addresses are wanted on each node, by name. */
export function countsOf(advertisements: readonly Advertisement[]): ReadonlyMap<string, number> {
  const placed = advertisements.filter(({ node }) => node !== "");
  return new Map([...Map.groupBy(placed, ({ node }) => node)].map(([node, { length }]) => [node, length]));
}

/** The move that the controller would make next; with names only one to these nodes. Undefined: none is left. */
export function nextMove({ advertisements, parts }: Spread, only: readonly string[]): Move | undefined {
  const next = nextRebalanceMove({ ...parts, addresses: advertisements }, admitting(advertisements, only));
  return (
    next &&
    told(
      next,
      advertisements.find(({ address }) => sameAddress(address, next.address)),
    )
  );
}

/** All the moves, one after the other, until the nodes that may hold the same addresses differ by one at most. */
export function plannedMoves({ advertisements, parts }: Spread, only: readonly string[] = []): readonly Move[] {
  const rebalancing = new Rebalancing({ ...parts, addresses: advertisements });
  const admits = admitting(advertisements, only);
  const withAddress = new Map(advertisements.map((each) => [addressKey(each.address), each]));
  const moves: Move[] = [];
  for (;;) {
    const next = rebalancing.next(admits);
    if (next === undefined) return moves;
    rebalancing.made(next);
    moves.push(told(next, withAddress.get(addressKey(next.address))));
  }
}

/** The nodes that would be given addresses now, each if the others were not. */
export function nodesToFill({ advertisements, parts }: Spread, only: readonly string[]): readonly string[] {
  const nodes = new Set<string>();
  const rebalancing = new Rebalancing({ ...parts, addresses: advertisements });
  const admits = admitting(advertisements, only);
  for (;;) {
    const next = rebalancing.next((node) => !nodes.has(node) && admits(node));
    if (next === undefined) return [...nodes];
    nodes.add(next.to);
  }
}

function told({ address, from, to }: PlannedMove, advertisement: Advertisement | undefined): Move {
  return { address: formatAddress(address), services: (advertisement?.services ?? []).map(keyOf), from, to };
}

/** Which nodes may be given addresses: those that are named, and that the controller lets hold any. */
function admitting(advertisements: readonly Advertisement[], only: readonly string[]): (node: string) => boolean {
  const all = advertisements.some(({ candidates }) => candidates === undefined);
  const candidates = new Set(advertisements.flatMap((each) => each.candidates ?? []));
  return (node) => (all || candidates.has(node)) && (only.length === 0 || only.includes(node));
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
