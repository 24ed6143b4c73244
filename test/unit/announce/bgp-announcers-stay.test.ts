import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Announcers, AnnouncerView } from "../../../src/announce/bgp-announcers.ts";
import { type SessionTimes, sessionKey } from "../../../src/announce/bgp-standing.ts";
import type { Candidate, Liveness } from "../../../src/announce/eligibility.ts";
import { addressKey } from "../../../src/net/address.ts";
import { peer, routedVip } from "../../support/bgp-builders.ts";
import { address, addresses, clusterNode, vipNode, voter } from "../../support/builders.ts";
import { candidate, chosen, draining, endpoints, names, plan } from "./announcer-view.ts";

const one = { nodes: { count: 1 } } as const;
const two = { nodes: { count: 2 } } as const;
const [first = ""] = chosen({ bgp: one })?.announcers ?? [];
const others = names.filter((name) => name !== first);

/** All four nodes, some of them so. */
function some(which: readonly string[], changes: Partial<Candidate>): Pick<AnnouncerView, "candidates"> {
  return { candidates: names.map((name) => candidate(name, which.includes(name) ? changes : {})) };
}

for (const liveness of ["leaving", "stopped"] as const)
  describe(`a node whose agent is being replaced, ${liveness}`, () => {
    const replaced = some([first], { liveness });
    const isAway = (found: Announcers | undefined): void => {
      const { announcers = [] } = found ?? {};
      assert.ok(announcers.length === 1 && !announcers.includes(first), String(announcers));
    };

    it("keeps what it has, because routers keep its routes", () => {
      assert.deepEqual(chosen({ bgp: one, announcers: [first] }, replaced), { announcers: [first] });
    });

    it("gets nothing new", () => {
      assert.deepEqual(chosen({ bgp: one }, replaced)?.announcers?.includes(first), false);
    });

    it("loses it once it is dead, or if its routers do not keep its routes", () => {
      isAway(chosen({ bgp: one, announcers: [first] }, some([first], { liveness: "dead" })));
      const peers = [peer({ gracefulRestart: false })];
      isAway(chosen({ bgp: one, announcers: [first] }, { ...replaced, peers }));
    });

    it("keeps an address of policy Local whose only endpoint is there, and nobody says that it cannot be announced", () => {
      const vip = { trafficPolicy: "Local", readySeen: true, announcers: [first] } as const;
      const view = { ranks: endpoints(`${first} ready`), candidates: [candidate(first, { liveness })] };
      assert.deepEqual(chosen(vip, view), { announcers: [first], readySeen: true });
    });

    it("loses it at once if its machine is about to go, because it leaves nothing with its routers", () => {
      const node = clusterNode(first, { going: "is being deleted" });
      isAway(chosen({ bgp: one, announcers: [first] }, some([first], { liveness, node })));
    });

    it("alone is no reason to say that nobody can announce what every node does", () => {
      assert.deepEqual(chosen({}, { candidates: [candidate(first, { liveness })] }), {});
    });
  });

describe("a node of which it is not known whether it lives", () => {
  const unknown = (which: readonly string[]) => ({
    candidates: names.map((name) =>
      candidate(name, { vipNode: voter(name), liveness: which.includes(name) ? "unknown" : "alive" }),
    ),
  });

  it("is not chosen, also if it votes", () => {
    const { announcers = [] } = chosen({ bgp: one }, unknown([first])) ?? {};
    assert.ok(announcers.length === 1 && !announcers.includes(first), String(announcers));
  });

  it("keeps what it has", () => {
    assert.deepEqual(chosen({ bgp: two, announcers: others.slice(0, 2) }, unknown(names)), {
      announcers: others.slice(0, 2),
    });
    assert.deepEqual(chosen({}, unknown(names)), {});
  });
});

describe("a node that is drained", () => {
  const drainedAs = (liveness: Liveness): Candidate => ({ ...draining(first), liveness });
  const rest = others.map((name) => candidate(name));

  it("is forgotten when it dies before it is done", () => {
    const before = [first, others[0] ?? ""].toSorted();
    const living = chosen({ bgp: one, announcers: before }, { candidates: [drainedAs("alive"), ...rest] });
    assert.ok(living?.announcers?.includes(first));
    const dead = chosen({ bgp: one, announcers: before }, { candidates: [drainedAs("dead"), ...rest] });
    assert.deepEqual(dead?.announcers, [others[0]]);
  });
});

describe("a node whose sessions are down", () => {
  const times = (mute: readonly string[], steady: readonly string[]): { readonly sessions: SessionTimes } => ({
    sessions: {
      mute: new Set(mute.map((name) => sessionKey(name, "tor"))),
      steady: new Set(steady.map((name) => sessionKey(name, "tor"))),
    },
  });

  it("is not chosen while another's is up", () => {
    const { announcers = [] } = chosen({ bgp: one }, times([first], [])) ?? {};
    assert.ok(announcers.length === 1 && !announcers.includes(first), String(announcers));
  });

  it("gives what it has to one that is steady, and takes nothing back", () => {
    const { announcers = [] } = chosen({ bgp: one, announcers: [first] }, times([first], others)) ?? {};
    assert.ok(announcers.length === 1 && !announcers.includes(first), String(announcers));
    assert.deepEqual(chosen({ bgp: one, announcers }, times([], names))?.announcers, announcers);
  });

  it("keeps it while nobody's is steady: the first to come back after an outage does not get everything", () => {
    assert.deepEqual(chosen({ bgp: one, announcers: [first] }, times(names, []))?.announcers, [first]);
    assert.deepEqual(chosen({ bgp: one, announcers: [first] }, times([first], []))?.announcers, [first]);
  });

  it("counts by the sessions that would hear of the address", () => {
    const uplink = { matchLabels: { uplink: "a" } };
    const view = { peers: [peer(), peer({ name: "a", labels: { uplink: "a" } })], ...times([first], others) };
    const all = chosen({ bgp: one, announcers: [first] }, view);
    const chosenPeer = chosen({ bgp: { ...one, peerSelector: uplink }, announcers: [first] }, view);
    assert.deepEqual([all?.announcers, chosenPeer?.announcers], [[first], [first]]);
  });

  it("is the last that a larger number takes", () => {
    const { announcers = [] } = chosen({ bgp: { nodes: { count: 3 } } }, times([first], [])) ?? {};
    assert.deepEqual(announcers, others);
    assert.deepEqual(chosen({ bgp: { nodes: { count: 4 } } }, times([first], []))?.announcers, names);
  });
});

