/** Members that are broken, or were taken over: they may spoil their own votes, but not the work of the others. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextTerm } from "../../../../src/announce/votes/claiming.ts";
import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import { Intake } from "../../../../src/announce/votes/intake.ts";
import { Member } from "../../../../src/announce/votes/member.ts";
import { HEARTBEATS_AT_ONCE, partsFor } from "../../../../src/announce/votes/outgoing.ts";
import { Peer } from "../../../../src/announce/votes/peer.ts";
import { MOST_ENTRIES, Replica } from "../../../../src/announce/votes/replica.ts";
import { Table } from "../../../../src/announce/votes/table.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";
import { heartbeat } from "./views.ts";

const addressOf = (number: number): Address => ({ family: 4, value: BigInt(number) });
const claims = (number: number, boot = 2n) => ({
  address: addressOf(number),
  vote: { boot, claim: 1, priority: 0 },
  claim: { state: "holds", term: 1, generation: 1, gives: false } as const,
});

describe("What one peer says", () => {
  it("is kept up to a size, and a table that is larger is never whole, so that it confirms nothing", () => {
    const replica = new Replica();
    for (let from = 0; from < 2 * MOST_ENTRIES; from += 80) {
      const entries = Array.from({ length: 80 }, (_, i) => claims(from + i));
      replica.apply({ version: from + 80, from, upTo: from + 80, known: 0, entries });
    }
    assert.equal([...replica.keys()].length, MOST_ENTRIES);
    assert.equal(replica.whole, false);
    replica.apply({ version: 9, from: 0, upTo: 9, known: 0, entries: [claims(1)] });
    assert.deepEqual([[...replica.keys()].length, replica.whole], [1, true]);
  });

  it("is taken in at a rate that no honest member exceeds, and what is more is lost", () => {
    const intake = new Intake();
    let taken = 0;
    for (let i = 0; i < 100_000; i++) if (intake.admits(false, 1_000 + i / 100, 100)) taken += 1;
    assert.ok(taken >= 512 + 600 && taken <= 512 + 650, `${taken} of 100,000 in a second`);
    assert.ok(intake.admits(false, 5_000, 100));
  });

  it("is taken in less often if it says something else of its sender each time", () => {
    const intake = new Intake();
    let taken = 0;
    for (let i = 0; i < 10_000; i++) if (intake.admits(true, 1_000 + i / 10, 100)) taken += 1;
    assert.ok(taken >= 32 + 35 && taken <= 32 + 45, `${taken} of 10,000 in a second`);
  });

  it("of ever new processes is known for some hundreds of them alone", () => {
    const peer = new Peer("x");
    for (let boot = 1n; boot <= 1_000n; boot++) peer.adopt(boot);
    assert.deepEqual([peer.retired(999n), peer.retired(800n), peer.retired(1n)], [true, true, false]);
  });

  it("of an interval of nothing is not believed", () => {
    const peer = new Peer("x");
    peer.take(heartbeat({ intervalMs: 0 }), 1n, 1_000);
    assert.equal(peer.times.intervalMs, 50);
  });
});

describe("A peer that never acknowledges", () => {
  it("is sent a large table once, and then a part of it each time", () => {
    const table = new Table();
    for (let i = 1; i <= 10_000; i++) table.put(claims(i));
    const peer = new Peer("x");
    peer.adopt(2n);
    const sizes = [1, 2, 3].map(() => partsFor(peer, true, { table, repeats: true }).length);
    assert.deepEqual(sizes, [HEARTBEATS_AT_ONCE, 1, 1]);
    peer.acked = peer.cursor;
    assert.equal(partsFor(peer, true, { table, repeats: true }).length, HEARTBEATS_AT_ONCE);
  });
});

describe("A generation that somebody made up", () => {
  it("is forgotten after a minute, so that the spec's next one moves the address again", () => {
    const names = ["a", "b", "c"];
    const network = new Network({ names });
    const wish = (node: string, generation: number) => [{ address: addressOf(1), node, generation, willing: true }];
    network.wish(wish("c", 1));
    network.run(1_000);
    network.heard = (each, to) => {
      const [entry] = each.table.entries;
      if (each.boot !== 3n || entry?.claim === undefined) return;
      const claim = { ...entry.claim, generation: Number.MAX_SAFE_INTEGER };
      const table = { ...each.table, from: 0, entries: [{ ...entry, claim }] };
      network.node(to).member.heard("c", { ...each, seq: each.seq + 1, table }, network.nowMs);
    };
    network.wish(wish("c", 2));
    network.run(1_000);
    network.kill("c");
    network.run(2_000);
    const [holder = ""] = network.answering(addressOf(1));
    const other = holder === "a" ? "b" : "a";
    network.wish(wish(other, 3));
    network.run(62_000);
    assert.deepEqual(network.answering(addressOf(1)), [holder]);
    network.wish(wish(other, 4));
    network.run(100);
    assert.deepEqual(network.answering(addressOf(1)), [other]);
  });
});

describe("A term", () => {
  it("ends where a heartbeat cannot carry it, however high somebody says it is", () => {
    assert.equal(nextTerm(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
    assert.equal(nextTerm(7), 8);
  });
});

/** What an honest voter for the member's first claim sends. */
function honest(member: Member, boot: bigint, { seq, acked }: { seq: number; acked: number }): Heartbeat {
  const vote = { boot: 1n, claim: 1, priority: 1 };
  const entries = member.stateOf(addressOf(1)) === undefined ? [] : [{ address: addressOf(1), vote }];
  const table = { version: seq, from: 0, upTo: seq, known: 0, entries };
  return heartbeat({ boot, seq, ack: { boot: 1n, seq: acked }, table });
}

