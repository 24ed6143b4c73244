import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeEndOfRib } from "../../../../src/protocols/bgp/encode-updates.ts";
import type { StopReason } from "../../../../src/protocols/bgp/session.ts";
import { routeRefresh } from "./messages.ts";
import { address, keepalive, notification, peerOpen, peerRestarts, Rig, route, settings } from "./session-rig.ts";

/** What a peer of that AS may say that leads on. */
const proper: readonly ((asn: number) => Uint8Array)[] = [
  (asn) => peerOpen({ asn }),
  (asn) => peerOpen({ asn, routerId: address("10.0.0.0") }),
  (asn) => peerOpen({ asn, holdTimeSeconds: 3 }, { gracefulRestart: peerRestarts }),
  (asn) => Buffer.concat([peerOpen({ asn }), keepalive]),
  (asn) => Buffer.concat([peerOpen({ asn }, { gracefulRestart: peerRestarts }), keepalive]),
  () => keepalive,
];

/** What does not belong there, or ends the session. */
const other: readonly (() => Uint8Array)[] = [
  () => peerOpen({ asn: 64_499 }),
  () => keepalive.subarray(0, 7),
  () => encodeEndOfRib(6),
  () => routeRefresh({ afi: 1, safi: 1, subtype: 0 }),
  () => notification(6, 1),
  () => notification(2, 4),
  () => notification(2, 1),
  () => Uint8Array.from({ length: 40 }, (_, place) => place),
];

const reasons: readonly StopReason[] = [
  { kind: "shutdown", text: "bye" },
  { kind: "deconfigured" },
  { kind: "upgrade" },
  { kind: "configuration" },
];

/** One act of the world; `pick` chooses among the connections that are there. */
type Act =
  | { readonly kind: "start" | "reset" | "pathDown" | "offer" | "comeBack" | "flush" }
  | { readonly kind: "stop"; readonly reason: StopReason }
  | { readonly kind: "connected" | "lose" | "full" | "writable"; readonly pick: number }
  | { readonly kind: "receive"; readonly pick: number; readonly bytes: (asn: number) => Uint8Array }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "routes"; readonly last: number };

const pick = fc.nat(7);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("start", "offer", "comeBack", "flush") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reset", "pathDown") }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("stop" as const), reason: fc.constantFrom(...reasons) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("connected" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("lose", "full", "writable"), pick }) },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("receive" as const), pick, bytes: fc.constantFrom(...proper) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("receive" as const), pick, bytes: fc.constantFrom(...other) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.constantFrom(0, 1, 900, 5_000, 91_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("routes" as const), last: fc.nat(20) }) },
);

const acts = fc.array(act, { minLength: 10, maxLength: 80, size: "max" });
const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));

const some = fc.record({
  passive: fc.boolean(),
  peerAsn: fc.constantFrom(64_500, 64_512),
  holdTimeSeconds: fc.constantFrom(0, 3, 90),
  restarts: fc.boolean(),
});

type Some = { passive: boolean; peerAsn: number; holdTimeSeconds: number; restarts: boolean };

function rigOf({ restarts, ...own }: Some, random: () => number): Rig {
  const gracefulRestart = { restartTimeSeconds: 120 };
  return new Rig({ random, settings: settings({ ...own, ...(restarts && { gracefulRestart }) }) });
}

/** The connections in this state of the transport. */
function links(rig: Rig, ...states: readonly string[]): readonly number[] {
  return [...rig.links].filter(([, { state }]) => states.includes(state)).map(([number]) => number);
}

function perform(rig: Rig, act: Act, { peerAsn }: Some): void {
  switch (act.kind) {
    case "start":
      rig.start();
      break;
    case "reset":
      rig.session.stop({ kind: "configuration" }, rig.nowMs);
      rig.start();
      break;
    case "pathDown":
      rig.session.pathDown(rig.nowMs);
      break;
    case "offer":
      rig.offer();
      break;
    case "comeBack":
      comeBack(rig, peerAsn);
      break;
    case "flush":
      rig.flush();
      break;
    case "stop":
      rig.session.stop(act.reason, rig.nowMs);
      break;
    case "advance":
      rig.advance(act.ms);
      break;
    case "routes":
      rig.session.setRoutes(Array.from({ length: act.last }, (_, number) => route(`192.0.2.${number}/32`)));
      break;
    default:
      onLink(rig, act, peerAsn);
  }
  rig.settle();
}

/** A peer that restarted, and can do so gracefully. */
function comeBack(rig: Rig, asn: number): void {
  const offered = rig.offer();
  if (typeof offered === "number") rig.receive(peerOpen({ asn }, { gracefulRestart: peerRestarts }), offered);
  if (typeof offered === "number" && rig.link(offered).state === "up") rig.receive(keepalive, offered);
}

