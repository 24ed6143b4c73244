import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PoolObject } from "../../../../src/api/ip-pool.ts";
import type { AdvertisementObject } from "../../../../src/api/vip-advertisement.ts";
import { printList } from "../../../../src/cli/output.ts";
import { listing, matches } from "../../../../src/cli/vips/command.ts";
import { type VipRow, vipRows } from "../../../../src/cli/vips/vip-row.ts";
import { terminalStub } from "../terminal-stub.ts";
import { allHear, groupName, type VotingParts, voting } from "../voting-of.ts";

const created = "2026-01-31T12:00:00Z";
const moved = "2026-01-31T13:00:00Z";
const web = { namespace: "shop", name: "web", uid: "u1" };
const api = { namespace: "shop", name: "api", uid: "u2" };
const pools: readonly PoolObject[] = [
  { metadata: { name: "public" }, spec: { addresses: ["192.0.2.0/24"], reuse: { rememberFor: "2h" } } },
];

function vip(
  address: string,
  spec: Partial<AdvertisementObject["spec"]>,
  status: AdvertisementObject["status"] = {},
): AdvertisementObject {
  const name = address.replaceAll(".", "-");
  return {
    metadata: { name, creationTimestamp: created },
    spec: { address, pool: "public", services: [web], ...spec },
    status,
  };
}

const noVoting = voting({});

function condition(type: string, status: "True" | "False", reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: created };
}

const atMs = Date.parse(moved) + 60_000;

function row(object: AdvertisementObject, known = pools, nowMs = atMs): VipRow {
  return vipRows({ advertisements: [object], pools: known, voting: noVoting, nowMs })[0] ?? assert.fail("no row");
}

describe("an address", () => {
  it("that a node answers for is announced since that node has it", () => {
    const history = [{ time: moved, node: "node2" }];
    const { state, holder, since, services } = row(vip("192.0.2.7", {}, { holder: "node2", protocol: "ARP", history }));
    assert.deepEqual([state, holder, since, services], ["announced", "node2", moved, ["shop/web"]]);
  });

  it("that nobody answers for says why, since it was given", () => {
    const conditions = [condition("Announced", "False", "NoEligibleNode", "no node has the LAN")];
    const { state, message, since } = row(vip("192.0.2.7", {}, { conditions }));
    assert.deepEqual([state, message, since], ["pending", "NoEligibleNode: no node has the LAN", created]);
  });

  it("that no agent has looked at yet says so", () =>
    assert.equal(row(vip("192.0.2.7", {})).message, "no agent has reported on it yet"));

  it("that another station has too is a conflict, whoever holds it", () => {
    const conditions = [condition("Conflict", "True", "AddressInUse", "node2: 02:00:00:00:00:09 has it")];
    const { state, message } = row(vip("192.0.2.7", {}, { holder: "node2", conditions }));
    assert.deepEqual([state, message], ["conflict", "node2: 02:00:00:00:00:09 has it"]);
  });

  const released = { ...web, at: moved };
  it("that was released is remembered for its Service until the pool forgets", () => {
    const { state, message, since } = row(vip("192.0.2.7", { services: [], released }));
    assert.deepEqual([state, since], ["remembered", moved]);
    assert.equal(message, "remembered for shop/web until 2026-01-31T15:00:00Z, rests until 2026-01-31T13:05:00Z");
  });

  const ends: readonly { readonly name: string; readonly reuse?: object; readonly minutes: number; want: string }[] = [
    {
      name: "has rested says so no more",
      minutes: 6,
      want: "remembered remembered for shop/web until 2026-01-31T15:00:00Z",
    },
    {
      name: "is remembered by no pool rests",
      reuse: { rememberFor: "0s" },
      minutes: 1,
      want: "cooling rests until 2026-01-31T13:05:00Z",
    },
    { name: "is forgotten is nobody's", minutes: 121, want: "released nobody holds it" },
  ];
  for (const { name, reuse, minutes, want } of ends)
    it(`that ${name}`, () => {
      const known = pools.map(({ metadata, spec }) => ({ metadata, spec: { ...spec, ...(reuse && { reuse }) } }));
      const kept = row(vip("192.0.2.7", { services: [], released }), known, Date.parse(moved) + minutes * 60_000);
      assert.equal(`${kept.state} ${kept.message}`, want);
    });

  it("whose pool is gone is remembered as long as pools do by default", () =>
    assert.match(
      row(vip("192.0.2.7", { services: [], released }), []).message,
      /^remembered for shop\/web until 2026-02-01T13:00:00Z, rests until 2026-01-31T13:05:00Z$/,
    ));

  it("that is remembered for a Service is listed with those of its namespace", () => {
    const kept = row(vip("192.0.2.7", { services: [], released }));
    const inNamespace = (name: string) => matches(kept, new Map([["namespace", [name]]]));
    assert.deepEqual([inNamespace("shop"), inNamespace("blog")], [true, false]);
  });

  it("that nobody holds or held is released", () =>
    assert.equal(row(vip("192.0.2.7", { services: [] })).state, "released"));

  it("that cannot be read is listed all the same", () => {
    const { address, state } = row(vip("192.0.2.777", {}));
    assert.deepEqual([address, state], ["192.0.2.777", "unreadable"]);
  });
});