/** A member "me" of these, which hears x at each 10 ms say whatever is given, and goes on for so long. */
function besieged(members: readonly string[], says: (nowMs: number) => Partial<Heartbeat>, ms: number): Member {
  const options = { node: "me", boot: 1n, intervalMs: 100, withoutQuorum: "Keep", memory: undefined } as const;
  const member = new Member(options, 0);
  member.setList({ epoch: 1, members, witness: false, forced: false }, 0);
  member.setWishes([{ address: addressOf(1), node: "me", generation: 1, willing: true }], 0);
  const sent = new Map<string, number>();
  let seq = 0;
  for (let nowMs = 0; nowMs < ms; nowMs += 10) {
    for (const { to, heartbeat: each } of member.outbox(nowMs)) sent.set(to, each.seq);
    seq += 1;
    member.heard("y", honest(member, 3n, { seq, acked: sent.get("y") ?? 0 }), nowMs);
    member.heard("x", { ...honest(member, 2n, { seq, acked: sent.get("x") ?? 0 }), ...says(nowMs) }, nowMs);
    member.tick(nowMs);
  }
  return member;
}

describe("A member holds by the votes of the others, whatever one says", () => {
  const members = ["me", "x", "y"];
  const lies: Readonly<Record<string, (nowMs: number) => Partial<Heartbeat>>> = {
    "of an epoch of the far future": () => ({ epoch: Number.MAX_SAFE_INTEGER }),
    "of a new process each time": (nowMs) => ({ boot: BigInt(nowMs + 1_000), seq: 1 }),
    "of acknowledging what was never sent": () => ({ ack: { boot: 1n, seq: 0xffffffff } }),
    "of knowing a table that is not there": (nowMs) => ({
      table: { version: 1, from: 0, upTo: 1, known: 2 ** 50 + nowMs, entries: [] },
    }),
    "of wanting it by a generation of the far future, unlinked": () => ({
      ack: { boot: 0n, seq: 0 },
      table: {
        version: 1,
        from: 0,
        upTo: 1,
        known: 0,
        entries: [{ address: addressOf(1), wants: Number.MAX_SAFE_INTEGER }],
      },
    }),
    "of quorums and leaving, on and off": (nowMs) => ({ quorum: nowMs % 20 === 0, leaving: nowMs % 20 !== 0 }),
  };
  for (const [what, lie] of Object.entries(lies))
    it(what, () => assert.equal(besieged(members, lie, 3_000).stateOf(addressOf(1)), "holds"));

  it("also when the list names one of them twice", () => {
    assert.equal(besieged(["me", "y", "y", "me", "y"], () => ({}), 3_000).stateOf(addressOf(1)), "holds");
  });
});
