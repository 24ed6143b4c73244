/** The sessions of a node over a network in memory; with real sockets and BIRD: test/e2e/bgp-speaker.test.ts. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { bitLength, formatAddress } from "../../../src/net/address.ts";
import type { BgpPeerCommand, BgpSessionReport } from "../../../src/speaker/bgp-messages.ts";
import { address } from "../../support/builders.ts";
import {
  here,
  type NodeOptions,
  networkOf,
  nobody,
  peerCommand,
  Rig,
  type RigNode,
  swapped,
  there,
} from "./bgp-rig.ts";

const attributes = { prepend: 0, communities: [], largeCommunities: [] };

let rig: Rig;
let node: RigNode;
let router: RigNode;

beforeEach(() => {
  rig = new Rig();
});

/** A node and its router; what of the session is the same at both is given. */
async function meet(same: Parameters<typeof peerCommand>[1] = {}, options: NodeOptions = {}): Promise<void> {
  ({ node, router } = await rig.meet(same, options));
}

const tell = (...texts: readonly string[]): void =>
  node.speaker.apply({
    kind: "bgpRoutes",
    name: "tor",
    serial: 1,
    routes: texts.map((text) => ({
      prefix: { address: address(text), length: bitLength(address(text).family) },
      attributes,
    })),
  });
/** Where the session of `meet` is not. */
const elsewhere = [
  ["another address of the router", { peer: address("10.9.0.3") }],
  ["another port of the router", { port: 1179 }],
  ["another address of this node", { source: address("10.9.0.7") }],
  ["a VRF", { device: "blue" }],
  ["an interface in place of an address", { peer: undefined, interface: "eth0" }],
] as const;
const noticeOf = (report: BgpSessionReport | undefined): string | undefined => report?.lastNotification?.text;
const since = (of: RigNode): number | undefined => of.last()?.sinceMs;

describe("a session", () => {
  it("Given a peer that listens, Then it is Established, and tells what it is to tell", async () => {
    await meet();
    tell("198.51.100.7", "198.51.100.8");
    await rig.run(40);
    const up = node.last();
    assert.deepEqual(
      [up?.state, up?.serial, up?.wanted, up?.announced, up?.absent, up?.lastError],
      ["Established", 1, 2, 2, [], undefined],
    );
    assert.equal(up?.established?.gracefulRestart, true);
    assert.equal(router.last()?.state, "Established");
  });

  it("Given a route that the session cannot tell, Then the report says which and why", async () => {
    await meet({ settings: { families: [6] } });
    tell("198.51.100.7");
    await rig.run(40);
    assert.deepEqual(node.last()?.absent, [
      { prefix: { address: address("198.51.100.7"), length: 32 }, reason: "the peer does not take IPv4 routes" },
    ]);
  });

  it("Given an IPv6 address that comes after the session, Then it is the next hop from then on; and when it goes, none is", async () => {
    await meet();
    const before = since(node);
    node.place.network = networkOf(here, { beside: [] });
    tell("198.51.100.7", "2001:db8:5::7");
    await rig.run(40);
    const [absent] = node.last()?.absent ?? [];
    assert.deepEqual([node.last()?.announced, absent?.reason], [1, "this node has no IPv6 address towards the peer"]);
    node.place.network = networkOf(here);
    await rig.run(40);
    assert.deepEqual([node.last()?.announced, node.last()?.absent, since(node)], [2, [], before]);
    node.place.network = networkOf(here, { beside: [] });
    await rig.run(40);
    assert.equal(node.last()?.announced, 1);
  });

  it("Given another password, Then what stands signs with it, and the session goes on", async () => {
    await meet({ transport: { password: "first" } });
    const before = since(node);
    for (const [each, to] of [
      [node, there],
      [router, here],
    ] as const) {
      const settings = each === router ? swapped : {};
      each.speaker.apply(peerCommand(to, { settings, transport: { password: "second" } }));
    }
    await rig.run(100);
    assert.deepEqual(node.calls, ["connect with first", "sign with second"]);
    assert.equal(since(node), before);
    node.speaker.apply({ kind: "bgpPeerGone", name: "tor" });
    node.speaker.apply(peerCommand(there, { transport: { password: "second" } }));
    await rig.run(5_000);
    assert.equal(node.last()?.state, "Established");
  });

  it("Given the same wish again, Then nothing changes", async () => {
    await meet();
    const { length } = node.reports;
    node.speaker.apply(peerCommand(there));
    await rig.run(100);
    assert.equal(node.reports.length, length);
  });
});

