import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Saying, Vote } from "../../../../src/announce/votes/address-state.ts";
import { outranks } from "../../../../src/announce/votes/order.ts";
import { choice, claimDelay, claimIsOver, voteIsOver } from "../../../../src/announce/votes/voting.ts";
import { addressKey } from "../../../../src/net/address.ts";
import { address, boots, claim, claimant, holder, type Name, peer, silence, view, votes, wish } from "./views.ts";

const voteFor = (node: Exclude<Name, "me">, values: Partial<Vote> = {}): Vote => ({
  node,
  boot: boots[node],
  claim: 1,
  priority: 0,
  ...values,
});

const key = addressKey(address);
const [better, worse] = outranks({ node: "x", priority: 0 }, { node: "y", priority: 0 }, key)
  ? (["x", "y"] as const)
  : (["y", "x"] as const);

describe("Rule 5: a vote for another", () => {
  const vote = voteFor("x");
  const cases: readonly { name: string; sayings: readonly Saying[]; vote?: Vote; over: boolean }[] = [
    { name: "stays while that one claims", sayings: [claimant(peer("x"))], over: false },
    {
      name: "stays while that one is not heard for less than 5 intervals",
      sayings: [claimant(peer("x", { heard: false, linked: false }))],
      over: false,
    },
    {
      name: "goes once it was not heard for 5 intervals",
      sayings: [claimant(peer("x", { heard: false, linked: false, silent: true }))],
      over: true,
    },
    { name: "goes once that one has a new process", sayings: [claimant(peer("x", { boot: 99n }))], over: true },
    { name: "goes once that one votes for nobody", sayings: [silence(peer("x"))], over: true },
    { name: "goes once that one votes for somebody else", sayings: [votes(peer("x"), "y")], over: true },
    { name: "goes once that one makes another claim", sayings: [claimant(peer("x"), {}, { claim: 2 })], over: true },
    {
      name: "stays while the claimant's table is not known whole",
      sayings: [silence(peer("x", { whole: false }))],
      over: false,
    },
    {
      name: "stays after a restart until that one is heard again",
      sayings: [silence(peer("x", { boot: 0n, heard: false, linked: false }))],
      over: false,
    },
    { name: "goes once nothing of that one is known", sayings: [], over: true },
    {
      name: "for an heir stays while it wants",
      sayings: [{ peer: peer("x"), entry: { address, wants: 3 } }],
      vote: voteFor("x", { claim: 0 }),
      over: false,
    },
    {
      name: "for an heir goes once it wants no more",
      sayings: [{ peer: peer("x"), entry: { address } }],
      vote: voteFor("x", { claim: 0 }),
      over: true,
    },
  ];
  for (const { name, sayings, vote: other = vote, over } of cases)
    it(name, () => assert.equal(voteIsOver(view(sayings, { vote: other })), over));
});

describe("Rule 6: a free member votes", () => {
  const cases: readonly { name: string; sayings: readonly Saying[]; want: string | undefined }[] = [
    { name: "for nobody if nobody claims", sayings: [silence(peer("x")), votes(peer("y"), "z")], want: undefined },
    { name: "for the only claimant", sayings: [claimant(peer("x"))], want: "x" },
    {
      name: "for a holder before any claimant",
      sayings: [holder(peer(worse)), claimant(peer(better), {}, { priority: 9 })],
      want: worse,
    },
    {
      name: "for the newer generation of the spec, whatever its own copy says",
      sayings: [claimant(peer(better)), claimant(peer(worse), {}, { priority: 2 })],
      want: worse,
    },
    {
      name: "by rank if nothing else tells them apart",
      sayings: [claimant(peer(worse)), claimant(peer(better))],
      want: better,
    },
    { name: "not for a claimant without a quorum", sayings: [claimant(peer("x", { quorum: false }))], want: undefined },
    { name: "not for one that is not heard", sayings: [claimant(peer("x", { heard: false }))], want: undefined },
  ];
  for (const { name, sayings, want } of cases) it(name, () => assert.equal(choice(view(sayings))?.node, want));

  it("for the very claim: its process, its number, its priority", () => {
    const sayings = [claimant(peer("x"), {}, { claim: 7, priority: 3 })];
    assert.deepEqual(choice(view(sayings)), { node: "x", boot: boots.x, claim: 7, priority: 3 });
  });
});

