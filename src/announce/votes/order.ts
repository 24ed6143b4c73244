import type { Wish } from "./inputs.ts";

/** Somebody who claims an address, with the priority that the claim carries. */
export type Contender = { readonly node: string; readonly priority: number };

/** The rank of a node for an address, by rendezvous hash: the highest is first. 32 bits, the same on every node. */
export function rank(addressKey: string, node: string): number {
  let hash = 0x811c9dc5;
  for (const text of [addressKey, "/", node])
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Rule 6: whether one claim is better than another: priority, then rank. Both are the same wherever they are compared. */
export function outranks(one: Contender, other: Contender, addressKey: string): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return ranksBefore(one.node, other.node, addressKey);
}

/** Rule 7: whether a node comes before another by this node's copy of the spec: the node it names, then rank. */
export function comesBefore(one: string, other: string, { key, first }: { key: string; first: string }): boolean {
  if (one === first || other === first) return one === first && other !== first;
  return ranksBefore(one, other, key);
}

function ranksBefore(one: string, other: string, addressKey: string): boolean {
  const difference = rank(addressKey, one) - rank(addressKey, other);
  return difference === 0 ? one < other : difference > 0;
}

/** Rule 6: the priority of a node's claim: the spec's generation if the spec names it, else 0. */
export function claimPriority(node: string, wish: Wish): number {
  return wish.node === node ? wish.generation : 0;
}

/** Whether a node may hold the address as far as this node's copy of the spec says. */
export function isCandidate(node: string, wish: Wish): boolean {
  return wish.candidates === undefined || wish.candidates.includes(node);
}
