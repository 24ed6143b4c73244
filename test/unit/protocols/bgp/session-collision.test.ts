import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { address, keepalive, peerOpen, peerRestarts, Rig, route, settings } from "./session-rig.ts";

/** Connection 1 is ours, 2 the peer's; over both this side sent its OPEN. */
function twice(): Rig {
  const rig = new Rig().start().connected(1);
  assert.equal(rig.offer(), 2);
  return rig;
}

describe("Two connections of one peer", () => {
  const lower = peerOpen({ routerId: address("10.0.0.0") });
  const higher = peerOpen({ routerId: address("10.0.0.2") });
  const cases = [
    { name: "ours first, the peer lower", order: [1, 2], open: lower, kept: 1 },
    { name: "the peer's first, the peer lower", order: [2, 1], open: lower, kept: 1 },
    { name: "ours first, the peer higher", order: [1, 2], open: higher, kept: 2 },
    { name: "the peer's first, the peer higher", order: [2, 1], open: higher, kept: 2 },
  ] as const;
  for (const { name, order, open, kept } of cases)
    it(`leave the one of the higher identifier: ${name}`, () => {
      const rig = twice();
      rig.receive(open, order[0]).receive(open, order[1]);
      const lost = 3 - kept;
      assert.deepEqual([rig.link(kept).state, rig.link(lost).state], ["up", "closed"]);
      assert.equal(rig.kinds(lost).at(-1), "notification 6/7");
      rig.receive(keepalive, kept);
      assert.equal(rig.state, "Established");
      assert.equal(rig.session.describe(rig.nowMs).failures, 0);
    });

  it("are both left alone while one is unknown; the first that is Established stays", () => {
    const rig = twice().receive(higher, 1);
    assert.deepEqual([rig.link(1).state, rig.link(2).state], ["up", "up"]);
    rig.receive(keepalive, 1);
    assert.deepEqual(
      [rig.state, rig.link(2).state, rig.kinds(2).at(-1)],
      ["Established", "closed", "notification 6/7"],
    );
  });

  it("do not hinder each other: an unknown one that never speaks ends by itself", () => {
    const rig = twice().lose(1).advance(6_000).connected(3).receive(peerOpen(), 3).receive(keepalive, 3);
    assert.deepEqual([rig.state, rig.link(2).state], ["Established", "closed"]);
  });

  it("leave the later one if the peer began both", () => {
    const rig = new Rig({ settings: settings({ passive: true }) }).start();
    rig.offer();
    rig.offer();
    assert.deepEqual([rig.link(1).state, rig.kinds(1).at(-1), rig.link(2).state], ["closed", "notification 6/7", "up"]);
    rig.receive(peerOpen(), 2).receive(keepalive, 2);
    assert.equal(rig.state, "Established");
  });

  it("never are more than two, however many the peer begins", () => {
    const rig = new Rig().start().connected(1);
    for (let more = 0; more < 1_000; more++) rig.offer();
    assert.equal([...rig.links.values()].filter(({ state }) => state === "up").length, 2);
  });

  it("are refused without a word if the session is established", () => {
    assert.equal(new Rig().establish().offer(), "the session is established");
  });

  it("lead to a new session if one of them fails and the other is given up", () => {
    const rig = twice().receive(lower, 1).receive(lower, 2).lose(1);
    assert.equal(rig.state, "Idle");
    rig.advance(1_000);
    assert.equal(rig.state, "Connect");
  });
});

describe("The last connection of a peer", () => {
  it("leads to a new session when it is lost, though ours was given up for one before it, and nobody failed", () => {
    const rig = new Rig().start().connected(1);
    rig.offer();
    rig.receive(peerOpen({ routerId: address("10.0.0.2") }), 2).receive(peerOpen(), 1);
    assert.deepEqual([rig.link(1).state, rig.state], ["closed", "OpenConfirm"]);
    rig.offer();
    rig.lose(3);
    const { failures, restsUntilMs } = rig.session.describe(rig.nowMs);
    assert.deepEqual([rig.state, failures, restsUntilMs], ["Idle", 0, rig.nowMs + 1_000]);
    assert.equal(rig.advance(1_000).state, "Connect");
  });
});

describe("A peer that can restart gracefully", () => {
  const open = peerOpen({}, { gracefulRestart: peerRestarts });

  it("ends the session without a word by beginning another, and is told all routes again", () => {
    const rig = new Rig();
    rig.session.setRoutes([route("198.51.100.1/32"), route("2001:db8:1::/128")]);
    rig.establish(open);
    assert.deepEqual(rig.kinds(1), ["open", "keepalive", "update", "update", "update", "update"]);
    rig.offer();
    assert.equal(rig.state, "Established");
    rig.receive(open, 2);
    assert.deepEqual([rig.state, rig.link(1).state, rig.kinds(1)], ["OpenConfirm", "closed", []]);
    assert.equal(rig.session.describe(0).reason, "the peer began another connection in place of the old one");
    rig.receive(keepalive, 2).flush();
    assert.equal(rig.state, "Established");
    assert.deepEqual(rig.kinds(2), ["open", "keepalive", "update", "update", "update", "update"]);
  });

  it("does so within one segment too, and the session's age begins anew", () => {
    const rig = new Rig().establish(open).advance(20_000);
    rig.offer();
    rig.receive(Buffer.concat([open, keepalive]), 2);
    const { state, uptimeMs } = rig.session.describe(rig.nowMs);
    assert.deepEqual([state, uptimeMs, rig.link(1).state], ["Established", 0, "closed"]);
  });

  it("keeps it when another router at its address begins a connection", () => {
    const rig = new Rig().establish(open);
    rig.offer();
    rig.receive(peerOpen({ routerId: address("10.0.0.3") }, { gracefulRestart: peerRestarts }), 2);
    assert.deepEqual([rig.state, rig.link(1).state, rig.link(2).state], ["Established", "up", "closed"]);
    assert.deepEqual([rig.kinds(2).at(-1), rig.session.describe(rig.nowMs).failures], ["notification 6/7", 0]);
  });

  it("does not end it by a connection over which nothing proper comes", () => {
    const rig = new Rig().establish(open);
    rig.offer();
    rig.receive(peerOpen({ asn: 1 }, { gracefulRestart: peerRestarts }), 2);
    assert.deepEqual([rig.state, rig.link(2).state], ["Established", "closed"]);
    const { failures, restsUntilMs } = rig.session.describe(rig.nowMs);
    assert.deepEqual([failures, restsUntilMs], [0, undefined]);
    assert.equal(rig.advance(10_000).links.size, 2);
  });
});
