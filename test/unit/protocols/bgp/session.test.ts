import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { endpoints, keepalive, notification, peerOpen, Rig, settings } from "./session-rig.ts";

describe("A session", () => {
  it("comes up: connects, exchanges OPEN and KEEPALIVE, and says so", () => {
    const rig = new Rig().start();
    assert.equal(rig.state, "Connect");
    rig.connected();
    assert.deepEqual(rig.kinds(), ["open"]);
    rig.receive(peerOpen());
    assert.deepEqual([rig.state, rig.kinds()], ["OpenConfirm", ["keepalive"]]);
    rig.receive(keepalive);
    assert.equal(rig.state, "Established");
    assert.deepEqual(
      rig.news.map((news) => news.kind === "state" && `${news.from} ${news.to}: ${news.reason}`),
      [
        "Idle Connect: started",
        "Connect OpenSent: connected",
        "OpenSent OpenConfirm: the peer's OPEN is accepted",
        "OpenConfirm Established: the peer accepted the OPEN",
      ],
    );
  });

  it("says what was agreed, for how long it is up, and what went to and fro", () => {
    const rig = new Rig({ settings: settings({ holdTimeSeconds: 180, keepaliveSeconds: 60 }) });
    rig.establish(peerOpen({ holdTimeSeconds: 30 }));
    rig.advance(5_000);
    const { uptimeMs, agreed, counters, failures, restsUntilMs } = rig.session.describe(rig.nowMs);
    assert.deepEqual([uptimeMs, failures, restsUntilMs], [5_000, 0, undefined]);
    assert.deepEqual(agreed && { ...agreed, peerRouterId: agreed.peerRouterId.value }, {
      peerRouterId: 0x0a000002n,
      families: [4, 6],
      silent: [],
      holdTimeSeconds: 30,
      keepaliveSeconds: 10,
      capabilities: ["route refresh", "four-octet AS numbers"],
    });
    assert.deepEqual([counters.sent.open, counters.received.open, counters.established], [1, 1, 1]);
  });

  it("is a whole session in one segment too", () => {
    const rig = new Rig().start().connected();
    rig.receive(Buffer.concat([peerOpen(), keepalive, keepalive]));
    assert.equal(rig.state, "Established");
  });

  it("waits only, if it is passive", () => {
    const rig = new Rig({ settings: settings({ passive: true }) }).start().advance(3_600_000);
    assert.deepEqual([rig.state, rig.links.size], ["Active", 0]);
    const connection = rig.offer();
    assert.deepEqual([connection, rig.kinds()], [1, ["open"]]);
    rig.receive(peerOpen()).receive(keepalive);
    assert.equal(rig.state, "Established");
  });

  it("accepts a connection of the peer while its own is not answered, and gives that up", () => {
    const rig = new Rig().start();
    assert.equal(rig.offer(), 2);
    rig.receive(peerOpen()).receive(keepalive);
    assert.deepEqual([rig.state, rig.link(1).state, rig.link(2).state], ["Established", "closed", "up"]);
  });

  it("tries again from Active if it cannot connect", () => {
    const rig = new Rig().start().lose(1, "connection refused");
    assert.deepEqual([rig.state, rig.session.describe(rig.nowMs).reason], ["Active", "connection refused"]);
    rig.advance(4_999);
    assert.equal(rig.links.size, 1);
    rig.advance(1);
    assert.deepEqual([rig.state, rig.links.size], ["Connect", 2]);
  });

  it("gives up a connection that nobody answers, and begins another", () => {
    const rig = new Rig().start().advance(5_000);
    assert.deepEqual([rig.link(1).state, rig.link(2).state, rig.state], ["closed", "asked", "Connect"]);
  });

  it("waits four minutes for the OPEN", () => {
    const rig = new Rig().start().connected().advance(239_999);
    assert.equal(rig.state, "OpenSent");
    rig.advance(1);
    assert.deepEqual(rig.kinds(1), ["open", "notification 4/0"]);
  });

  it("ignores what comes from a connection that is gone", () => {
    const rig = new Rig().establish().lose(1);
    rig.session.connected(1, endpoints, rig.nowMs);
    rig.session.received(1, peerOpen(), rig.nowMs);
    rig.session.writable(1, rig.nowMs);
    rig.session.closed(1, "again", rig.nowMs);
    rig.settle();
    assert.equal(rig.state, "Idle");
  });

  it("gives back when it wants to be woken, and nothing while it is stopped", () => {
    const rig = new Rig();
    assert.equal(rig.session.wakeAtMs(), Number.POSITIVE_INFINITY);
    rig.start();
    assert.equal(rig.session.wakeAtMs(), rig.nowMs + 5_000);
    rig.session.stop({ kind: "deconfigured" }, rig.nowMs);
    assert.equal(rig.session.wakeAtMs(), Number.POSITIVE_INFINITY);
  });
});

