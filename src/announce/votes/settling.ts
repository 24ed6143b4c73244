import {
  type AddressState,
  type AddressView,
  answersFor,
  type Claim,
  entryOf,
  type Saying,
  type Self,
} from "./address-state.ts";
import { type Claims, dropClaim, followWish, makeClaim, nextTerm, votersOf } from "./claiming.ts";
import { heirHolds, heirsClaim, isHeir } from "./giving.ts";
import type { Cause, News } from "./inputs.ts";
import { yieldsToForeign } from "./keeping.ts";
import type { Table } from "./table.ts";
import { holderIsLost, orphanedFromMs } from "./voting.ts";

const never = Number.POSITIVE_INFINITY;

/** What the settling of addresses reads and writes besides the address itself. */
export type Settling = Claims & {
  readonly self: Self;
  readonly sayings: (key: string) => readonly Saying[];
  readonly table: Table;
  readonly news: (news: News) => void;
};

/**
 * Brings one address in line with what is known now, in the order of the rules: what was heard, the vote for another, the
 * own claim, a new vote or claim, the wish for what another holds. True: something of it must be remembered.
 */
export function settle(state: AddressState, settling: Settling): boolean {
  const { vote, term, generation } = state;
  const view: AddressView = { self: settling.self, state, sayings: settling.sayings(state.key) };
  state.dueAtMs = never;
  learn(view, state);
  followVote(view, state, settling);
  const ended = reviewClaim(view, state, settling);
  if (state.vote === undefined) castVote(view, state, settling);
  askFor(view, state, settling);
  overlap(view, state);
  report(view, state, settling, ended);
  state.foreign = false;
  settling.table.put(entryOf(state));
  return vote !== state.vote || term !== state.term || generation !== state.generation;
}

/** Of whom is silent all was learnt when it was heard. */
function learn({ sayings }: AddressView, state: AddressState): void {
  for (const saying of sayings) {
    const shown = saying.entry?.claim;
    if (shown === undefined || saying.peer.silent) continue;
    state.term = Math.max(state.term, shown.term);
    state.generation = Math.max(state.generation, shown.generation);
  }
  for (const saying of sayings)
    if (saying.peer.heard && answersFor(saying)) unlearn(state, saying.entry?.claim?.generation ?? 0);
}

/** What neither the holder nor the API knows any more was consumed of an earlier object of the same address. */
function unlearn(state: AddressState, held: number): void {
  const current = Math.max(held, state.wish?.generation ?? Number.POSITIVE_INFINITY);
  state.generation = Math.min(state.generation, current);
}

/** Rule 5, and the heir's claim (rule 11), which is waited for no longer than the overlap lasts. */
function followVote(view: AddressView, state: AddressState, { rules, self }: Settling): void {
  if (state.vote === undefined || state.claim !== undefined) return;
  state.vote = heirsClaim(view) ?? state.vote;
  const unclaimed = state.vote.claim === 0 && self.nowMs >= state.overUntilMs;
  if (!unclaimed && !rules.voteIsOver(view)) return;
  state.bereft = !unclaimed && holderIsLost(view);
  state.vote = undefined;
}

/** Rules 8 to 12, 17: what becomes of the own claim. Gives the cause if it is over. */
function reviewClaim(view: AddressView, state: AddressState, settling: Settling): Cause | undefined {
  const { claim, vote } = state;
  const { self, rules, authorities } = settling;
  if (claim === undefined || vote === undefined) return undefined;
  claim.authority = authorities.join(state, votersOf(view, vote, rules.isVoteFor), self.nowMs);
  followWish(claim, state, self);
  const cause = foreclosed(view) ?? standing(view, state, settling);
  if (cause === "ForeignStation" && self.forced)
    state.notBeforeMs = self.nowMs + self.timing.foreignIntervals * self.intervalMs;
  if (cause !== undefined) {
    dropClaim(state, authorities);
    return cause;
  }
  return give(view, state, settling);
}

function foreclosed({ self, state }: AddressView): Cause | undefined {
  if (!self.listed) return "NotAMember";
  if (self.overruled) return "NewerList";
  const mayCome = !self.wishesKnown || (self.starting && state.recalled);
  if (state.wish === undefined && !mayCome) return "Withdrawn";
  return yieldsToForeign(state, self) ? "ForeignStation" : undefined;
}

/** Whether the claim holds now (rule 9), is kept (rule 17), or only claims; why it is over. */
function standing(view: AddressView, state: AddressState, { self, rules }: Settling): Cause | undefined {
  const { claim } = state;
  if (claim === undefined) return undefined;
  if (self.nowMs < claim.authority.endMs) {
    if (claim.state === "claims") claim.term = state.term = Math.max(claim.term, laterTerm(claim, state));
    claim.state = "holds";
    return rules.isOutdone(view) ? "HigherTerm" : undefined;
  }
  if (claim.state === "holds") loseAuthority(view, state, rules.mayKeep(self.keeping, self.nowMs, self.timing));
  if (claim.state === "keeps") return rules.keepIsOver(view);
  const over = rules.claimIsOver(view);
  if (over === undefined && !self.quorum) wakeAt(state, orphanedFromMs(view));
  return over;
}

