/** What people can write into a BGPPeer and a pool is refused there, or can be sent: no encoder ever meets a number that it throws at. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planPeers } from "../../../../src/agent/bgp-peer-plan.ts";
import type { PeerWish } from "../../../../src/agent/bgp-ports.ts";
import { routesWish } from "../../../../src/agent/bgp-route-plan.ts";
import { planRoutes } from "../../../../src/announce/bgp-routes.ts";
import { type BgpAnnouncement, parseBgpAnnouncement } from "../../../../src/api/bgp-announcement.ts";
import { type BgpPeer, type PeerObject, parsePeer } from "../../../../src/api/bgp-peer.ts";
import { bfdProblems } from "../../../../src/protocols/bfd/settings.ts";
import { encodeOpen } from "../../../../src/protocols/bgp/encode-message.ts";
import { ownOpen } from "../../../../src/protocols/bgp/session-open.ts";
import { peer, routedVip } from "../../../support/bgp-builders.ts";
import { clusterNode } from "../../../support/builders.ts";
import { endpoints, keepalive, peerOpen, Rig } from "./session-rig.ts";

const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1, 3, 16, 64_512, 64_513, 0xffff, 0x1_0000, 4_200_000_000) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 0.5, 17, 2 ** 32 - 1, 2 ** 32, 2 ** 53, Number.NaN) },
  { weight: 1, arbitrary: fc.nat(0xffffffff) },
);
const asn = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 64_512, 64_513, 4_200_000_000) }, number);
const bfdNumber = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(10, 50, 255) }, number);
const time = fc.oneof(
  fc.constantFrom("0s", "3s", "9s", "30s", "90s", "1h", "65535s"),
  fc.constantFrom("", "1s", "2500ms", "-3s", "65536s", "99999999999h", "many"),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

/** Without the fields that have no value. */
function given<T extends object>(fields: T): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

const bfd = fc.record({ transmit: bfdNumber, receive: bfdNumber, multiplier: bfdNumber });
const peerSpec = fc
  .record({
    address: fc.constantFrom("192.0.2.1", "2001:db8::1", "192.0.2.1", "nowhere"),
    asn,
    localAsn: asn,
    routerId: maybe(fc.constantFrom("192.0.2.9", "0.0.0.0", "2001:db8::9", "x")),
    holdTime: maybe(time),
    keepaliveTime: maybe(time),
    connectTime: maybe(time),
    families: maybe(fc.subarray(["IPv4", "IPv6"] as const)),
    gracefulRestart: maybe(fc.boolean()),
    bfd: maybe(bfd),
  })
  .map((fields) => given(fields) as PeerObject["spec"]);

const community = fc.oneof(
  fc.tuple(fc.nat(70_000), fc.nat(70_000)).map((each) => each.join(":")),
  fc.constantFrom("no-export", "blackhole", "1:2:3", "-1:5", "1:", "4294967295:65535"),
);
const largeCommunity = fc.oneof(
  fc.tuple(fc.nat(2 ** 31), number, number).map((each) => each.join(":")),
  fc.constantFrom("4294967295:4294967295:4294967295", "1:2", "a:b:c"),
);
const announcement = fc
  .record({
    communities: maybe(fc.array(community, { maxLength: 40 })),
    largeCommunities: maybe(fc.array(largeCommunity, { maxLength: 40 })),
    localPreference: maybe(number),
    med: maybe(number),
    prepend: maybe(number),
    aggregate: maybe(fc.record({ ipv4: number, ipv6: number })),
  })
  .map((fields) => given(fields) as Parameters<typeof parseBgpAnnouncement>[0]);

function wishOf(told: BgpPeer): PeerWish {
  const { wishes } = planPeers({
    node: clusterNode("node1"),
    interfaces: [],
    peers: [told],
    passwords: () => undefined,
  });
  return wishes[0] ?? assert.fail("no session is wished for");
}

