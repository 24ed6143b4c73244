import type { AddressState, AddressView, Claim, Self, Vote } from "./address-state.ts";
import type { Authorities } from "./authority.ts";
import type { VoteFor } from "./heartbeat.ts";
import type { Cause } from "./inputs.ts";
import { claimPriority } from "./order.ts";
import type { Rules } from "./rules.ts";

/** What the claims of a member share: the authorities that they stand under, and the count of them. */
export type Claims = {
  readonly rules: Rules;
  readonly authorities: Authorities;
  readonly nextNumber: () => number;
};

/** A mask has no bit for more; the members of the list, who alone count, come first and are at most 7. */
const MOST_VOTERS = 30;

/** Who of the peers, a bit each in the order of the sayings, votes for a claim of this process. */
export function votersOf({ sayings }: AddressView, claim: VoteFor, isVoteFor: Rules["isVoteFor"]): number {
  let mask = 0;
  for (const [i, { entry }] of sayings.entries()) if (i < MOST_VOTERS && isVoteFor(entry?.vote, claim)) mask |= 1 << i;
  return mask;
}

/** Rule 7: claims the address: one term more than any that is known, and the newest generation that is known is consumed. */
export function makeClaim(view: AddressView, state: AddressState, claims: Claims, cause: Cause): void {
  const { self } = view;
  const generation = Math.max(state.generation, state.wish?.generation ?? 0);
  const priority = state.wish === undefined ? 0 : claimPriority(self.node, state.wish);
  stake(view, state, claims, { priority, generation, cause, endedAtMs: self.nowMs });
}

/** Rule 13: goes on with the claim of this node's last process, which the others do not know by its new name yet. */
export function renewClaim(view: AddressView, state: AddressState, claims: Claims, priority: number): void {
  const { nowMs, timing, intervalMs } = view.self;
  const endedAtMs = nowMs + (timing.silentStartIntervals - timing.orphanIntervals) * intervalMs;
  stake(view, state, claims, { priority, generation: state.generation, cause: "Restart", endedAtMs });
}

type Stake = Pick<Claim, "priority" | "generation" | "cause" | "endedAtMs">;

function stake(view: AddressView, state: AddressState, claims: Claims, stake: Stake): void {
  const { self } = view;
  const number = claims.nextNumber();
  const vote: Vote = { node: self.node, boot: self.boot, claim: number, priority: stake.priority };
  const mask = votersOf(view, vote, claims.rules.isVoteFor);
  const authority = claims.authorities.join(state, mask, self.nowMs);
  state.term = nextTerm(state.term);
  state.generation = stake.generation;
  state.vote = vote;
  state.claim = {
    ...stake,
    number,
    term: state.term,
    aheadSinceMs: undefined,
    gives: false,
    state: "claims",
    authority,
    keptSinceMs: self.nowMs,
  };
  state.wants = state.freeSinceMs = state.givenSinceMs = undefined;
  state.bereft = false;
}

/** One more, but no more than a heartbeat can carry. */
export function nextTerm(term: number): number {
  return Math.min(term + 1, Number.MAX_SAFE_INTEGER);
}

/** The claim is no more, and with it the vote. */
export function dropClaim(state: AddressState, authorities: Authorities): void {
  authorities.leave(state);
  state.claim = undefined;
  state.vote = undefined;
}

/** Rules 11, 12: whether a holder waits for an heir; and what it consumes as the one that the spec names. */
export function followWish(claim: Claim, state: AddressState, self: Self): void {
  claim.gives = self.leaving || (state.wish !== undefined && !state.wish.willing);
  forgetUnknown(claim, state, self);
  if (state.wish?.node !== self.node || state.wish.generation <= claim.generation) return;
  claim.generation = state.wish.generation;
  state.generation = Math.max(state.generation, claim.generation);
}

/** Rule 11: what the API does not know after a minute was never the spec's generation, or nothing would ever move the address again. */
function forgetUnknown(claim: Claim, state: AddressState, { nowMs, timing }: Self): void {
  const known = state.wish?.generation ?? Number.POSITIVE_INFINITY;
  claim.aheadSinceMs = claim.generation > known ? (claim.aheadSinceMs ?? nowMs) : undefined;
  if (claim.aheadSinceMs === undefined) return;
  const atMs = claim.aheadSinceMs + timing.unknownGenerationMs;
  if (nowMs >= atMs) claim.generation = state.generation = known;
  else state.dueAtMs = Math.min(state.dueAtMs, atMs);
}
