import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { AddressStates } from "../../../src/controller/address-states.ts";
import { advertisementStatus, isMinor } from "../../../src/controller/advertisement-status.ts";
import { isAnnounced } from "../../../src/controller/node-reports.ts";
import { namesOf, RouteBook } from "../../../src/controller/routed-states.ts";
import { advertisement, noonMs, service } from "../../support/builders.ts";
import { groups, type Node, onBoth, report, rightsOf, stateOf, text, up } from "./routed-scene.ts";

type Case = {
  readonly name: string;
  readonly nodes: Readonly<Record<string, Node>>;
  readonly is?: Partial<Advertisement>;
  readonly want: readonly [holder: string, routers: readonly string[], reason: string, message: string];
};

const cases: readonly Case[] = [
  {
    name: "S103: every node whose router was told announces it",
    nodes: { n2: up, n1: up, n3: {} },
    want: ["n1", ["n1", "n2"], "Announced", `n1 and n2 announce ${text} by BGP`],
  },
  {
    name: "the one that is called holder stays so while it announces",
    nodes: { n1: up, n2: up },
    is: { status: { ...advertisement(text).status, holder: "n2" } },
    want: ["n2", ["n1", "n2"], "Announced", `n1 and n2 announce ${text} by BGP`],
  },
  {
    name: "S104: a lost node's word counts no more, the others announce it",
    nodes: { n1: { ...up, liveness: "dead" }, n2: up },
    want: ["n2", ["n2"], "Announced", `n2 announces ${text} by BGP`],
  },
  {
    name: "a node that shall not announce it is not believed",
    nodes: { n1: up, n2: { session: "Established" } },
    is: { announcers: ["n2"] },
    want: ["", [], "NotYetAnnounced", "n2 told no router of it yet"],
  },
  {
    name: "one that did until now still is",
    nodes: { n1: up, n2: {} },
    is: { announcers: ["n2"], status: { ...advertisement(text).status, holder: "n1", holders: ["n1"] } },
    want: ["n1", ["n1"], "Announced", `n1 announces ${text} by BGP`],
  },
  {
    name: "without an established session that is the reason",
    nodes: { n1: { session: "Active" }, n2: { session: "Idle" } },
    want: ["", [], "NoSession", "n1 and n2 have no established BGP session with a router that is to hear of it"],
  },
  {
    name: "without agents that is the reason",
    nodes: { n1: { liveness: "dead", session: "Established" } },
    is: { announcers: ["n1"] },
    want: ["", [], "NodeDown", "the agent on n1 does not run"],
  },
  {
    name: "an announcer that refuses it says why",
    nodes: { n1: { refuses: "node n1 is being drained" } },
    is: { announcers: ["n1"] },
    want: ["", [], "Draining", "n1: node n1 is being drained"],
  },
  {
    name: "with an empty list nobody may",
    nodes: { n1: up },
    is: { announcers: [] },
    want: ["", [], "NoEligibleNode", "no node may announce it at present"],
  },
  {
    name: "in both ways: both are said",
    nodes: { n1: { ...up, answers: true }, n2: up },
    is: onBoth,
    want: ["n1", ["n1", "n2"], "Announced", `n1 answers for ${text}; n1 and n2 announce it by BGP`],
  },
  {
    name: "in both ways: on the LAN alone is enough",
    nodes: { n1: { answers: true, session: "Active" } },
    is: onBoth,
    want: ["n1", [], "Announced", `n1 answers for ${text}`],
  },
  {
    name: "in both ways: by BGP alone is enough",
    nodes: { n1: {}, n2: up },
    is: onBoth,
    want: ["", ["n2"], "Announced", `n2 announces ${text} by BGP`],
  },
  {
    name: "in both ways: a node that is believed by BGP is not believed on the LAN for that",
    nodes: { n1: {}, n2: { ...up, answers: true } },
    is: onBoth,
    want: ["", ["n2"], "Announced", `n2 announces ${text} by BGP`],
  },
  {
    name: "in both ways: neither says why of both",
    nodes: { n1: { session: "Active" } },
    is: onBoth,
    want: [
      "",
      [],
      "NotYetAnnounced",
      "on the LAN: n1 has not announced it yet; by BGP: n1 has no established BGP session with a router that is to hear of it",
    ],
  },
  {
    name: "in both ways: what a node refuses on the LAN is said of the LAN alone",
    nodes: { n1: { session: "Active", refuses: "eth0 is down", reason: "InterfaceDown" } },
    is: onBoth,
    want: [
      "",
      [],
      "InterfaceDown",
      "on the LAN: n1: eth0 is down; by BGP: n1 has no established BGP session with a router that is to hear of it",
    ],
  },
];

