import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePeer } from "../../../../src/api/bgp-peer.ts";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { importMetalLB } from "../../../../src/cli/import/metallb.ts";
import { reviewImported } from "../../../../src/cli/import/review.ts";
import { importedText, peerManifest } from "../../../../src/cli/import/text.ts";
import { loadSchemas } from "../../../../src/cli/validate/schema.ts";
import { noted, objects, poolsOf, specs } from "./world-of.ts";

const schemas = await loadSchemas();

function object(kind: string, name: string, spec: string, version = "v1beta1"): string {
  return `\n---\n{apiVersion: metallb.io/${version}, kind: ${kind}, metadata: {name: ${name}, namespace: metallb-system}, spec: ${spec}}\n`;
}

const pool = object("IPAddressPool", "first", "{addresses: [192.0.2.0/24]}");

function imported(...texts: readonly string[]): Imported {
  return importMetalLB(objects(texts.join("")));
}

function peer(spec: string, name = "tor"): string {
  return object("BGPPeer", name, `{myASN: 64513, peerASN: 64512, peerAddress: 192.0.2.1${spec}}`, "v1beta2");
}

/** The spec of the only BGPPeer, and the notes. */
function onePeer(...texts: readonly string[]): { readonly spec: object; readonly notes: readonly string[] } {
  const result = imported(...texts);
  const [first, ...more] = result.peers ?? [];
  assert.deepEqual(more, []);
  return { spec: first?.spec ?? assert.fail("no peer"), notes: noted(result) };
}

const plain = { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, gracefulRestart: false };

describe("a BGPPeer becomes one of Herald's", () => {
  const hostnames = (names: string): string =>
    `, nodeSelectors: [${names
      .split(" ")
      .map((name) => `{matchLabels: {kubernetes.io/hostname: ${name}}}`)
      .join(", ")}]`;
  const cases: readonly (readonly [what: string, spec: string, wanted: object])[] = [
    ["with its AS numbers and address", "", {}],
    ["whose port is another", ", peerPort: 1790", { port: 1790 }],
    ["whose port is the usual one", ", peerPort: 179", {}],
    [
      "with its times",
      ", holdTime: 1m30s, keepaliveTime: 10s, connectTime: 5s",
      { holdTime: "1m30s", keepaliveTime: "10s", connectTime: "5s" },
    ],
    [
      "with source address, router id and VRF",
      ", sourceAddress: 192.0.2.11, routerID: 192.0.2.12, vrf: red",
      { sourceAddress: "192.0.2.11", routerId: "192.0.2.12", vrf: "red" },
    ],
    ["that may be hops away", ", ebgpMultiHop: true", { ebgpMultihop: 255 }],
    [
      "that restarts gracefully, which is what Herald does by itself",
      ", enableGracefulRestart: true",
      { gracefulRestart: undefined },
    ],
    ["of one family", ", dualStackAddressFamily: false", { families: ["IPv4"] }],
    ["of one family, as older releases say it", ", disableMP: true", { families: ["IPv4"] }],
    ["of both families", ", dualStackAddressFamily: true", {}],
    [
      "of either node",
      hostnames("b a"),
      { nodeSelector: { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["a", "b"] }] } },
    ],
  ];
  for (const [what, spec, wanted] of cases)
    it(what, () => {
      const found = onePeer(peer(spec));
      const want = Object.fromEntries(
        Object.entries({ ...plain, ...wanted }).filter(([, value]) => value !== undefined),
      );
      assert.deepEqual(found, { spec: want, notes: [] });
    });

  it("of the nodes' own AS, where more hops need no word", () => {
    const text = object("BGPPeer", "tor", "{myASN: 64513, peerASN: 64513, peerAddress: 192.0.2.1, ebgpMultiHop: true}");
    assert.deepEqual(onePeer(text).spec, { ...plain, asn: 64_513 });
  });

  it("whose session has an AS number of its own, which is the nodes' there", () => {
    const found = onePeer(peer(", localASN: 64999, ebgpMultiHop: true"));
    assert.deepEqual(found, {
      spec: { ...plain, localAsn: 64_999, ebgpMultihop: 255 },
      notes: ["BGPPeer metallb-system/tor: spec.localASN"],
    });
    const inside = object(
      "BGPPeer",
      "tor",
      "{myASN: 64513, localASN: 64512, peerASN: 64512, peerAddress: 192.0.2.1, ebgpMultiHop: true}",
    );
    assert.deepEqual(onePeer(inside).spec, { ...plain, localAsn: 64_512 });
  });

  it("whose nodes one selector cannot name, so that it has none before a person labels them", () => {
    const found = onePeer(peer(", nodeSelectors: [{matchLabels: {rack: a}}, {matchLabels: {edge: b}}]"));
    assert.deepEqual(found, {
      spec: { ...plain, nodeSelector: { matchLabels: { "herald.dev/peer": "tor" } } },
      notes: ["BGPPeer metallb-system/tor: spec.nodeSelectors"],
    });
  });

  it("found on an interface, whose AS is the nodes' own", () => {
    const text = object("BGPPeer", "tor", "{myASN: 64513, dynamicASN: internal, interface: eth1}", "v1beta2");
    assert.deepEqual(onePeer(text).spec, { interface: "eth1", asn: 64_513, localAsn: 64_513, gracefulRestart: false });
  });

  it("unless its AS number is only what the router says, which is told", () => {
    const result = imported(object("BGPPeer", "tor", "{myASN: 64513, dynamicASN: external, peerAddress: 192.0.2.1}"));
    assert.deepEqual([result.peers, noted(result)], [undefined, ["BGPPeer metallb-system/tor: spec.dynamicASN"]]);
  });
});

