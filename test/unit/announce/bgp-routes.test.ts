import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RouteAttributes } from "../../../src/announce/bgp-attributes.ts";
import { prefixKey } from "../../../src/announce/bgp-prefix.ts";
import { type NodeRoutes, planRoutes, type RoutedVip, type RouteView } from "../../../src/announce/bgp-routes.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { prefix } from "../../support/builders.ts";

const node1 = { name: "node1", labels: { rack: "a" }, shutdown: { phase: "none" } } as const;

function plan(view: Partial<RouteView>): NodeRoutes {
  return planRoutes({ vips: [routedVip("203.0.113.7")], node: node1, peers: [peer()], ...view });
}

/** `peer prefix` of each route. */
function routes(view: Partial<RouteView>): readonly string[] {
  return plan(view).peers.flatMap(({ peer: { name }, routes: all }) =>
    all.map((route) => `${name} ${formatPrefix(route.prefix)}`),
  );
}

/** `address reason` of each address that nobody hears of. */
function unheard(view: Partial<RouteView>): readonly string[] {
  return plan(view).unheard.map(({ address, reason }) => `${formatAddress(address)} ${reason}`);
}

function attributes(view: Partial<RouteView>): RouteAttributes | undefined {
  return plan(view).peers[0]?.routes[0]?.attributes;
}

function shutting(...announced: readonly string[]): RouteView["node"] {
  const keys = announced.map((text) => prefixKey(prefix(text)));
  return { ...node1, shutdown: { phase: "shutting", announced: new Set(keys) } };
}

describe("S103, S29: Given an address in BGP mode", () => {
  it("Then every selected node announces it as /32 or /128 to every peer", () => {
    const vips = [routedVip("2001:db8::7"), routedVip("1.1.1.1")];
    const peers = [peer({ name: "b" }), peer({ name: "a" })];
    assert.deepEqual(routes({ vips, peers }), [
      "a 1.1.1.1/32",
      "a 2001:db8::7/128",
      "b 1.1.1.1/32",
      "b 2001:db8::7/128",
    ]);
  });

  it("Then a route tells for which addresses it is", () => {
    const [told] = plan({}).peers;
    assert.deepEqual(told?.routes[0]?.addresses.map(formatAddress), ["203.0.113.7"]);
    assert.deepEqual(told?.absent, []);
    assert.deepEqual(plan({}).unheard, []);
  });

  it("Then one that is announced on the LAN alone, or that nobody holds, has no route and needs no reason", () => {
    const vips = [routedVip("203.0.113.7", { announcement: {} }), routedVip("203.0.113.8", { services: [] })];
    assert.deepEqual([routes({ vips }), unheard({ vips })], [[], []]);
  });
});

describe("S105: Given a pool with an aggregate", () => {
  const bgp = { aggregate: { ipv4: 24, ipv6: 64 } };
  const vips = ["10.20.0.7", "10.20.0.9", "10.20.1.1", "2001:db8::7"].map((text) => routedVip(text, { bgp }));

  it("Then each prefix is announced once while any address of it is", () => {
    assert.deepEqual(routes({ vips }), ["tor 10.20.0.0/24", "tor 10.20.1.0/24", "tor 2001:db8::/64"]);
    assert.deepEqual(routes({ vips: vips.slice(1, 2) }), ["tor 10.20.0.0/24"]);
    assert.deepEqual(plan({ vips }).peers[0]?.routes[0]?.addresses.map(formatAddress), ["10.20.0.7", "10.20.0.9"]);
  });

  it("Then an address of policy Local has a route of its own beside it, which goes where its endpoints are", () => {
    const local = routedVip("10.20.0.8", { bgp, trafficPolicy: "Local" });
    const elsewhere = { ...local, announcers: ["node2"] };
    assert.deepEqual(routes({ vips: [...vips.slice(0, 2), local] }), ["tor 10.20.0.0/24", "tor 10.20.0.8/32"]);
    assert.deepEqual(routes({ vips: [...vips.slice(0, 2), elsewhere] }), ["tor 10.20.0.0/24"]);
    assert.deepEqual(unheard({ vips: [...vips.slice(0, 2), elsewhere] }), ["10.20.0.8 NoLocalEndpoint"]);
  });

  it("Then an address of policy Local of the other family is not", () => {
    const local = routedVip("2001:db8::8", { bgp: { aggregate: { ipv4: 24, ipv6: 128 } }, trafficPolicy: "Local" });
    assert.deepEqual(routes({ vips: [local] }), ["tor 2001:db8::8/128"]);
  });
});

