import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { beforeEach, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BgpConnection, CLOSE_MS } from "../../../src/speaker/bgp-connection.ts";
import { address } from "../../support/builders.ts";

let mine: Duplex;
let theirs: Duplex;
let events: string[];
let connection: BgpConnection;

beforeEach(() => {
  [mine, theirs] = duplexPair({ highWaterMark: 8 });
  theirs.on("error", () => {});
  events = [];
  const unchanged = { setPassword: () => {}, setHops: () => {} };
  const [local, peer] = ["10.9.0.1", "10.9.0.2"].map((text) => ({ address: address(text), port: 179 }));
  assert.ok(local && peer);
  connection = new BgpConnection(
    { stream: mine, local, peer, ...unchanged },
    {
      received: (bytes) => void events.push(`received ${bytes}`),
      full: () => void events.push("full"),
      writable: () => void events.push("writable"),
      closed: (why) => void events.push(why),
    },
  );
});

async function rest(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}

it("Given a peer that takes nothing, Then it is full; When the peer reads, Then it is writable", async () => {
  connection.write(Buffer.from("0123456789abcdef"));
  await rest();
  assert.deepEqual(events, ["full"]);
  theirs.resume();
  await rest();
  assert.deepEqual(events, ["full", "writable"]);
});

it("Given bytes and then the end, Then both are told, and nothing after", async () => {
  theirs.write("hello");
  theirs.end();
  await rest();
  assert.deepEqual(events, ["received hello", "the peer closed the connection"]);
});

it("Given an error of the network, Then it is put into words, once", async () => {
  mine.destroy(Object.assign(new Error("read"), { code: "ECONNRESET" }));
  await rest();
  assert.deepEqual(events, ["connection with 10.9.0.2 port 179: connection reset by peer (ECONNRESET)"]);
});

it("Given bytes that were written, When it is closed, Then they arrive before the end, and nothing is told any more", async () => {
  const arrived: string[] = [];
  theirs.on("data", (bytes) => void arrived.push(String(bytes)));
  theirs.on("end", () => void arrived.push("end"));
  connection.write(Buffer.from("bye"));
  connection.close();
  theirs.write("too late");
  await rest();
  assert.deepEqual(arrived, ["bye", "end"]);
  assert.deepEqual(events, []);
});

it("Given a peer that takes nothing, When it is closed, Then it ends a second later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  connection.write(Buffer.from("0123456789abcdef"));
  connection.write(Buffer.from("0123456789abcdef"));
  connection.close();
  t.mock.timers.tick(CLOSE_MS - 1);
  assert.equal(mine.destroyed, false);
  t.mock.timers.tick(1);
  assert.equal(mine.destroyed, true);
});
