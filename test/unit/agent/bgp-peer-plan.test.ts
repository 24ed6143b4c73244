import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knownNode } from "../../../src/agent/bgp-known-node.ts";
import { defaultRouterId, ownPeers, peerChanges, planPeers } from "../../../src/agent/bgp-peer-plan.ts";
import type { PeerWish } from "../../../src/agent/bgp-ports.ts";
import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { peer } from "../../support/bgp-builders.ts";
import { address, addresses, clusterNode, nodeInterface } from "../../support/builders.ts";

const node = clusterNode("node1", { addresses: addresses("192.168.50.11") });

function wish(changes: Partial<BgpPeer>): PeerWish {
  const passwords = () => ({ password: "hunter2" });
  const [made] = planPeers({ node, interfaces: [nodeInterface()], peers: [peer(changes)], passwords }).wishes;
  if (made === undefined) throw new Error("no session is planned");
  return made;
}

describe("a session is to be as its peer says", () => {
  const rows: readonly (readonly [string, Partial<BgpPeer>, (made: PeerWish) => unknown, unknown])[] = [
    ["local number", { localAsn: 65001 }, ({ settings }) => settings.localAsn, 65001],
    ["hold time", { holdTimeSeconds: 9, keepaliveTimeSeconds: 3 }, ({ settings }) => settings.holdTimeSeconds, 9],
    [
      "graceful restart",
      { gracefulRestart: true },
      ({ settings }) => settings.gracefulRestart?.restartTimeSeconds,
      120,
    ],
    ["no graceful restart", { gracefulRestart: false }, ({ settings }) => settings.gracefulRestart, undefined],
    ["one family", { families: [6] }, ({ settings }) => settings.families, [6]],
    ["default identifier", {}, ({ settings }) => formatAddress(settings.routerId), "192.168.50.11"],
    ["identifier", { routerId: address("10.0.0.1") }, ({ settings }) => formatAddress(settings.routerId), "10.0.0.1"],
    [
      "unnumbered",
      { remote: { kind: "interface", interface: "eth1" } },
      ({ transport }) => transport.interface,
      "eth1",
    ],
    ["VRF", { vrf: "red" }, ({ transport }) => transport.device, "red"],
    ["hops", { ebgpMultihop: 4 }, ({ transport }) => transport.hops, 4],
    ["GTSM", { ttlSecurity: 1 }, ({ transport }) => transport.ttlSecurity, 1],
    ["Secret", { password: { secret: "tor" } }, ({ transport }) => transport.password, "hunter2"],
    ["password of an annotation", { password: { text: "own" } }, ({ transport }) => transport.password, "own"],
    ["no BFD", {}, ({ bfd }) => bfd, undefined],
  ];
  for (const [what, changes, read, want] of rows) it(what, () => assert.deepEqual(read(wish(changes)), want));
});

describe("BFD goes over one hop", () => {
  const bfd = { transmitMs: 100, receiveMs: 100, multiplier: 3 };
  const at = (text: string): Pick<BgpPeer, "remote"> => ({ remote: { kind: "address", address: address(text) } });
  const from = (text: string): Pick<BgpPeer, "sourceAddress"> => ({ sourceAddress: address(text) });
  const rows: readonly (readonly [string, Partial<BgpPeer>, boolean])[] = [
    ["to a router of another AS", { ...at("203.0.113.1"), asn: 1, localAsn: 2 }, false],
    ["to one of the own AS on a link", { ...at("192.168.50.1"), asn: 1, localAsn: 1 }, false],
    [
      "so from an address in that subnet",
      { ...at("192.168.50.1"), ...from("192.168.50.77"), asn: 1, localAsn: 1 },
      false,
    ],
    ["but not from an address elsewhere", { ...at("192.168.50.1"), ...from("10.255.0.11"), asn: 1, localAsn: 1 }, true],
    ["but not to one of the own AS elsewhere", { ...at("203.0.113.1"), asn: 1, localAsn: 1 }, true],
    ["but not to one that may be far away", { ...at("192.168.50.1"), ebgpMultihop: 2, asn: 1, localAsn: 2 }, true],
  ];
  for (const [what, changes, multihop] of rows)
    it(what, () => assert.equal(wish({ ...changes, bfd }).bfd?.multihop, multihop));
});

describe("the identifier of a node that none is set for", () => {
  it("is the first IPv4 address of its Node", () => {
    assert.equal(formatAddress(defaultRouterId(node, [])), "192.168.50.11");
  });

  it("else that of an interface, the one with the default route first", () => {
    const interfaces = [
      nodeInterface({ name: "a", defaultRoute: false, subnets: ["10.0.0.1/8"] }),
      nodeInterface({ name: "b", subnets: ["fd50::1/64", "10.1.0.1/24"] }),
    ];
    assert.equal(formatAddress(defaultRouterId(clusterNode("node1"), interfaces)), "10.1.0.1");
  });

  it("else a number of its name, which differs from node to node and stays", () => {
    const [one, again, two] = ["node1", "node1", "node2"].map((name) => defaultRouterId(clusterNode(name), []));
    assert.deepEqual(one, again);
    assert.notDeepEqual(one, two);
  });
});

it("a peer that waits for its Secret has no session yet, and keeps the one it has", () => {
  const waits = peer({ password: { secret: "tor" } });
  const { wishes, waiting } = planPeers({ node, interfaces: [], peers: [waits], passwords: () => undefined });
  assert.deepEqual([wishes, [...waiting.keys()]], [[], [waits.name]]);
  const told = new Map([[waits.name, wish({})]]);
  assert.deepEqual(peerChanges(wishes, told, [waits]), []);
  assert.deepEqual(peerChanges(wishes, told, []), [{ kind: "bgpPeerGone", name: waits.name }]);
});

it("a session is told again only if something of it differs", () => {
  const before = wish({});
  const told = new Map([[before.name, before]]);
  assert.deepEqual(peerChanges([wish({})], told, [before]), []);
  const other = wish({ sourceAddress: address("192.168.50.11") });
  assert.deepEqual(peerChanges([other], told, [before]), [other]);
});

describe("of peers that would be one session of the node the first by name has it", () => {
  const known = knownNode({ metadata: { name: "node1" } });
  const doublesOf = (changes: Partial<BgpPeer>) => {
    const peers = [peer({ name: "b" }), peer({ name: "a", ...changes })];
    const object = { metadata: { name: "" }, spec: { asn: 1, localAsn: 2 } };
    const own = ownPeers(
      known,
      addresses("192.0.2.11", "192.0.2.12"),
      peers.map((each) => ({ peer: each, object })),
      "",
    );
    return [own.peers.map(({ name }) => name), [...own.doubles]];
  };
  const rows: readonly (readonly [string, Partial<BgpPeer>, boolean])[] = [
    ["to the same router", {}, true],
    ["also where one of them names its own address", { sourceAddress: address("192.0.2.11") }, true],
    ["but not to another port", { port: 1790 }, false],
    ["and not in another VRF", { vrf: "red" }, false],
  ];
  for (const [what, changes, same] of rows)
    it(what, () => {
      const want = same ? [["a"], [["b", "the same session as a"]]] : [["a", "b"], []];
      assert.deepEqual(doublesOf(changes), want);
    });
});
