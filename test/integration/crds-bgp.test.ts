import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type PeerObject, parsePeer } from "../../src/api/bgp-peer.ts";
import { type PoolObject, parsePool } from "../../src/api/ip-pool.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { startWithCrds, verdict } from "../support/crd-plane.ts";

const group = "/apis/herald.dev/v1beta1";
let plane: ControlPlane;

before(async () => {
  plane = await startWithCrds();
});
after(() => plane?.stop());

const ofPeer = (spec: object): Promise<string> =>
  verdict(plane, "BGPPeer", "tor", { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, ...spec });

const unnumbered = (spec: object = {}): Promise<string> =>
  verdict(plane, "BGPPeer", "tor", { interface: "eth1", asn: 64_512, localAsn: 64_513, ...spec });

const ofPool = (bgp: object): Promise<string> =>
  verdict(plane, "IPPool", "public", { addresses: ["192.0.2.0/24"], announcement: { bgp } });

type Row = readonly [what: string, spec: object, message: RegExp];

const right: readonly (readonly [what: string, spec: object])[] = [
  ["nothing but the least", {}],
  ["an IPv6 address", { address: "2001:DB8::1", sourceAddress: "2001:db8::2" }],
  ["an IPv4 link-local address", { address: "169.254.255.1", sourceAddress: "169.254.255.2" }],
  ["the largest AS numbers", { asn: 4_294_967_294, localAsn: 4_294_967_293 }],
  ["both timers off", { holdTime: "0s", keepaliveTime: "0s" }],
  ["timers in minutes", { holdTime: "1m30s", keepaliveTime: "30s" }],
  ["the shortest timers", { holdTime: "3s", keepaliveTime: "1s", connectTime: "1s" }],
  ["multihop", { ebgpMultihop: 255 }],
  ["TTL security", { ttlSecurity: 1 }],
  ["BFD of 30 ms", { bfd: { transmit: 10, multiplier: 3 } }],
  ["BFD as it comes", { bfd: {} }],
  [
    "all the rest",
    {
      port: 1790,
      routerId: "192.0.2.11",
      passwordSecret: { name: "tor.a" },
      vrf: "blue",
      families: ["IPv6"],
      gracefulRestart: false,
      nodeSelector: { matchLabels: { rack: "a" } },
    },
  ],
];

const anAddress = /spec\.address: .*expected an address: IPv4 without leading zeros/;
const another = /spec\.address: .*expected the address of another machine/;
const asn = /23456 and 65535 are reserved/;
const timers = /keepaliveTime is at most a third of holdTime, and 0s exactly if that is 0s/;
const hold = /spec\.holdTime: .*expected 0s, or 3s to 65535s/;