describe("other times of a session", () => {
  const change = (settings: object): void => node.speaker.apply(peerCommand(there, { settings }));

  it("Given both while it stands, Then its peer is told nothing, and it goes on", async () => {
    await meet();
    const before = [since(node), since(router)];
    change({ connectRetrySeconds: 7, keepaliveSeconds: 7 });
    await rig.run(5_000);
    assert.deepEqual([since(node), since(router)], before);
    assert.deepEqual([noticeOf(node.last()), noticeOf(router.last())], [undefined, undefined]);
    assert.deepEqual(node.calls, ["connect with no password"]);
  });

  it("Given another keepalive time, Then it speaks so often after its next KEEPALIVE", async () => {
    await meet({ settings: { keepaliveSeconds: 5 } });
    change({ keepaliveSeconds: 1 });
    await rig.run(25_000);
    assert.ok((node.last()?.counters.sent.keepalive ?? 0) > 10, `${node.last()?.counters.sent.keepalive} KEEPALIVEs`);
  });

  it("Given another connect retry time, Then it tries again so often after its next try", async () => {
    node = rig.node(here);
    node.speaker.apply(peerCommand(there));
    await rig.run(100);
    change({ connectRetrySeconds: 100 });
    await rig.run(60_000);
    assert.equal(node.calls.length, 2);
  });
});

describe("the end of a session", () => {
  const ends: readonly (readonly [what: string, end: () => void, told: RegExp])[] = [
    [
      "another hold time",
      () => node.speaker.apply(peerCommand(there, { settings: { holdTimeSeconds: 60 } })),
      /^other configuration change/i,
    ],
    ...elsewhere.map(
      ([what, transport]) =>
        [
          what,
          () => node.speaker.apply(peerCommand(there, { transport })),
          /^hard reset.*peer de-configured/i,
        ] as const,
    ),
    ["its end", () => node.speaker.apply({ kind: "bgpPeerGone", name: "tor" }), /de-?configured/i],
    ["a drain", () => node.speaker.apply({ kind: "bgpDrain", text: "kernel update" }), /shutdown.*kernel update/i],
  ];
  for (const [what, end, told] of ends)
    it(`Given ${what}, Then the peer is told so`, async () => {
      await meet();
      end();
      await rig.run(40);
      assert.match(noticeOf(router.last()) ?? "", told);
    });

  it("Given another hold time, Then a new session comes up with the routes of the old one", async () => {
    await meet();
    tell("198.51.100.7");
    node.speaker.apply(peerCommand(there, { settings: { holdTimeSeconds: 60 } }));
    await rig.run(10_000);
    assert.deepEqual([node.last()?.established?.holdTimeSeconds, node.last()?.announced], [60, 1]);
  });

  it("Given a drain, Then it stays down until it is wished for again", async () => {
    await meet();
    node.speaker.apply({ kind: "bgpDrain", text: "" });
    await rig.run(10_000);
    assert.deepEqual([node.last()?.state, node.last()?.lastError], ["Idle", undefined]);
    node.speaker.apply(peerCommand(there));
    await rig.run(10_000);
    assert.equal(node.last()?.state, "Established");
  });

  for (const [gracefulRestart, told] of [
    [{ restartTimeSeconds: 120 }, undefined],
    [undefined, /shutdown/i],
  ] as const)
    it(`Given graceful restart ${gracefulRestart ? "on" : "off"}, When the speaker closes, Then the peer is told ${told ?? "nothing"}`, async () => {
      await meet({ settings: { gracefulRestart } });
      node.speaker.close();
      await rig.run(40);
      assert.notEqual(router.last()?.state, "Established");
      if (told === undefined) assert.equal(noticeOf(router.last()), undefined);
      else assert.match(noticeOf(router.last()) ?? "", told);
    });
});

