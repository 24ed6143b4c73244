/** One end, packet by packet: its states, its times. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BfdPacket, type BfdState, bfdStates } from "../../../../src/protocols/bfd/packet.ts";
import type { BfdSession } from "../../../../src/protocols/bfd/session.ts";
import { settings } from "./link.ts";
import { only, session, sessionIn, slow, stateOf, upSession } from "./one-end.ts";
import { packet } from "./packets.ts";

describe("the state machine (RFC 5880, 6.2 and 6.8.6)", () => {
  const rows: readonly (readonly [BfdState, BfdState, BfdState])[] = [
    ["adminDown", "adminDown", "adminDown"],
    ["adminDown", "down", "adminDown"],
    ["adminDown", "init", "adminDown"],
    ["adminDown", "up", "adminDown"],
    ["down", "adminDown", "down"],
    ["down", "down", "init"],
    ["down", "init", "up"],
    ["down", "up", "down"],
    ["init", "adminDown", "down"],
    ["init", "down", "init"],
    ["init", "init", "up"],
    ["init", "up", "up"],
    ["up", "adminDown", "down"],
    ["up", "down", "down"],
    ["up", "init", "up"],
    ["up", "up", "up"],
  ];
  assert.equal(rows.length, bfdStates.length ** 2);
  for (const [local, remote, want] of rows)
    it(`${local}, hears ${remote}: ${want}`, () => {
      const one = sessionIn(local);
      one.takeNews();
      one.received(packet({ state: remote }), 3);
      assert.equal(stateOf(one), want);
      const kinds = one.takeNews().map(({ kind }) => kind);
      const changed = [want, local].includes("up") && want !== local;
      assert.deepEqual(kinds, changed ? [want === "up" ? "up" : "down"] : []);
    });
});

describe("why it is down, in words", () => {
  const down = (said: Partial<BfdPacket>): unknown => {
    const one = upSession();
    one.received(packet({ state: "down", ...said }), 3);
    return one.takeNews();
  };
  it("the peer says why", () => {
    const message = "the peer says that it is down: control detection time expired";
    assert.deepEqual(down({ diagnostic: 1 }), [{ kind: "down", cause: "signal", message }]);
  });

  it("a peer that was stopped says nothing of the path (RFC 5882, 3.2)", () => {
    const message = "the peer was administratively stopped";
    assert.deepEqual(down({ state: "adminDown", diagnostic: 7 }), [{ kind: "down", cause: "administrative", message }]);
  });

  it("silence says for how long; the peer is forgotten (RFC 5880, 6.8.1, 6.8.4)", () => {
    const one = upSession();
    one.tick(301.9);
    assert.equal(stateOf(one), "up");
    one.tick(302);
    const message = "the peer is silent: no packet for 300 ms";
    assert.deepEqual(one.takeNews(), [{ kind: "down", cause: "silence", message }]);
    const sent = only(one.outbox(302));
    assert.deepEqual([sent.state, sent.diagnostic, sent.yourDiscriminator], ["down", 1, 0]);
    assert.equal(sent.desiredMinTxUs, 1_000_000);
    assert.equal(sent.poll, false);
  });

  it("a session that was not up yet falls without news", () => {
    const one = sessionIn("init");
    one.tick(3_000);
    assert.equal(stateOf(one), "down");
    assert.deepEqual(one.takeNews(), []);
    assert.equal(one.describe().diagnostic, "control detection time expired");
  });

  it("a session that is down forgets a silent peer and stays as it is", () => {
    const one = upSession();
    one.received(packet({ state: "down", yourDiscriminator: 0, ...slow }), 3);
    one.takeNews();
    one.tick(3_003);
    assert.deepEqual([stateOf(one), one.describe().remote.discriminator], ["down", 0]);
    assert.equal(one.describe().diagnostic, "neighbour signalled session down");
    assert.deepEqual(one.takeNews(), []);
  });
});

describe("when packets are sent (RFC 5880, 6.8.2, 6.8.3, 6.8.7)", () => {
  const everyMs = (one: BfdSession, fromMs: number): number => one.wakeAtMs() - fromMs;

  it("the first at once, then one a second until it is up, and the change of state at once", () => {
    const one = session();
    assert.equal(only(one.outbox(5)).state, "down");
    assert.deepEqual(one.outbox(1_004.9), []);
    assert.equal(one.wakeAtMs(), 1_005);
    assert.equal(only(one.outbox(1_005)).desiredMinTxUs, 1_000_000);
    one.received(packet({ state: "down", yourDiscriminator: 0, ...slow }), 1_006);
    assert.equal(only(one.outbox(1_006)).state, "init");
  });

  const jitters: readonly (readonly [number, number, number])[] = [
    [3, 0, 100],
    [3, 0.5, 87.5],
    [3, 1, 75],
    [1, 0, 90],
    [1, 0.5, 82.5],
    [1, 1, 75],
    [2, 1, 75],
  ];
  for (const [multiplier, random, want] of jitters)
    it(`multiplier ${multiplier}, chance ${random}: after ${want} % of the interval`, () => {
      const one = session({ ...settings, multiplier }, random);
      one.outbox(0);
      assert.ok(Math.abs(everyMs(one, 0) - 10 * want) < 1e-6);
    });

  const agreed: readonly (readonly [string, number, number, number])[] = [
    ["both want the same", 100, 100, 100],
    ["the peer takes fewer", 100, 250, 250],
    ["the peer could take more", 100, 10, 100],
    ["the peer takes one in 71 minutes", 100, 4_294_967.295, 4_294_967.295],
  ];
  for (const [name, transmitMs, theirsMs, want] of agreed)
    it(`${name}: ${want} ms`, () => {
      const one = upSession({ ...settings, transmitMs });
      one.received(packet({ requiredMinRxUs: theirsMs * 1000 }), 3);
      assert.equal(one.describe().transmitMs, want);
    });

  it("B5.56: a peer that takes none (required min rx 0) is sent none but answers to its polls", () => {
    const one = upSession();
    one.received(packet({ requiredMinRxUs: 0 }), 3);
    assert.deepEqual(one.outbox(1_000), []);
    assert.equal(one.describe().transmitMs, 0);
    one.received(packet({ requiredMinRxUs: 0, poll: true }), 4);
    assert.equal(only(one.outbox(4)).final, true);
  });

  it("a peer in demand mode is sent none while both are up, but polls", () => {
    const one = upSession();
    one.received(packet({ demand: true }), 3);
    assert.deepEqual(one.outbox(200), []);
    one.configure({ ...settings, transmitMs: 50 });
    assert.equal(only(one.outbox(200)).poll, true);
    one.received(packet({ demand: true, final: true }), 201);
    assert.deepEqual(one.outbox(400), []);
  });

  it("a late tick is not made up for by a burst", () => {
    const one = upSession();
    assert.equal(one.outbox(290).length, 1);
    assert.deepEqual(one.outbox(291), []);
  });
});

describe("when silence is too long (RFC 5880, 6.8.4)", () => {
  const rows: readonly (readonly [string, Partial<BfdPacket>, number])[] = [
    ["their multiplier counts, not ours", { multiplier: 5 }, 500],
    ["they send more slowly than we need", { desiredMinTxUs: 400_000 }, 1_200],
    ["they send faster than we can take", { desiredMinTxUs: 10_000 }, 300],
    ["B5.56: interval 0", { desiredMinTxUs: 0 }, 300],
    [
      "B5.56: interval 2^32 - 1 and multiplier 255",
      { desiredMinTxUs: 2 ** 32 - 1, multiplier: 255 },
      1_095_216_660.225,
    ],
  ];
  for (const [name, said, want] of rows)
    it(`${name}: ${want} ms`, () => {
      const one = upSession();
      one.outbox(3);
      one.received(packet(said), 3);
      assert.equal(one.describe().detectionMs, want);
      one.tick(2 + want);
      assert.equal(stateOf(one), "up");
      one.tick(3 + want);
      assert.equal(stateOf(one), "down");
    });
});

describe("B5.56: a packet with the poll and the final bit", () => {
  it("is answered, ends our own poll, and what is sent never has both (RFC 5880, 6.5)", () => {
    const one = upSession();
    one.configure({ ...settings, transmitMs: 50 });
    one.received(packet({ poll: true, final: true }), 3);
    assert.equal(one.describe().polling, false);
    const sent = [...one.outbox(3), ...one.outbox(200)];
    assert.deepEqual(
      sent.map(({ poll, final }) => [poll, final]),
      [
        [false, true],
        [false, false],
      ],
    );
  });

  it("of a session that was stopped is not answered (RFC 5880, 6.8.6)", () => {
    const one = sessionIn("adminDown");
    one.outbox(0);
    one.received(packet({ poll: true, final: true }), 3);
    assert.deepEqual(one.outbox(3), []);
  });

  it("10,000 of them in one turn are one answer, and change nothing", () => {
    const one = upSession();
    for (let i = 0; i < 10_000; i++) one.received(packet({ poll: true, final: true }), 3);
    assert.equal(one.outbox(3).length, 1);
    assert.deepEqual([stateOf(one), one.takeNews()], ["up", []]);
  });
});

it("beside graceful restart every packet has the C bit, and the peer's is told", () => {
  const one = upSession({ ...settings, controlPlaneIndependent: true });
  one.received(packet({ controlPlaneIndependent: true, poll: true }), 3);
  assert.equal(only(one.outbox(3)).controlPlaneIndependent, true);
  assert.equal(one.describe().remote.controlPlaneIndependent, true);
  assert.equal(only(upSession().outbox(102)).controlPlaneIndependent, false);
});

it("no echo is asked for: required min echo rx is 0", () => {
  assert.equal(only(session().outbox(0)).requiredMinEchoRxUs, 0);
});

it("settings with problems are refused in words", () => {
  assert.throws(() => session({ ...settings, multiplier: 0 }), {
    message: "BFD: multiplier: 0 is no whole number from 1 to 255",
  });
  assert.throws(() => upSession().configure({ ...settings, transmitMs: 5 }), {
    message: "BFD: transmit: 5 is no whole number from 10 to 60000",
  });
});
