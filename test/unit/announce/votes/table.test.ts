import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { TableEntry, TableUpdate } from "../../../../src/announce/votes/heartbeat.ts";
import {
  ENTRIES_PER_HEARTBEAT,
  HEARTBEATS_AT_ONCE,
  heartbeatsFor,
  partsFor,
} from "../../../../src/announce/votes/outgoing.ts";
import { Peer } from "../../../../src/announce/votes/peer.ts";
import { Replica } from "../../../../src/announce/votes/replica.ts";
import { saysNothing, Table } from "../../../../src/announce/votes/table.ts";
import { addressKey } from "../../../../src/net/address.ts";

const says = {
  boot: 1n,
  epoch: 1,
  quorum: true,
  leaving: false,
  witness: false,
  intervalMs: 100,
  forcedEpoch: 0,
  list: undefined,
};
const entry = (number: number, claim: number): TableEntry => {
  const address = { family: 4, value: BigInt(number) } as const;
  return claim === 0 ? { address } : { address, vote: { boot: 1n, claim, priority: 0 } };
};

/** A table, and one receiver of it that is heard, over a network that does as the test says. */
class Link {
  readonly table = new Table();
  readonly peer = new Peer("x");
  replica = new Replica();
  nowMs = 0;

  constructor() {
    this.peer.adopt(2n);
  }

  /** The updates of one regular sending. */
  send({ heard = true, repeats = true } = {}): readonly TableUpdate[] {
    this.nowMs += 100;
    const parts = partsFor(this.peer, heard, { table: this.table, repeats });
    return heartbeatsFor(this.peer, says, parts, { nowMs: this.nowMs, answerMe: false }).map(
      ({ heartbeat }) => heartbeat.table,
    );
  }

  /** The receiver's next heartbeat arrives. */
  acknowledge(): void {
    this.peer.acked = this.replica.known;
    this.peer.cursor = Math.max(this.peer.cursor, this.replica.known);
  }

  /** Whether the receiver takes what it has for the whole table as it is now. */
  current(): boolean {
    return this.replica.whole && this.replica.known === this.table.version;
  }

  said(): readonly string[] {
    const keys = [...this.replica.keys()].filter((key) => !saysNothing(this.replica.entry(key) ?? entry(0, 0)));
    return keys.map((key) => `${key}=${this.replica.entry(key)?.vote?.claim}`).sort();
  }
}

const change = fc.record({ kind: fc.constant("change" as const), number: fc.nat(8), claim: fc.nat(3) });
const bulk = fc.record({
  kind: fc.constant("bulk" as const),
  count: fc.integer({ min: 70, max: 200 }),
  claim: fc.nat(3),
});
const sending = fc.record({
  kind: fc.constant("send" as const),
  heard: fc.boolean(),
  repeats: fc.boolean(),
  lost: fc.array(fc.boolean(), { maxLength: 4 }),
  twice: fc.boolean(),
  acknowledged: fc.boolean(),
});
const forgets = fc.record({ kind: fc.constantFrom("compact" as const, "restart" as const) });
const events = fc.array(fc.oneof({ weight: 4, arbitrary: change }, bulk, { weight: 6, arbitrary: sending }, forgets), {
  maxLength: 60,
});
type Event = typeof events extends fc.Arbitrary<(infer E)[]> ? E : never;

function play(link: Link, wanted: Map<string, number>, event: Event): void {
  const put = (number: number, claim: number): void => {
    link.table.put(entry(number, claim));
    wanted.set(addressKey(entry(number, claim).address), claim);
  };
  if (event.kind === "change") put(event.number, event.claim);
  else if (event.kind === "bulk") for (let i = 0; i < event.count; i++) put(i, event.claim);
  else if (event.kind === "send") deliver(link, event);
  else if (event.kind === "compact") link.table.compact(link.table.version);
  else {
    link.replica = new Replica();
    link.peer.adopt(link.peer.boot + 1n);
  }
}

function deliver(link: Link, { heard, repeats, lost, twice, acknowledged }: Event & { kind: "send" }): void {
  const updates = link.send({ heard, repeats }).filter((_, i) => lost[i] !== true);
  for (const update of updates) link.replica.apply(update);
  const last = updates.at(-1);
  if (twice && last !== undefined) link.replica.apply(last);
  if (acknowledged) link.acknowledge();
}

const allArrives = { heard: true, repeats: true, lost: [], twice: false, acknowledged: true };

function said(wanted: ReadonlyMap<string, number>): readonly string[] {
  return [...wanted]
    .filter(([, claim]) => claim > 0)
    .map(([key, claim]) => `${key}=${claim}`)
    .sort();
}

describe("the table of a member, at its peers,", () => {
  it("is the same in the end, and never said to be whole before, whatever got lost, came twice, or was forgotten", () => {
    fc.assert(
      fc.property(events, (history) => {
        const link = new Link();
        const wanted = new Map<string, number>();
        const agree = (): boolean => link.said().join() === said(wanted).join();
        for (const event of history) {
          play(link, wanted, event);
          assert.ok(!link.current() || agree());
        }
        for (let i = 0; i < 5; i++) deliver(link, { ...allArrives, kind: "send" });
        assert.ok(link.replica.whole && agree());
      }),
      { numRuns: 300 },
    );
  });

  it("travels as changes, and not at all at rest", () => {
    const link = new Link();
    link.table.put(entry(1, 1));
    assert.deepEqual(link.send()[0], { version: 1, from: 0, upTo: 1, known: 0, entries: [entry(1, 1)] });
    link.peer.acked = 1;
    assert.deepEqual(link.send()[0], { version: 1, from: 1, upTo: 1, known: 0, entries: [] });
  });

  it("repeats a change until it is acknowledged", () => {
    const link = new Link();
    link.table.put(entry(1, 1));
    for (const repeats of [true, false, false]) assert.equal(link.send({ repeats })[0]?.entries.length, 1);
  });

  it("says that a vote is gone", () => {
    const link = new Link();
    link.table.put(entry(1, 1));
    for (const update of link.send()) link.replica.apply(update);
    link.acknowledge();
    link.table.put(entry(1, 0));
    assert.deepEqual(link.send()[0]?.entries, [entry(1, 0)]);
  });

  it("takes as many heartbeats as it needs, not more than 80 entries each, and asks for an answer at the last of a batch", () => {
    const link = new Link();
    for (let i = 0; i < 10_000; i++) link.table.put(entry(i, 1));
    const parts = partsFor(link.peer, true, { table: link.table, repeats: true });
    const out = heartbeatsFor(link.peer, says, parts, { nowMs: 0, answerMe: false });
    assert.equal(out.length, HEARTBEATS_AT_ONCE);
    assert.ok(out.every(({ heartbeat }) => heartbeat.table.entries.length === ENTRIES_PER_HEARTBEAT));
    assert.deepEqual(
      out.map(({ heartbeat }) => heartbeat.answerMe),
      [...Array(HEARTBEATS_AT_ONCE - 1).fill(false), true],
    );
  });

  it("is sent part by part to whom is not heard but may hear", () => {
    const link = new Link();
    for (let i = 0; i < 200; i++) link.table.put(entry(i, 1));
    for (let i = 0; i < 3; i++) {
      const updates = link.send({ heard: false });
      assert.equal(updates.length, 1);
      for (const update of updates) link.replica.apply(update);
    }
    assert.ok(link.replica.whole);
  });
});
