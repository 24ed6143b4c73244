import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Announceable, AnnouncerView } from "../../../src/announce/bgp-announcers.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { candidate, chosen, draining, endpoints, names, plan } from "./announcer-view.ts";

const two = { nodes: { count: 2 } } as const;

function without(...gone: readonly string[]): Pick<AnnouncerView, "candidates"> {
  return { candidates: names.filter((name) => !gone.includes(name)).map((name) => candidate(name)) };
}

describe("S76: Given a number of nodes", () => {
  const first = chosen({ bgp: two })?.announcers ?? [];

  it("Then so many are chosen", () => assert.equal(first.length, 2));

  it("When it is raised, Then another joins and nobody leaves", () => {
    const three = chosen({ bgp: { nodes: { count: 3 } }, announcers: first })?.announcers ?? [];
    assert.equal(three.length, 3);
    assert.ok(first.every((name) => three.includes(name)));
  });

  it("When it is lowered, Then one leaves and nobody joins", () => {
    const one = chosen({ bgp: { nodes: { count: 1 } }, announcers: first })?.announcers ?? [];
    assert.equal(one.length, 1);
    assert.ok(first.includes(one[0] ?? ""));
  });

  it("When a chosen node is lost and returns, Then another takes its place and keeps it", () => {
    const [lost = "", kept = ""] = first;
    const after = chosen({ bgp: two, announcers: first }, without(lost))?.announcers ?? [];
    assert.equal(after.length, 2);
    assert.ok(after.includes(kept) && !after.includes(lost));
    assert.deepEqual(chosen({ bgp: two, announcers: after })?.announcers, after);
  });

  it("When another node is lost, Then nothing changes", () => {
    const [other = ""] = names.filter((name) => !first.includes(name));
    assert.deepEqual(chosen({ bgp: two, announcers: first }, without(other))?.announcers, first);
  });

  it("When there are fewer nodes, Then all of them", () => {
    const few = chosen({ bgp: { nodes: { count: 9 } } })?.announcers;
    assert.deepEqual(few, names);
  });

  it("When a chosen node is drained, Then another joins at once, and it leaves when it is done", () => {
    const [leaving = "", kept = ""] = first;
    const others = names.filter((name) => name !== leaving).map((name) => candidate(name));
    const during =
      chosen({ bgp: two, announcers: first }, { candidates: [draining(leaving), ...others] })?.announcers ?? [];
    assert.equal(during.length, 3);
    assert.ok(during.includes(leaving) && during.includes(kept));
    const after = chosen(
      { bgp: two, announcers: during },
      { candidates: [draining(leaving, true), ...others] },
    )?.announcers;
    assert.deepEqual(
      after,
      during.filter((name) => name !== leaving),
    );
  });

  it("When it is not known whether the agents live, Then who was chosen stays and nobody joins", () => {
    const candidates = names.map((name) => candidate(name, { liveness: "unknown" }));
    assert.deepEqual(chosen({ bgp: two, announcers: first }, { candidates })?.announcers, first);
    assert.deepEqual(chosen({ bgp: { nodes: { count: 3 } }, announcers: first }, { candidates })?.announcers, first);
  });

  it("When nobody is eligible, Then it stays as it was, and it is said why", () => {
    const candidates = names.map((name) => candidate(name, { liveness: "dead" }));
    const { announcers, misplaced } = chosen({ bgp: two, announcers: first }, { candidates }) ?? {};
    assert.deepEqual(announcers, first);
    assert.match(misplaced?.message ?? "", /the agent on node1 does not renew its Lease/);
  });

  it("Then all addresses of an aggregate are on the same nodes, and stay there while their number changes", () => {
    const bgp = { ...two, aggregate: { ipv4: 24, ipv6: 128 } };
    const vips = ["10.20.0.1", "10.20.0.2", "10.20.0.3"].map((text) => routedVip(text, { bgp }));
    const [one, ...others] = [...plan({ vips }).values()];
    for (const other of others) assert.deepEqual(other, one);
    const held = vips
      .slice(1)
      .map((vip): Announceable => ({ ...vip, ...(one?.announcers && { announcers: one.announcers }) }));
    assert.deepEqual([...plan({ vips: [routedVip("10.20.0.0", { bgp }), ...held] }).values()], [one, one, one]);
  });
});

describe("policy Cluster on all nodes", () => {
  it("names nobody, so that a node that comes or goes changes no object", () => {
    assert.deepEqual(chosen({}), {});
    assert.deepEqual(chosen({}, without("node1")), {});
  });

  it("says why if no node can announce", () => {
    const why: readonly (readonly [view: Partial<AnnouncerView>, message: RegExp])[] = [
      [{ candidates: [] }, /no agent runs on any node/],
      [{ peers: [] }, /^no BGPPeer hears of the address from node1, node2, node3, node4$/],
      [{ peers: [peer({ families: [6] })] }, /no BGPPeer hears/],
      [{ peers: [peer({ nodeSelector: { matchLabels: { rack: "z" } } })] }, /no BGPPeer hears/],
      [{ candidates: [draining("node1")] }, /node node1 is being drained/],
    ];
    for (const [view, message] of why) assert.match(chosen({}, view)?.misplaced?.message ?? "", message);
  });

  it("takes a peer that the pool selects", () => {
    const bgp = { peerSelector: { matchLabels: { uplink: "a" } } };
    assert.match(chosen({ bgp })?.misplaced?.message ?? "", /no BGPPeer hears/);
    assert.deepEqual(chosen({ bgp }, { peers: [peer({ labels: { uplink: "a" } })] }), {});
  });

  it("leaves out what is not announced by BGP, and what nobody holds", () => {
    const vips = [routedVip("203.0.113.7", { announcement: {} }), routedVip("203.0.113.8", { services: [] })];
    assert.equal(plan({ vips }).size, 0);
  });
});