/** A claim that lost its majority and has it again holds by a new term, if somebody else had one meanwhile (rule 10). */
function laterTerm({ term }: Claim, state: AddressState): number {
  return state.term > term ? nextTerm(state.term) : state.term;
}

function loseAuthority({ self }: AddressView, { claim }: AddressState, keep: boolean): void {
  if (claim === undefined) return;
  claim.state = keep && !self.stalled ? "keeps" : "claims";
  claim.endedAtMs = self.nowMs;
  claim.keptSinceMs = self.nowMs;
}

/** Rule 11: the holder votes for the heir, and answers beside it for a while. */
function give(view: AddressView, state: AddressState, { rules, authorities, self }: Settling): Cause | undefined {
  if (state.claim?.state !== "holds") return undefined;
  const vote = rules.heir(view, rules.moves);
  if (vote === undefined) return undefined;
  dropClaim(state, authorities);
  state.vote = vote;
  state.overUntilMs = self.nowMs + self.timing.overlapIntervals * self.intervalMs;
  return "Given";
}

/** Rules 6, 7, 11: a free member follows the holder's vote for it, or votes for a claimant, or claims in its turn. */
function castVote(view: AddressView, state: AddressState, settling: Settling): void {
  const { self, rules } = settling;
  if (!self.mayVote || !self.listed || self.overruled) return;
  if (isHeir(view)) {
    state.besideUntilMs = self.nowMs + self.timing.overlapIntervals * self.intervalMs;
    claim(view, state, settling, state.wants === 0 ? "HolderGives" : "PlannedMove");
    return;
  }
  state.vote = rules.choice(view);
  if (state.vote === undefined) claimInTurn(view, state, settling);
  else state.freeSinceMs = undefined;
}

function claimInTurn(view: AddressView, state: AddressState, settling: Settling): void {
  const { self, rules } = settling;
  const delay = rules.claimDelay(view);
  if (delay === undefined) {
    state.freeSinceMs = undefined;
    if (self.nowMs < state.notBeforeMs) wakeAt(state, state.notBeforeMs);
    return;
  }
  state.freeSinceMs ??= self.nowMs;
  const dueMs = state.freeSinceMs + delay * self.intervalMs;
  if (self.nowMs >= dueMs) claim(view, state, settling, state.bereft ? "Failover" : "Free");
  else wakeAt(state, dueMs);
}

function claim(view: AddressView, state: AddressState, settling: Settling, cause: Cause): void {
  makeClaim(view, state, settling, cause);
  reviewClaim(view, state, settling);
}

/** Rule 11: asks the holder for the address, in its turn. */
function askFor(view: AddressView, state: AddressState, { self, rules }: Settling): void {
  const wanted = rules.want(view, rules.moves);
  state.wants = undefined;
  if (wanted === undefined) {
    state.givenSinceMs = undefined;
    return;
  }
  state.givenSinceMs ??= self.nowMs;
  const dueMs = state.givenSinceMs + wanted.afterIntervals * self.intervalMs;
  if (self.nowMs >= dueMs) state.wants = wanted.generation;
  else wakeAt(state, dueMs);
}

function overlap(view: AddressView, state: AddressState): void {
  const { self } = view;
  if (self.nowMs >= state.overUntilMs) return;
  if (heirHolds(view) || !self.listed || self.overruled) state.overUntilMs = Number.NEGATIVE_INFINITY;
  else wakeAt(state, state.overUntilMs);
}

/** Says when this member began or ended to answer. */
function report({ self }: AddressView, state: AddressState, { news }: Settling, ended: Cause | undefined): void {
  const held = state.claim !== undefined && state.claim.state !== "claims";
  const answering = held || self.nowMs < state.overUntilMs;
  if (answering === state.answering) return;
  state.answering = answering;
  if (!answering) news({ kind: "ended", address: state.address, cause: ended ?? lapse(state, self) });
  else if (state.claim !== undefined) {
    news({ kind: "began", address: state.address, cause: state.claim.cause });
    state.claim.cause = "Regained";
  }
}

/** Why a hold ended that was not dropped: its overlap with the heir is over, or its authority is. */
function lapse({ claim }: AddressState, self: Self): Cause {
  if (claim === undefined) return "Given";
  return self.quorum ? "VotesLost" : "QuorumLost";
}

function wakeAt(state: AddressState, atMs: number): void {
  state.dueAtMs = Math.min(state.dueAtMs, atMs);
}