const wrong: readonly Row[] = [
  ["both address and interface", { interface: "eth1" }, /exactly one of address and interface is expected/],
  ["what is no address", { address: "tor" }, anAddress],
  ["leading zeros", { address: "192.0.2.001" }, anAddress],
  ["a link-local address", { address: "fe80::1" }, /a link-local address means nothing without its interface/],
  ["the loopback", { address: "127.0.0.1" }, another],
  ["a multicast address", { address: "ff02::1" }, another],
  ["a reserved address", { address: "240.0.0.1" }, another],
  ["this network", { address: "0.0.0.1" }, another],
  ["AS number 0", { asn: 0 }, /spec\.asn: .*greater than or equal to 1/],
  ["AS_TRANS", { asn: 23_456 }, asn],
  ["a reserved AS number of its own", { localAsn: 65_535 }, asn],
  ["the last AS number", { asn: 4_294_967_295 }, /spec\.asn: .*less than or equal to 4294967294/],
  ["port 65536", { port: 65_536 }, /spec\.port: .*less than or equal to 65535/],
  ["router id 0.0.0.0", { routerId: "0.0.0.0" }, /spec\.routerId: .*expected the form of an IPv4 address/],
  ["a router id of IPv6", { routerId: "2001:db8::1" }, /spec\.routerId: .*expected the form of an IPv4 address/],
  ["a hold time of 2 s", { holdTime: "2s" }, hold],
  ["a hold time of a day", { holdTime: "1d" }, hold],
  ["a hold time beyond 16 bits", { holdTime: "65536s" }, hold],
  ["a keepalive beyond a third", { holdTime: "9s", keepaliveTime: "4s" }, timers],
  ["no keepalive with a hold time", { holdTime: "9s", keepaliveTime: "0s" }, timers],
  ["no hold time with a keepalive", { holdTime: "0s", keepaliveTime: "1s" }, timers],
  [
    "a keepalive that is none",
    { holdTime: "9s", keepaliveTime: "ten" },
    /spec\.keepaliveTime: .*expected 0s to 21845s/,
  ],
  ["no time between attempts", { connectTime: "0s" }, /spec\.connectTime: .*expected 1s to 65535s/],
  ["multihop and TTL security", { ebgpMultihop: 2, ttlSecurity: 1 }, /exclude one another/],
  ["multihop within an AS", { asn: 64_513, ebgpMultihop: 2 }, /ebgpMultihop is for a peer of another AS/],
  ["a multihop of 1", { ebgpMultihop: 1 }, /spec\.ebgpMultihop: .*greater than or equal to 2/],
  ["the peer's address as its own", { sourceAddress: "192.0.2.1" }, /sourceAddress is the peer's own address/],
  [
    "an own address of the other family",
    { sourceAddress: "2001:db8::2" },
    /sourceAddress must be of the family of address/,
  ],
  [
    "an own address that is link-local",
    { address: "2001:db8::1", sourceAddress: "fe80::2" },
    /expected an address of a node/,
  ],
  ["BFD below 30 ms", { bfd: { transmit: 10, multiplier: 2 } }, /transmit times multiplier is at least 30 ms/],
  ["BFD below 10 ms", { bfd: { transmit: 9 } }, /spec\.bfd\.transmit: .*greater than or equal to 10/],
  ["no families", { families: [] }, /spec\.families: .*at least 1 items/],
  ["a family twice", { families: ["IPv4", "IPv4"] }, /Duplicate value/],
  ["an unknown family", { families: ["VPNv4"] }, /Unsupported value: "VPNv4"/],
  [
    "a Secret of another namespace",
    { passwordSecret: { name: "a", namespace: "kube-system" } },
    /unknown field "spec\.passwordSecret\.namespace"/,
  ],
  [
    "a selector without values",
    { nodeSelector: { matchExpressions: [{ key: "a", operator: "In" }] } },
    /values are needed/,
  ],
  ["a mistyped field", { localASN: 1 }, /unknown field "spec\.localASN"/],
];

describe("a BGPPeer", () => {
  for (const [what, spec] of right) it(`may have ${what}`, async () => assert.equal(await ofPeer(spec), ""));
  for (const [what, spec, message] of wrong)
    it(`may not have ${what}`, async () => assert.match(await ofPeer(spec), message));

  it("may be on an interface", async () => assert.equal(await unnumbered({ ttlSecurity: 1 }), ""));
  const onInterface: readonly Row[] = [
    ["multihop", { ebgpMultihop: 2 }, /is one hop away/],
    ["VRF", { vrf: "red" }, /whatever VRF it belongs to/],
    ["TTL security of 2 hops", { ttlSecurity: 2 }, /is one hop away/],
    ["a source address", { sourceAddress: "192.0.2.2" }, /spoken to from its link-local address/],
    ["a name that no interface has", { interface: "eth1/0" }, /spec\.interface/],
  ];
  for (const [what, spec, message] of onInterface)
    it(`on an interface may not have ${what}`, async () => assert.match(await unnumbered(spec), message));

  it("must say where the router is, and both AS numbers", async () => {
    assert.match(
      await verdict(plane, "BGPPeer", "tor", { asn: 1, localAsn: 2 }),
      /exactly one of address and interface/,
    );
    assert.match(
      await verdict(plane, "BGPPeer", "tor", { address: "192.0.2.1" }),
      /spec\.asn: Required.*spec\.localAsn: Required/,
    );
  });

  it("gets its defaults from the API server, and they are those that Herald reads into an absent field", async () => {
    const spec = { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, bfd: {} };
    const body = { apiVersion: "herald.dev/v1beta1", kind: "BGPPeer", metadata: { name: "plain" }, spec };
    const stored = await plane.api.call<PeerObject>("POST", `${group}/bgppeers`, body);
    assert.deepEqual(stored.spec, {
      ...spec,
      port: 179,
      connectTime: "10s",
      bfd: { transmit: 300, receive: 300, multiplier: 3 },
      gracefulRestart: true,
      families: ["IPv4", "IPv6"],
    });
    assert.deepEqual(parsePeer(stored), parsePeer({ ...stored, spec }));
  });

  it("shows its sessions", async () => {
    const status = {
      established: 2,
      wanted: 3,
      summary: "2/3",
      down: [{ node: "node2", state: "Active", message: "connection refused" }],
      conditions: [],
    };
    await plane.api.call("PATCH", `${group}/bgppeers/plain/status`, { status });
    const [header, row] = (await plane.kubectl(["get", "hpeer"])).split("\n");
    assert.match(header ?? "", /^NAME +ADDRESS +ASN +LOCAL-ASN +SESSIONS +READY +AGE$/);
    assert.match(row ?? "", /^plain +192\.0\.2\.1 +64512 +64513 +2\/3/);
  });
});

const ofPools: readonly Row[] = [
  ["as it comes is taken", {}, /^$/],
  [
    "in every field is taken",
    {
      nodes: { count: 2 },
      peerSelector: { matchLabels: { uplink: "a" } },
      communities: ["64512:100", "no-export"],
      largeCommunities: ["4294967295:0:1"],
      localPreference: 4_294_967_295,
      med: 0,
      prepend: 16,
      aggregate: { ipv4: 24, ipv6: 64 },
      addressOnLo: true,
    },
    /^$/,
  ],
  [
    "with a community of 17 bits is refused",
    { communities: ["65536:1"] },
    /communities\[0\]: .*expected two numbers up to 65535/,
  ],
  ["with an unknown name is refused", { communities: ["mine"] }, /communities\[0\]: .*expected two numbers/],
  ["with a large community of two is refused", { largeCommunities: ["1:2:"] }, /largeCommunities\[0\]/],
  ["with a large community of 33 bits is refused", { largeCommunities: ["1:2:4294967296"] }, /expected three numbers/],
  ["on no nodes is refused", { nodes: { count: 0 } }, /nodes\.count: .*greater than or equal to 1/],
  ["with an aggregate of 33 is refused", { aggregate: { ipv4: 33 } }, /aggregate\.ipv4: .*less than or equal to 32/],
  ["with 17 prepended is refused", { prepend: 17 }, /prepend: .*less than or equal to 16/],
  ["with a preference of 33 bits is refused", { localPreference: 4_294_967_296 }, /less than or equal to 4294967295/],
];

describe("an IPPool that is announced by BGP", () => {
  for (const [what, bgp, message] of ofPools) it(what, async () => assert.match(await ofPool(bgp), message));

  it("is not announced on the LAN too, unless it says so", async () => {
    const spec = { addresses: ["192.0.2.0/24"], announcement: { bgp: {} } };
    const body = { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name: "routed" }, spec };
    const stored = await plane.api.call<PoolObject>("POST", `${group}/ippools?dryRun=All`, body);
    assert.deepEqual(stored.spec.announcement, { bgp: { addressOnLo: false } });
    assert.deepEqual(parsePool(stored), parsePool({ ...stored, spec: { ...stored.spec, announcement: { bgp: {} } } }));
  });

  it("lets Services override what it names", async () => {
    const of = (allowOverrides: readonly string[]): Promise<string> =>
      verdict(plane, "IPPool", "public", { addresses: ["192.0.2.0/24"], allowOverrides });
    assert.equal(await of(["protocols", "nodes"]), "");
    assert.match(await of(["pool"]), /Unsupported value: "pool"/);
    assert.match(await of(["nodes", "nodes"]), /Duplicate value/);
  });
});