describe("policy Local", () => {
  const local = { trafficPolicy: "Local" } as const;
  type Case = readonly [
    what: string,
    vip: Partial<Announceable>,
    ends: readonly string[],
    want: readonly string[] | undefined,
  ];
  const cases: readonly Case[] = [
    ["before any endpoint was ready every node announces", {}, [], undefined],
    ["an endpoint that only terminates is none yet", {}, ["node1 terminating"], undefined],
    [
      "the nodes with a ready endpoint announce",
      {},
      ["node1 ready", "node3 ready", "node2 unready"],
      ["node1", "node3"],
    ],
    [
      "the last local endpoint withdraws",
      { readySeen: true, announcers: ["node1", "node3"] },
      ["node3 ready"],
      ["node3"],
    ],
    ["the last of all withdraws everywhere", { readySeen: true, announcers: ["node1"] }, [], []],
    ["it does not come back before an endpoint is ready", { readySeen: true, announcers: [] }, ["node1 unready"], []],
    ["nor for one that terminates", { readySeen: true, announcers: [] }, ["node1 terminating"], []],
    ["it comes back with a ready one", { readySeen: true, announcers: [] }, ["node1 ready"], ["node1"]],
    [
      "where another is ready one that terminates goes",
      { readySeen: true, announcers: ["node1", "node2"] },
      ["node1 terminating", "node2 ready"],
      ["node2"],
    ],
    [
      "where none is ready one that terminates stays",
      { readySeen: true, announcers: ["node1"] },
      ["node1 terminating"],
      ["node1"],
    ],
    [
      "who has gone does not return for one that terminates",
      { readySeen: true, announcers: ["node2"] },
      ["node1 terminating", "node2 terminating"],
      ["node2"],
    ],
  ];
  for (const [what, vip, ends, want] of cases)
    it(what, () => assert.deepEqual(chosen({ ...local, ...vip }, { ranks: endpoints(...ends) })?.announcers, want));

  it("notes the first ready endpoint, and never forgets it", () => {
    assert.equal(chosen(local, { ranks: endpoints("node1 ready") })?.readySeen, true);
    assert.equal(chosen({ ...local, readySeen: true })?.readySeen, true);
    assert.equal(chosen(local)?.readySeen, undefined);
  });

  it("says why nobody announces", () => {
    const { misplaced } = chosen({ ...local, readySeen: true }) ?? {};
    assert.equal(misplaced?.reason, "NoEndpoints");
  });

  it("keeps a number of nodes, all of them with an endpoint", () => {
    const ranks = endpoints("node1 ready", "node2 ready", "node3 ready");
    const before = chosen({ ...local, bgp: two }, { ranks })?.announcers ?? [];
    assert.equal(before.length, 2);
    const [gone = "", kept = ""] = before;
    const left = endpoints(
      ...["node1", "node2", "node3"].filter((name) => name !== gone).map((name) => `${name} ready`),
    );
    const after =
      chosen({ ...local, bgp: two, readySeen: true, announcers: before }, { ranks: left })?.announcers ?? [];
    assert.equal(after.length, 2);
    assert.ok(after.includes(kept) && !after.includes(gone));
  });

  it("leaves a node that is drained its address until it is done", () => {
    const ranks = endpoints("node1 ready", "node2 ready");
    const vip = { ...local, readySeen: true, announcers: ["node1", "node2"] };
    const [, ...others] = names.map((name) => candidate(name));
    assert.deepEqual(chosen(vip, { ranks, candidates: [draining("node1"), ...others] })?.announcers, [
      "node1",
      "node2",
    ]);
    assert.deepEqual(chosen(vip, { ranks, candidates: [draining("node1", true), ...others] })?.announcers, ["node2"]);
    assert.deepEqual(
      chosen({ ...vip, announcers: ["node2"] }, { ranks, candidates: [draining("node1"), ...others] })?.announcers,
      ["node2"],
    );
  });

  it("changes nothing while it is not known whether the agents live", () => {
    const ranks = endpoints("node1 ready", "node2 ready");
    const candidates = names.map((name) => candidate(name, { liveness: "unknown" }));
    const vip = { ...local, readySeen: true, announcers: ["node1", "node2"] };
    assert.deepEqual(chosen(vip, { ranks, candidates })?.announcers, ["node1", "node2"]);
  });
});
