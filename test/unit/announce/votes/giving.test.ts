import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AddressView } from "../../../../src/announce/votes/address-state.ts";
import { heir, heirsClaim, isHeir, movesOnce, want } from "../../../../src/announce/votes/giving.ts";
import { address, boots, claim, claimant, holder, peer, silence, view, votes, wanting, wish } from "./views.ts";

describe("Rule 11: a member wants an address from its holder", () => {
  const named = { wish: wish("me", { generation: 5 }) };
  const cases: readonly { name: string; view: AddressView; want: object | undefined }[] = [
    {
      name: "that the spec names by a newer generation",
      view: view([holder(peer("x"), { generation: 4 })], named),
      want: { generation: 5, afterIntervals: 0 },
    },
    {
      name: "not by the generation that the hold has consumed: who returns takes nothing back",
      view: view([holder(peer("x"), { generation: 5 })], named),
      want: undefined,
    },
    {
      name: "not by a generation that any claim has consumed",
      view: view([holder(peer("x"), { generation: 3 })], { ...named, generation: 5 }),
      want: undefined,
    },
    {
      name: "not if the spec names another",
      view: view([holder(peer("x"), { generation: 4 })], { wish: wish("y", { generation: 5 }) }),
      want: undefined,
    },
    {
      name: "not from a holder that is not linked",
      view: view([holder(peer("x", { linked: false }), { generation: 4 })], named),
      want: undefined,
    },
    {
      name: "not without a quorum",
      view: view([holder(peer("x"), { generation: 4 })], named, { quorum: false }),
      want: undefined,
    },
    {
      name: "that is leaving, in its turn",
      view: view([holder(peer("x", { leaving: true })), silence(peer("y"))], { wish: wish("y") }),
      want: { generation: 0, afterIntervals: 2 },
    },
    {
      name: "that gives it, at once if it is first",
      view: view([holder(peer("x"), { gives: true })], { wish: wish("x") }),
      want: { generation: 0, afterIntervals: 0 },
    },
    {
      name: "not if it may not hold it",
      view: view([holder(peer("x"), { gives: true })], { wish: wish("me", { willing: false }) }),
      want: undefined,
    },
    { name: "not from a mere claimant", view: view([claimant(peer("x"), { generation: 4 })], named), want: undefined },
  ];
  for (const { name, view: given, want: wanted } of cases)
    it(name, () => assert.deepEqual(want(given, movesOnce), wanted));
});

describe("Rule 11: the holder gives the address", () => {
  const holds = claim({ state: "holds", generation: 4 });
  const gives = claim({ state: "holds", generation: 4, gives: true });
  const cases: readonly { name: string; view: AddressView; to: string | undefined }[] = [
    { name: "to whom wants it by a newer generation", view: view([wanting(peer("x"), 5)], holds), to: "x" },
    { name: "not by the same generation again", view: view([wanting(peer("x"), 4)], holds), to: undefined },
    { name: "not to an heir while it stays", view: view([wanting(peer("x"), 0)], holds), to: undefined },
    { name: "to an heir when it leaves", view: view([wanting(peer("x"), 0)], gives), to: "x" },
    {
      name: "to the newest generation before a mere heir",
      view: view([wanting(peer("x"), 0), wanting(peer("y"), 6)], gives),
      to: "y",
    },
    {
      name: "not to whom is leaving too",
      view: view([wanting(peer("x", { leaving: true }), 0)], gives),
      to: undefined,
    },
    { name: "not to whom has no quorum", view: view([wanting(peer("x", { quorum: false }), 5)], holds), to: undefined },
    { name: "not to whom is not linked", view: view([wanting(peer("x", { linked: false }), 5)], holds), to: undefined },
    {
      name: "not to whom goes by an older list and would not count the vote",
      view: view([wanting(peer("x", { countsMe: false }), 5)], holds),
      to: undefined,
    },
  ];
  for (const { name, view: given, to } of cases) it(name, () => assert.equal(heir(given, movesOnce)?.node, to));

  it("by a vote for the claim to come, which names no claim yet and counts for none", () => {
    assert.deepEqual(heir(view([wanting(peer("x"), 5)], holds), movesOnce), {
      node: "x",
      boot: boots.x,
      claim: 0,
      priority: 5,
    });
  });

  it("and votes for that claim once it is made", () => {
    const vote = { node: "x", boot: boots.x, claim: 0, priority: 5 };
    assert.equal(heirsClaim(view([wanting(peer("x"), 5)], { vote })), undefined);
    const made = claimant(peer("x"), {}, { claim: 3, priority: 5 });
    assert.deepEqual(heirsClaim(view([made], { vote })), { ...vote, claim: 3 });
  });
});

describe("Rule 11: the heir claims", () => {
  const forMe = votes(peer("x"), "me", { claim: 0 });
  it("once the holder votes for its claim to come, whatever third ones still vote", () => {
    assert.ok(isHeir(view([forMe, votes(peer("y"), "x")])));
  });

  it("not by a vote for an earlier claim of its own", () => {
    assert.ok(!isHeir(view([votes(peer("x"), "me", { claim: 1 })])));
  });

  it("not if it may not hold the address any more", () => {
    assert.ok(!isHeir(view([forMe], { wish: { address, node: "me", generation: 1, willing: false } })));
  });
});