describe("a node whose session tells nothing of a family", () => {
  const steady = new Set(names.map((name) => sessionKey(name, "tor")));
  const silentOf = (family: 4 | 6, silent: readonly string[], peers = [peer()]) => ({
    peers,
    sessions: { mute: new Set(silent.map((name) => sessionKey(name, "tor", family))), steady },
  });
  const rows: readonly (readonly [what: string, goes: boolean, view: Partial<AnnouncerView>])[] = [
    ["gives an address of that family to one that does", true, silentOf(4, [first])],
    ["keeps one of the other family", false, silentOf(6, [first])],
    ["keeps it where nobody does", false, silentOf(4, names)],
    ["keeps it where another router hears of it", false, silentOf(4, [first], [peer(), peer({ name: "spine" })])],
  ];
  for (const [what, goes, view] of rows)
    it(what, () => {
      const { announcers = [] } = chosen({ bgp: one, announcers: [first] }, view) ?? {};
      assert.deepEqual([announcers.length, announcers.includes(first)], [1, !goes]);
    });
});

describe("a node that lacks the address from which a peer is spoken to", () => {
  const peers = [peer({ sourceAddress: address("10.0.0.1") })];

  it("does not announce what only that peer would hear", () => {
    const candidates = names.map((name) =>
      candidate(name, { node: clusterNode(name, { addresses: name === "node2" ? addresses("10.0.0.1") : [] }) }),
    );
    assert.deepEqual(chosen({ bgp: two }, { candidates, peers })?.announcers, ["node2"]);
    assert.match(chosen({}, { peers })?.misplaced?.message ?? "", /^no BGPPeer hears of the address from node1/);
  });
});

describe("a node that is closed", () => {
  const closed = some(["node2"], { closed: "Cordoned" });

  it("is left out of what every other node announces", () => {
    assert.deepEqual(chosen({}, closed), { announcers: ["node1", "node3", "node4"] });
    assert.deepEqual(chosen({ trafficPolicy: "Local" }, closed), { announcers: ["node1", "node3", "node4"] });
  });

  it("is left out in the same words whether the others live or not, as long as one does", () => {
    const [node1, , ...rest] = some(["node1"], { liveness: "dead" }).candidates;
    const node2 = candidate("node2", { closed: "OutOfService" });
    assert.ok(node1);
    assert.deepEqual(chosen({}, { candidates: [node1, node2, ...rest] }), { announcers: ["node1", "node3", "node4"] });
    const dead = some(["node1", "node3", "node4"], { liveness: "dead" }).candidates;
    const alone = chosen({}, { candidates: dead.map((each) => (each.vipNode.name === "node2" ? node2 : each)) });
    assert.equal(alone?.announcers, undefined);
  });

  it("keeps an address of policy Local while nobody else has an endpoint that is ready", () => {
    const vip = { trafficPolicy: "Local", readySeen: true, announcers: ["node2"] } as const;
    assert.deepEqual(chosen(vip, { ...closed, ranks: endpoints("node2 ready") })?.announcers, ["node2"]);
    const ranks = endpoints("node2 ready", "node3 ready");
    assert.deepEqual(chosen(vip, { ...closed, ranks })?.announcers, ["node3"]);
  });

  it("changes nothing once it is dead", () => {
    assert.deepEqual(chosen({}, some(["node2"], { closed: "Cordoned", liveness: "dead" })), {});
  });
});

describe("policy Local before its announcers are named", () => {
  it("begins with every node that has a ready endpoint, known to live or not: all of them announce by then", () => {
    const candidates = names.map((name) => candidate(name, { liveness: "unknown" }));
    const ranks = endpoints("node2 ready", "node3 ready");
    assert.deepEqual(chosen({ trafficPolicy: "Local" }, { candidates, ranks })?.announcers, ["node2", "node3"]);
  });
});

it("a plan in which everybody may stay costs far less than the first one", () => {
  const many = Array.from({ length: 100 }, (_, i) => `worker${i}`);
  const view = {
    candidates: many.map((name) => candidate(name, { vipNode: vipNode(name), node: clusterNode(name) })),
  };
  const vips = Array.from({ length: 3_000 }, (_, i) => routedVip(`10.1.${i >> 8}.${i & 255}`, { bgp: two }));
  const timed = (given: typeof vips): readonly [made: ReadonlyMap<string, Announcers>, leastMs: number] => {
    const runs = [1, 2, 3, 4].map(() => {
      const startMs = performance.now();
      return [plan({ ...view, vips: given }), performance.now() - startMs] as const;
    });
    return [runs[0]?.[0] ?? assert.fail(), Math.min(...runs.map(([, ms]) => ms))];
  };
  const [made, firstMs] = timed(vips);
  const held = vips.map((vip) => ({ ...vip, announcers: made.get(addressKey(vip.address))?.announcers ?? [] }));
  const [again, againMs] = timed(held);
  assert.deepEqual(again, made);
  assert.ok(againMs < firstMs / 3, `${againMs} ms after ${firstMs} ms`);
});
