import { heir, type Moves, movesOnce, want } from "./giving.ts";
import { hearing } from "./hearing.ts";
import { listOfMost } from "./hearsay.ts";
import { authorityEndMs, isOutdone, isVoteFor, majority } from "./holding.ts";
import { keepIsOver, mayKeep } from "./keeping.ts";
import { epochCounts, overrules } from "./lists.ts";
import { votesFromMs } from "./memory.ts";
import { suspicious } from "./quorum.ts";
import { type Timing, timing } from "./timing.ts";
import { choice, claimDelay, claimIsOver, voteIsOver } from "./voting.ts";
import { isAnswerTo, witnessIsFree } from "./witness.ts";

/** The decisions and times of a member, by the numbers of the rules, so that a simulation can replace one by a wrong one. */
export type Rules = {
  readonly timing: Timing;
  /** 1 */
  readonly hearing: typeof hearing;
  /** 3, 9, 20 */
  readonly epochCounts: typeof epochCounts;
  /** 3, 9, 15 */
  readonly majority: typeof majority;
  /** 5 */
  readonly voteIsOver: typeof voteIsOver;
  /** 6 */
  readonly choice: typeof choice;
  /** 7 */
  readonly claimDelay: typeof claimDelay;
  /** 8 */
  readonly claimIsOver: typeof claimIsOver;
  /** 9 */
  readonly authorityEndMs: typeof authorityEndMs;
  /** 9 */
  readonly isVoteFor: typeof isVoteFor;
  /** 10 */
  readonly isOutdone: typeof isOutdone;
  /** 11 */
  readonly moves: Moves;
  /** 11 */
  readonly want: typeof want;
  /** 11 */
  readonly heir: typeof heir;
  /** 13 */
  readonly votesFromMs: typeof votesFromMs;
  /** 14 */
  readonly isFree: typeof witnessIsFree;
  /** 15 */
  readonly suspicious: typeof suspicious;
  /** 16 */
  readonly isAnswer: typeof isAnswerTo;
  /** 17 */
  readonly mayKeep: typeof mayKeep;
  /** 17 */
  readonly keepIsOver: typeof keepIsOver;
  /** 20 */
  readonly listOfMost: typeof listOfMost;
  /** 21 */
  readonly overrules: typeof overrules;
};

/** The right ones. */
export const rules: Rules = {
  timing,
  hearing,
  epochCounts,
  majority,
  voteIsOver,
  choice,
  claimDelay,
  claimIsOver,
  authorityEndMs,
  isVoteFor,
  isOutdone,
  moves: movesOnce,
  want,
  heir,
  votesFromMs,
  isFree: witnessIsFree,
  suspicious,
  isAnswer: isAnswerTo,
  mayKeep,
  keepIsOver,
  listOfMost,
  overrules,
};