describe("Rule 7: a free address is claimed", () => {
  const unheard = peer("x", { boot: 0n, linked: false, heard: false, silent: true, quorum: false });
  const cases = [
    { name: "at once by whom the spec names", sayings: [silence(peer("x")), silence(peer("y"))], want: 0 },
    { name: "at once by the last that is left", sayings: [], wish: wish("x"), want: 0 },
    { name: "2 intervals later by the second", sayings: [silence(peer("x"))], wish: wish("x"), want: 2 },
    {
      name: "without a wait for whom is not linked",
      sayings: [silence(peer("x", { linked: false }))],
      wish: wish("x"),
      want: 0,
    },
    {
      name: "without a wait for whom is leaving",
      sayings: [silence(peer("x", { leaving: true }))],
      wish: wish("x"),
      want: 0,
    },
    {
      name: "without a wait for whom has no quorum",
      sayings: [silence(peer("x", { quorum: false }))],
      wish: wish("x"),
      want: 0,
    },
    {
      name: "without a wait for whom is no candidate",
      sayings: [silence(peer("x"))],
      wish: wish("x", { candidates: ["me", "y"] }),
      want: 0,
    },
    { name: "not while somebody claims it", sayings: [claimant(peer("x", { linked: false }))], want: undefined },
    {
      name: "not while a linked member votes for somebody who is lost",
      sayings: [votes(peer("x"), "z")],
      want: undefined,
    },
    {
      name: "though somebody who is not linked votes for another",
      sayings: [votes(peer("x", { linked: false }), "z")],
      want: 0,
    },
    {
      name: "not while a linked member's votes are not known whole",
      sayings: [silence(peer("x", { whole: false }))],
      want: undefined,
    },
    {
      name: "not by whom has just started while its owner is not heard, for that one may be starting too",
      sayings: [silence(unheard), silence(peer("y"))],
      wish: wish("x"),
      self: { starting: true },
      want: undefined,
    },
    {
      name: "by whom has just started, once its owner was heard and is lost",
      sayings: [silence(peer("x", { linked: false, heard: false, silent: true }))],
      wish: wish("x"),
      self: { starting: true },
      want: 0,
    },
    {
      name: "by whom has just started, though one who is not its owner is not heard",
      sayings: [silence(unheard)],
      wish: wish("me"),
      self: { starting: true },
      want: 0,
    },
    {
      name: "by whom has just started, if its owner has left the list",
      sayings: [silence({ ...unheard, listed: false })],
      wish: wish("x"),
      self: { starting: true },
      want: 0,
    },
    {
      name: "once the start is over, though its owner was never heard",
      sayings: [silence(unheard)],
      wish: wish("x"),
      want: 0,
    },
    { name: "not without a quorum", sayings: [], self: { quorum: false }, want: undefined },
    { name: "not by whom is leaving", sayings: [], self: { leaving: true }, want: undefined },
    { name: "not by whom may not hold it", sayings: [], wish: wish("me", { willing: false }), want: undefined },
    { name: "not by whom is not in the list", sayings: [], self: { listed: false }, want: undefined },
    {
      name: "not by whom has lost its memory just now (rule 13)",
      sayings: [],
      self: { mayVote: false },
      want: undefined,
    },
  ];
  for (const { name, sayings, wish: wished = wish("me"), self = {}, want } of cases)
    it(name, () => assert.equal(claimDelay(view(sayings, { wish: wished }, self)), want));

  it("not where another station was seen with it, as long as the force lasts (rule 21)", () => {
    const state = { notBeforeMs: Number.MAX_VALUE };
    assert.equal(claimDelay(view([], state, { forced: true })), undefined);
    assert.equal(claimDelay(view([], state, { forced: false })), 0);
  });
});

describe("Rule 8: a claim that does not hold", () => {
  const mine = claim({ priority: 1 });
  const cases: readonly {
    name: string;
    sayings: readonly Saying[];
    wish?: ReturnType<typeof wish>;
    self?: object;
    want: string | undefined;
  }[] = [
    { name: "stands while nobody does better", sayings: [silence(peer("x")), votes(peer("y"), "me")], want: undefined },
    { name: "goes before a holder", sayings: [holder(peer("x"))], want: "OtherHolder" },
    {
      name: "goes before one who keeps the address without a quorum",
      sayings: [claimant(peer("x", { quorum: false }), { state: "keeps" })],
      want: "OtherHolder",
    },
    {
      name: "goes before a better claim that is heard",
      sayings: [claimant(peer("x"), {}, { priority: 2 })],
      want: "BetterClaim",
    },
    {
      name: "stands before a better claim without a quorum",
      sayings: [claimant(peer("x", { quorum: false, linked: false }), {}, { priority: 2 })],
      want: undefined,
    },
    { name: "stands before a worse one", sayings: [claimant(peer("x"))], want: undefined },
    {
      name: "goes before a better one that only a third hears",
      sayings: [votes(peer("x"), "z", { priority: 2 })],
      want: "BetterClaim",
    },
    {
      name: "goes before a holder that a third votes for",
      sayings: [votes(peer("x"), "y"), holder(peer("y", { linked: false }))],
      want: "OtherHolder",
    },
    { name: "goes with the will to hold", sayings: [], wish: wish("me", { willing: false }), want: "Unwilling" },
    { name: "goes with whom is leaving", sayings: [], self: { leaving: true }, want: "Unwilling" },
    {
      name: "goes one interval after the quorum went",
      sayings: [],
      self: { quorum: false, quorumLostAtMs: 9_900 },
      want: "QuorumLost",
    },
    { name: "stands until then", sayings: [], self: { quorum: false, quorumLostAtMs: 9_901 }, want: undefined },
  ];
  for (const { name, sayings, wish: wished = wish("me"), self = {}, want } of cases)
    it(name, () => assert.equal(claimIsOver(view(sayings, { ...mine, wish: wished }, self)), want));
});
