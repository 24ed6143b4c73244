import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BgpObjects } from "../../../../src/cli/bgp/bgp-field.ts";
import { type RouteRow, routeRows } from "../../../../src/cli/bgp/route-row.ts";
import { fieldOf, leaseObject, nodeObject, peerObject, routedObject, session, vipNodeObject } from "./objects-of.ts";

const web = "203.0.113.7";
const told = { bgp: [session()], told: [web] };

function rows(parts: Partial<BgpObjects>): readonly RouteRow[] {
  return routeRows(fieldOf(parts));
}

/** The rows of one node, `node1`, whose agent says this. */
function ofNode1(said: Parameters<typeof vipNodeObject>[1], parts: Partial<BgpObjects> = {}): readonly RouteRow[] {
  const nodes = [nodeObject("node1")];
  return rows({ nodes, vipNodes: [vipNodeObject("node1", said)], advertisements: [routedObject(web)], ...parts });
}

function short({ peer, prefix, state, reason }: RouteRow): string {
  return `${peer} ${prefix} ${state} ${reason}`.trim();
}

describe("a route that a router was told", () => {
  it("stands with its address, its Service and every attribute", () => {
    const advertisements = [
      routedObject(web, { med: 5, communities: ["64513:100", "no-export"], largeCommunities: ["64513:1:2"] }),
    ];
    assert.deepEqual(ofNode1(told, { advertisements }), [
      {
        node: "node1",
        peer: "tor",
        prefix: "203.0.113.7/32",
        addresses: [web],
        services: ["shop/web"],
        attributes: {
          asPath: [64_513],
          med: 5,
          communities: ["64513:100", "no-export"],
          largeCommunities: ["64513:1:2"],
        },
        state: "announced",
        reason: "",
        message: "",
      },
    ]);
  });

  it("within the nodes' own AS has LOCAL_PREF and an empty path", () => {
    const peers = [peerObject({ asn: 64_513 })];
    const [row] = ofNode1(told, { peers, advertisements: [routedObject(web, { localPreference: 300 })] });
    assert.deepEqual(row?.attributes, { asPath: [], localPref: 300, communities: [], largeCommunities: [] });
  });

  it("is one for all addresses of an aggregate, with each of their Services once", () => {
    const bgp = { aggregate: { ipv4: 24 } };
    const api = { services: [{ namespace: "shop", name: "api", uid: "v" }] };
    const advertisements = [routedObject(web, bgp), routedObject("203.0.113.8", bgp, api)];
    const [row, ...more] = ofNode1(told, { advertisements });
    assert.deepEqual(more, []);
    assert.deepEqual(
      [row?.prefix, row?.addresses.length, row?.services],
      ["203.0.113.0/24", 2, ["shop/web", "shop/api"]],
    );
  });

  it("of policy Local stands by itself beside its pool's aggregate, also of a node that is being drained", () => {
    const bgp = { aggregate: { ipv4: 24 } };
    const local = { trafficPolicy: "Local" as const, announcers: ["node1"] };
    const advertisements = [routedObject(web, bgp, local)];
    for (const drain of [false, true])
      assert.deepEqual(ofNode1({ ...told, drain }, { advertisements }).map(short), ["tor 203.0.113.7/32 announced"]);
    const elsewhere = [routedObject(web, bgp, { ...local, announcers: ["node2"] })];
    assert.deepEqual(ofNode1(told, { advertisements: elsewhere }).map(short), [
      "203.0.113.7/32 absent NoLocalEndpoint",
    ]);
  });

  it("of a node that is being drained says that routers are to prefer others, and carries GRACEFUL_SHUTDOWN", () => {
    const [row] = ofNode1({ ...told, drain: true });
    assert.deepEqual([row?.state, row?.attributes?.communities], ["announced", ["65535:0"]]);
    assert.match(row?.message ?? "", /^node node1 is being drained: routers are asked to prefer other nodes$/);
  });
});

