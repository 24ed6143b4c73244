import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeNotification } from "../../../../src/protocols/bgp/encode-message.ts";
import { encodeEndOfRib } from "../../../../src/protocols/bgp/encode-updates.ts";
import { address, keepalive, notification, peerOpen, Rig, route, settings } from "./session-rig.ts";

/** A message of this type; `length`: what its header says. */
function message(type: number, body: readonly number[] = [], length = 19 + body.length): Uint8Array {
  return Uint8Array.of(...Array<number>(16).fill(255), length >> 8, length & 255, type, ...body);
}

/** The OPEN of the peer with some bytes after its header replaced. */
function spoiltOpen(at: number, ...bytes: readonly number[]): Uint8Array {
  const open = Uint8Array.from(peerOpen());
  open.set(bytes, 19 + at);
  return open;
}

/** A whole OPEN body with these optional parameters. */
const openWith = (...parameters: readonly number[]) =>
  message(1, [4, 0xfb, 0xf4, 0, 90, 10, 0, 0, 2, parameters.length, ...parameters]);

const refresh = message(5, [0, 1, 0, 1]);
const update = encodeEndOfRib(4);

/** An UPDATE with these path attributes and the prefix 10.9.9.9/32. */
const withAttributes = (...attributes: readonly number[]) =>
  message(2, [0, 0, attributes.length >> 8, attributes.length & 255, ...attributes, 32, 10, 9, 9, 9]);
const nextHop = [0x40, 3, 4, 192, 0, 2, 9];
const path = [0x40, 2, 6, 2, 1, 0, 0, 0xfb, 0xf4];
const origin = [0x40, 1, 1, 0];

describe("B5.3: A message of more than 4,096 bytes (RFC 8654)", () => {
  const long = message(2, [0, 0, 0, 0, ...Array<number>(5_000).fill(0)]);

  it("is taken from a peer that cannot take them itself: it was told that this side can", () => {
    const rig = new Rig().establish().receive(long);
    assert.deepEqual([rig.state, rig.session.describe(0).counters.received.update], ["Established", 1]);
  });

  it("ends a session in which this side did not say that it takes them", () => {
    const rig = new Rig().start().connected(1).receive(notification(2, 4), 1).advance(1_000).connected(2);
    rig
      .receive(message(1, [4, 0xfb, 0xf4, 0, 90, 10, 0, 0, 2, 0]), 2)
      .receive(keepalive, 2)
      .receive(long, 2);
    assert.deepEqual([rig.kinds(2).at(-1), rig.state], ["notification 1/2", "Idle"]);
  });

  it("of which nothing but the header comes does not hold up the hold timer", () => {
    const rig = new Rig().establish().receive(message(2, [], 65_535));
    for (let second = 0; second < 89; second++) rig.receive(Uint8Array.of(0), 1).advance(1_000);
    assert.equal(rig.state, "Established");
    assert.equal(rig.advance(1_000).kinds(1).at(-1), "notification 4/0");
  });
});

describe("How bytes are cut", () => {
  it("B5.6: does not matter: a whole session byte by byte", () => {
    const rig = new Rig().start().connected();
    for (const byte of [...peerOpen(), ...keepalive, ...update]) rig.receive(Uint8Array.of(byte));
    assert.deepEqual([rig.state, rig.session.describe(0).counters.received.update], ["Established", 1]);
  });

  it("B5.6: does not hold up the hold timer: a header that comes byte by byte", () => {
    const rig = new Rig().establish();
    for (const byte of keepalive.subarray(0, 18)) rig.receive(Uint8Array.of(byte), 1).advance(4_999);
    assert.equal(rig.state, "Established");
    rig.advance(100);
    assert.equal(rig.kinds(1).at(-1), "notification 4/0");
  });

  it("B5.7: does not matter: 10,000 messages in one segment", () => {
    const rig = new Rig().establish();
    rig.receive(Buffer.concat(Array<Uint8Array>(10_000).fill(keepalive)));
    assert.deepEqual([rig.state, rig.session.describe(0).counters.received.keepalive], ["Established", 10_001]);
  });
});

