import { type AddressView, answersFor, claims, type Saying, type Vote } from "./address-state.ts";
import type { Cause } from "./inputs.ts";
import { type Contender, comesBefore, isCandidate, outranks } from "./order.ts";

/**
 * Rule 5: whether the vote for another member is over: it dropped that claim, or it has a new process, or it was not heard
 * for 5 intervals (or left the list then). What of its table is not known yet frees nothing.
 */
export function voteIsOver({ state: { vote }, sayings }: AddressView): boolean {
  const saying = sayings.find(({ peer }) => peer.node === vote?.node);
  if (vote === undefined || saying === undefined) return true;
  const { peer, entry } = saying;
  if (peer.silent) return true;
  if (peer.boot === 0n) return false;
  if (peer.boot !== vote.boot) return true;
  if (entry === undefined) return peer.whole;
  if (vote.claim === 0) return entry.wants === undefined;
  return entry.vote?.boot !== peer.boot || entry.vote.claim !== vote.claim;
}

/** Whether a vote that is over was for somebody who is lost, not for somebody who gave the address up. */
export function holderIsLost({ state: { vote }, sayings }: AddressView): boolean {
  const saying = sayings.find(({ peer }) => peer.node === vote?.node);
  return saying === undefined || saying.peer.silent || saying.peer.boot !== vote?.boot;
}

/** Rule 6: for whom a free member votes: of the claimants with a quorum that it hears a holder, then the best claim. */
export function choice({ state, sayings }: AddressView): Vote | undefined {
  let best: Saying | undefined;
  for (const saying of sayings) {
    if (!saying.peer.heard || !saying.peer.quorum || !claims(saying)) continue;
    if (best === undefined || goesBefore(saying, best, state.key)) best = saying;
  }
  const vote = best?.entry?.vote;
  return best && vote && { node: best.peer.node, ...vote };
}

function goesBefore(one: Saying, other: Saying, key: string): boolean {
  if (answersFor(one) !== answersFor(other)) return answersFor(one);
  return outranks(contender(one), contender(other), key);
}

function contender({ peer, entry }: Saying): Contender {
  return { node: peer.node, priority: entry?.vote?.priority ?? 0 };
}

/**
 * Rule 7: how many intervals after it became free this member may claim the address; undefined: not at all, as things are.
 * Each linked member that comes before it and could claim has 2 intervals to do so.
 */
export function claimDelay(view: AddressView): number | undefined {
  const { self, state, sayings } = view;
  if (!mayClaim(view) || ownerMayCome(view) || (self.forced && self.nowMs < state.notBeforeMs)) return undefined;
  for (const saying of sayings) if (opposes(saying, self.boot)) return undefined;
  return self.timing.placeIntervals * placesBefore(view, undefined);
}

/**
 * Whether this member has just started, and has not heard the one that is to have the address since then: it may be starting
 * too, and has it again in a moment.
 */
function ownerMayCome({ self, state: { wish }, sayings }: AddressView): boolean {
  return self.starting && sayings.some(({ peer }) => peer.node === wish?.node && peer.listed && peer.boot === 0n);
}

/** Whether this member may make a claim at all: in the list, with a quorum, willing, not leaving (rules 7, 12, 13). */
export function mayClaim({ self, state: { wish } }: AddressView): boolean {
  return self.listed && self.quorum && self.mayVote && !self.leaving && wish?.willing === true;
}

/** Whether a heard member claims the address, or a linked one votes for somebody else, or may do so unheard of. */
function opposes(saying: Saying, myBoot: bigint): boolean {
  const { peer, entry } = saying;
  if (peer.heard && claims(saying)) return true;
  if (!peer.linked) return false;
  return entry === undefined ? !peer.whole : entry.vote !== undefined && entry.vote.boot !== myBoot;
}

/** How many linked members with a quorum come before this one in order, `holder` left out. */
export function placesBefore({ self, state: { key, wish }, sayings }: AddressView, holder: string | undefined): number {
  if (wish === undefined) return 0;
  const order = { key, first: wish.node };
  let places = 0;
  for (const { peer } of sayings) {
    if (peer.node === holder || !peer.linked || peer.leaving || !peer.quorum) continue;
    if (isCandidate(peer.node, wish) && comesBefore(peer.node, self.node, order)) places += 1;
  }
  return places;
}

/** Rule 8: why a claim that does not hold is dropped; undefined: it stands. */
export function claimIsOver(view: AddressView): Cause | undefined {
  const { self, state, sayings } = view;
  if (self.leaving || state.wish?.willing === false) return "Unwilling";
  if (sayings.some((saying) => saying.peer.heard && answersFor(saying))) return "OtherHolder";
  if (sayings.some((saying) => prefersAnother(saying, view) || isBetter(saying, view))) return "BetterClaim";
  return isOrphaned(view) ? "QuorumLost" : undefined;
}

/** A linked member votes for a better claim than this member's. */
function prefersAnother({ peer, entry }: Saying, view: AddressView): boolean {
  const vote = entry?.vote;
  if (!peer.linked || vote === undefined || vote.boot === view.self.boot) return false;
  const own = ownContender(view);
  const favourite = view.sayings.find((other) => other.peer.boot === vote.boot);
  if (favourite === undefined) return vote.priority > own.priority;
  return outranks({ node: favourite.peer.node, priority: vote.priority }, own, view.state.key);
}

/** A better claimant that has a quorum is heard. */
function isBetter(saying: Saying, view: AddressView): boolean {
  if (!saying.peer.heard || !saying.peer.quorum || !claims(saying)) return false;
  return outranks(contender(saying), ownContender(view), view.state.key);
}

function ownContender({ self, state }: AddressView): Contender {
  return { node: self.node, priority: state.claim?.priority ?? 0 };
}

/** No quorum for one interval beyond the claim's authority. */
function isOrphaned(view: AddressView): boolean {
  return !view.self.quorum && view.self.nowMs >= orphanedFromMs(view);
}

/** When a claim that does not hold goes for want of a quorum. */
export function orphanedFromMs({ self, state }: AddressView): number {
  const sinceMs = Math.max(self.quorumLostAtMs, state.claim?.endedAtMs ?? Number.NEGATIVE_INFINITY);
  return sinceMs + self.timing.orphanIntervals * self.intervalMs;
}
