import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { epochCounts } from "../../../../src/announce/votes/lists.ts";
import { Peer } from "../../../../src/announce/votes/peer.ts";
import { isQuorum, suspicious, voterCount } from "../../../../src/announce/votes/quorum.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";
import { peer } from "./views.ts";

type Values = {
  readonly linked?: boolean;
  readonly witness?: boolean;
  readonly rx?: number;
  readonly link?: number;
  readonly leaving?: boolean;
};

/** A peer that was heard, and heard this member, so many ms before 10 s. */
function member({ linked = true, witness = false, rx = 0, link = 0, leaving = false }: Values = {}): Peer {
  const member = new Peer("x");
  member.view = peer("x", { linked });
  member.witness = witness;
  member.leaving = leaving;
  Object.assign(member.times, { rxAtMs: 10_000 - rx, linkAtMs: 10_000 - link });
  return member;
}

describe("Rule 3: a quorum", () => {
  const cases = [
    {
      name: "is two of three",
      peers: [member(), member({ linked: false })],
      listed: false,
      own: false,
      needed: 2,
      is: true,
    },
    { name: "is not two of four", peers: [member()], listed: false, own: false, needed: 3, is: false },
    { name: "is one of two with the witness", peers: [], listed: true, own: true, needed: 2, is: true },
    {
      name: "is three of four and a witness that one of them has",
      peers: [member({ witness: true })],
      listed: true,
      own: false,
      needed: 3,
      is: true,
    },
    {
      name: "counts the witness once",
      peers: [member({ witness: true })],
      listed: true,
      own: true,
      needed: 4,
      is: false,
    },
    {
      name: "counts no witness of whom is not linked",
      peers: [member(), member({ linked: false, witness: true })],
      listed: true,
      own: false,
      needed: 3,
      is: false,
    },
    {
      name: "counts no witness that the list has no more",
      peers: [member({ witness: true })],
      listed: false,
      own: false,
      needed: 3,
      is: false,
    },
  ];
  for (const { name, peers, listed, own, needed, is } of cases)
    it(name, () => assert.equal(isQuorum(peers, { listed, own }, needed), is));

  it("is of the members, and of the witness if there is one", () => {
    const list = { epoch: 1, members: ["a", "b"], forced: false };
    assert.equal(voterCount({ ...list, witness: false }), 2);
    assert.equal(voterCount({ ...list, witness: true }), 3);
  });
});

describe("Rule 15: suspicion", () => {
  const looking = {
    nowMs: 10_000,
    startedAtMs: 0,
    boundUntilMs: 0,
    intervalMs: 100,
    timing,
    epoch: 1,
    shownEpoch: 1,
    epochCounts,
  };
  const cases = [
    {
      name: "is not there while more than half are fresh",
      peers: [member({ rx: 299, link: 299 }), member({ rx: 900 })],
      needed: 2,
      is: false,
    },
    { name: "begins when half were not heard for 3 intervals", peers: [member({ rx: 300 })], needed: 2, is: true },
    {
      name: "begins when half did not hear this member for 3 intervals",
      peers: [member({ link: 300 })],
      needed: 2,
      is: true,
    },
    { name: "begins when half are leaving", peers: [member({ leaving: true })], needed: 2, is: true },
    { name: "is not there in a group of one", peers: [], needed: 1, is: false },
  ];
  for (const { name, peers, needed, is } of cases) it(name, () => assert.equal(suspicious(peers, needed, looking), is));

  it("waits for 3 intervals after the start", () => {
    assert.equal(suspicious([member({ rx: 9_000 })], 2, { ...looking, startedAtMs: 9_701 }), false);
    assert.equal(suspicious([member({ rx: 9_000 })], 2, { ...looking, startedAtMs: 9_700 }), true);
  });
});
