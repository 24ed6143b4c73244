import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GracefulRestart, Message } from "../../../../src/protocols/bgp/message.ts";
import type { StopReason } from "../../../../src/protocols/bgp/session.ts";
import { notificationText } from "../../../../src/protocols/bgp/shutdown-communication.ts";
import { keepalive, peerOpen, peerRestarts, Rig, route, settings } from "./session-rig.ts";

const own = settings({ gracefulRestart: { restartTimeSeconds: 120 } });
const open = peerOpen({}, { gracefulRestart: peerRestarts });

/** The capability in the OPEN that was sent over a connection. */
function capability(sent: readonly Message[]): GracefulRestart | undefined {
  const found = sent.find((message) => message.kind === "open");
  return found?.kind === "open" ? found.capabilities.gracefulRestart : undefined;
}

const ends = (sent: readonly Message[]) =>
  sent.flatMap((message) => (message.kind === "update" && message.endOfRib ? [message.endOfRib] : []));

describe("Graceful restart (RFC 4724, RFC 8538)", () => {
  it("is offered with R, N and an F for each family when the process has just started", () => {
    const rig = new Rig({ settings: own }).start().connected();
    assert.deepEqual(capability(rig.sent()), {
      restarting: true,
      notification: true,
      restartTimeSeconds: 120,
      families: [
        { family: 4, forwardingKept: true },
        { family: 6, forwardingKept: true },
      ],
    });
  });

  it("is not offered if it is not wanted", () => {
    assert.equal(capability(new Rig().start().connected().sent()), undefined);
  });

  it("is over once all routes were told: the next OPEN has no R", () => {
    const rig = new Rig({ settings: own });
    rig.session.setRoutes([]);
    rig.establish(open).lose(1).advance(1_000).connected(2);
    assert.equal(capability(rig.sent(2))?.restarting, false);
  });

  it("is not over while the routes are not known: the next OPEN has R again", () => {
    const rig = new Rig({ settings: own }).establish(open).lose(1).advance(1_000).connected(2);
    assert.equal(capability(rig.sent(2))?.restarting, true);
  });

  it("is over when nobody keeps routes of the last process any more", () => {
    const rig = new Rig({ settings: own });
    rig.advance(119_999).start().connected(1);
    assert.equal(capability(rig.sent(1))?.restarting, true);
    rig.lose(1).advance(5_000).connected(2);
    assert.equal(capability(rig.sent(2))?.restarting, false);
  });

  it("brings End-of-RIB after the routes, once the routes are known, and only once", () => {
    const rig = new Rig({ settings: own }).establish(open);
    rig.sent();
    assert.deepEqual(rig.flush().sent(), []);
    rig.session.setRoutes([route("198.51.100.1/32")]);
    const sent = rig.advance(0).sent();
    assert.deepEqual([sent.length, ends(sent), sent[0]?.kind === "update" && sent[0].announced[4]], [3, [4, 6], 1]);
    rig.session.setRoutes([route("198.51.100.1/32"), route("198.51.100.2/32")]);
    assert.deepEqual(ends(rig.advance(0).sent()), []);
  });

  it("brings no End-of-RIB to a peer that does not know it", () => {
    const rig = new Rig({ settings: own });
    rig.session.setRoutes([]);
    assert.deepEqual(ends(rig.establish().sent()), []);
  });
});

describe("Graceful restart, when a session ends,", () => {
  it("lets an upgrade close without a word, so that the peer keeps the routes", () => {
    const rig = new Rig({ settings: own }).establish(open);
    rig.kinds();
    rig.session.stop({ kind: "upgrade" }, rig.nowMs);
    rig.settle();
    assert.deepEqual([rig.kinds(1), rig.link(1).state], [[], "closed"]);
  });

  const stop =
    (reason: StopReason) =>
    ({ session, nowMs }: Rig): void =>
      session.stop(reason, nowMs);
  const down = ({ session, nowMs }: Rig): void => session.pathDown(nowMs);
  const resets = [
    {
      name: "a drain",
      end: stop({ kind: "shutdown", text: "drained" }),
      want: 'hard reset (6/9): administrative shutdown (6/2): "drained"',
    },
    {
      name: "the end of the peering",
      end: stop({ kind: "deconfigured" }),
      want: "hard reset (6/9): peer de-configured (6/3)",
    },
    { name: "a path that BFD lost", end: down, want: "hard reset (6/9): BFD down (6/10)" },
    {
      name: "another configuration",
      end: stop({ kind: "configuration" }),
      want: "other configuration change (6/6)",
    },
  ];
  for (const { name, end, want } of resets)
    it(`makes of ${name}: ${want}`, () => {
      const rig = new Rig({ settings: own }).establish(open);
      end(rig);
      rig.settle();
      const last = rig.sent(1).at(-1);
      assert.ok(last?.kind === "notification");
      assert.equal(notificationText(last), want);
    });

  for (const [name, end, want] of [
    ["a drain", stop({ kind: "shutdown", text: "" }), "notification 6/2"],
    ["a path that BFD lost", down, "notification 6/10"],
  ] as const)
    it(`needs no hard reset for a peer without the N bit: ${name}`, () => {
      const rig = new Rig({ settings: own });
      rig.establish(peerOpen({}, { gracefulRestart: { ...peerRestarts, notification: false } })).kinds();
      end(rig);
      rig.settle();
      assert.deepEqual(rig.kinds(1), [want]);
    });

  it("is reported with the peer's time", () => {
    const { agreed } = new Rig({ settings: own }).establish(open).session.describe(0);
    assert.equal(agreed?.peerRestartTimeSeconds, 120);
    assert.deepEqual(agreed.capabilities.slice(2), ["graceful restart", "graceful restart after notifications"]);
  });

  it("does not keep a peer that restarts from connecting after its connection was lost", () => {
    const rig = new Rig({ settings: own }).establish(open).lose(1);
    assert.equal(rig.offer(), 2);
    rig.receive(open, 2).receive(keepalive, 2).advance(10_000);
    assert.deepEqual([rig.state, rig.links.size], ["Established", 2]);
  });
});
