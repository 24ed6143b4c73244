import assert from "node:assert/strict";
import { it } from "node:test";
import type { SessionReport } from "../../../src/agent/bgp-ports.ts";
import { BgpSessions, retellMs } from "../../../src/agent/bgp-sessions.ts";

function at(ms: number) {
  return { monotonicMs: ms, wallMs: Date.UTC(2026, 0, 31, 12) + ms };
}

function report(state: SessionReport["state"], changes: Partial<SessionReport> = {}): SessionReport {
  const messages = { update: 0, notification: 0 };
  const counters = { sent: messages, received: messages, established: 0, receivedPrefixes: { 4: 3, 6: 20_000 } };
  return {
    kind: "bgpSession",
    name: "tor",
    state,
    reason: state,
    sinceMs: 0,
    serial: 0,
    announced: 0,
    waiting: 0,
    absent: [],
    counters,
    ...changes,
  };
}

function begun(): BgpSessions {
  const sessions = new BgpSessions();
  sessions.setPeers(["tor"], [], at(0));
  return sessions;
}

it("tells of a session that tries again and again only now and then, and at once when it is up or lost", () => {
  const sessions = begun();
  sessions.hear(report("Connect"), at(1));
  assert.equal(sessions.list(new Map(), 1)[0]?.state, "Connect");
  sessions.hear(report("Active"), at(2));
  assert.equal(sessions.list(new Map(), 2)[0]?.state, "Connect");
  assert.equal(sessions.lookInMs(2), retellMs - 1);
  assert.equal(sessions.list(new Map(), 1 + retellMs)[0]?.state, "Active");
  sessions.hear(report("Established"), at(40_000));
  const [up] = sessions.list(new Map(), 40_000);
  assert.deepEqual([up?.state, up?.since], ["Established", "2026-01-31T12:00:40Z"]);
  sessions.hear(report("Idle"), at(41_000));
  assert.equal(sessions.list(new Map(), 41_000)[0]?.state, "Idle");
});

it("says nothing more of a session that fails again and again for the same reason", () => {
  const sessions = begun();
  const lastError = "connect to 192.0.2.1 port 179: connection refused (ECONNREFUSED)";
  sessions.hear(report("Connect", { lastError }), at(1));
  const first = sessions.list(new Map(), 1)[0];
  sessions.hear(report("Active", { lastError }), at(2));
  assert.equal(sessions.list(new Map(), 2)[0], first);
  assert.equal(sessions.lookInMs(2), Number.POSITIVE_INFINITY);
  assert.equal(sessions.list(new Map(), 1 + retellMs)[0], first);
  sessions.hear(report("Active", { lastError: "no answer for 5 s" }), at(3 + retellMs));
  assert.equal(sessions.list(new Map(), 3 + retellMs)[0]?.message, "no answer for 5 s");
});

it("says of what a router announces only that it is a digit more", () => {
  const sessions = begun();
  const heard = (count: number, ms: number) => {
    const { counters } = report("Established");
    const receivedPrefixes = { 4: count, 6: 0 };
    sessions.hear(report("Established", { counters: { ...counters, receivedPrefixes } }), at(ms));
    return sessions.list(new Map(), ms)[0]?.received?.ipv4;
  };
  assert.deepEqual(
    [0, 3, 4, 9, 10, 11, 99, 100].map((count, i) => heard(count, 1 + i)),
    [0, 3, 3, 3, 10, 10, 10, 100],
  );
});

it("says how much an established peer tells, up to 10,000 prefixes of a family", () => {
  const sessions = begun();
  sessions.hear(report("Established"), at(1));
  assert.deepEqual(sessions.list(new Map(), 1)[0]?.received, { ipv4: 3, ipv6: 10_000 });
  sessions.hear(report("Idle"), at(2));
  assert.equal(sessions.list(new Map(), 2)[0]?.received, undefined);
});

it("counts a session that was lost and came up again between two reports", () => {
  const sessions = begun();
  sessions.hear(report("Established", { sinceMs: 1 }), at(1));
  assert.deepEqual(sessions.hear(report("Established", { sinceMs: 1 }), at(2)), []);
  assert.deepEqual(sessions.hear(report("Established", { sinceMs: 3 }), at(3)), [{ kind: "established" }]);
  assert.deepEqual(
    sessions.gauges(10).map(({ flaps, uptimeMs }) => [flaps, uptimeMs]),
    [[1, 7]],
  );
});

it("says of a peer without a session what it waits for", () => {
  const [session] = begun().list(new Map([["tor", "SecretMissing: none"]]), 0);
  assert.deepEqual([session?.state, session?.message], ["Idle", "SecretMissing: none"]);
});

it("hears no more of a peer that is gone", () => {
  const sessions = begun();
  sessions.setPeers([], [], at(1));
  assert.deepEqual(sessions.hear(report("Established"), at(2)), []);
  assert.deepEqual(sessions.list(new Map(), 2), []);
});

it("knows nothing any more of a session that is another peer's now, also if word of it comes late", () => {
  const sessions = begun();
  const waiting = new Map([["tor", "the same session as a-tor"]]);
  sessions.hear(report("Established", { announced: 3 }), at(1));
  for (const ms of [2, 3]) {
    sessions.setPeers(["a-tor"], ["tor"], at(ms));
    const said = sessions.list(waiting, ms).find(({ peer }) => peer === "tor");
    assert.deepEqual([said?.state, said?.message, said?.announced], ["Idle", "the same session as a-tor", 0]);
    assert.equal(sessions.tellsRoutes, false);
    sessions.hear(report("Established", { announced: 3 }), at(ms));
  }
});

it("tells when BFD loses the peer", () => {
  const sessions = begun();
  sessions.hear(report("Established", { bfd: { state: "Up" } }), at(1));
  const news = sessions.hear(report("Established", { bfd: { state: "Down", message: "silence" } }), at(2));
  assert.deepEqual(news, [{ kind: "bfd", state: "Down", reason: "silence" }]);
});