describe("Hold and keepalive timers", () => {
  const cases = [
    { ours: 90, peers: 90, hold: 90, keepalive: 30 },
    { ours: 90, peers: 9, hold: 9, keepalive: 3 },
    { ours: 9, peers: 90, hold: 9, keepalive: 3 },
    { ours: 90, peers: 65_535, hold: 90, keepalive: 30 },
    { ours: 3, peers: 90, hold: 3, keepalive: 1 },
  ];
  for (const { ours, peers, hold, keepalive: every } of cases)
    it(`are ${hold} and ${every} s if this side says ${ours} and the peer ${peers} s`, () => {
      const rig = new Rig({ settings: settings({ holdTimeSeconds: ours }) }).establish(
        peerOpen({ holdTimeSeconds: peers }),
      );
      rig.kinds();
      rig.advance(every * 1_000 - 1);
      assert.deepEqual(rig.kinds(), []);
      rig.advance(1);
      assert.deepEqual(rig.kinds(), ["keepalive"]);
      rig.advance((hold - every) * 1_000 - 1);
      assert.equal(rig.state, "Established");
      rig.advance(1);
      assert.equal(rig.kinds(1).at(-1), "notification 4/0");
      assert.equal(
        rig.session.describe(rig.nowMs).lastNotification.sent?.text,
        "hold timer expired (4/0): nothing came from the peer for the hold time",
      );
    });

  for (const [ours, peers] of [
    [0, 90],
    [90, 0],
  ] as const)
    it(`do not run if one side says 0 (${ours}, ${peers})`, () => {
      const rig = new Rig({ settings: settings({ holdTimeSeconds: ours }) }).establish(
        peerOpen({ holdTimeSeconds: peers }),
      );
      rig.kinds();
      assert.equal(rig.session.wakeAtMs(), Number.POSITIVE_INFINITY);
      rig.advance(86_400_000);
      assert.deepEqual([rig.state, rig.kinds()], ["Established", []]);
    });

  it("do run for a peer that says 0 and never accepts the OPEN", () => {
    const rig = new Rig()
      .start()
      .connected()
      .receive(peerOpen({ holdTimeSeconds: 0 }))
      .advance(239_999);
    assert.equal(rig.state, "OpenConfirm");
    rig.advance(1);
    assert.equal(rig.kinds(1).at(-1), "notification 4/0");
  });

  it("go on as long as KEEPALIVEs come", () => {
    const rig = new Rig().establish();
    for (let minute = 0; minute < 60; minute++) rig.advance(60_000).receive(keepalive);
    assert.equal(rig.state, "Established");
  });

  it("shorten the keepalive time by up to a quarter", () => {
    const rig = new Rig({ random: () => 1 }).establish();
    rig.kinds();
    rig.advance(22_500);
    assert.deepEqual(rig.kinds(), ["keepalive"]);
  });
});

describe("The end of a session", () => {
  it("tells the peer why, in words, and withdraws nothing by itself", () => {
    const rig = new Rig().establish();
    rig.kinds();
    rig.session.stop({ kind: "shutdown", text: "node drained" }, rig.nowMs);
    rig.settle();
    assert.deepEqual([rig.kinds(1), rig.state, rig.link(1).state], [["notification 6/2"], "Idle", "closed"]);
    const report = rig.session.describe(rig.nowMs);
    assert.equal(report.lastNotification.sent?.text, 'administrative shutdown (6/2): "node drained"');
    assert.equal(report.reason, "stopped");
    rig.advance(86_400_000);
    assert.deepEqual([rig.state, rig.links.size], ["Idle", 1]);
  });

  const reasons = [
    { reason: { kind: "deconfigured" }, want: ["notification 6/3"] },
    { reason: { kind: "configuration" }, want: ["notification 6/6"] },
    { reason: { kind: "upgrade" }, want: [] },
  ] as const;
  for (const { reason, want } of reasons)
    it(`sends ${want[0] ?? "nothing"} for the reason ${reason.kind}`, () => {
      const rig = new Rig().establish();
      rig.kinds();
      rig.session.stop(reason, rig.nowMs);
      rig.settle();
      assert.deepEqual([rig.kinds(1), rig.link(1).state], [want, "closed"]);
    });

  it("is followed by another at once if it is started again", () => {
    const rig = new Rig().establish();
    rig.kinds();
    rig.session.stop({ kind: "configuration" }, rig.nowMs);
    rig.start();
    assert.deepEqual([rig.kinds(1), rig.state, rig.links.size], [["notification 6/6"], "Connect", 2]);
    rig.connected().receive(peerOpen()).receive(keepalive);
    assert.equal(rig.state, "Established");
  });

  it("comes with BFD, and the session is tried again", () => {
    const rig = new Rig().establish();
    rig.kinds();
    rig.session.pathDown(rig.nowMs);
    rig.settle();
    assert.deepEqual([rig.kinds(1), rig.state], [["notification 6/10"], "Idle"]);
    rig.advance(1_000);
    assert.equal(rig.state, "Connect");
  });

  it("is no answer to BFD if the session is not up", () => {
    const rig = new Rig().start();
    rig.session.pathDown(rig.nowMs);
    assert.equal(rig.state, "Connect");
  });

  it("says what the peer gave as the reason", () => {
    const rig = new Rig().establish();
    const text = new TextEncoder().encode("maintenance\u001b[31m");
    rig.receive(notification(6, 2, [text.length, ...text]));
    const { reason, lastNotification } = rig.session.describe(rig.nowMs);
    assert.equal(lastNotification.received?.text, 'administrative shutdown (6/2): "maintenance\ufffd[31m"');
    assert.match(reason, /^the peer ended the session: administrative shutdown \(6\/2\)/);
    assert.deepEqual(
      rig.kinds(1).filter((kind) => kind.startsWith("notification")),
      [],
    );
  });
});