describe("what is wrong, in words", () => {
  it("Given nobody who listens, Then the error of the connection", async () => {
    node = rig.node(here);
    node.speaker.apply(peerCommand(there));
    await rig.run(100);
    assert.equal(node.last()?.lastError, "connect to 10.9.0.2 port 179: connection refused (ECONNREFUSED)");
  });

  for (const [password, words] of [
    [undefined, "no answer for 5 s"],
    ["s3cret", "no answer for 5 s; a wrong password looks like this"],
  ] as const)
    it(`Given no answer ${password ? "to what is signed" : "at all"}, Then that, however often it was tried`, async () => {
      node = rig.node(here);
      node.speaker.apply(peerCommand(formatAddress(nobody), { transport: { password } }));
      await rig.run(4_900);
      assert.equal(node.last()?.lastError, undefined);
      await rig.run(200);
      assert.equal(node.last()?.lastError, `connect to 10.9.0.99 port 179: ${words}`);
    });

  it("Given an unnumbered peer, Then that it cannot be; nothing is tried", async () => {
    node = rig.node(here);
    const { peer: _, ...transport } = peerCommand(there).transport;
    node.speaker.apply({ ...peerCommand(there), transport: { ...transport, interface: "eth0" } });
    await rig.run(100);
    assert.match(node.last()?.lastError ?? "", /^unnumbered: /);
    assert.deepEqual(node.calls, []);
  });

  const passive: BgpPeerCommand = peerCommand(there, { settings: { passive: true } });

  it("Given a passive session and no port for peers, Then that none listens", async () => {
    node = rig.node(here);
    node.speaker.apply(passive);
    await rig.run(100);
    assert.equal(node.last()?.lastError, "this node listens on no port for BGP");
  });

  it("Given a port that cannot be had, Then why, and it is tried again each 5 s; an active session goes on without", async () => {
    node = rig.node(here, { port: 179, listenFails: "listen on 0.0.0.0 port 179: permission denied (EACCES)" });
    node.speaker.apply(passive);
    node.speaker.apply({ ...peerCommand("10.9.0.3"), name: "other" });
    await rig.run(5_500);
    const [tor, other] = ["tor", "other"].map((name) => node.reports.findLast((report) => report.name === name));
    assert.equal(tor?.lastError, "listen on 0.0.0.0 port 179: permission denied (EACCES)");
    assert.match(other?.lastError ?? "", /connection refused/);
    assert.equal(node.calls.filter((call) => call === "listen 179").length, 2);
    assert.deepEqual(node.troubles, ["listen on 0.0.0.0 port 179: permission denied (EACCES)"]);
    for (const name of ["tor", "other"]) node.speaker.apply({ kind: "bgpPeerGone", name });
    await rig.run(40);
    assert.deepEqual(node.troubles.slice(1), [""]);
  });
});

describe("the port for peers", () => {
  it("Given no peer, Then it is closed; it opens with the first and closes with the last", async () => {
    node = rig.node(here, { port: 1790 });
    await rig.run(40);
    assert.deepEqual(node.calls, []);
    node.speaker.apply(peerCommand(there, { settings: { passive: true } }));
    await rig.run(40);
    node.speaker.apply({ kind: "bgpPeerGone", name: "tor" });
    await rig.run(40);
    assert.deepEqual(node.calls, ["listen 1790", "listens no more"]);
  });

  it("Given a session that takes packets of the link alone, When its peer connects, Then the connection is set so before it speaks", async () => {
    await meet({ transport: { ttlSecurity: 1 } });
    assert.deepEqual(router.calls, ["listen 179", "hops 255, at least 255"]);
    assert.equal(router.last()?.state, "Established");
  });
});

it("Given a VRF device that is made anew, Then peers are listened for on the new one", async () => {
  node = rig.node(here, { port: 179 });
  const blue = { name: "blue", ethernet: false, loopback: false, up: true, mac: new Uint8Array(6) };
  const { network } = node.place;
  node.place.network = { ...network, links: [{ ...blue, index: 7 }] };
  await rig.run(20);
  node.speaker.apply(peerCommand(there, { settings: { passive: true }, transport: { device: "blue" } }));
  await rig.run(20);
  node.place.network = { ...network, links: [{ ...blue, index: 8 }] };
  await rig.run(20);
  assert.deepEqual(node.calls, ["listen 179", "listens no more", "listen 179"]);
});
