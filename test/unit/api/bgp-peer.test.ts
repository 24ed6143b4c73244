import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BgpPeer, isInternal, type PeerObject, parsePeer, peerStatusObject } from "../../../src/api/bgp-peer.ts";
import { address } from "../../support/builders.ts";

type Spec = PeerObject["spec"];

function object(spec: Partial<Spec>, metadata: object = {}): PeerObject {
  const whole = { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec };
  return { metadata: { name: "tor", uid: "u", resourceVersion: "7", generation: 3, ...metadata }, spec: whole };
}

/** The spec without the router's address, for one that is found on an interface. */
function unnumbered(spec: Partial<Spec>): PeerObject {
  const { address: _, ...rest } = object({ interface: "eth1", ...spec }).spec;
  return { ...object({}), spec: rest };
}

function peer(given: PeerObject): BgpPeer {
  const parsed = parsePeer(given);
  return "value" in parsed ? parsed.value : assert.fail(JSON.stringify(parsed.problems));
}

/** The paths and messages of all that is wrong, a line each. */
function wrong(given: PeerObject): readonly string[] {
  const parsed = parsePeer(given);
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path} ${message}`) : [];
}

it("what a BGPPeer does not say is what the schema's defaults say", () => {
  assert.deepEqual(peer(object({})), {
    name: "tor",
    uid: "u",
    resourceVersion: "7",
    generation: 3,
    labels: {},
    remote: { kind: "address", address: address("192.0.2.1") },
    asn: 64_512,
    localAsn: 64_513,
    port: 179,
    holdTimeSeconds: 90,
    keepaliveTimeSeconds: 30,
    connectTimeSeconds: 10,
    gracefulRestart: true,
    families: [4, 6],
    status: { down: [], conditions: [] },
  });
});

it("every field is read", () => {
  const nodeSelector = { matchLabels: { rack: "a" } };
  const spec: Partial<Spec> = {
    address: "2001:db8::1",
    asn: 4_200_000_000,
    localAsn: 4_200_000_001,
    port: 1790,
    nodeSelector,
    routerId: "192.0.2.11",
    passwordSecret: { name: "tor-a" },
    holdTime: "9s",
    keepaliveTime: "3s",
    connectTime: "1m",
    ebgpMultihop: 4,
    sourceAddress: "2001:db8::11",
    vrf: "blue",
    bfd: { transmit: 100, receive: 50, multiplier: 5 },
    gracefulRestart: false,
    families: ["IPv6"],
  };
  const { name, uid, resourceVersion, generation, labels, status, ...settings } = peer(
    object(spec, { labels: { uplink: "a" } }),
  );
  assert.deepEqual([name, uid, resourceVersion, generation, labels], ["tor", "u", "7", 3, { uplink: "a" }]);
  assert.deepEqual(status, { down: [], conditions: [] });
  assert.deepEqual(settings, {
    remote: { kind: "address", address: address("2001:db8::1") },
    asn: 4_200_000_000,
    localAsn: 4_200_000_001,
    port: 1790,
    nodeSelector,
    routerId: address("192.0.2.11"),
    password: { secret: "tor-a" },
    holdTimeSeconds: 9,
    keepaliveTimeSeconds: 3,
    connectTimeSeconds: 60,
    ebgpMultihop: 4,
    sourceAddress: address("2001:db8::11"),
    vrf: "blue",
    bfd: { transmitMs: 100, receiveMs: 50, multiplier: 5 },
    gracefulRestart: false,
    families: [6],
  });
});

it("a router that is found on an interface has no address", () => {
  assert.deepEqual(peer(unnumbered({ ttlSecurity: 1 })).remote, { kind: "interface", interface: "eth1" });
});

it("of a BFD profile the rest is 300 ms and three packets", () => {
  assert.deepEqual(peer(object({ bfd: { transmit: 50 } })).bfd, { transmitMs: 50, receiveMs: 300, multiplier: 3 });
});

describe("hold and keepalive time", () => {
  const cases: readonly (readonly [spec: Partial<Spec>, hold: number, keepalive: number])[] = [
    [{}, 90, 30],
    [{ holdTime: "9s" }, 9, 3],
    [{ holdTime: "10s" }, 10, 3],
    [{ keepaliveTime: "20s" }, 60, 20],
    [{ holdTime: "1m30s", keepaliveTime: "1s" }, 90, 1],
    [{ holdTime: "0s", keepaliveTime: "0s" }, 0, 0],
    [{ holdTime: "0s" }, 0, 0],
    [{ holdTime: "3s" }, 3, 1],
    [{ holdTime: "65535s" }, 65_535, 21_845],
  ];
  for (const [spec, hold, keepalive] of cases)
    it(`of ${JSON.stringify(spec)} are ${hold} s and ${keepalive} s`, () => {
      const { holdTimeSeconds, keepaliveTimeSeconds } = peer(object(spec));
      assert.deepEqual([holdTimeSeconds, keepaliveTimeSeconds], [hold, keepalive]);
    });
});

const wrongSpecs: readonly (readonly [what: string, spec: Partial<Spec>, want: RegExp])[] = [
  ["with AS number 0", { asn: 0 }, /^spec\.asn 0 is no AS number: expected 1 to 4294967294$/],
  ["with AS_TRANS", { asn: 23_456 }, /^spec\.asn 23456 is AS_TRANS/],
  ["with a reserved AS number", { localAsn: 65_535 }, /^spec\.localAsn 65535 is reserved/],
  ["with the last AS number", { localAsn: 4_294_967_295 }, /^spec\.localAsn 4294967295 is reserved/],
  ["with an AS number of 33 bits", { asn: 4_294_967_296 }, /^spec\.asn 4294967296 is no AS number/],
  ["with half an AS number", { asn: 64_512.5 }, /^spec\.asn 64512\.5 is no AS number/],
  ["with both address and interface", { interface: "eth1" }, /^spec\.interface excludes address/],
  ["with what is no address", { address: "tor" }, /^spec\.address "tor" is no IP address/],
  ["with leading zeros", { address: "192.0.2.001" }, /^spec\.address .*leading zeros/],
  ["with a zone", { address: "fe80::1%eth0" }, /^spec\.address .*zone/],
  ["with a link-local address", { address: "fe80::1" }, /^spec\.address is link-local.*give interface instead$/],
  ["at the loopback", { address: "127.0.0.1" }, /^spec\.address is no other machine's address: loopback$/],
  ["at the IPv6 loopback", { address: "::1" }, /^spec\.address is no other machine's address/],
  ["at a multicast address", { address: "224.0.0.5" }, /^spec\.address .*multicast$/],
  ["at a reserved address", { address: "255.255.255.255" }, /^spec\.address .*reserved or broadcast$/],
  ["with port 0", { port: 0 }, /^spec\.port 0: expected 1 to 65535$/],
  ["with a router id of IPv6", { routerId: "2001:db8::1" }, /^spec\.routerId expected the form of an IPv4 address/],
  ["with router id 0.0.0.0", { routerId: "0.0.0.0" }, /^spec\.routerId expected/],
  ["with a router id that is none", { routerId: "one" }, /^spec\.routerId "one" is no IP address/],
  ["with a hold time of one second", { holdTime: "1s" }, /^spec\.holdTime 1s: expected 0s, or 3s to 65535s$/],
  ["with a hold time beyond 16 bits", { holdTime: "65536s" }, /^spec\.holdTime 65536s: expected/],
  ["with a hold time in days", { holdTime: "1d" }, /^spec\.holdTime "1d" is no duration/],
  ["with a keepalive beyond a third", { holdTime: "9s", keepaliveTime: "4s" }, /^spec\.keepaliveTime 4s is more than/],
  ["with no keepalive but a hold time", { holdTime: "9s", keepaliveTime: "0s" }, /both are 0s or neither$/],
  ["with a keepalive but no hold time", { holdTime: "0s", keepaliveTime: "1s" }, /both are 0s or neither$/],
  [
    "with a keepalive whose hold time is too long",
    { keepaliveTime: "21846s" },
    /^spec\.keepaliveTime 21846s: expected/,
  ],
  ["with a connect time of nothing", { connectTime: "0s" }, /^spec\.connectTime 0s: expected 1s to 65535s$/],
  [
    "with multihop in its own AS",
    { asn: 64_513, ebgpMultihop: 2 },
    /^spec\.ebgpMultihop is for a router of another AS/,
  ],
  ["with multihop and TTL security", { ebgpMultihop: 2, ttlSecurity: 1 }, /^spec\.ttlSecurity excludes ebgpMultihop$/],
  ["with a multihop of 1", { ebgpMultihop: 1 }, /^spec\.ebgpMultihop 1: expected 2 to 255$/],
  ["with TTL security of 255 hops", { ttlSecurity: 255 }, /^spec\.ttlSecurity 255: expected 1 to 254$/],
  ["that is its own neighbour", { sourceAddress: "192.0.2.1" }, /^spec\.sourceAddress is the peer's own address$/],
  ["spoken to from another family", { sourceAddress: "2001:db8::1" }, /^spec\.sourceAddress is of another family/],
  ["spoken to from the loopback", { sourceAddress: "127.0.0.1" }, /^spec\.sourceAddress .*loopback$/],
  ["with BFD that is too quick", { bfd: { transmit: 9 } }, /^spec\.bfd\.transmit 9: expected 10 to 60000$/],
  ["with BFD that is too slow", { bfd: { receive: 60_001 } }, /^spec\.bfd\.receive 60001: expected/],
  ["with BFD that waits for nothing", { bfd: { multiplier: 0 } }, /^spec\.bfd\.multiplier 0: expected 1 to 255$/],
  [
    "with BFD below 30 ms",
    { bfd: { transmit: 10, multiplier: 2 } },
    /^spec\.bfd\.multiplier 10 ms × 2 is less than 30/,
  ],
  ["that announces nothing", { families: [] }, /^spec\.families is empty/],
];

describe("a BGPPeer is wrong", () => {
  for (const [what, spec, want] of wrongSpecs)
    it(what, () => {
      const problems = wrong(object(spec));
      assert.equal(problems.length, 1, problems.join("; "));
      assert.match(problems[0] ?? "", want);
    });

  const onInterface: readonly (readonly [what: string, spec: Partial<Spec>, want: RegExp])[] = [
    ["with a source address", { sourceAddress: "192.0.2.2" }, /^spec\.sourceAddress excludes interface/],
    ["with multihop", { ebgpMultihop: 2 }, /^spec\.ebgpMultihop excludes interface/],
    ["with a VRF", { vrf: "red" }, /^spec\.vrf excludes interface/],
    ["with TTL security of two hops", { ttlSecurity: 2 }, /^spec\.ttlSecurity with interface expected 1/],
  ];
  for (const [what, spec, want] of onInterface)
    it(`on an interface ${what}`, () => {
      const problems = wrong(unnumbered(spec));
      assert.equal(problems.length, 1, problems.join("; "));
      assert.match(problems[0] ?? "", want);
    });

  it("without a way to the router", () => {
    const { interface: _, ...spec } = unnumbered({}).spec;
    assert.deepEqual(wrong({ ...object({}), spec }), [
      "spec says not where the router is: expected address or interface",
    ]);
  });

  it("in all that is wrong, at once", () => {
    const spec = { address: "x", asn: 0, localAsn: 0, holdTime: "1d", bfd: { transmit: 1, receive: 1 }, families: [] };
    assert.deepEqual(
      wrong(object(spec)).map((line) => line.split(" ")[0]),
      [
        "spec.address",
        "spec.asn",
        "spec.localAsn",
        "spec.bfd.transmit",
        "spec.bfd.receive",
        "spec.families",
        "spec.holdTime",
      ],
    );
  });
});

it("a router at an IPv4 link-local address is right, as some providers have them", () => {
  assert.deepEqual(wrong(object({ address: "169.254.255.1", sourceAddress: "169.254.255.7" })), []);
});

describe("odd about a BGPPeer is", () => {
  const cases: readonly (readonly [what: string, spec: Partial<Spec>, paths: readonly string[]])[] = [
    ["a hold time of 0s without BFD", { holdTime: "0s" }, ["spec.holdTime"]],
    ["one router id for every node", { routerId: "192.0.2.11" }, ["spec.routerId"]],
    ["not a hold time of 0s with BFD", { holdTime: "0s", bfd: {} }, []],
    ["not a router id for selected nodes", { routerId: "192.0.2.11", nodeSelector: { matchLabels: { a: "b" } } }, []],
  ];
  for (const [what, spec, paths] of cases)
    it(what, () => {
      const parsed = parsePeer(object(spec));
      assert.ok("value" in parsed);
      assert.deepEqual(
        parsed.warnings.map(({ path }) => path),
        paths,
      );
    });
});

it("a router of the same AS is internal", () => {
  assert.equal(isInternal(peer(object({ asn: 64_513 }))), true);
  assert.equal(isInternal(peer(object({}))), false);
});

describe("the status of a BGPPeer", () => {
  const down = {
    node: "node2",
    state: "Active",
    message: "connection refused",
    lastNotification: "received Cease, Administrative Shutdown: maintenance",
    since: "2026-01-31T12:00:00Z",
  } as const;
  const conditions = [
    {
      type: "Ready",
      status: "False",
      reason: "SessionDown",
      message: "m",
      lastTransitionTime: "2026-01-31T12:00:00Z",
    } as const,
  ];
  const status = { observedGeneration: 3, established: 2, wanted: 3, down: [down], conditions };

  it("is read as it was written, with the counts in one text for a column", () => {
    const written = peerStatusObject(status);
    assert.equal(written.summary, "2/3");
    assert.deepEqual(peer({ ...object({}), status: written }).status, status);
  });

  it("has no counts before anybody counted", () => {
    assert.deepEqual(peerStatusObject({ down: [], conditions: [] }), { down: [], conditions: [] });
  });
});
