import type { AddressView } from "./address-state.ts";
import { answersFor } from "./address-state.ts";
import type { TableEntry, VoteFor } from "./heartbeat.ts";
import { outranks } from "./order.ts";
import type { PeerTimes } from "./peer.ts";

/** One member of the list, as one claim of this member's sees it. */
export type Voter = {
  readonly times: Readonly<PeerTimes>;
  /** Whether the newest that is known of its table votes for this claim. */
  readonly votes: boolean;
  /** Whether it goes by no newer list (rule 20). */
  readonly counts: boolean;
  /** Which part of the time its acknowledgement counts: less than 1 if it waits less before it votes anew. */
  readonly pace: number;
};

/** What the authority of a claim is counted from. */
export type Ballot = {
  readonly voters: readonly Voter[];
  /** How many votes are more than half of all voters, the witness included. */
  readonly needed: number;
  /** Whether the list has a witness: if not, nobody who still counts one counts twice. */
  readonly witness: boolean;
  /** Until when this member itself counts the witness. */
  readonly witnessUntilMs: number;
  /** How long an acknowledgement counts. */
  readonly validMs: number;
  /** How long at most an acknowledgement counts that said that the voter counts the witness. */
  readonly witnessSharedMs: number;
};

/** How many votes are more than half. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * Rule 9: until when a claim holds: the end of the vote that makes it more than half, each counted from when this member
 * *sent* what the voter acknowledges. The own vote has no end. Rule 14: the witness is one voter, of whoever has it longest.
 */
export function authorityEndMs(ballot: Ballot): number {
  const { voters, needed, witness, witnessUntilMs, witnessSharedMs } = ballot;
  const ends = [Number.POSITIVE_INFINITY];
  let witnessMs = witnessUntilMs;
  for (const { times, votes, counts, pace } of voters) {
    if (!votes || !counts) continue;
    const validMs = pace * ballot.validMs;
    ends.push(times.ackAtMs + validMs);
    witnessMs = Math.max(witnessMs, times.witnessAtMs + Math.min(validMs, witnessSharedMs));
  }
  if (witness) ends.push(witnessMs);
  ends.sort((a, b) => b - a);
  return ends[needed - 1] ?? Number.NEGATIVE_INFINITY;
}

/** Rule 9: whether a vote counts for a claim of this process: only if it was cast for this very one. */
export function isVoteFor(vote: VoteFor | undefined, claim: VoteFor): boolean {
  return vote !== undefined && vote.boot === claim.boot && vote.claim === claim.claim;
}

/**
 * Rule 10: whether somebody is heard to hold the address by a higher term than this member, who then stops at once. Only
 * what is fresh counts: a heartbeat that was long on its way is not that of a holder.
 */
export function isOutdone({ self, state, sayings }: AddressView): boolean {
  const { claim, key } = state;
  if (claim === undefined) return false;
  return sayings.some((saying) => {
    const { heard, hearsMe } = saying.peer;
    if (!heard || !hearsMe || !answersFor(saying) || saying.entry?.claim?.state !== "holds") return false;
    const { term } = saying.entry.claim;
    if (term !== claim.term) return term > claim.term;
    return outranks({ node: saying.peer.node, priority: 0 }, { node: self.node, priority: 0 }, key);
  });
}

/** The highest term, and the newest consumed generation, that an entry shows. */
export function shownBy(entry: TableEntry | undefined): { readonly term: number; readonly generation: number } {
  return entry?.claim ?? { term: 0, generation: 0 };
}
