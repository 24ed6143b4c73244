import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { beforeEach, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BgpConnections } from "../../../src/speaker/bgp-connections.ts";
import type { BgpTcp } from "../../../src/speaker/bgp-ports.ts";
import { address } from "../../support/builders.ts";
import { networkOf, peerCommand } from "./bgp-rig.ts";

let events: string[];
let connect: (tcp: BgpTcp) => void;
let connections: BgpConnections;

beforeEach(() => {
  events = [];
  const note =
    (what: string) =>
    (connection: number, why?: unknown): void =>
      void events.push(`${connection} ${what}${typeof why === "string" ? `: ${why}` : ""}`);
  const answer = new Promise<BgpTcp>((resolve) => {
    connect = resolve;
  });
  connections = new BgpConnections(
    { connect: () => answer, network: () => networkOf("10.9.0.1"), isVirtual: () => false, now: () => 0 },
    peerCommand("10.9.0.2", { transport: { password: "first" } }),
    {
      connected: note("connected"),
      received: note("received"),
      full: note("full"),
      writable: note("writable"),
      closed: note("closed"),
    },
  );
});

/** A connection that says which password it signs with; `fails`: that it cannot. */
function tcp(name: string, fails?: string): BgpTcp {
  const [stream] = duplexPair();
  const [local, peer] = [
    { address: address("10.9.0.1"), port: 50_000 },
    { address: address("10.9.0.2"), port: 179 },
  ];
  const setPassword = (password: string | undefined): void => {
    if (fails !== undefined) throw new Error(fails);
    events.push(`${name} signs with ${password}`);
  };
  return { stream, local, peer, setPassword, setHops: () => {} };
}

it("Given a password that changes while it connects, Then what stands signs with the new one before anything is said", async () => {
  connections.carryOut([{ kind: "connect", connection: 1 }]);
  connections.setPassword("second");
  connect(tcp("it"));
  await nextTurn();
  assert.deepEqual(events, ["it signs with second", "1 connected"]);
});

it("Given a password that stays while it connects, Then it is not set again", async () => {
  connections.carryOut([{ kind: "connect", connection: 1 }]);
  connections.setPassword("first");
  connect(tcp("it"));
  await nextTurn();
  assert.deepEqual(events, ["1 connected"]);
});

it("Given a new password that cannot be set on what it connected, Then that is no connection", async () => {
  connections.carryOut([{ kind: "connect", connection: 1 }]);
  connections.setPassword("second");
  const connected = tcp("it", "set password: out of memory");
  connect(connected);
  await nextTurn();
  assert.deepEqual([events, connected.stream.destroyed], [["1 closed: set password: out of memory"], true]);
});

it("Given a connection on which a password cannot be set, Then the others sign with it all the same, and that is said", () => {
  connections.add(1, tcp("one", "set password: out of memory"));
  connections.add(2, tcp("two"));
  assert.throws(() => connections.setPassword("second"), new Error("set password: out of memory"));
  assert.deepEqual(events, ["two signs with second"]);
});