describe("an imported BGPPeer comes", () => {
  it("with the numbers of its BFDProfile, of which echoes are said to be lost", () => {
    const profile =
      "{transmitInterval: 100, receiveInterval: 100, detectMultiplier: 4, echoMode: true, echoInterval: 50, passiveMode: false}";
    const found = onePeer(object("BFDProfile", "fast", profile), peer(", bfdProfile: fast"));
    assert.deepEqual(found.spec, { ...plain, bfd: { transmit: 100, receive: 100, multiplier: 4 } });
    assert.deepEqual(found.notes, [
      "BFDProfile metallb-system/fast: spec.echoMode",
      "BFDProfile metallb-system/fast: spec.echoInterval",
    ]);
  });

  it("without BFD where there is no such profile, which is said", () =>
    assert.deepEqual(onePeer(peer(", bfdProfile: gone")), {
      spec: plain,
      notes: ["BGPPeer metallb-system/tor: spec.bfdProfile"],
    }));

  it("with a Secret for its password, which is printed nowhere", async () => {
    const result = imported(pool, peer(", password: hunter2"));
    assert.deepEqual(result.peers?.[0]?.spec.passwordSecret, { name: "tor" });
    const text = await importedText(result, "metallb");
    assert.match(
      text,
      /spec\.password: becomes a Secret: kubectl -n herald-bgp create secret generic tor --from-literal/,
    );
    assert.ok(!text.includes("hunter2"));
  });

  it("with the Secret that it has, which must be copied", () => {
    const { spec, notes } = onePeer(peer(", passwordSecret: {name: tor-md5, namespace: metallb-system}"));
    assert.deepEqual(spec, { ...plain, passwordSecret: { name: "tor-md5" } });
    assert.deepEqual(notes, ["BGPPeer metallb-system/tor: spec.passwordSecret"]);
  });

  it("that Herald's schema and parser take", () => {
    const result = imported(pool, peer(", holdTime: 9s, ebgpMultiHop: true"));
    assert.deepEqual(reviewImported(result, schemas), []);
    for (const each of result.peers ?? []) assert.ok("value" in parsePeer(peerManifest(each) as never));
  });

  it("and what Herald refuses of it is said: a third of the hold time, two with one session", () => {
    const result = imported(pool, peer(", holdTime: 9s, keepaliveTime: 9s"), peer("", "other"), peer("", "third"));
    assert.deepEqual(
      reviewImported(result, schemas).map(({ object: of, field, refused }) => `${of} ${field} ${refused}`),
      ["peer tor spec.keepaliveTime true", "peer other spec.address true"],
    );
  });
});