describe("B5.8: Bytes after the end", () => {
  it("of the peer are not looked at", () => {
    const rig = new Rig().establish().receive(Buffer.concat([notification(6, 2), message(9), peerOpen()]));
    assert.deepEqual([rig.kinds(1).includes("notification 1/3"), rig.state], [false, "Idle"]);
  });

  it("of the peer are not even counted", () => {
    const rig = new Rig().establish().receive(Buffer.concat([notification(6, 2), peerOpen(), keepalive]));
    const { received } = rig.session.describe(0).counters;
    assert.deepEqual([received.open, received.keepalive], [1, 1]);
  });

  it("of the connection are not looked at", () => {
    const rig = new Rig().establish().lose(1);
    rig.session.received(1, Buffer.concat([keepalive, message(9)]), rig.nowMs);
    rig.settle();
    assert.deepEqual([rig.state, rig.session.describe(0).counters.sent.notification], ["Idle", 0]);
  });
});

describe("B5.9: A message that does not belong there ends the session (RFC 6608):", () => {
  const stages = {
    OpenSent: () => new Rig().start().connected(),
    OpenConfirm: () => new Rig().start().connected().receive(peerOpen()),
    Established: () => new Rig().establish(),
  };
  const cases: readonly [keyof typeof stages, string, Uint8Array, string][] = [
    ["OpenConfirm", "a second OPEN", peerOpen(), "5/2"],
    ["Established", "a second OPEN", peerOpen(), "5/3"],
    ["OpenSent", "an UPDATE", update, "5/1"],
    ["OpenConfirm", "an UPDATE", update, "5/2"],
    ["OpenSent", "a ROUTE-REFRESH", refresh, "5/1"],
    ["OpenConfirm", "a ROUTE-REFRESH", refresh, "5/2"],
    ["OpenSent", "a KEEPALIVE", keepalive, "5/1"],
    ["OpenSent", "an UPDATE that is also wrong", message(2, [0, 9, 0, 0]), "5/1"],
  ];
  for (const [state, name, bytes, want] of cases)
    it(`${name} in ${state}`, () => {
      const rig = stages[state]().receive(bytes);
      assert.deepEqual([rig.kinds(1).at(-1), rig.state], [`notification ${want}`, "Idle"]);
    });

  it("but not a ROUTE-REFRESH that was not asked for", () => {
    assert.equal(new Rig().establish(peerOpen({}, { routeRefresh: false })).receive(refresh).state, "Established");
  });
});

describe("An OPEN is refused, and the session rests:", () => {
  const sameSystem = settings({ localAsn: 64_500, peerAsn: 64_500 });
  const cases: readonly [string, Uint8Array, string, ReturnType<typeof settings>?][] = [
    ["version 3", spoiltOpen(0, 3), "2/1"],
    ["the AS number 0", message(1, [4, 0, 0, 0, 90, 10, 0, 0, 2, 0]), "2/2"],
    ["AS_TRANS without a number behind it", message(1, [4, 0x5b, 0xa0, 0, 90, 10, 0, 0, 2, 0]), "2/2"],
    ["the identifier 0", spoiltOpen(5, 0, 0, 0, 0), "2/3"],
    ["our identifier, over iBGP", peerOpen({ routerId: address("10.0.0.1") }), "2/3", sameSystem],
    ["a hold time of 1 s", spoiltOpen(3, 0, 1), "2/6"],
    ["a hold time of 2 s", spoiltOpen(3, 0, 2), "2/6"],
    ["an end after the length of its parameters", message(1, [4, 0xfb, 0xf4, 0, 90, 10, 0, 0, 2, 255]), "2/0"],
    ["a parameter that is longer than the rest", openWith(2, 9, 1, 4), "2/0"],
    ["a capability that is longer than its parameter", openWith(2, 3, 65, 4, 0), "2/0"],
  ];
  for (const [name, open, want, own] of cases)
    it(name, () => {
      const rig = new Rig({ settings: own ?? settings() }).start().connected().receive(open);
      const { failures, restsUntilMs } = rig.session.describe(rig.nowMs);
      assert.deepEqual([rig.kinds(1).at(-1), rig.link(1).state], [`notification ${want}`, "closed"]);
      assert.deepEqual([failures, restsUntilMs], [1, rig.nowMs + 1_000]);
    });

  it("with no more in the NOTIFICATION than was received, though a capability says 255 bytes", () => {
    const open = openWith(2, 8, 200, 255, 1, 2, 3, 4, 5, 6);
    const sent = new Rig().start().connected().receive(open).sent(1).at(-1);
    assert.ok(sent?.kind === "notification");
    assert.ok(encodeNotification(sent).length <= open.length + 2);
  });

  it("but not for 100 capabilities that nobody knows, each twice", () => {
    const other = Array.from({ length: 100 }, (_, number) => ({ code: 180 + (number >> 1), value: new Uint8Array() }));
    assert.equal(new Rig().start().connected().receive(peerOpen({}, { other })).state, "OpenConfirm");
  });
});

