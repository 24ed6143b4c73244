import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepalive, notification, peerOpen, peerRestarts, Rig, settings } from "./session-rig.ts";

describe("Rest after failures", () => {
  it("grows with each refusal of the peer, is bounded, and ends after a minute of being up", () => {
    const rig = new Rig().start();
    const rests: number[] = [];
    for (let failure = 0; failure < 9; failure++) {
      rig.connected().receive(notification(2, 2));
      assert.equal(rig.state, "Idle");
      const { restsUntilMs } = rig.session.describe(rig.nowMs);
      rests.push((restsUntilMs ?? 0) - rig.nowMs);
      rig.advance((restsUntilMs ?? 0) - rig.nowMs);
      assert.equal(rig.state, "Connect");
    }
    assert.deepEqual(
      rests,
      [1, 2, 4, 8, 16, 32, 64, 120, 120].map((seconds) => seconds * 1_000),
    );
    rig.connected().receive(peerOpen()).receive(keepalive).advance(60_000).receive(notification(6, 4));
    assert.equal(rig.session.describe(rig.nowMs).restsUntilMs, rig.nowMs + 1_000);
  });

  const noMorePrefixes = [
    ["if the peer takes no more prefixes", notification(6, 1, [0, 1, 1, 0, 0, 0, 10])],
    ["also if the peer says so by a hard reset", notification(6, 9, [6, 1, 0, 1, 1, 0, 0, 0, 10])],
  ] as const;
  for (const [when, said] of noMorePrefixes)
    it(`is a minute at least ${when}, whatever chance says`, () => {
      const rests = [0, 0.5, 1].map((chance) => {
        const rig = new Rig({ random: () => chance }).establish().receive(said);
        const { reason, restsUntilMs } = rig.session.describe(rig.nowMs);
        assert.match(reason, /maximum number of prefixes reached \(6\/1\)/);
        return (restsUntilMs ?? 0) - rig.nowMs;
      });
      assert.deepEqual(rests, [80_000, 70_000, 60_000]);
    });

  it("begins anew after a minute of being up also where the peer began another connection in place of the old one", () => {
    const rig = new Rig().start();
    for (let failure = 0; failure < 3; failure++) rig.connected().receive(notification(2, 2)).advance(4_000);
    const open = peerOpen({}, { gracefulRestart: peerRestarts });
    rig.connected().receive(open).receive(keepalive).advance(60_000);
    rig.offer();
    rig.receive(open);
    assert.deepEqual([rig.state, rig.session.describe(rig.nowMs).failures], ["OpenConfirm", 0]);
    rig.receive(notification(6, 4));
    const { failures, restsUntilMs } = rig.session.describe(rig.nowMs);
    assert.deepEqual([failures, restsUntilMs], [1, rig.nowMs + 1_000]);
  });

  it("refuses connections of the peer from the second failure on", () => {
    const rig = new Rig().start().connected().receive(notification(2, 2));
    assert.equal(typeof rig.offer(), "number");
    rig.receive(notification(2, 2));
    assert.equal(rig.offer(), "the session rests after failures");
    rig.advance(2_000);
    assert.equal(typeof rig.offer(), "number");
  });

  it("takes the session's own machine with it if the peer's connection failed", () => {
    const rig = new Rig({ settings: settings({ passive: true }) }).start();
    rig.offer();
    rig.receive(peerOpen({ asn: 64_499 }));
    assert.deepEqual([rig.kinds(1), rig.state], [["open", "notification 2/2"], "Idle"]);
    rig.advance(1_000);
    assert.equal(rig.state, "Active");
  });

  it("is forgotten when a person stops and starts the session", () => {
    const rig = new Rig().start();
    for (let failure = 0; failure < 5; failure++) {
      rig.connected().receive(notification(2, 2)).advance(20_000);
      if (rig.state === "Active") rig.advance(5_000);
    }
    rig.session.stop({ kind: "configuration" }, rig.nowMs);
    rig.start();
    assert.deepEqual([rig.state, rig.session.describe(rig.nowMs).failures], ["Connect", 0]);
  });

  it("refuses connections while the session is stopped", () => {
    assert.equal(new Rig().offer(), "the session is stopped");
  });
});
