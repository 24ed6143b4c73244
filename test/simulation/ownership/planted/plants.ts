import { type Rules, rules as right } from "../../../../src/announce/votes/rules.ts";
import { invariants } from "../oracles/violation.ts";
import type { Climate } from "../script/climate.ts";
import * as climates from "../script/climates.ts";
import * as listClimates from "../script/list-climates.ts";

/** A wrong rule, the climate and the time that show it, and the invariants by which it may be found. */
export type PlantedBug = {
  readonly name: string;
  readonly rules: Rules;
  readonly climate: Climate;
  readonly forMs: number;
  readonly found: readonly string[];
};

const { holders, overlap, moves, silence, asked, follows } = invariants;

/** The bugs that the simulation must find. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "one-way majority: authority lasts while others are heard, whether or not they hear",
    rules: {
      ...right,
      authorityEndMs: (ballot) => {
        const voters = ballot.voters.map((voter) => ({
          ...voter,
          times: { ...voter.times, ackAtMs: voter.times.rxAtMs },
        }));
        return right.authorityEndMs({ ...ballot, voters });
      },
    },
    climate: climates.oneWay,
    forMs: 6_000,
    found: [holders],
  },
  {
    name: "non-transitive majority: whoever is linked counts as a vote",
    rules: {
      ...right,
      authorityEndMs: (ballot) =>
        right.authorityEndMs({ ...ballot, voters: ballot.voters.map((voter) => ({ ...voter, votes: true })) }),
    },
    climate: climates.cuts,
    forMs: 5_000,
    found: [holders],
  },
  {
    name: "stale list: votes of those that know a newer list count",
    rules: { ...right, epochCounts: () => true },
    climate: listClimates.growth,
    forMs: 6_000,
    found: [holders],
  },
  {
    name: "take before yield: authority lasts 6 intervals, a vote that it counts only 5",
    rules: {
      ...right,
      authorityEndMs: (ballot) => right.authorityEndMs({ ...ballot, validMs: 1.5 * ballot.validMs }),
    },
    climate: climates.cuts,
    forMs: 6_000,
    found: [holders],
  },
  {
    name: "authority is dated by when its confirmation came",
    rules: {
      ...right,
      authorityEndMs: (ballot) => {
        const voters = ballot.voters.map((voter) => ({
          ...voter,
          times: { ...voter.times, ackAtMs: voter.times.ackRxAtMs },
        }));
        return right.authorityEndMs({ ...ballot, voters });
      },
    },
    climate: climates.stops,
    forMs: 6_000,
    found: [holders],
  },
  {
    name: "a restart without memory votes at once",
    rules: { ...right, votesFromMs: (_, startedAtMs) => startedAtMs },
    climate: climates.restarts,
    forMs: 4_000,
    found: [holders, silence],
  },
  {
    name: "an old vote counts for a new claim",
    rules: { ...right, isVoteFor: (vote, claim) => vote?.boot === claim.boot },
    climate: climates.reclaims,
    forMs: 8_000,
    found: [holders],
  },
  {
    name: "hand-back: a generation moves an address to its node as often as it returns",
    rules: { ...right, moves: (generation, consumed) => generation >= consumed },
    climate: climates.restarts,
    forMs: 6_000,
    found: [moves, asked, overlap],
  },
  {
    name: "who has the witness holds without a majority",
    rules: {
      ...right,
      authorityEndMs: (ballot) => Math.max(right.authorityEndMs(ballot), ballot.witnessUntilMs),
    },
    climate: climates.minorities,
    forMs: 8_000,
    found: [holders],
  },
  {
    name: "the answer to a request that was given up counts for the next",
    rules: { ...right, isAnswer: (_, open) => open !== undefined },
    climate: climates.slowApi,
    forMs: 12_000,
    found: [holders],
  },
  {
    name: "a forced list is ignored by those whom it leaves out",
    rules: { ...right, overrules: () => false },
    climate: listClimates.forcedLists,
    forMs: 12_000,
    found: [overlap],
  },
  {
    name: "a newer list is believed of the API server alone",
    rules: { ...right, listOfMost: () => undefined },
    climate: listClimates.blind,
    forMs: 8_000,
    found: [follows],
  },
];