function onLink(rig: Rig, act: Extract<Act, { pick: number }>, asn: number): void {
  const among = links(rig, ...(act.kind === "connected" ? ["asked"] : ["asked", "up"]));
  const connection = among[act.pick % Math.max(1, among.length)];
  if (connection === undefined) return;
  if (act.kind === "connected") rig.connected(connection);
  else if (act.kind === "lose") rig.lose(connection);
  else if (rig.link(connection).state !== "up") return;
  else if (act.kind === "receive") rig.receive(act.bytes(asn), connection);
  else rig.session[act.kind](connection, rig.nowMs);
}

function check(rig: Rig, own: Some): void {
  const report = rig.session.describe(rig.nowMs);
  const established = report.connections.filter(({ state }) => state === "Established");
  assert.ok(established.length <= 1, "two connections are established");
  assert.equal(report.state === "Established", established.length === 1);
  const known = report.connections.map(({ connection }) => connection).sort((a, b) => a - b);
  assert.deepEqual(known, links(rig, "asked", "up"), "a connection is left open, or forgotten");
  if (report.restsUntilMs !== undefined) assert.ok(report.restsUntilMs <= rig.nowMs + 120_000);
  const waits = report.state !== "Established" && (report.state !== "Active" || !own.passive);
  if (waits && report.reason !== "not started" && !report.reason.includes("stopped"))
    assert.ok(rig.session.wakeAtMs() < Number.POSITIVE_INFINITY || stopped(rig), `stands still in ${report.state}`);
  if (established.length === 0) assert.equal(report.routes.told, 0);
}

/** Whether the last thing that happened was a stop: then nothing is due. */
function stopped(rig: Rig): boolean {
  return rig.offer() === "the session is stopped";
}

/** A peer that answers everything as it should, for so long that any rest ends. */
function behave(rig: Rig, { peerAsn, passive }: Some): void {
  const open = peerOpen({ asn: peerAsn });
  const answered = new Set<number>();
  rig.start();
  for (const endMs = rig.nowMs + 600_000; rig.nowMs < endMs; rig.advance(500)) {
    if (passive && rig.state === "Active") rig.offer();
    for (const connection of links(rig, "asked")) rig.connected(connection);
    answer(rig, open, answered);
  }
}

/** A KEEPALIVE over each connection, over a new one the OPEN. */
function answer(rig: Rig, open: Uint8Array, answered: Set<number>): void {
  for (const connection of links(rig, "up")) {
    rig.session.writable(connection, rig.nowMs);
    if (rig.link(connection).state === "up") rig.receive(answered.has(connection) ? keepalive : open, connection);
    answered.add(connection);
  }
}

type Seen = { established: number; collisions: number; silent: number; faults: number };

/** Counts what a run reached, so that a test which reaches nothing fails. */
function see({ session, news, nowMs }: Rig, seen: Seen): void {
  const said = (code: string) => news.some((one) => one.kind === "notification" && one.text.includes(code));
  const replaced = news.some((one) => one.kind === "state" && one.from === "Established" && one.to === "OpenConfirm");
  seen.established += Number(session.describe(nowMs).counters.established > 0);
  seen.collisions += Number(said("6/7"));
  seen.silent += Number(replaced);
  seen.faults += Number(said("5/3"));
}

describe("Whatever happens, a session", () => {
  it("is over one connection at most, leaves none open, and always knows when to go on", () => {
    const seen: Seen = { established: 0, collisions: 0, silent: 0, faults: 0 };
    fc.assert(
      fc.property(some, acts, numbers, (own, acts, numbers) => {
        const rig = rigOf(own, () => numbers.next().value ?? 0).start();
        for (const one of acts) {
          perform(rig, one, own);
          check(rig, own);
        }
        see(rig, seen);
      }),
      { numRuns: 1_000 },
    );
    assert.ok(
      Object.values(seen).every((times) => times > 0),
      `the acts do not reach all: ${JSON.stringify(seen)}`,
    );
  });

  it("is established in the end, with a peer that behaves, and has told it all", () => {
    fc.assert(
      fc.property(some, acts, (own, acts) => {
        const rig = rigOf(own, () => 0.5);
        for (const one of acts) perform(rig, one, own);
        for (const connection of links(rig, "up", "asked")) rig.lose(connection);
        behave(rig, own);
        const { state, routes } = rig.session.describe(rig.nowMs);
        assert.equal(state, "Established");
        assert.equal(routes.told, routes.wanted);
      }),
      { numRuns: 100 },
    );
  });

  it("does nothing twice: when it was woken at its time, it wants to be woken later", () => {
    fc.assert(
      fc.property(some, acts, (own, acts) => {
        const rig = rigOf(own, () => 0.5);
        for (const one of acts) perform(rig, one, own);
        for (let wakes = 0; wakes < 20; wakes++) {
          const atMs = rig.session.wakeAtMs();
          if (atMs === Number.POSITIVE_INFINITY) return;
          rig.nowMs = Math.max(rig.nowMs, atMs);
          rig.flush();
          assert.ok(rig.session.wakeAtMs() > rig.nowMs, "it wants to be woken again at once");
        }
      }),
      { numRuns: 300 },
    );
  });
});