describe("a route that a router is still to be told", () => {
  it("waits for the session, in the session's own words", () => {
    const bgp = [session({ state: "Active", message: "connection refused" })];
    const [row] = ofNode1({ bgp });
    assert.deepEqual([row?.state, row?.reason, row?.message], ["pending", "NoSession", "connection refused"]);
  });

  it("waits for the node where it says nothing of the session", () =>
    assert.equal(ofNode1({})[0]?.message, "node1 says nothing of a session with tor yet"));

  it("waits for the node where the session is established and nothing was told yet", () =>
    assert.equal(
      ofNode1({ bgp: [session()] })
        .map(short)
        .join(),
      "tor 203.0.113.7/32 pending NotYetAnnounced",
    ));
});

describe("of several routers a node says only together which addresses it told", () => {
  const api = "203.0.113.8";
  const peers = [peerObject(), peerObject({ address: "192.0.2.2" }, { name: "spine" })];
  const advertisements = [routedObject(web), routedObject(api)];
  const ofTor = (announced: number): readonly string[] => {
    const bgp = [session({ announced: 2, peer: "spine" }), session({ announced })];
    const found = ofNode1({ bgp, told: [web, api] }, { peers, advertisements });
    return found.filter(({ peer }) => peer === "tor").map((row) => `${row.state} ${row.message}`.trim());
  };
  const doubt = "announced perhaps another router was told and this one not: it has 1 of 2 prefixes";
  const rows: readonly (readonly [what: string, announced: number, want: string])[] = [
    ["one that was told as many as planned was told all", 2, "announced"],
    ["one that was told fewer may lack any", 1, doubt],
    ["one that was told none lacks all", 0, "pending node1 told this router nothing yet"],
  ];
  for (const [what, announced, want] of rows) it(what, () => assert.deepEqual(ofTor(announced), [want, want]));

  it("the only one whose session is established was told what the node says", () => {
    const bgp = [session({ peer: "spine", state: "Active" }), session()];
    const found = ofNode1({ bgp, told: [web] }, { peers, advertisements });
    assert.deepEqual(
      found.filter(({ peer }) => peer === "tor").map(({ state, message }) => [state, message]),
      [
        ["announced", ""],
        ["pending", "node1 told no router of it yet"],
      ],
    );
  });
});

/** What node1 with an established session does not tell `tor`; what differs from the route of `web`. */
const absences: readonly {
  readonly name: string;
  readonly said?: Parameters<typeof vipNodeObject>[1];
  readonly parts: Partial<BgpObjects>;
  readonly want: string;
  readonly message: RegExp;
}[] = [
  {
    name: "other nodes were chosen for the address",
    parts: { advertisements: [routedObject(web, { nodes: { count: 1 } }, { announcers: ["node2"] })] },
    want: "203.0.113.7/32 absent NotChosen",
    message: /^announced by node2, not by node node1$/,
  },
  {
    name: "under policy Local the node has no ready endpoint",
    parts: { advertisements: [routedObject(web, {}, { announcers: ["node2"], trafficPolicy: "Local" })] },
    want: "203.0.113.7/32 absent NoLocalEndpoint",
    message: /node node1 has no ready endpoint of shop\/web$/,
  },
  {
    name: "no BGPPeer selects the node",
    parts: { peers: [peerObject({ nodeSelector: { matchLabels: { rack: "b" } } })] },
    want: "203.0.113.7/32 absent NoPeer",
    message: /^no BGPPeer is for node node1: none selects it, or it lacks their sourceAddress$/,
  },
  {
    name: "the node lacks the sourceAddress of the BGPPeer",
    said: { told: [web] },
    parts: { peers: [peerObject({ sourceAddress: "192.0.2.11" })] },
    want: "203.0.113.7/32 absent NoPeer",
    message: /^no BGPPeer is for node node1: none selects it, or it lacks their sourceAddress$/,
  },
  {
    name: "the pool's nodeSelector leaves the node out",
    parts: {
      advertisements: [
        routedObject(web, {}, { announcement: { bgp: {}, nodeSelector: { matchLabels: { rack: "b" } } } }),
      ],
    },
    want: "203.0.113.7/32 absent NodeNotSelected",
    message: /nodeSelector does not match node node1$/,
  },
  {
    name: "the node's agent does not live",
    parts: { leases: [leaseObject("node1", 60)] },
    want: "203.0.113.7/32 absent AgentDead",
    message: /^the agent on node1 does not renew its Lease$/,
  },
  {
    name: "the node has been drained",
    said: { bgp: [session()], drain: true },
    parts: {},
    want: "203.0.113.7/32 absent Draining",
    message: /^node node1 is being drained$/,
  },
  {
    name: "the Node is gone",
    parts: { nodes: [] },
    want: "203.0.113.7/32 absent NodeGone",
    message: /^node node1 does not exist$/,
  },
];

