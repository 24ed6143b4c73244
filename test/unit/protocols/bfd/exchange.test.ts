/** One end, packet by packet: polls, and being stopped. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type BfdPacket, decodeBfd, encodeBfd } from "../../../../src/protocols/bfd/packet.ts";
import type { BfdSession } from "../../../../src/protocols/bfd/session.ts";
import { settings } from "./link.ts";
import { only, session, sessionIn, slow, upSession } from "./one-end.ts";
import { anyPacket, packet } from "./packets.ts";

describe("poll sequences (RFC 5880, 6.5, 6.8.3)", () => {
  it("a poll is answered at once by a packet with final and without poll, also while this end polls", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 50 });
    one.received(packet({ poll: true }), 3);
    assert.equal(one.wakeAtMs(), Number.NEGATIVE_INFINITY);
    const answer = only(one.outbox(3));
    assert.deepEqual([answer.poll, answer.final], [false, true]);
    const [periodic] = one.outbox(102);
    assert.deepEqual([periodic?.poll, periodic?.final], [true, false]);
  });

  it("many polls before an answer get one", () => {
    const one = upSession();
    for (let i = 0; i < 1_000; i++) one.received(packet({ poll: true }), 3);
    assert.equal(one.outbox(3).length, 1);
  });

  it("56: poll and final in one packet end our poll and are answered once", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 50 });
    one.received(packet({ poll: true, final: true }), 3);
    assert.equal(one.describe().polling, false);
    assert.equal(one.outbox(3).filter(({ final }) => final).length, 1);
  });

  it("Given a session that is up, When it is to send more seldom, Then it does once the peer has answered", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 300 });
    assert.equal(one.describe().transmitMs, 100);
    assert.deepEqual([only(one.outbox(102)).desiredMinTxUs, one.describe().polling], [300_000, true]);
    one.received(packet({ final: true }), 103);
    assert.deepEqual([one.describe().transmitMs, one.describe().polling], [300, false]);
  });

  it("Given a session that is up, When it is to be less patient, Then it is once the peer has answered", () => {
    const one = upSession({ ...settings, receiveMs: 200 });
    one.received(packet(), 3);
    assert.equal(one.describe().detectionMs, 600);
    one.configure(settings);
    assert.equal(one.describe().detectionMs, 600);
    one.received(packet({ final: true }), 4);
    assert.equal(one.describe().detectionMs, 300);
  });

  it("Given changes that cannot hurt the peer, Then they are in force at once", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 50, receiveMs: 200 });
    one.received(packet({ requiredMinRxUs: 10_000 }), 3);
    assert.deepEqual([one.describe().transmitMs, one.describe().detectionMs], [50, 600]);
  });

  it("Given a change during a poll, Then its answer counts for the first change alone, and another poll follows", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 200 });
    one.outbox(102);
    one.configure({ ...settings, transmitMs: 400 });
    one.received(packet({ final: true }), 103);
    assert.deepEqual([one.describe().transmitMs, one.describe().polling], [100, true]);
    one.received(packet({ final: true }), 104);
    assert.deepEqual([one.describe().transmitMs, one.describe().polling], [400, false]);
  });

  it("Given a change before a peer is known, Then there is nobody to poll", () => {
    const one = session();
    one.configure({ ...settings, receiveMs: 50 });
    const sent = only(one.outbox(0));
    assert.deepEqual([sent.poll, sent.requiredMinRxUs], [false, 50_000]);
  });

  it("Given the same settings again, Then nothing is polled", () => {
    const one = upSession();
    one.configure({ ...settings });
    assert.equal(one.describe().polling, false);
  });
});

describe("stop (RFC 5880, 6.8.16)", () => {
  it("Given a session that is up, When it is stopped, Then it says so at once and must be kept for the peer's detection time", () => {
    const one = upSession();
    assert.equal(one.stop(10), 310);
    const sent = only(one.outbox(10));
    assert.deepEqual([sent.state, sent.diagnostic], ["adminDown", 7]);
    assert.deepEqual(one.takeNews(), []);
  });

  for (const multiplier of [1, 3, 5])
    it(`Given multiplier ${multiplier} and a peer that has not heard of it, Then it says so in every interval of that time`, () => {
      const one = upSession({ ...settings, multiplier });
      const overAtMs = one.stop(10);
      assert.equal(overAtMs, 10 + 100 * multiplier);
      const states: string[] = [];
      for (let nowMs = 10; nowMs <= overAtMs; nowMs = Math.max(one.wakeAtMs(), nowMs + 1)) {
        one.received(packet(), nowMs);
        states.push(...one.outbox(nowMs).map(({ state }) => state));
      }
      assert.deepEqual(states, Array(multiplier + 1).fill("adminDown"));
    });

  it("Given a peer that answers, Then it has heard, and is told no faster than a session that is down may", () => {
    const one = upSession();
    one.stop(10);
    assert.equal(only(one.outbox(10)).poll, true);
    one.received(packet({ state: "down", diagnostic: 3, final: true, ...slow }), 12);
    assert.deepEqual(one.outbox(1_009), []);
    assert.equal(only(one.outbox(1_010)).state, "adminDown");
  });

  it("Given a peer in demand mode, Then it has its detection time too", () => {
    const one = upSession();
    one.received(packet({ demand: true }), 3);
    assert.equal(one.stop(10), 310);
    assert.equal(only(one.outbox(10)).state, "adminDown");
    assert.equal(only(one.outbox(110)).state, "adminDown");
  });

  it("Given a session that is not up, When it is stopped, Then it may end at once; again changes nothing", () => {
    const one = session();
    assert.equal(one.stop(10), 10);
    one.outbox(10);
    assert.equal(one.stop(11), 11);
    assert.deepEqual(one.outbox(11), []);
  });

  it("Given a stopped session, Then polls are not answered", () => {
    const one = sessionIn("adminDown");
    one.outbox(0);
    one.received(packet({ poll: true }), 1);
    assert.deepEqual(one.outbox(1), []);
  });
});

/** What goes in at once: time, a command or a packet. */
type Step = { readonly came: BfdPacket; readonly afterMs: number; readonly act: number };

function take(one: BfdSession, { came, afterMs, act }: Step, nowMs: number): void {
  one.tick(nowMs);
  if (act === 0) one.stop(nowMs);
  else if (act < 6) one.configure({ ...settings, transmitMs: 10 + afterMs });
  else one.received(came, nowMs);
}

function assertSendable(sent: readonly BfdPacket[]): void {
  assert.ok(sent.length <= 2);
  for (const each of sent) assert.deepEqual(decodeBfd(encodeBfd(each)), each);
  assert.ok(!sent.some(({ poll, final }) => poll && final));
}

it("Given any packets at any times, Then all that is sent can be decoded, polls and finals apart, and up and down take turns", () => {
  const step = fc.record({ came: anyPacket, afterMs: fc.nat(500), act: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const one = session();
      const kinds: string[] = [];
      let nowMs = 0;
      for (const each of steps) {
        nowMs += each.afterMs;
        take(one, each, nowMs);
        // A session that is stopped by its own side has no news of it.
        if (each.act === 0) kinds.length = 0;
        kinds.push(...one.takeNews().map(({ kind }) => kind));
        assertSendable(one.outbox(nowMs));
      }
      assert.ok(!/down down|up up/.test(kinds.join(" ")), kinds.join(" "));
    }),
    { numRuns: 500 },
  );
});
