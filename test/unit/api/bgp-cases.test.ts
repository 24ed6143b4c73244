/** What the replaced systems accept and refuse of BGP settings, and the same settings here. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseBgpAnnouncement } from "../../../src/api/bgp-announcement.ts";
import { type PeerObject, parsePeer } from "../../../src/api/bgp-peer.ts";
import { type PeerNode, reviewPeer } from "../../../src/api/bgp-peer-review.ts";
import { type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";

type PeerSpec = Partial<PeerObject["spec"]>;

function peerObject(name: string, spec: PeerSpec): PeerObject {
  return { metadata: { name }, spec: { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec } };
}

/** The paths of what is wrong; empty: it is taken. */
function pathsOf(parsed: ReturnType<typeof parsePeer> | ReturnType<typeof parsePool>): readonly string[] {
  return "problems" in parsed ? parsed.problems.map(({ path }) => path) : [];
}

type Row<Given> = readonly [what: string, given: Given, paths: readonly string[]];

const peers: readonly Row<PeerSpec>[] = [
  ["no timers are right", {}, []],
  ["only a hold time is right", { holdTime: "30s" }, []],
  ["only a keepalive time is right", { keepaliveTime: "10s" }, []],
  ["both timers 0 are right", { holdTime: "0s", keepaliveTime: "0s" }, []],
  ["an empty selector of nodes is every node", { nodeSelector: {} }, []],
  ["BFD in its bounds is right", { bfd: { transmit: 10, receive: 60_000, multiplier: 3 } }, []],
  ["a connect time is right", { connectTime: "10s" }, []],
  ["a graceful restart is right", { gracefulRestart: true }, []],
  ["a VRF is right", { vrf: "red" }, []],
  ["one family of two is right", { families: ["IPv6"] }, []],
  ["another AS number on the own side is right", { localAsn: 4_200_000_000 }, []],
  ["a bad address of the router is refused", { address: "192.0.2" }, ["spec.address"]],
  ["AS number 0 is refused", { asn: 0 }, ["spec.asn"]],
  ["both of address and interface are refused", { interface: "eth0" }, ["spec.interface"]],
  ["multihop within an AS is refused", { asn: 64_513, ebgpMultihop: 4 }, ["spec.ebgpMultihop"]],
  ["a keepalive above the hold time is refused", { holdTime: "30s", keepaliveTime: "31s" }, ["spec.keepaliveTime"]],
  ["a hold time under 3 s is refused", { holdTime: "2s" }, ["spec.holdTime"]],
  ["a bad router id is refused", { routerId: "1.2.3" }, ["spec.routerId"]],
  ["a BFD interval under 10 ms is refused", { bfd: { receive: 9 } }, ["spec.bfd.receive"]],
  ["a BFD interval above 60 s is refused", { bfd: { transmit: 60_001 } }, ["spec.bfd.transmit"]],
];

describe("a peer's settings", () => {
  for (const [what, spec, paths] of peers)
    it(`MetalLB O: ${what}`, () => assert.deepEqual(pathsOf(parsePeer(peerObject("tor", spec))), paths));

  it("MetalLB O: neither address nor interface is refused", () => {
    const spec = { asn: 64_512, localAsn: 64_513 };
    assert.deepEqual(pathsOf(parsePeer({ metadata: { name: "tor" }, spec })), ["spec"]);
  });

  it("MetalLB O: an interface without an address is right", () => {
    const spec = { interface: "eth0", asn: 64_512, localAsn: 64_513 };
    assert.deepEqual(pathsOf(parsePeer({ metadata: { name: "tor" }, spec })), []);
  });
});

const on = (rack: string): PeerSpec => ({ nodeSelector: { matchLabels: { rack } } });
const racks: readonly PeerNode[] = ["a", "b"].map((rack) => ({
  name: `node-${rack}`,
  labels: { rack },
  addresses: [],
}));

const pairs: readonly (readonly [
  what: string,
  one: PeerSpec,
  other: PeerSpec,
  nodes: readonly PeerNode[],
  right: boolean,
])[] = [
  ["identical peers are refused", {}, {}, racks, false],
  ["one address twice within a VRF is refused", { vrf: "red" }, { vrf: "red" }, racks, false],
  ["one address in two VRFs is right", { vrf: "red" }, { vrf: "blue" }, racks, true],
  ["disjoint nodes may have the same router", on("a"), on("b"), racks, true],
  ["where no nodes are known two peers share them", {}, on("b"), [], false],
  ["another router is right", { address: "192.0.2.2" }, {}, racks, true],
  [
    "other than there two router ids on a node are right: each session has its own",
    { routerId: "192.0.2.11" },
    { routerId: "192.0.2.12", address: "192.0.2.2" },
    racks,
    true,
  ],
  [
    "other than there two own AS numbers on a node are right",
    {},
    { localAsn: 64_514, address: "192.0.2.2" },
    racks,
    true,
  ],
];

describe("two peers", () => {
  for (const [what, one, other, nodes, right] of pairs)
    it(`MetalLB O: ${what}`, () => {
      const { problems } = reviewPeer(peerObject("one", one), { peers: [peerObject("other", other)], nodes });
      assert.equal(problems.length === 0, right, JSON.stringify(problems));
    });

  it("MetalLB O: an update of the same object meets nobody", () => {
    const before = peerObject("one", {});
    const review = reviewPeer(peerObject("one", { holdTime: "30s" }), { before, peers: [before], nodes: racks });
    assert.deepEqual(review, { problems: [], warnings: [] });
  });
});

type Bgp = Parameters<typeof parseBgpAnnouncement>[0];

const announcements: readonly Row<Bgp>[] = [
  ["without peers, nodes and lengths it is everything", {}, []],
  ["a community is right", { communities: ["1111:2222"] }, []],
  ["a large community is right", { largeCommunities: ["1111:2222:3333"] }, []],
  ["a bad community is refused", { communities: ["flarb"] }, ["bgp.communities[0]"]],
  ["a community of more than 16 bits is refused", { communities: ["1:65536"] }, ["bgp.communities[0]"]],
  ["an unknown alias is refused", { communities: ["my-alias"] }, ["bgp.communities[0]"]],
  ["an IPv4 length above 32 is refused", { aggregate: { ipv4: 33 } }, ["bgp.aggregate.ipv4"]],
  ["an IPv6 length above 128 is refused", { aggregate: { ipv6: 129 } }, ["bgp.aggregate.ipv6"]],
];

describe("an announcement by BGP", () => {
  for (const [what, given, paths] of announcements)
    it(`MetalLB O: ${what}`, () => {
      const { problems } = parseBgpAnnouncement(given, "bgp");
      assert.deepEqual(
        problems.map(({ path }) => path),
        paths,
      );
    });
});

const lengths: readonly (readonly [what: string, addresses: string, ipv4: number, right: boolean])[] = [
  ["an aggregate larger than the pool is refused", "1.2.3.0/28", 26, false],
  ["an aggregate larger than a range is refused", "3.3.3.2-3.3.3.254", 24, false],
  ["an aggregate within a range is right", "3.3.3.2-3.3.3.254", 26, true],
  ["an aggregate of the pool is right", "10.20.0.0/16", 24, true],
];

describe("a pool with an aggregate", () => {
  for (const [what, addresses, ipv4, right] of lengths)
    it(`MetalLB O: ${what}`, () => {
      const spec: PoolObject["spec"] = { addresses: [addresses], announcement: { bgp: { aggregate: { ipv4 } } } };
      assert.equal(pathsOf(parsePool({ metadata: { name: "p" }, spec })).length === 0, right);
    });
});
