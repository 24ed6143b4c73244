import type { Claim } from "../../../../src/announce/votes/address-state.ts";
import {
  type AddressState,
  type AddressView,
  newAddressState,
  type Saying,
  type Self,
} from "../../../../src/announce/votes/address-state.ts";
import type { Authority } from "../../../../src/announce/votes/authority.ts";
import type { ClaimState, Heartbeat, TableEntry } from "../../../../src/announce/votes/heartbeat.ts";
import type { Wish } from "../../../../src/announce/votes/inputs.ts";
import type { PeerView } from "../../../../src/announce/votes/peer.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";
import type { Address } from "../../../../src/net/address.ts";

/** The address that these tests are about. */
export const address: Address = { family: 4, value: 0x0a000001n };

/** The process of each node in these tests. */
export const boots = { me: 1n, x: 2n, y: 3n, z: 4n } as const;

/** One of the nodes; `me` is the member that decides. */
export type Name = keyof typeof boots;

/** The member that decides, with a quorum, at 10 s. */
export function self(values: Partial<Self> = {}): Self {
  return {
    node: "me",
    boot: boots.me,
    nowMs: 10_000,
    intervalMs: 100,
    timing,
    quorum: true,
    quorumLostAtMs: 0,
    leaving: false,
    listed: true,
    forced: false,
    overruled: false,
    mayVote: true,
    wishesKnown: true,
    starting: false,
    stalled: false,
    keeping: {
      allowed: true,
      quorum: true,
      suspectSinceMs: undefined,
      apiAnsweredAtMs: 0,
      gateway: true,
      newerList: false,
    },
    ...values,
  };
}

/** A peer in best health. */
export function peer(node: Exclude<Name, "me">, values: Partial<PeerView> = {}): PeerView {
  return {
    node,
    boot: boots[node],
    listed: true,
    linked: true,
    heard: true,
    hearsMe: true,
    silent: false,
    quorum: true,
    leaving: false,
    whole: true,
    countsMe: true,
    ...values,
  };
}

/** What a peer says: for whom it votes, with which claim number and priority. */
export function votes(by: PeerView, whom: Name, { claim = 1, priority = 0 } = {}): Saying {
  return { peer: by, entry: { address, vote: { boot: boots[whom], claim, priority } } };
}

/** A peer that claims the address itself. */
export function claimant(
  by: PeerView,
  claim: Partial<ClaimState> = {},
  vote: { priority?: number; claim?: number } = {},
): Saying {
  const { claim: number = 1, priority = 0 } = vote;
  const state = { state: "claims", term: 1, generation: 1, gives: false, ...claim } as const;
  return { peer: by, entry: { address, vote: { boot: by.boot, claim: number, priority }, claim: state } };
}

/** A peer that holds it. */
export function holder(by: PeerView, claim: Partial<ClaimState> = {}): Saying {
  return claimant(by, { state: "holds", ...claim });
}

/** A peer that wants it. */
export function wanting(by: PeerView, generation: number): Saying {
  return { peer: by, entry: { address, wants: generation } };
}

/** A peer that says nothing of it. */
export function silence(by: PeerView): Saying {
  const entry: TableEntry | undefined = undefined;
  return { peer: by, entry };
}

/** Where the address is wanted; this member may hold it. */
export function wish(node: string, values: Partial<Wish> = {}): Wish {
  return { address, node, generation: 1, willing: true, ...values };
}

/** This member's own claim, number 1. */
export function claim(values: Partial<Claim> = {}): Pick<AddressState, "claim" | "vote"> {
  const authority: Authority = { mask: 0, endMs: Number.NEGATIVE_INFINITY, holds: false, claimed: new Set() };
  const own: Claim = {
    number: 1,
    priority: 0,
    term: 1,
    generation: 1,
    aheadSinceMs: undefined,
    gives: false,
    state: "claims",
    authority,
    endedAtMs: 0,
    keptSinceMs: 0,
    cause: "Free",
    ...values,
  };
  return { claim: own, vote: { node: "me", boot: boots.me, claim: own.number, priority: own.priority } };
}

/** The address as this member sees it. */
export function view(
  sayings: readonly Saying[],
  state: Partial<AddressState> = {},
  of: Partial<Self> = {},
): AddressView {
  return { self: self(of), state: { ...newAddressState(address), wish: wish("me"), ...state }, sayings };
}

/** A heartbeat that says nothing in particular. */
export function heartbeat(values: Partial<Heartbeat> = {}): Heartbeat {
  return {
    boot: boots.x,
    seq: 1,
    ack: { boot: boots.me, seq: 1 },
    epoch: 1,
    quorum: true,
    leaving: false,
    answerMe: false,
    witness: false,
    forced: false,
    intervalMs: 100,
    table: { version: 0, from: 0, upTo: 0, known: 0, entries: [] },
    ...values,
  };
}