it("addresses are listed by value, IPv4 first", () => {
  const v6 = { ...vip("2001:db8::7", {}), metadata: { name: "2001-0db8-0000-0000-0000-0000-0000-0007" } };
  const advertisements = [v6, vip("192.0.2.10", {}), vip("192.0.2.9", {})];
  const rows = vipRows({ advertisements, pools, voting: noVoting, nowMs: atMs });
  assert.deepEqual(
    rows.map(({ address }) => address),
    ["192.0.2.9", "192.0.2.10", "2001:db8::7"],
  );
});

it("the list shows how many share an address, and with -o wide which", async () => {
  const shown = async (format: string): Promise<string> => {
    const terminal = terminalStub();
    const rows = [row(vip("192.0.2.7", { services: [web, api], node: "node2" }, { holder: "node2" }))];
    await printList(rows, listing(Date.parse(created) + 60_000), format, terminal);
    return terminal.written.out;
  };
  assert.match(await shown("table"), /192\.0\.2\.7 +public +shop\/web \(\+1\) +node2 +- +1m +announced +-/);
  assert.match(await shown("wide"), /announced +shop\/web,shop\/api +-/);
  assert.equal(await shown("name"), "vipadvertisement.herald.dev/192-0-2-7\n");
});

describe("an address that a group votes on", () => {
  const held = (node: string, holder: string) =>
    vip("192.0.2.7", { group: groupName, node }, { holder, protocol: "ARP" });
  const voted = (
    object: AdvertisementObject,
    hears: Readonly<Record<string, string>>,
    parts: VotingParts = {},
  ): VipRow => {
    const source = { advertisements: [object], pools, voting: voting(hears, parts), nowMs: atMs };
    return vipRows(source)[0] ?? assert.fail("no row");
  };

  it("shows the voters that its holder can count on, and where it is wanted", () => {
    const { votes, group, node, message } = voted(held("node2", "node2"), allHear);
    assert.deepEqual([votes, group, node, message], [{ hear: 3, of: 3 }, groupName, "node2", ""]);
  });

  it("that is wanted elsewhere says where", () =>
    assert.equal(voted(held("node1", "node2"), allHear).message, "wanted on node1"));

  it("that nobody holds has no votes", () => assert.equal(voted(held("node1", ""), allHear).votes, undefined));

  it("shows the votes in a column, and with -o wide the group and the wanted node", async () => {
    const terminal = terminalStub();
    const row = voted(held("node1", "node2"), { ...allHear, node3: "" });
    await printList([row], listing(Date.parse(created)), "wide", terminal);
    const [, line = ""] = terminal.written.out.split("\n");
    assert.match(line, new RegExp(`node2 +2/3 +node1 +${groupName} +ARP `));
  });
});
