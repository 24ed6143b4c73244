import { interfaceFor } from "../announce/interface-for.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Held, HeldAddress } from "./held.ts";
import type { AddressWish, Target } from "./ports.ts";

/** Everything that decides what this node may hold. */
export type NodeView = {
  readonly node: string;
  readonly advertisements: readonly Advertisement[];
  readonly groups: readonly Group[];
  readonly interfaces: readonly NodeInterface[];
  readonly held: Held;
  /** The names of the advertisements whose addresses this node announced before it was restarted. */
  readonly announcedBefore: ReadonlySet<string>;
  /** The names of the advertisements whose addresses this node could not answer for a moment ago. */
  readonly resting: ReadonlySet<string>;
  /** Its addresses shall be elsewhere. */
  readonly drain: boolean;
};

/** One thing to ask of the speaker about an address; for a withdrawal why: the word that the log and the metrics use. */
export type AgentChange =
  | AddressWish
  | { readonly kind: "withdraw"; readonly address: Address; readonly cause: "released" | "regrouped" };

/**
 * What has to change so that the speaker knows of each address of this node's groups where it is wanted and whether this
 * node may hold it; nothing if it does already. Who holds it, the votes decide.
 *
 * | claim | change |
 * |---|---|
 * | gone, or of no Service | withdraw: released |
 * | of no group of this node | withdraw: regrouped |
 * | of a group of this node | the wish, if the speaker knows another; willing if the node is a candidate, is not drained, does not fail at it, and an interface fits |
 */
export function planAnnouncements(view: NodeView): readonly AgentChange[] {
  const changes: AgentChange[] = [];
  const unclaimed = new Map(view.held);
  const groups = new Map(ownGroups(view).map((group) => [group.name, group]));
  for (const claim of view.advertisements) {
    if (claim.services.length === 0) continue;
    const held = unclaimed.get(claim.name);
    unclaimed.delete(claim.name);
    const group = groups.get(claim.group);
    if (group !== undefined) changes.push(...changedWish(wishFor(view, claim, group), held));
    else changes.push(...withdrawal(held, "regrouped"));
  }
  return [...changes, ...[...unclaimed.values()].flatMap((held) => withdrawal(held, "released"))];
}

/** The groups that this node votes in. */
export function ownGroups({ groups, node }: Pick<NodeView, "groups" | "node">): readonly Group[] {
  return groups.filter(({ members }) => members.includes(node));
}

function withdrawal(held: HeldAddress | undefined, cause: "released" | "regrouped"): readonly AgentChange[] {
  return held?.wish === undefined ? [] : [{ kind: "withdraw", address: held.address, cause }];
}

function changedWish(wish: AddressWish, held: HeldAddress | undefined): readonly AgentChange[] {
  return held?.wish !== undefined && sameWish(held.wish, wish) ? [] : [wish];
}

function sameWish(a: AddressWish, b: AddressWish): boolean {
  const sameTarget =
    a.target?.interface === b.target?.interface &&
    a.target?.mode === b.target?.mode &&
    a.target?.probe === b.target?.probe;
  const samePlace = a.group === b.group && a.node === b.node && a.generation === b.generation;
  const sameHolders = a.willing === b.willing && a.candidates?.join() === b.candidates?.join();
  return samePlace && sameHolders && sameTarget;
}

function wishFor(view: NodeView, claim: Advertisement, group: Group): AddressWish {
  const { address, node, move = 0, candidates } = claim;
  const held = view.held.get(claim.name);
  const { target, fits } = targetFor(view, claim, { held, forced: group.forced });
  const fails = held?.trouble?.reason === "SpeakerFailed" || view.resting.has(claim.name);
  const mayHold = !view.drain && (candidates?.includes(view.node) ?? true) && !fails;
  // Not metadata.generation, which any other part of the spec changes too.
  const wanted = { node, generation: move + 1, willing: mayHold && fits };
  const wish = { kind: "announce", address, group: group.name, ...wanted } as const;
  return { ...wish, ...(candidates && { candidates }), ...(target && { target }) };
}

type Occasion = { readonly held: HeldAddress | undefined; readonly forced: boolean };

/** An interface without carrier keeps its addresses as long as nobody else takes them: it announces them again once it is back. */
function targetFor(
  view: NodeView,
  claim: Advertisement,
  { held, forced }: Occasion,
): { readonly target?: Target; readonly fits: boolean } {
  const { arp } = claim.announcement;
  if (arp === undefined) return { fits: false };
  const { interfaces, mode } = arp;
  const place = interfaceFor(claim.address, interfaces, view.interfaces);
  const probe = forced || isFirstUse(view, claim);
  if (!("reason" in place)) return { target: { interface: place.interface, mode, probe }, fits: true };
  const before = held?.wish?.target;
  return place.reason === "InterfaceDown" && before !== undefined ? { target: before, fits: false } : { fits: false };
}

/** Only the cluster's first use of an address is probed: on any other occasion the answer would come too late to matter. */
function isFirstUse({ announcedBefore }: NodeView, { name, status, announcement }: Advertisement): boolean {
  const unused = status.holder === "" && status.history.length === 0 && !announcedBefore.has(name);
  return unused && announcement.arp?.conflictCheck === "On";
}