describe("a BGPAdvertisement becomes announcement.bgp of the pools that it names", () => {
  const ad = (spec: string, name = "ad"): string => object("BGPAdvertisement", name, spec);
  const community = object(
    "Community",
    "names",
    '{communities: [{name: gold, value: "64513:100"}, {name: big, value: "large:64513:1:2"}]}',
  );
  const cases: readonly (readonly [what: string, texts: readonly string[], wanted: object])[] = [
    ["alone: the LAN is left out", [ad("{}")], { bgp: {} }],
    [
      "beside the LAN",
      [ad("{}"), object("L2Advertisement", "lan", "{interfaces: [eth0]}")],
      { arp: { interfaces: ["eth0"] }, bgp: {} },
    ],
    [
      "beside the LAN, on whichever interface",
      [ad("{}"), object("L2Advertisement", "lan", "{}")],
      { arp: {}, bgp: {} },
    ],
    ["with its preference", [ad("{localPref: 200}")], { bgp: { localPreference: 200 } }],
    [
      "for some routers",
      [ad("{peers: [b, a]}")],
      { bgp: { peerSelector: { matchExpressions: [{ key: "herald.dev/peer", operator: "In", values: ["a", "b"] }] } } },
    ],
    ["for one router", [ad("{peers: [a]}")], { bgp: { peerSelector: { matchLabels: { "herald.dev/peer": "a" } } } }],
    [
      "for the routers of both, where two differ in nothing else",
      [ad("{peers: [a]}"), ad("{peers: [b]}", "two")],
      { bgp: { peerSelector: { matchExpressions: [{ key: "herald.dev/peer", operator: "In", values: ["a", "b"] }] } } },
    ],
    ["for all routers, where one of two names none", [ad("{peers: [a]}"), ad("{}", "two")], { bgp: {} }],
    [
      "with its communities, by number and by name",
      [community, ad('{communities: ["64513:7", gold, big, "large:1:2:3"]}')],
      { bgp: { communities: ["64513:7", "64513:100"], largeCommunities: ["64513:1:2", "1:2:3"] } },
    ],
    [
      "on some nodes",
      [ad("{nodeSelectors: [{matchLabels: {rack: a}}]}")],
      { bgp: {}, nodeSelector: { matchLabels: { rack: "a" } } },
    ],
    ["of whole addresses, where it says so", [ad("{aggregationLength: 32, aggregationLengthV6: 128}")], { bgp: {} }],
  ];
  for (const [what, texts, announcement] of cases)
    it(what, () => {
      const result = imported(pool, ...texts);
      assert.deepEqual(specs(result), { first: { addresses: ["192.0.2.0/24"], announcement } });
      assert.deepEqual(result.notes, []);
      assert.equal(poolsOf(result).length, 1);
    });

  it("of whole prefixes, with a word on policy Local", () => {
    const result = imported(pool, ad("{aggregationLength: 24, aggregationLengthV6: 124}"));
    assert.deepEqual(specs(result).first, {
      addresses: ["192.0.2.0/24"],
      announcement: { bgp: { aggregate: { ipv4: 24, ipv6: 124 } } },
    });
    assert.deepEqual(noted(result), ["IPAddressPool metallb-system/first: spec.announcement.bgp.aggregate"]);
  });

  it("of several that say different things the one with the longest prefix counts, and the others are named", () => {
    const result = imported(pool, ad("{aggregationLength: 24}", "wide"), ad('{communities: ["1:2"]}', "narrow"));
    assert.deepEqual(specs(result).first, {
      addresses: ["192.0.2.0/24"],
      announcement: { bgp: { communities: ["1:2"] } },
    });
    assert.deepEqual(
      result.notes.map(({ message }) => message),
      ["Herald announces a pool in one way: as narrow, not as wide"],
    );
  });

  it("the longest prefix counts in the families that the pool has", () => {
    const six = object("IPAddressPool", "first", '{addresses: ["2001:db8::/112"]}');
    const ads = [ad("{aggregationLengthV6: 64}", "wide"), ad("{aggregationLength: 24}", "narrow")];
    const announcement = { bgp: { aggregate: { ipv4: 24 } } };
    assert.deepEqual(specs(imported(six, ...ads)), { first: { addresses: ["2001:db8::/112"], announcement } });
    const both = object("IPAddressPool", "first", '{addresses: [192.0.2.0/24, "2001:db8::/112"]}');
    assert.deepEqual(specs(imported(both, ...ads)), {
      first: { addresses: ["192.0.2.0/24", "2001:db8::/112"], announcement },
    });
  });

  it("what it says besides, and a community that nothing names, is said", () => {
    const result = imported(pool, ad("{serviceSelectors: [{matchLabels: {a: b}}], communities: [silver]}"));
    assert.deepEqual(noted(result), [
      "BGPAdvertisement metallb-system/ad: spec.serviceSelectors",
      "BGPAdvertisement metallb-system/ad: spec.communities",
    ]);
    assert.match(
      result.notes[0]?.message ?? "",
      /^is not carried over, so that the addresses of all Services of its pools/,
    );
  });

  it("its nodes become those of the LAN too, which is said", () => {
    const lan = object("L2Advertisement", "lan", "{}");
    const result = imported(pool, lan, ad("{nodeSelectors: [{matchLabels: {rack: a}}]}"));
    assert.deepEqual(noted(result), ["IPAddressPool metallb-system/first: spec.announcement"]);
  });
});

it("a pool selects the imported routers by the label that they have", () => {
  const result = imported(pool, object("BGPAdvertisement", "ad", "{peers: [tor]}"), peer(""));
  assert.deepEqual(result.peers?.[0]?.labels, { "herald.dev/peer": "tor" });
  assert.deepEqual(reviewImported(result, schemas), []);
});