describe("who announces an address by BGP", () => {
  for (const { name, nodes, is, want } of cases)
    it(name, () => {
      const { state } = stateOf(nodes, is);
      assert.deepEqual([state.holder, state.routers, state.reason, state.message], want);
      assert.equal(isAnnounced(state), want[2] === "Announced");
    });

  it("adds why the other way is missing", () => {
    const onLan = stateOf({ n1: { answers: true, session: "Active" } }, onBoth).state;
    assert.equal(onLan.besides, "not by BGP: n1 has no established BGP session with a router that is to hear of it");
    const byBgp = stateOf({ n1: {}, n2: up }, onBoth).state;
    assert.equal(byBgp.besides, "not on the LAN: n1 has not announced it yet");
  });
});

describe("a node that says that it announces what no nodes are named for", () => {
  const everyone = rightsOf({ n1: ["tor"], n2: ["tor"] });
  const some = { n1: up, n2: up, n3: up };

  it("is believed if it may, and not otherwise", () => {
    const { state } = stateOf(some, {}, { rights: () => everyone });
    assert.deepEqual(state.routers, ["n1", "n2"]);
    assert.equal(stateOf({ n3: up }, {}, { rights: () => everyone }).state.reason, "NoSession");
  });

  it("needs no right where it is named", () => {
    const { state } = stateOf(some, { announcers: ["n3"] }, { rights: () => everyone });
    assert.deepEqual(state.routers, ["n3"]);
  });

  it("changes nothing of the state as long as the rights are the same", () => {
    const vip = advertisement(text, { owner: service(), announcement: { bgp: defaultBgp } });
    const reports = new Map(Object.entries(some).map(([name, node]) => [name, report(name, node)]));
    const states = new AddressStates();
    const first = states.at([vip], { reports, groups, rights: () => everyone }, 0).states.get(vip.name);
    assert.equal(states.at([vip], { reports, groups, rights: () => everyone }, 1).states.get(vip.name), first);
    const less = states.at([vip], { reports, groups, rights: () => rightsOf({ n1: ["tor"] }) }, 2).states.get(vip.name);
    assert.deepEqual(less?.routers, ["n1"]);
  });
});

describe("the status of an address", () => {
  it("lists the first 16 that announce it by BGP, sorted, and how it is announced", () => {
    const many = Array.from({ length: 20 }, (_, i) => `n${String(i).padStart(2, "0")}`);
    const { state, vip } = stateOf(Object.fromEntries(many.map((name) => [name, up])));
    const status = advertisementStatus(vip, state, noonMs);
    assert.deepEqual([status?.holder, status?.protocol, status?.holders], ["n00", "BGP", many.slice(0, 16)]);
    assert.match(state.message, /^n00, n01, n02 and 17 more announce/);
  });

  it("names in its gist, which Services take over, nobody who announces it by BGP", () => {
    assert.equal(stateOf({ n1: up, n2: up }).state.gist, `${text} is announced by BGP`);
    assert.equal(
      stateOf({ n1: { ...up, answers: true } }, onBoth).state.gist,
      `n1 answers for ${text}; it is announced by BGP too`,
    );
    assert.equal(stateOf({ n1: { answers: true } }, onBoth).state.gist, undefined);
  });

  it("can wait if only who announces it by BGP is another", () => {
    const before = stateOf({ n1: up, n2: up });
    const status = advertisementStatus(before.vip, before.state, noonMs);
    assert.ok(status);
    const vip = { ...before.vip, status };
    const minor = (nodes: Readonly<Record<string, Node>>, is: Partial<Advertisement> = {}): boolean =>
      isMinor({ ...vip, ...is }, stateOf(nodes, { ...vip, ...is }).state);
    assert.ok(minor({ n2: up, n3: up }));
    assert.ok(!minor({ n1: { session: "Active" } }));
    assert.ok(!minor({ n2: up }, { generation: 2 }));
    assert.ok(!isMinor(before.vip, before.state));
  });

  it("cannot wait if another answers for it on the LAN", () => {
    const before = stateOf({ n1: { ...up, answers: true } }, onBoth);
    const status = advertisementStatus(before.vip, before.state, noonMs);
    assert.ok(status);
    const moved = stateOf({ n2: { ...up, answers: true } }, { ...onBoth, node: "n2", status });
    assert.ok(!isMinor(moved.vip, moved.state));
  });

  it("says nothing new while nothing is", () => {
    const { state, vip } = stateOf({ n1: up, n2: up }, onBoth);
    const status = advertisementStatus(vip, state, noonMs);
    assert.ok(status);
    assert.deepEqual([status.protocol, status.holders], ["ARP+BGP", ["n1", "n2"]]);
    assert.equal(advertisementStatus({ ...vip, status }, state, noonMs + 60_000), undefined);
  });
});

describe("the book of routes", () => {
  it("gives equal lists as the very same array, also the next time", () => {
    const book = new RouteBook();
    const first = book.at(new Map([["n1", report("n1", up)]])).get("192-0-2-1");
    const second = book.at(new Map([["n1", report("n1", up)]])).get("192-0-2-1");
    assert.ok(first);
    assert.equal(first, second);
  });

  it("names few nodes, and counts the rest", () => {
    const said = [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]].map(namesOf);
    assert.deepEqual(said, ["a", "a and b", "a, b and c", "a, b, c and 2 more"]);
  });
});