describe("An UPDATE", () => {
  const cases: readonly [string, Uint8Array][] = [
    ["an ORIGIN of two bytes", withAttributes(0x40, 1, 2, 0, 0, ...path, ...nextHop)],
    ["the ORIGIN 3", withAttributes(0x40, 1, 1, 3, ...path, ...nextHop)],
    ["an unknown attribute alone", withAttributes(0xc0, 99, 1, 0)],
    ["a NEXT_HOP of 3 bytes", withAttributes(...origin, ...path, 0x40, 3, 3, 192, 0, 2)],
    ["communities of 5 bytes", withAttributes(...origin, ...path, ...nextHop, 0xc0, 8, 5, 0, 0, 0, 0, 0)],
    ["an AS_PATH that overruns", withAttributes(...origin, 0x40, 2, 2, 2, 200, ...nextHop)],
    ["the same attribute twice", withAttributes(...origin, ...origin, ...path, ...nextHop)],
  ];
  for (const [name, bytes] of cases)
    it(`with ${name} does not end the session (RFC 7606), and is counted`, () => {
      const rig = new Rig().establish().receive(bytes);
      assert.deepEqual([rig.state, rig.session.describe(0).counters.updateFaults > 0], ["Established", true]);
    });

  it("whose withdrawn routes are longer than itself ends the session", () => {
    const rig = new Rig().establish().receive(message(2, [0, 200, 0, 0]));
    assert.deepEqual([rig.kinds(1).at(-1), rig.state], ["notification 3/1", "Idle"]);
  });

  it("keeps the session alive as a KEEPALIVE does, however wrong its attributes are", () => {
    const rig = new Rig().establish();
    for (let number = 0; number < 10; number++) rig.advance(60_000).receive(withAttributes(0x40, 1, 1, 3), 1);
    assert.equal(rig.state, "Established");
  });
});

describe("B5.49, B5.50: A NOTIFICATION", () => {
  const cases: readonly [string, Uint8Array][] = [
    ["of no bytes at all", message(3)],
    ["of one byte", message(3, [6])],
    ["with a text longer than the rest", notification(6, 2, [255, 65])],
    ["with a text that is not UTF-8", notification(6, 2, [3, 0xff, 0xfe, 0xfd])],
    ["with terminal escapes", notification(6, 2, [7, 0x1b, 0x5b, 0x32, 0x4a, 0x0a, 0x0d, 0x9b])],
    ["of an unknown code", notification(250, 251, [1, 2, 3])],
    ["of 4,096 bytes", notification(6, 2, Array<number>(4_075).fill(255))],
    ["that is a hard reset of nothing", notification(6, 9)],
    ["that is a hard reset within a hard reset", notification(6, 9, [6, 9, 6, 9, 6, 9])],
  ];
  for (const [name, bytes] of cases)
    it(`${name} ends the session once, in words that are safe to print`, () => {
      const rig = new Rig().establish().receive(bytes);
      assert.deepEqual([rig.state, rig.link(1).state], ["Idle", "closed"]);
      const { reason, lastNotification } = rig.session.describe(0);
      assert.doesNotMatch(`${reason}${lastNotification.received?.text}${lastNotification.sent?.text}`, /\p{Cc}/u);
      assert.ok(reason.length < 1_000);
    });
});

