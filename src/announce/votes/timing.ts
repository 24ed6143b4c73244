/** The times of the rules; `…Intervals` are multiples of the heartbeats' interval. Clock rates may differ by 1 %. */
export type Timing = {
  /** Rules 3, 9: how long an acknowledgement counts, from the sending of what it acknowledges. */
  readonly yieldIntervals: number;
  /** Rule 5: how long a vote stays for a node that is not heard. */
  readonly takeIntervals: number;
  /** Rule 4: an acknowledgement older than this is asked for … */
  readonly probeAfterIntervals: number;
  /** … this often. */
  readonly probeEachIntervals: number;
  /** Rule 7: the wait before a claim, for each place behind the first. */
  readonly placeIntervals: number;
  /** Rule 8: how long a claim without quorum and authority stays. */
  readonly orphanIntervals: number;
  /** Rule 11: how long the old holder goes on answering beside its heir. */
  readonly overlapIntervals: number;
  /** Rule 13: how long a member that lost its memory votes for nobody. */
  readonly silentStartIntervals: number;
  /** Rules 7, 13: how long after the start an address that was remembered may be missing among the API's, and its owner unheard. */
  readonly recallIntervals: number;
  /** Rule 15: what is older makes suspicious. */
  readonly suspicionIntervals: number;
  /** Rule 15: from the end of the witness flag until the Lease is emptied. */
  readonly witnessEmptyIntervals: number;
  /** Rule 17: authority that ended longer ago is not kept: this process stood still. */
  readonly keepGraceIntervals: number;
  /** Rule 20: how long a newer list waits for its members to be linked … */
  readonly joinIntervals: number;
  /** … and, once they are, for their votes. */
  readonly joinedIntervals: number;
  /** Rule 20: how long who left the list goes on sending. */
  readonly farewellIntervals: number;
  /** Rule 20: how long a list is counted by before its epoch is shown, so that the others have it by then. */
  readonly showEpochIntervals: number;
  /** Rule 21: how long an address that somebody else was seen with is left alone under a forced list. */
  readonly foreignIntervals: number;
  /** Rule 11: after so long a holder does not believe any more that a generation was consumed that the API does not know. */
  readonly unknownGenerationMs: number;
  /** Rules 14 to 17, in milliseconds. */
  readonly witnessValidMs: number;
  /** How long another's witness counts at most: with the time before, less than the time after which it is free. */
  readonly witnessSharedMs: number;
  /** Rule 12: how long who gave it up on leaving goes on voting, so that the heir has it by then: it looks each 0.5 s. */
  readonly witnessHeirMs: number;
  readonly witnessFreeMs: number;
  readonly witnessRenewMs: number;
  readonly witnessCalmMs: number;
  readonly apiAskMs: number;
  readonly apiSilentMs: number;
  /** The changes of so long a time are sent together; the first is not waited with. */
  readonly coalesceMs: number;
};

/** The right times. */
export const timing: Timing = {
  yieldIntervals: 4,
  takeIntervals: 5,
  probeAfterIntervals: 2.1,
  probeEachIntervals: 0.25,
  placeIntervals: 2,
  orphanIntervals: 1,
  overlapIntervals: 3,
  silentStartIntervals: 5,
  recallIntervals: 20,
  suspicionIntervals: 3,
  witnessEmptyIntervals: 6,
  keepGraceIntervals: 2,
  joinIntervals: 10,
  joinedIntervals: 2,
  farewellIntervals: 10,
  showEpochIntervals: 5,
  foreignIntervals: 30,
  unknownGenerationMs: 60_000,
  witnessValidMs: 2_400,
  witnessSharedMs: 400,
  witnessHeirMs: 600,
  witnessFreeMs: 3_000,
  witnessRenewMs: 1_000,
  witnessCalmMs: 1_000,
  apiAskMs: 500,
  apiSilentMs: 1_200,
  coalesceMs: 2,
};
