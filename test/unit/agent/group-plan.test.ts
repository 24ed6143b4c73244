import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Departed,
  departedMembers,
  departedMs,
  type Others,
  planGroups,
  type ToldGroups,
} from "../../../src/agent/group-plan.ts";
import type { NodeView } from "../../../src/agent/plan.ts";
import type { Endpoint } from "../../../src/agent/ports.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import { address, group, prefix } from "../../support/builders.ts";

const { name } = group([]);
const departed = (...all: readonly (readonly [node: string, sinceMs: number])[]): Departed =>
  new Map([[name, all.map(([node, sinceMs]) => ({ node, sinceMs }))]]);

describe("Rule 21: who left a group's list", () => {
  const cases: readonly { what: string; before: readonly string[]; known: Departed; now: Group; want: Departed }[] = [
    {
      what: "is known from then on",
      before: ["a", "b", "c"],
      known: departed(),
      now: group(["a"]),
      want: departed(["b", 1_000_000], ["c", 1_000_000]),
    },
    {
      what: "is known still, by the time at which it left",
      before: ["a"],
      known: departed(["b", 500_000]),
      now: group(["a"]),
      want: departed(["b", 500_000]),
    },
    {
      what: "is known no more after 10 minutes",
      before: ["a"],
      known: departed(["b", 1_000_000 - departedMs], ["c", 1_000_001 - departedMs]),
      now: group(["a"]),
      want: departed(["c", 1_000_001 - departedMs]),
    },
    {
      what: "is a member again once it is back",
      before: ["a"],
      known: departed(["b", 500_000]),
      now: group(["a", "b"]),
      want: departed(),
    },
    {
      what: "stays known while a forced list counts",
      before: ["a"],
      known: departed(["b", 500_000]),
      now: group(["a"], { forced: true }),
      want: departed(["b", 1_000_000]),
    },
    {
      what: "is nobody where there was no list",
      before: [],
      known: new Map(),
      now: group(["a"]),
      want: departed(),
    },
  ];
  for (const { what, before, known, now, want } of cases)
    it(what, () => {
      const lists = new Map([[name, before]]);
      assert.deepEqual(departedMembers([now], { lists, departed: known }, 1_000_000), want);
    });

  it("of another group is not known of this one, and of a group that is gone nobody is", () => {
    const other = group(["a"], { name: "other" });
    const before = { lists: new Map([[name, ["a", "b"]]]), departed: departed(["c", 900_000]) };
    assert.deepEqual(departedMembers([other], before, 1_000_000), new Map([["other", []]]));
  });
});

describe("The speaker is told of a group", () => {
  const endpointOf = (last: number): Endpoint => ({
    addresses: [address(`192.168.50.${last}`)],
    port: 7474,
    key: `key${last}`,
    macs: [],
  });
  const endpoints = new Map([
    ["b", endpointOf(12)],
    ["c", endpointOf(13)],
    ["elsewhere", { ...endpointOf(0), addresses: [address("10.0.0.1")] }],
  ]);
  const view = (groups: readonly Group[]): NodeView => ({
    node: "a",
    advertisements: [],
    groups,
    interfaces: [
      { name: "eth0", mac: "02:00:00:00:00:01", up: true, subnets: [prefix("192.168.50.11/24")], defaultRoute: true },
    ] as unknown as NodeView["interfaces"],
    held: new Map(),
    announcedBefore: new Set(),
    resting: new Set(),
    drain: false,
  });
  const peersOf = (groups: readonly Group[], others: Others): readonly string[] =>
    planGroups(view(groups), others, new Map()).flatMap((change) =>
      change.kind === "group" ? change.peers.map(({ node }) => node) : [],
    );

  it("with its members first, and then those who left it, where they are known to be on its LAN", () => {
    const left = departed(["c", 0], ["elsewhere", 0], ["unknown", 0]);
    assert.deepEqual(peersOf([group(["a", "b"])], { endpoints, departed: left }), ["b", "c"]);
    assert.deepEqual(peersOf([group(["a", "b"])], { endpoints, departed: new Map() }), ["b"]);
  });

  it("with each of them once, and without this node", () => {
    assert.deepEqual(peersOf([group(["a", "c"])], { endpoints, departed: departed(["c", 0], ["a", 0]) }), ["c"]);
  });

  it("again when somebody has left it, or has left long enough ago, and not else", () => {
    const groups = [group(["a", "b"])];
    const left = { endpoints, departed: departed(["c", 0]) };
    const told: ToldGroups = new Map(
      planGroups(view(groups), left, new Map()).flatMap((change) =>
        change.kind === "group" ? [[change.name, change] as const] : [],
      ),
    );
    assert.deepEqual(planGroups(view(groups), { ...left, departed: departed(["c", 5]) }, told), []);
    assert.equal(planGroups(view(groups), { ...left, departed: departed() }, told).length, 1);
  });
});