/** The peers that are accepted, and how many of all they are. */
function accepted(specs: fc.Arbitrary<PeerObject["spec"]>, use: (told: BgpPeer) => void): void {
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(specs, (spec) => {
      const parsed = parsePeer({ metadata: { name: "tor" }, spec });
      seen["problems" in parsed ? "refused" : "accepted"]++;
      if (!("problems" in parsed)) use(parsed.value);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(seen.accepted > 100 && seen.refused > 100, JSON.stringify(seen));
}

describe("A BGPPeer that is not refused", () => {
  it("leads to an OPEN that can be sent, and to BFD that can be kept", () => {
    accepted(peerSpec, (told) => {
      const { settings, bfd: watched } = wishOf(told);
      for (const bare of [true, false])
        assert.ok(encodeOpen(ownOpen(settings, { restarting: true, bare })).length >= 29);
      if (watched) assert.deepEqual(bfdProblems({ ...watched, controlPlaneIndependent: true }), []);
    });
  });

  it("leads to a session that comes up", () => {
    accepted(peerSpec, (told) => {
      const { settings } = wishOf(told);
      const rig = new Rig({ settings }).start().connected();
      const open = { asn: settings.peerAsn, holdTimeSeconds: settings.holdTimeSeconds };
      rig.receive(peerOpen(open)).receive(keepalive);
      assert.equal(rig.state, "Established");
    });
  });
});

type Times = readonly [hold: number, keepalive: number];

/** What the replaced systems take, and what a session with a peer of 90 s makes of it, in seconds; 0: silence counts for nothing. */
const taken: readonly (readonly [what: string, spec: Partial<PeerObject["spec"]>, Times])[] = [
  ["no timers", {}, [90, 30]],
  ["only a hold time: a third of it is the keepalive time", { holdTime: "30s" }, [30, 10]],
  ["only a keepalive time: three of it are the hold time", { keepaliveTime: "5s" }, [15, 5]],
  ["both timers 0", { holdTime: "0s", keepaliveTime: "0s" }, [0, 0]],
  ["BFD", { bfd: { transmit: 50, receive: 50, multiplier: 3 } }, [90, 30]],
  ["a router id", { routerId: "10.9.9.9" }, [90, 30]],
  ["one family", { families: ["IPv6"] }, [90, 30]],
  ["a large AS number of the own side", { localAsn: 4_200_000_000 }, [90, 30]],
];

describe("A session of what the replaced systems take", () => {
  for (const [what, spec, [holdTimeSeconds, keepaliveSeconds]] of taken)
    it(`MetalLB O: ${what}`, () => {
      const whole = { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec };
      const parsed = parsePeer({ metadata: { name: "tor" }, spec: whole });
      assert.ok("value" in parsed, "it is refused");
      const rig = new Rig({ settings: wishOf(parsed.value).settings }).establish(peerOpen({ asn: 64_512 }));
      const { agreed, state } = rig.session.describe(rig.nowMs);
      assert.deepEqual(
        [state, agreed?.holdTimeSeconds, agreed?.keepaliveSeconds],
        ["Established", holdTimeSeconds, keepaliveSeconds],
      );
      const ours = rig.sent(1)[0];
      assert.ok(ours?.kind === "open");
      assert.deepEqual([ours.asn, ours.routerId], [whole.localAsn, parsed.value.routerId ?? ours.routerId]);
    });
});

/** Sends a pool's routes to a router of another AS and of the own one. */
function send(bgp: BgpAnnouncement, peerAsn: number): void {
  const told = peer({ asn: peerAsn });
  const vips = ["203.0.113.7", "2001:db8::7"].map((text) => routedVip(text, { bgp }));
  const node = { name: "node1", labels: {}, shutdown: { phase: "none" } } as const;
  const [routes] = planRoutes({ vips, node, peers: [told] }).peers;
  const rig = new Rig({ settings: wishOf(told).settings }).establish(peerOpen({ asn: peerAsn }), endpoints);
  rig.session.setRoutes(routesWish(routes ?? assert.fail("no routes"), 1).routes);
  rig.flush();
  assert.deepEqual(rig.session.describe(rig.nowMs).routes, { wanted: 2, told: 2, waiting: 0 });
}

describe("A pool's announcement that is not refused", () => {
  it("is told to every router, whatever it says", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(announcement, (object) => {
        const { bgp, problems } = parseBgpAnnouncement(object, "bgp");
        seen[problems.length > 0 ? "refused" : "accepted"]++;
        if (problems.length === 0) for (const own of [64_512, 64_513]) send(bgp, own);
      }),
      { numRuns: 500 },
    );
    assert.ok(seen.accepted > 20 && seen.refused > 20, JSON.stringify(seen));
  });
});
