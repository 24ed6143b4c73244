import { type Address, addressKey } from "../../net/address.ts";
import type { Authority } from "./authority.ts";
import type { TableEntry } from "./heartbeat.ts";
import type { Cause, Wish } from "./inputs.ts";
import type { PeerView } from "./peer.ts";
import { saysNothing } from "./table.ts";
import type { Timing } from "./timing.ts";

/** Rule 5: the vote of this member. `claim` 0: for the heir to whom it gives the address, whose claim is still to come. */
export type Vote = { readonly node: string; readonly boot: bigint; readonly claim: number; readonly priority: number };

/** Rule 6: this member's own claim; its vote for itself stands beside it. */
export type Claim = {
  readonly number: number;
  readonly priority: number;
  term: number;
  generation: number;
  /** Since when that has been newer than what the API is known to have. */
  aheadSinceMs: number | undefined;
  gives: boolean;
  state: "claims" | "holds" | "keeps";
  authority: Authority;
  /** When the authority of it ended last; before it had any: from when its quorum is waited for. */
  endedAtMs: number;
  /** Since when it is kept without quorum. */
  keptSinceMs: number;
  /** Why it was made; once it held, why it may hold again. */
  cause: Cause;
};

/** All that this member remembers of one address. */
export type AddressState = {
  readonly address: Address;
  readonly key: string;
  wish: Wish | undefined;
  vote: Vote | undefined;
  claim: Claim | undefined;
  /** The highest that any claim is known to have had, and the newest generation of the spec that one has consumed. */
  term: number;
  generation: number;
  /** Asks the holder for it: the spec's generation, 0 because the holder gives it. */
  wants: number | undefined;
  /** Since when it could be claimed, or wanted, were it not for those who come before. */
  freeSinceMs: number | undefined;
  givenSinceMs: number | undefined;
  /** Rule 11: until when this member answers beside its heir. */
  overUntilMs: number;
  /** Rule 11: until when who gave it to this member may answer beside it. */
  besideUntilMs: number;
  /** Rule 21: not claimed before. */
  notBeforeMs: number;
  /** Whether its last holder was lost, not gone by itself. */
  bereft: boolean;
  /** It was remembered from the last process, and not wished for since. */
  recalled: boolean;
  /** Another station was seen to have it, just now. */
  foreign: boolean;
  answering: boolean;
  /** When it is to be looked at again although nothing is heard. */
  dueAtMs: number;
};

/** This member at one moment, as the decisions about addresses see it. */
export type Self = {
  readonly node: string;
  readonly boot: bigint;
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly timing: Timing;
  readonly quorum: boolean;
  /** When it lost its quorum; it has none while `quorum` is false. */
  readonly quorumLostAtMs: number;
  readonly leaving: boolean;
  /** In its own list. */
  readonly listed: boolean;
  /** Rule 21: it goes by a forced list, or by one that followed it while whom that left out may still answer. */
  readonly forced: boolean;
  /** Rule 21: somebody is heard who goes by a forced list that is newer than any known here. */
  readonly overruled: boolean;
  /** Rule 13. */
  readonly mayVote: boolean;
  /** Whether the API's addresses are known: before, a missing one is no reason to end a claim. */
  readonly wishesKnown: boolean;
  /** It has just started: what it remembers, and whom it has not heard yet, may come later. */
  readonly starting: boolean;
  /** It stood still before this moment, so that nothing of it was so until now (rule 17). */
  readonly stalled: boolean;
  readonly keeping: Keeping;
};

/** Rule 17: what keeping without quorum depends on. */
export type Keeping = {
  readonly allowed: boolean;
  readonly quorum: boolean;
  /** Undefined: there is no suspicion. */
  readonly suspectSinceMs: number | undefined;
  readonly apiAnsweredAtMs: number;
  readonly gateway: boolean;
  /** Somebody heard goes by a newer list. */
  readonly newerList: boolean;
};

/** What a peer says of an address. */
export type Saying = { readonly peer: PeerView; readonly entry: TableEntry | undefined };

/** One address at one moment: what every decision about it is made of. */
export type AddressView = {
  readonly self: Self;
  readonly state: Readonly<AddressState>;
  readonly sayings: readonly Saying[];
};

const never = Number.NEGATIVE_INFINITY;

/** An address of which nothing is known yet. */
export function newAddressState(address: Address): AddressState {
  return {
    address,
    key: addressKey(address),
    wish: undefined,
    vote: undefined,
    claim: undefined,
    term: 0,
    generation: 0,
    wants: undefined,
    freeSinceMs: undefined,
    givenSinceMs: undefined,
    overUntilMs: never,
    besideUntilMs: never,
    notBeforeMs: never,
    bereft: false,
    recalled: false,
    foreign: false,
    answering: false,
    dueAtMs: Number.POSITIVE_INFINITY,
  };
}

/** Whether the peer claims the address: it votes for itself. */
export function claims({ peer, entry }: Saying): boolean {
  return entry?.claim !== undefined && entry.vote?.boot === peer.boot;
}

/** Whether the peer says that it answers for the address. */
export function answersFor(saying: Saying): boolean {
  return claims(saying) && saying.entry?.claim?.state !== "claims";
}

/** The entry that tells the others of it. */
export function entryOf({ address, vote, claim, wants }: AddressState): TableEntry {
  return {
    address,
    ...(vote && { vote: { boot: vote.boot, claim: vote.claim, priority: vote.priority } }),
    ...(claim && {
      claim: { state: claim.state, term: claim.term, generation: claim.generation, gives: claim.gives },
    }),
    ...(wants !== undefined && { wants }),
  };
}

/** Whether nothing is known of the address that matters, so that it can be forgotten. */
export function isIdle(state: AddressState, sayings: readonly Saying[]): boolean {
  if (state.wish !== undefined || state.vote !== undefined || state.answering) return false;
  return sayings.every(({ entry }) => entry === undefined || saysNothing(entry));
}