describe("a route that a router is not told says why:", () => {
  for (const { name, said = told, parts, want, message } of absences)
    it(name, () => {
      const [row, ...more] = ofNode1(said, parts);
      assert.deepEqual(more, []);
      assert.equal(row && short(row), want);
      assert.match(row?.message ?? "", message);
    });

  const twoPeers = [
    peerObject({ families: ["IPv4"] }, { name: "tor" }),
    peerObject({ address: "192.0.2.2" }, { name: "spine", labels: { tier: "spine" } }),
  ];

  it("to one router alone, where another is told", () => {
    const bgp = [session(), session({ peer: "spine" })];
    const advertisements = [routedObject(web, { peerSelector: { matchLabels: { tier: "spine" } } })];
    assert.deepEqual(ofNode1({ bgp, told: [web] }, { peers: twoPeers, advertisements }).map(short), [
      "spine 203.0.113.7/32 announced",
      "tor 203.0.113.7/32 absent PeerNotSelected",
    ]);
  });

  it("to one router alone, which does not take the family", () => {
    const bgp = [session(), session({ peer: "spine" })];
    const v6 = "2001:db8:5::7";
    const said = { bgp, told: [v6] };
    assert.deepEqual(ofNode1(said, { peers: twoPeers, advertisements: [routedObject(v6)] }).map(short), [
      "spine 2001:db8:5::7/128 announced",
      "tor 2001:db8:5::7/128 absent FamilyNotAnnounced",
    ]);
  });

  it("that is told nothing of the family, in the node's own words", () => {
    const ipv6 = "this node has no IPv6 address towards the peer";
    const v6 = "2001:db8:5::7";
    const advertisements = [routedObject(web), routedObject(v6)];
    const found = ofNode1({ bgp: [session({ silent: { ipv6 } })], told: [web] }, { advertisements });
    assert.deepEqual(found.map(short), ["tor 203.0.113.7/32 announced", "tor 2001:db8:5::7/128 absent FamilyNotTold"]);
    assert.deepEqual([found[1]?.message, found[1]?.attributes], [ipv6, undefined]);
  });

  it("once, where the reason is the same for all routers of the node", () => {
    const advertisements = [routedObject(web, {}, { announcers: ["node2"] })];
    assert.deepEqual(ofNode1(told, { peers: twoPeers, advertisements }).map(short), [
      "203.0.113.7/32 absent NotChosen",
    ]);
  });
});

it("addresses that nobody holds, or that are announced on the LAN alone, have no rows", () => {
  const advertisements = [
    routedObject(web, {}, { services: [] }),
    routedObject("203.0.113.8", {}, { announcement: { arp: {} } }),
  ];
  assert.deepEqual(rows({ advertisements }), []);
});

it("routes to routers that a Node's annotations name are listed once its agent speaks to them, and their password is not", () => {
  const annotations = {
    "cloud.example.com/node-asn": "65000",
    "cloud.example.com/peer-asn": "65530",
    "cloud.example.com/src-ip": "10.1.0.2",
    "cloud.example.com/peer-ip": "169.254.255.1",
    "cloud.example.com/bgp-pass": Buffer.from("hidden").toString("base64"),
  };
  const own = { bgp: [session({ peer: "node1/169.254.255.1" })], told: [web] };
  const found = ofNode1(own, { peers: [], nodes: [nodeObject("node1", { annotations })] });
  assert.deepEqual(found.map(short), ["node1/169.254.255.1 203.0.113.7/32 announced"]);
  assert.deepEqual(found[0]?.attributes?.asPath, [65_000]);
  const field = fieldOf({
    nodes: [nodeObject("node1", { annotations })],
    vipNodes: [vipNodeObject("node1", own)],
  });
  assert.ok(!JSON.stringify(field.nodes, (_, value) => (typeof value === "bigint" ? "" : value)).includes("hidden"));
});

it("who may not read the Leases sees what agents that live would tell", () =>
  assert.deepEqual(ofNode1(told, { leases: undefined }).map(short), ["tor 203.0.113.7/32 announced"]));
