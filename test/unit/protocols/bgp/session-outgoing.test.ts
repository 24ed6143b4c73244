import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message, NextHop } from "../../../../src/protocols/bgp/message.ts";
import { FLUSH_PREFIXES } from "../../../../src/protocols/bgp/session-outgoing.ts";
import { routeRefresh } from "./messages.ts";
import { address, keepalive, peerOpen, plain, Rig, route, settings } from "./session-rig.ts";
import { readUpdate } from "./update-reader.ts";

/** Announced and withdrawn prefixes, and number of UPDATEs. */
function counted(sent: readonly Message[]): { announced: number; withdrawn: number; updates: number } {
  const updates = sent.filter((message) => message.kind === "update");
  const sum = (side: "announced" | "withdrawn") =>
    updates.reduce((count, update) => count + update[side][4] + update[side][6], 0);
  return { announced: sum("announced"), withdrawn: sum("withdrawn"), updates: updates.length };
}

const routes = (count: number) =>
  Array.from({ length: count }, (_, number) => route(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}/32`));

const refresh = (afi: number, safi = 1, subtype = 0) => routeRefresh({ afi, safi, subtype });

/** Established, with what was sent forgotten. */
function up(...wanted: ReturnType<typeof routes>): Rig {
  const rig = new Rig();
  rig.session.setRoutes(wanted);
  rig.establish();
  rig.sent();
  return rig;
}

describe("Routes", () => {
  it("go at the next tick, which is asked for at once, and together", () => {
    const rig = up();
    for (let count = 1; count <= 500; count++) rig.session.setRoutes(routes(count));
    rig.settle();
    assert.deepEqual(rig.sent(), []);
    assert.ok(rig.session.wakeAtMs() <= rig.nowMs);
    assert.deepEqual(counted(rig.flush().sent()), { announced: 500, withdrawn: 0, updates: 1 });
    assert.ok(rig.session.wakeAtMs() > rig.nowMs);
  });

  it("that come and go between two ticks are not sent", () => {
    const rig = up();
    rig.session.setRoutes(routes(10));
    rig.session.setRoutes([]);
    assert.deepEqual(rig.flush().sent(), []);
  });

  it("of 10,000 go in few UPDATEs, some at each tick", () => {
    const rig = up();
    rig.session.setRoutes(routes(10_000));
    rig.flush();
    assert.equal(counted(rig.sent()).announced, FLUSH_PREFIXES);
    const rest = counted(rig.advance(0).sent());
    assert.equal(rest.announced, 10_000 - FLUSH_PREFIXES);
    assert.ok(rest.updates < 12);
    const { counters, routes: counts } = rig.session.describe(rig.nowMs);
    assert.deepEqual([counters.announcedPrefixes, counts], [10_000, { wanted: 10_000, told: 10_000, waiting: 0 }]);
  });

  it("wait while the transport is full; what comes meanwhile goes together afterwards", () => {
    const rig = up();
    rig.session.full(1, rig.nowMs);
    rig.session.setRoutes(routes(10));
    assert.ok(rig.session.wakeAtMs() > rig.nowMs);
    rig.advance(1_000);
    rig.session.setRoutes(routes(9));
    assert.deepEqual(rig.flush().sent(), []);
    rig.session.writable(1, rig.nowMs);
    assert.deepEqual(counted(rig.advance(0).sent()), { announced: 9, withdrawn: 0, updates: 1 });
  });
});

describe("Routes that the peer asks for again, or that it loses,", () => {
  it("are all sent again when the peer asks for them, of that family only", () => {
    const rig = up(...routes(3), route("2001:db8:5::/128"));
    rig.receive(refresh(1));
    assert.deepEqual(counted(rig.flush().sent()), { announced: 3, withdrawn: 0, updates: 1 });
    rig.receive(refresh(2));
    assert.deepEqual(counted(rig.flush().sent()), { announced: 1, withdrawn: 0, updates: 1 });
  });

  it("are sent again once for any number of such messages", () => {
    const rig = up(...routes(3));
    rig.receive(Buffer.concat(Array.from({ length: 2_000 }, () => refresh(1))));
    assert.equal(counted(rig.flush().sent()).announced, 3);
  });

  for (const [name, bytes] of [
    ["another family", refresh(25, 70)],
    ["the beginning of a repetition (RFC 7313)", refresh(1, 1, 1)],
  ] as const)
    it(`are not sent again for ${name}`, () => {
      assert.deepEqual(
        up(...routes(3))
          .receive(bytes)
          .flush()
          .sent(),
        [],
      );
    });

  it("are withdrawn when they are not wanted any more", () => {
    const rig = up(...routes(3));
    rig.session.setRoutes(routes(1));
    assert.deepEqual(counted(rig.flush().sent()), { announced: 0, withdrawn: 2, updates: 1 });
    assert.equal(rig.session.describe(rig.nowMs).counters.withdrawnPrefixes, 2);
  });

  it("of a family that the peer does not speak are not sent, and it is said why", () => {
    const rig = new Rig();
    rig.session.setRoutes([route("192.0.2.9/32"), route("2001:db8::9/128")]);
    rig.establish(peerOpen({}, { families: [4] }));
    assert.equal(counted(rig.sent()).announced, 1);
    assert.deepEqual(rig.session.absences(), [
      { prefix: route("2001:db8::9/128").prefix, reason: "the peer does not take IPv6 routes" },
    ]);
  });

  it("are told anew to the next session's peer", () => {
    const rig = up(...routes(5))
      .lose(1)
      .advance(1_000)
      .connected(2)
      .receive(peerOpen())
      .receive(keepalive);
    assert.equal(counted(rig.flush().sent(2)).announced, 5);
  });

  it("can have attributes for their own UPDATE", () => {
    const rig = up();
    rig.session.setRoutes([...routes(4), route("192.0.2.1/32", { ...plain, communities: [0xffff0000] })]);
    assert.deepEqual(counted(rig.flush().sent()), { announced: 5, withdrawn: 0, updates: 2 });
  });

  it("are nobody's while the session is not up", () => {
    const rig = new Rig();
    rig.session.setRoutes(routes(5));
    rig.start().connected().receive(peerOpen()).flush();
    assert.deepEqual(rig.kinds(), ["open", "keepalive"]);
  });
});

describe("Routes of a node that is reached elsewhere", () => {
  const [there, other] = [{ address: address("2001:db8::1") }, { address: address("2001:db8::2") }];
  const four = { address: address("192.0.2.1") };
  const moved = (rig: Rig, six?: NextHop): Rig => {
    rig.session.moved(rig.last, { transport: 4, nextHops: { 4: four, ...(six && { 6: six }) } }, rig.nowMs);
    return rig.flush();
  };
  const standing = (): Rig => {
    const rig = new Rig();
    rig.session.setRoutes([route("198.51.100.7/32"), route("2001:db8:5::/128")]);
    rig.establish(peerOpen(), { transport: 4, nextHops: { 4: four, 6: there } });
    rig.sent();
    rig.updates();
    return rig;
  };
  const hops = (rig: Rig) => rig.updates().map((update) => readUpdate(update, 4).attributes?.nextHop);

  it("are told anew, those alone whose next hop changed, and the session goes on", () => {
    const rig = moved(standing(), other);
    assert.deepEqual(counted(rig.sent()), { announced: 1, withdrawn: 0, updates: 1 });
    assert.deepEqual([hops(rig), rig.state], [[other], "Established"]);
  });

  it("are withdrawn when there is no next hop any more, and told when there is one again", () => {
    const rig = moved(standing());
    assert.deepEqual(counted(rig.sent()), { announced: 0, withdrawn: 1, updates: 1 });
    const reason = "this node has no IPv6 address towards the peer";
    assert.deepEqual(rig.session.describe(rig.nowMs).agreed?.silent, [{ family: 6, reason }]);
    assert.deepEqual(
      rig.session.absences().map((each) => each.reason),
      [reason],
    );
    assert.deepEqual(counted(moved(rig, other).sent()), { announced: 1, withdrawn: 0, updates: 1 });
  });

  it("are not told again when it is the same place", () => {
    assert.deepEqual(moved(standing(), { ...there }).sent(), []);
  });

  it("have the next hop of the moment at which the session comes up", () => {
    const rig = new Rig().start().connected(1, { transport: 4, nextHops: { 4: four, 6: there } });
    rig.session.setRoutes([route("198.51.100.7/32"), route("2001:db8:5::/128")]);
    moved(rig, other).receive(peerOpen()).receive(keepalive).flush();
    assert.deepEqual(hops(rig), [four, other]);
  });
});

describe("A transport that is full", () => {
  it("gets no KEEPALIVE, but one as soon as it takes bytes again", () => {
    const rig = new Rig({ settings: settings({ holdTimeSeconds: 0xffff }) }).establish(
      peerOpen({ holdTimeSeconds: 0xffff }),
    );
    rig.session.full(1, rig.nowMs);
    rig.kinds();
    rig.advance(200_000);
    assert.deepEqual([rig.kinds(), rig.state], [[], "Established"]);
    rig.session.writable(1, rig.nowMs);
    rig.settle();
    assert.deepEqual(rig.kinds(), ["keepalive"]);
  });

  it("for eight minutes ends the session without a word (RFC 9687)", () => {
    const rig = new Rig().establish();
    rig.session.full(1, rig.nowMs);
    rig.kinds();
    for (let second = 0; second < 479; second++) rig.advance(1_000).receive(keepalive, 1);
    assert.equal(rig.state, "Established");
    rig.advance(1_000);
    assert.deepEqual([rig.link(1).state, rig.kinds(1)], ["closed", []]);
    assert.equal(rig.session.describe(rig.nowMs).reason, "the peer takes nothing any more");
  });

  it("ends nothing where both agreed that silence does not count", () => {
    const rig = new Rig().establish(peerOpen({ holdTimeSeconds: 0 }));
    rig.session.full(1, rig.nowMs);
    assert.equal(rig.advance(24 * 3_600_000).state, "Established");
  });

  it("is forgotten with its connection", () => {
    const rig = up();
    rig.session.full(1, rig.nowMs);
    rig.lose(1).advance(1_000).connected(2).receive(peerOpen()).receive(keepalive);
    rig.session.setRoutes(routes(1));
    assert.equal(counted(rig.flush().sent(2)).announced, 1);
  });
});