type Absent = readonly [what: string, view: Partial<RouteView>, reason: string, message: RegExp];

const absent: readonly Absent[] = [
  [
    "no peer selects the node",
    { peers: [] },
    "NoPeer",
    /^no BGPPeer is for node node1: none selects it, or it lacks their sourceAddress$/,
  ],
  [
    "every peer is for other nodes",
    { peers: [peer({ nodeSelector: { matchLabels: { rack: "b" } } })] },
    "NoPeer",
    /is for node node1/,
  ],
  [
    "the pool is for other peers",
    { vips: [routedVip("203.0.113.7", { bgp: { peerSelector: { matchLabels: { uplink: "a" } } } })] },
    "PeerNotSelected",
    /^the pool's peerSelector does not match peer tor$/,
  ],
  [
    "the peer is for the other family",
    { peers: [peer({ families: [6] })] },
    "FamilyNotAnnounced",
    /^IPv4 is not among the families of peer tor$/,
  ],
  [
    "others are chosen",
    { vips: [routedVip("203.0.113.7", { announcers: ["node2", "node3"], bgp: { nodes: { count: 2 } } })] },
    "NotChosen",
    /^announced by node2, node3, not by node node1$/,
  ],
  [
    "many others are chosen",
    { vips: [routedVip("203.0.113.7", { announcers: [2, 3, 4, 5, 6, 7].map((i) => `node${i}`) })] },
    "NotChosen",
    /^announced by node2, node3, node4, node5 and 2 more, not by node node1$/,
  ],
  [
    "the last local endpoint is gone",
    { vips: [routedVip("203.0.113.7", { announcers: ["node2"], trafficPolicy: "Local" })] },
    "NoLocalEndpoint",
    /^policy Local: node node1 has no ready endpoint of shop\/web$/,
  ],
  [
    "the node is not eligible",
    { node: { ...node1, ineligible: () => ({ reason: "NodeExcluded", message: "node node1 has label x" }) } },
    "NodeExcluded",
    /^node node1 has label x$/,
  ],
  [
    "the node is drained",
    { node: { ...node1, shutdown: { phase: "over" } } },
    "Draining",
    /^node node1 is being drained$/,
  ],
  ["it is new while the node is being drained", { node: shutting() }, "Draining", /being drained/],
];

describe("an address has no route, and it is said why, if", () => {
  for (const [what, view, reason, message] of absent)
    it(`${what}: ${reason}`, () => {
      const { peers, unheard: none } = plan(view);
      assert.deepEqual(
        peers.flatMap((each) => each.routes),
        [],
      );
      assert.deepEqual(
        none.map((each) => each.reason),
        [reason],
      );
      assert.match(none[0]?.message ?? "", message);
      for (const told of peers) assert.deepEqual(told.absent, none);
    });

  it("and one peer that hears of it is enough to be heard, the others have their reason", () => {
    const vips = [routedVip("203.0.113.7", { bgp: { peerSelector: { matchLabels: { uplink: "a" } } } })];
    const { peers, unheard: none } = plan({
      vips,
      peers: [peer({ name: "a", labels: { uplink: "a" } }), peer({ name: "b" })],
    });
    assert.deepEqual(none, []);
    assert.deepEqual(
      peers.map(({ peer: { name }, routes: all, absent: not }) => [name, all.length, not.map(({ reason }) => reason)]),
      [
        ["a", 1, []],
        ["b", 0, ["PeerNotSelected"]],
      ],
    );
  });
});