describe("A peer that", () => {
  it("B5.52: changes its capabilities at every connection gets a session each time, and no rest grows while it is stable", () => {
    const rig = new Rig().start();
    for (let round = 0; round < 1_000; round++) {
      const families = round % 2 === 0 ? ([4] as const) : ([6] as const);
      rig
        .connected()
        .receive(peerOpen({}, { families, routeRefresh: round % 3 === 0 }))
        .receive(keepalive);
      assert.deepEqual(rig.session.describe(rig.nowMs).agreed?.families, families);
      rig.session.stop({ kind: "configuration" }, rig.nowMs);
      rig.start();
    }
    assert.equal([...rig.links.values()].filter(({ state }) => state !== "closed").length, 1);
  });

  it("flaps as fast as it can is met ever more rarely", () => {
    const rig = new Rig().start();
    for (const endMs = rig.nowMs + 3_600_000; rig.nowMs < endMs; ) {
      if (rig.link(rig.last).state === "asked") rig.connected().receive(peerOpen()).receive(keepalive).lose();
      rig.advance(Math.max(1, rig.session.wakeAtMs() - rig.nowMs));
    }
    assert.ok(rig.links.size < 40, `${rig.links.size} connections in an hour`);
  });

  it("does not know optional parameters is offered an OPEN without, and with them after that failed too", () => {
    const rig = new Rig().start().connected(1).receive(notification(2, 4), 1).advance(1_000).connected(2);
    const bare = rig.sent(2)[0];
    assert.ok(bare?.kind === "open");
    assert.deepEqual([bare.capabilities.families, bare.capabilities.fourOctetAs], [[], false]);
    rig.receive(message(1, [4, 0xfb, 0xf4, 0, 90, 10, 0, 0, 2, 0]), 2).receive(keepalive, 2);
    assert.deepEqual(rig.session.describe(0).agreed?.families, [4]);
    rig.receive(notification(2, 4), 2).advance(2_000).connected(3);
    const full = rig.sent(3)[0];
    assert.ok(full?.kind === "open" && full.capabilities.fourOctetAs);
  });

  const ends: readonly (readonly [string, (rig: Rig) => Rig])[] = [
    ["it has no family in common without them", (rig) => rig.receive(peerOpen({}, { families: [6] }), 2)],
    ["the connection is lost", (rig) => rig.lose(2)],
    ["nothing comes over it", (rig) => rig.advance(240_000)],
    ["the session came up, and was lost", (rig) => rig.receive(peerOpen(), 2).receive(keepalive, 2).lose(2)],
  ];
  for (const [name, ended] of ends)
    it(`is offered but one OPEN without capabilities, then one with them again: ${name}`, () => {
      const rig = new Rig().start().connected(1).receive(notification(2, 4), 1).advance(1_000).connected(2);
      const [bare] = rig.sent(2);
      ended(rig);
      while (rig.link(rig.last).state !== "asked") rig.advance(500);
      const [full] = rig.connected().sent();
      assert.ok(bare?.kind === "open" && full?.kind === "open");
      assert.deepEqual([bare.capabilities.fourOctetAs, full.capabilities.fourOctetAs], [false, true]);
    });

  it("does not know optional parameters is offered AS_TRANS by a node whose AS number it cannot know", () => {
    const large = settings({ localAsn: 4_200_000_000, gracefulRestart: { restartTimeSeconds: 120 } });
    const rig = new Rig({ settings: large }).start().connected(1).receive(notification(2, 4), 1);
    const [open] = rig.advance(1_000).connected(2).sent(2);
    assert.ok(open?.kind === "open");
    assert.deepEqual([open.asn, open.capabilities.fourOctetAs], [23_456, false]);
    rig.receive(message(1, [4, 0xfb, 0xf4, 0, 90, 10, 0, 0, 2, 0]), 2).receive(keepalive, 2);
    rig.session.setRoutes([route("192.0.2.7/32")]);
    rig.flush();
    assert.deepEqual(rig.session.describe(rig.nowMs).routes, { wanted: 1, told: 1, waiting: 0 });
  });

  it("B5.53: takes nothing for hours costs no memory and, at last, the session", () => {
    const rig = new Rig().establish();
    rig.kinds();
    rig.session.full(1, rig.nowMs);
    for (let minute = 0; minute < 60; minute++) rig.receive(keepalive, 1).advance(60_000);
    assert.deepEqual([rig.kinds(1), rig.link(1).state], [[], "closed"]);
  });
});
