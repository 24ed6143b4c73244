import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { encodeNotification } from "../../../../src/protocols/bgp/encode-message.ts";
import { type Fate, type Hostile, hostileInputs } from "./hostile-inputs.ts";
import { keepalive, Rig, route } from "./session-rig.ts";

const cuts: readonly (readonly [string, (bytes: Uint8Array) => readonly Uint8Array[]])[] = [
  ["whole", (bytes) => [bytes]],
  ["with another after it", (bytes) => [Buffer.concat([bytes, keepalive])]],
  ["byte by byte", (bytes) => [...bytes].map((byte) => Uint8Array.of(byte))],
];

function begun(at: Hostile["at"]): Rig {
  const rig = at === "OpenSent" ? new Rig().start().connected() : new Rig().establish();
  rig.session.setRoutes([route("192.0.2.7/32")]);
  rig.flush().sent(1);
  return rig;
}

/** What became of the session, as its peer sees it. */
function fate(rig: Rig): Fate {
  const notice = rig.sent(1).find((message) => message.kind === "notification");
  if (notice?.kind === "notification") return `${notice.code}/${notice.subcode}`;
  return rig.state === "Established" ? "stays" : rig.state === "OpenConfirm" ? "opens" : assert.fail(rig.state);
}

function deliver(rig: Rig, pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) if (rig.link(1).state === "up") rig.receive(piece, 1);
}

describe("Hostile input to a whole session", () => {
  for (const hostile of hostileInputs)
    it(`B5.${hostile.number}: ${hostile.what}, in ${hostile.at}: ${hostile.fate}`, () => {
      for (const [cut, pieces] of cuts) {
        if (hostile.fate === "opens" && cut.startsWith("with another")) continue;
        const rig = begun(hostile.at);
        deliver(rig, pieces(hostile.bytes));
        assert.equal(fate(rig), hostile.fate, cut);
        goesOn(rig, hostile.fate);
      }
    });

  it("B5.51: no NOTIFICATION holds more than was received, or than two bytes that say what would have been right", () => {
    for (const { at, bytes } of hostileInputs) {
      const rig = begun(at);
      deliver(rig, [bytes]);
      for (const message of rig.sent(1)) {
        if (message.kind !== "notification") continue;
        assert.ok(message.data.length <= Math.max(2, bytes.length));
        assert.ok(encodeNotification(message).length <= 21 + Math.max(2, bytes.length));
      }
    }
  });

  it("every number from 1 to 56 is named by a test of the two protocols", () => {
    const sources = ["../bgp", "../bfd"].flatMap((folder) => {
      const path = join(import.meta.dirname, folder);
      return readdirSync(path)
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => readFileSync(join(path, name), "utf8"));
    });
    const named = new Set([
      ...hostileInputs.map(({ number }) => number),
      ...sources.flatMap((text) => [...text.matchAll(/B5\.([0-9]+)/g)].map(([, number]) => Number(number))),
    ]);
    const all = Array.from({ length: 56 }, (_, i) => i + 1);
    assert.deepEqual(
      all.filter((number) => !named.has(number)),
      [],
    );
  });
});

/** A session that stays works as before; one that ended is tried again, and comes up. */
function goesOn(rig: Rig, was: Fate): void {
  if (was === "opens") rig.receive(keepalive, 1).flush();
  if (was !== "opens" && was !== "stays") {
    assert.equal(rig.link(1).state, "closed");
    rig.advance(2_000);
    assert.equal(rig.link(2).state, "asked");
    return;
  }
  assert.equal(rig.state, "Established");
  const before = rig.session.describe(rig.nowMs).counters.received.keepalive;
  rig.receive(keepalive, 1).flush();
  const { counters, routes } = rig.session.describe(rig.nowMs);
  assert.deepEqual([counters.received.keepalive, routes.told], [before + 1, 1]);
}