describe("the attributes of a route", () => {
  const bgp = {
    communities: [3, 1, 2],
    largeCommunities: [
      [2, 0, 0],
      [1, 2, 3],
      [1, 2, 3],
    ],
    localPreference: 200,
    med: 50,
    prepend: 2,
  } as const;
  const vips = [routedVip("203.0.113.7", { bgp })];
  const told = {
    origin: "igp",
    med: 50,
    communities: [1, 2, 3],
    largeCommunities: [
      [1, 2, 3],
      [2, 0, 0],
    ],
  };

  it("are for a router of another AS: the own number as often as is prepended, no local preference", () => {
    assert.deepEqual(attributes({ vips }), { ...told, asPath: [64_513, 64_513, 64_513] });
  });

  it("are for a router of the own AS: local preference, and the path as it is", () => {
    assert.deepEqual(attributes({ vips, peers: [peer({ asn: 64_513 })] }), { ...told, asPath: [], localPref: 200 });
  });

  it("are by default the least that there is", () => {
    const plain = { origin: "igp", communities: [], largeCommunities: [] };
    assert.deepEqual(attributes({}), { ...plain, asPath: [64_513] });
    assert.deepEqual(attributes({ peers: [peer({ asn: 64_513 })] }), { ...plain, asPath: [], localPref: 100 });
  });

  it("are one object for all routes with equal ones, so that few UPDATEs carry them", () => {
    const many = [1, 2, 3].map((last) => routedVip(`203.0.113.${last}`, { bgp: { ...bgp } }));
    const other = routedVip("203.0.113.4", { bgp: { ...bgp, med: 51 } });
    const found = plan({ vips: [...many, other] }).peers[0]?.routes.map((route) => route.attributes) ?? [];
    assert.equal(new Set(found.slice(0, 3)).size, 1);
    assert.equal(new Set(found).size, 2);
  });

  it("of an aggregate are those of its lowest address, while a pool's copies are changed one by one", () => {
    const aggregate = { ipv4: 24, ipv6: 128 };
    const copies = [
      routedVip("10.20.0.9", { bgp: { aggregate, med: 9 } }),
      routedVip("10.20.0.7", { bgp: { aggregate, med: 7 } }),
    ];
    assert.equal(attributes({ vips: copies })?.med, 7);
    assert.equal(attributes({ vips: copies.toReversed() })?.med, 7);
  });
});

describe("while a node is drained", () => {
  const gracefulShutdown = 0xffff_0000;

  it("its routes stay with GRACEFUL_SHUTDOWN, and over iBGP the least local preference (RFC 8326)", () => {
    const node = shutting("203.0.113.7/32");
    const vips = [routedVip("203.0.113.7", { bgp: { communities: [gracefulShutdown, 1], localPreference: 200 } })];
    assert.deepEqual(attributes({ node, vips })?.communities, [1, gracefulShutdown]);
    assert.equal(attributes({ node, vips })?.localPref, undefined);
    assert.equal(attributes({ node, vips, peers: [peer({ asn: 64_513 })] })?.localPref, 0);
  });

  it("an address of policy Local still goes with its last endpoint", () => {
    const vips = [routedVip("203.0.113.7", { trafficPolicy: "Local", announcers: [] })];
    assert.deepEqual(unheard({ vips, node: shutting("203.0.113.7/32") }), ["203.0.113.7 NoLocalEndpoint"]);
  });

  it("an aggregate stays whole", () => {
    const bgp = { aggregate: { ipv4: 24, ipv6: 128 } };
    const vips = [routedVip("10.20.0.7", { bgp }), routedVip("10.20.0.9", { bgp })];
    assert.deepEqual(routes({ vips, node: shutting("10.20.0.0/24") }), ["tor 10.20.0.0/24"]);
  });

  it("nothing is left when it is over", () => {
    const node = { ...node1, shutdown: { phase: "over" } } as const;
    const { peers, onLo } = plan({ node, vips: [routedVip("203.0.113.7", { bgp: { addressOnLo: true } })] });
    assert.deepEqual([peers[0]?.routes, onLo], [[], []]);
  });
});

describe("S102: Given addressOnLo", () => {
  it("Then the address is on lo where the node announces it, and only there", () => {
    const bgp = { addressOnLo: true };
    const vips: readonly RoutedVip[] = [
      routedVip("203.0.113.7", { bgp }),
      routedVip("203.0.113.8"),
      routedVip("203.0.113.9", { bgp, announcers: ["node2"] }),
    ];
    assert.deepEqual(plan({ vips }).onLo.map(formatAddress), ["203.0.113.7"]);
  });

  it("Then it is not where nobody is told of it", () => {
    const vips = [
      routedVip("203.0.113.7", { bgp: { addressOnLo: true, peerSelector: { matchLabels: { rack: "a" } } } }),
    ];
    assert.deepEqual([plan({ vips }).onLo, plan({ vips, peers: [] }).onLo], [[], []]);
  });
});
