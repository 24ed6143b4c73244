import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hearing, linkedUntilMs, lookAt, probedFromMs, silentFromMs } from "../../../../src/announce/votes/hearing.ts";
import { epochCounts } from "../../../../src/announce/votes/lists.ts";
import { Peer } from "../../../../src/announce/votes/peer.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";
import { boots, heartbeat } from "./views.ts";

const looking = {
  nowMs: 10_000,
  startedAtMs: 0,
  boundUntilMs: 0,
  intervalMs: 100,
  timing,
  epoch: 5,
  shownEpoch: 5,
  epochCounts,
};

/** A peer that was heard, and heard this member, so long ago; everything else is well. */
function heardAgo({ rx, link = rx }: { readonly rx: number; readonly link?: number }): Peer {
  const peer = new Peer("x");
  peer.boot = boots.x;
  peer.quorum = true;
  Object.assign(peer.times, { rxAtMs: 10_000 - rx, linkAtMs: 10_000 - link, ackAtMs: 10_000 - link, epoch: 5 });
  return peer;
}

describe("Rule 1: a heartbeat counts", () => {
  const known = { boot: boots.x, seq: 10, retired: (boot: bigint) => boot === boots.z };
  const cases = [
    { name: "if it is newer than the newest", heartbeat: { seq: 11 }, want: "taken" },
    { name: "not if it is the newest again", heartbeat: { seq: 10 }, want: "ignored" },
    { name: "not if it was overtaken", heartbeat: { seq: 9 }, want: "ignored" },
    {
      name: "not if it acknowledges another process of this node",
      heartbeat: { seq: 11, ack: { boot: boots.y, seq: 3 } },
      want: "ignored",
    },
    {
      name: "also if its sender knows this process no more",
      heartbeat: { seq: 11, ack: { boot: 0n, seq: 0 } },
      want: "taken",
    },
    {
      name: "as the first of a new process once it acknowledges this one",
      heartbeat: { boot: boots.y },
      want: "adopted",
    },
    {
      name: "of a new process that does not know this one yet: it is only told so, for it may be a replay",
      heartbeat: { boot: boots.y, ack: { boot: 0n, seq: 0 } },
      want: "greeted",
    },
    { name: "never of a process that was replaced", heartbeat: { boot: boots.z, seq: 99 }, want: "ignored" },
    { name: "never if it is this member's own", heartbeat: { boot: boots.me, seq: 11 }, want: "ignored" },
    { name: "never without a process", heartbeat: { boot: 0n, seq: 11 }, want: "ignored" },
  ];
  for (const { name, heartbeat: values, want } of cases)
    it(name, () => assert.equal(hearing(known, boots.me, heartbeat(values)), want));
});

describe("Rule 2: what a peer acknowledges is dated by when it was sent", () => {
  it("however late the acknowledgement comes in", () => {
    const peer = new Peer("x");
    peer.sent.note(1, 1_000);
    peer.take(heartbeat({ ack: { boot: boots.me, seq: 1 } }), boots.me, 9_000);
    peer.confirm(1, 9_000);
    assert.equal(peer.times.linkAtMs, 1_000);
    assert.equal(peer.times.rxAtMs, 9_000);
  });

  it("and never by an acknowledgement of what was not sent, or is long forgotten", () => {
    const peer = new Peer("x");
    for (let seq = 1; seq <= 600; seq++) peer.sent.note(seq, seq);
    for (const seq of [0, 1, 601]) assert.equal(peer.sent.at(seq), Number.NEGATIVE_INFINITY);
    assert.equal(peer.sent.at(600), 600);
  });
});

describe("Rule 3: a peer is linked", () => {
  const cases = [
    {
      name: "while both ends hear each other within 4 intervals",
      peer: heardAgo({ rx: 399 }),
      linked: true,
      heard: true,
    },
    { name: "not once it was not heard for 4", peer: heardAgo({ rx: 400, link: 0 }), linked: false, heard: false },
    {
      name: "not if it hears nothing, though it is heard",
      peer: heardAgo({ rx: 0, link: 400 }),
      linked: false,
      heard: true,
    },
  ];
  for (const { name, peer, linked, heard } of cases) {
    it(name, () => {
      const view = lookAt(peer, looking);
      assert.deepEqual([view.linked, view.heard], [linked, heard]);
    });
  }

  it("not if it goes by a newer list, which this member does not know", () => {
    const peer = heardAgo({ rx: 0 });
    peer.times.epoch = 6;
    assert.equal(lookAt(peer, looking).linked, false);
    assert.equal(lookAt(peer, { ...looking, epoch: 6 }).linked, true);
  });

  it("until the earlier of both ends", () => {
    assert.equal(linkedUntilMs(heardAgo({ rx: 50, link: 150 }).times, timing, 100), 10_250);
  });
});

describe("Rule 4: a late acknowledgement is asked for", () => {
  it("from 2.1 intervals on, for a full phase alone can make it 2 intervals old", () => {
    assert.equal(probedFromMs(heardAgo({ rx: 0, link: 200 }).times, looking), 10_010);
  });

  it("not of a peer that was not heard for 5 intervals", () => {
    assert.equal(probedFromMs(heardAgo({ rx: 500, link: 900 }).times, looking), Number.POSITIVE_INFINITY);
  });
});

describe("Rule 5: a peer is silent, so that votes for it may go,", () => {
  const cases = [
    {
      name: "5 intervals after it was heard",
      peer: heardAgo({ rx: 0 }),
      startedAtMs: 0,
      wantMs: 10_500,
    },
    {
      name: "5 intervals after the start if it was not heard since",
      peer: new Peer("x"),
      startedAtMs: 9_900,
      wantMs: 10_400,
    },
    {
      name: "5 intervals after it left the list",
      peer: heardAgo({ rx: 300 }),
      startedAtMs: 0,
      left: 9_950,
      wantMs: 10_450,
    },
    {
      name: "not before the votes of the last process, which had a longer interval, are over",
      peer: heardAgo({ rx: 0 }),
      startedAtMs: 9_900,
      boundUntilMs: 11_000,
      wantMs: 11_000,
    },
  ];
  for (const { name, peer, startedAtMs, boundUntilMs = 0, left, wantMs } of cases) {
    it(name, () => {
      if (left !== undefined) peer.times.leftAtMs = left;
      const at = { ...looking, startedAtMs, boundUntilMs };
      assert.equal(silentFromMs(peer.times, at), wantMs);
      assert.equal(lookAt(peer, { ...at, nowMs: wantMs - 1 }).silent, false);
      assert.equal(lookAt(peer, { ...at, nowMs: wantMs }).silent, true);
    });
  }
});
