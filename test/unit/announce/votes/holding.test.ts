import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { AddressView } from "../../../../src/announce/votes/address-state.ts";
import { authorityEndMs, isOutdone, isVoteFor, majority, type Voter } from "../../../../src/announce/votes/holding.ts";
import { claim, claimant, holder, peer, view } from "./views.ts";

const never = Number.NEGATIVE_INFINITY;

/** A voter of the claim, who acknowledged what was sent at that time. */
function voter(ackAtMs: number, values: Partial<Omit<Voter, "times">> & { readonly witnessAtMs?: number } = {}): Voter {
  const { votes = true, counts = true, pace = 1, witnessAtMs = never } = values;
  const times = {
    rxAtMs: 1e9,
    linkAtMs: 1e9,
    ackAtMs,
    ackRxAtMs: 1e9,
    witnessAtMs,
    leftAtMs: never,
    epoch: 1,
    intervalMs: 100,
  };
  return { votes, counts, pace, times };
}

const ballot = (voters: readonly Voter[], of: number, witnessUntilMs = never, witness = true) => ({
  voters,
  needed: majority(of),
  witness,
  witnessUntilMs,
  validMs: 400,
  witnessSharedMs: 400,
});

describe("Rule 9: a claim holds", () => {
  const cases = [
    { name: "without end in a group of one", ballot: ballot([], 1), wantMs: Number.POSITIVE_INFINITY },
    { name: "as long as the only other's vote", ballot: ballot([voter(1_000)], 2), wantMs: 1_400 },
    { name: "as long as the better of two others", ballot: ballot([voter(1_000), voter(1_100)], 3), wantMs: 1_500 },
    {
      name: "of five as long as the second of four",
      ballot: ballot([voter(1), voter(30), voter(20), voter(10)], 5),
      wantMs: 420,
    },
    {
      name: "not by links, however many, if they vote for others",
      ballot: ballot([voter(1_000, { votes: false }), voter(1_000, { votes: false })], 3),
      wantMs: never,
    },
    {
      name: "not by the votes of whom goes by a newer list (rule 20)",
      ballot: ballot([voter(1_000, { counts: false })], 2),
      wantMs: never,
    },
    { name: "with the witness at hand, alone (rule 14)", ballot: ballot([], 3, 2_400), wantMs: 2_400 },
    {
      name: "with a voter who has the witness",
      ballot: ballot([voter(1_000, { witnessAtMs: 990 })], 5),
      wantMs: 1_390,
    },
    {
      name: "for less by the vote of whom waits less before it votes anew",
      ballot: ballot([voter(1_000, { pace: 0.5 })], 2),
      wantMs: 1_200,
    },
    {
      name: "with the witness of another for 0.4 s at most: 3 s after its last write somebody else may have it",
      ballot: { ...ballot([voter(1_000, { witnessAtMs: 990 })], 5), validMs: 2_000 },
      wantMs: 1_390,
    },
    {
      name: "with the witness counted once, whoever shows it",
      ballot: ballot([voter(1_000, { witnessAtMs: 1_000 })], 7, 2_400),
      wantMs: never,
    },
    {
      name: "not with a witness that the list has no more, though a voter with the older list still counts it",
      ballot: ballot([voter(1_000, { witnessAtMs: 1_000 })], 5, never, false),
      wantMs: never,
    },
    {
      name: "not with the witness of whom votes for others",
      ballot: ballot([voter(1_000), voter(1_000, { votes: false, witnessAtMs: 1_000 })], 5),
      wantMs: never,
    },
  ];
  for (const { name, ballot: given, wantMs } of cases) it(name, () => assert.equal(authorityEndMs(given), wantMs));

  it("never by less than half, and no longer than one of the votes that make the majority", () => {
    const voters = fc.array(fc.record({ atMs: fc.nat(1_000), votes: fc.boolean() }), { maxLength: 6 });
    fc.assert(
      fc.property(voters, (given) => {
        const endMs = authorityEndMs(
          ballot(
            given.map(({ atMs, votes }) => voter(atMs, { votes })),
            given.length + 1,
          ),
        );
        const lasting = given.filter(({ atMs, votes }) => votes && atMs + 400 >= endMs).length + 1;
        if (endMs !== never) assert.ok(lasting > (given.length + 1) / 2);
        else assert.ok(given.filter(({ votes }) => votes).length + 1 <= (given.length + 1) / 2);
      }),
    );
  });

  it("by votes for this very claim alone: one for an earlier claim of the same process does not count", () => {
    const mine = { boot: 1n, claim: 2, priority: 0 };
    assert.ok(isVoteFor({ boot: 1n, claim: 2, priority: 0 }, mine));
    assert.ok(!isVoteFor({ boot: 1n, claim: 1, priority: 0 }, mine));
    assert.ok(!isVoteFor({ boot: 2n, claim: 2, priority: 0 }, mine));
    assert.ok(!isVoteFor(undefined, mine));
  });
});

describe("Rule 10: who hears a hold", () => {
  const mine = claim({ state: "holds", term: 5 });
  const cases: readonly { name: string; view: AddressView; outdone: boolean }[] = [
    { name: "of a higher term stops", view: view([holder(peer("x"), { term: 6 })], mine), outdone: true },
    { name: "of a lower term goes on", view: view([holder(peer("x"), { term: 4 })], mine), outdone: false },
    { name: "that is a mere claim goes on", view: view([claimant(peer("x"), { term: 6 })], mine), outdone: false },
    {
      name: "that is kept without a quorum goes on",
      view: view([claimant(peer("x"), { state: "keeps", term: 6 })], mine),
      outdone: false,
    },
    {
      name: "in a heartbeat that was long on its way goes on",
      view: view([holder(peer("x", { hearsMe: false, linked: false }), { term: 6 })], mine),
      outdone: false,
    },
    { name: "long ago goes on", view: view([holder(peer("x", { heard: false }), { term: 6 })], mine), outdone: false },
  ];
  for (const { name, view: given, outdone } of cases) it(name, () => assert.equal(isOutdone(given), outdone));
});
