import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Announcement, defaultArp } from "../../../src/api/announcement.ts";
import type { Override } from "../../../src/api/announcement-override.ts";
import { type Aggregate, defaultBgp } from "../../../src/api/bgp-announcement.ts";
import type { ServiceAsks } from "../../../src/api/service.ts";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

const web = "shop/web";
const bgp: Announcement = { bgp: defaultBgp };
const aggregated = (aggregate: Partial<Aggregate>): Announcement => ({
  bgp: { ...defaultBgp, aggregate: { ...defaultBgp.aggregate, ...aggregate } },
});
const allowing = (...names: readonly Override[]) => ({ allowOverrides: new Set(names) });
const local = { trafficPolicy: "Local" } as const;

function announcementOf(world: World): Announcement | undefined {
  return [...world.ledger.values()].find(({ services }) => services.length > 0)?.announcement;
}

type Case = {
  readonly name: string;
  readonly asks: ServiceAsks["overrides"];
  readonly allowed: readonly Override[];
  readonly want: Announcement;
  /** What the condition says; absent: nothing of it. */
  readonly says?: string;
};

const cases: readonly Case[] = [
  { name: "nothing is asked", asks: undefined, allowed: ["protocols", "nodes"], want: bgp },
  {
    name: "the protocol is asked for and permitted",
    asks: { protocols: ["arp"] },
    allowed: ["protocols"],
    want: { arp: defaultArp },
  },
  {
    name: "a number of nodes is asked for and permitted",
    asks: { nodes: { count: 2 } },
    allowed: ["nodes"],
    want: { bgp: { ...defaultBgp, nodes: { count: 2 } } },
  },
  {
    name: "neither is permitted",
    asks: { protocols: ["arp"], nodes: { count: 2 } },
    allowed: [],
    want: bgp,
    says: "pool public does not let services override protocols and nodes, so herald.dev/protocols and herald.dev/nodes have no effect; has 192.0.2.0 from pool public",
  },
  {
    name: "one of the two is permitted",
    asks: { protocols: ["arp", "bgp"], nodes: { count: 2 } },
    allowed: ["protocols"],
    want: { arp: defaultArp, bgp: defaultBgp },
    says: "pool public does not let services override nodes, so herald.dev/nodes has no effect; has 192.0.2.0 from pool public",
  },
];

describe("how an address is announced when", () => {
  for (const { name, asks: overrides, allowed, want, says } of cases)
    it(name, () => {
      const world = new World(pool({ announcement: bgp, ...allowing(...allowed) }));
      world.put(web, { asks: overrides ? { overrides } : {} }).settle();
      assert.deepEqual(announcementOf(world), want);
      const said = world.plan.outcomes.get(web)?.allocated;
      assert.deepEqual(
        [said?.status, said?.reason, says === undefined ? undefined : said?.message],
        ["True", says === undefined ? "Allocated" : "RequestRefused", says],
      );
    });
});

describe("what a Service asks of its announcement later", () => {
  const permissive = pool({ announcement: bgp, ...allowing("protocols", "nodes") });

  it("changes how its address is announced, and taking it back changes that back", () => {
    const world = new World(permissive).put(web).settle();
    world.put(web, { asks: { overrides: { nodes: { count: 3 } } } }).settle();
    assert.deepEqual(announcementOf(world)?.bgp?.nodes, { count: 3 });
    world.put(web, { asks: {} }).settle();
    assert.deepEqual(announcementOf(world), bgp);
  });

  it("leaves it as it is while what is asked cannot be read", () => {
    const world = new World(permissive).put(web, { asks: { overrides: { nodes: { count: 3 } } } }).settle();
    const problems = [{ path: 'metadata.annotations["herald.dev/nodes"]', message: "is no number" }];
    world.put(web, { asks: { problems } }).settle();
    assert.deepEqual(announcementOf(world)?.bgp?.nodes, { count: 3 });
  });

  it("has no effect any more once the pool forbids it, and the condition says so", () => {
    const world = new World(permissive).put(web, { asks: { overrides: { nodes: { count: 3 } } } }).settle();
    world.pools = [pool({ announcement: bgp })];
    world.settle();
    assert.deepEqual(announcementOf(world), bgp);
    assert.equal(world.plan.outcomes.get(web)?.allocated.reason, "RequestRefused");
  });
});

describe("an aggregate and traffic policy Local", () => {
  type Refused = { readonly name: string; readonly aggregate: Partial<Aggregate>; readonly refused: boolean };
  const families: readonly Refused[] = [
    { name: "a prefix of the address's family is refused", aggregate: { ipv4: 24 }, refused: true },
    { name: "a prefix of the other family is not", aggregate: { ipv6: 64 }, refused: false },
    { name: "single addresses are not", aggregate: {}, refused: false },
  ];
  for (const { name, aggregate, refused } of families)
    it(name, () => {
      const world = new World(pool({ announcement: aggregated(aggregate) })).put(web, local).settle();
      assert.equal(world.addresses(web).length, refused ? 0 : 1);
      const reason = world.plan.outcomes.get(web)?.allocated.reason;
      assert.equal(reason, refused ? "AggregateWithLocal" : "Allocated");
    });

  it("under policy Cluster nothing is refused", () => {
    const world = new World(pool({ announcement: aggregated({ ipv4: 24 }) })).put(web).settle();
    assert.equal(world.addresses(web).length, 1);
  });

  it("another pool gives the address instead", () => {
    const world = new World(pool({ announcement: aggregated({ ipv4: 24 }), priority: 1 }));
    world.pools = [...world.pools, pool({ name: "single", addresses: ["198.51.100.0/24"], announcement: bgp })];
    assert.deepEqual(world.put(web, local).settle().addresses(web), ["198.51.100.0"]);
  });

  it("an address that is asked for is refused in the same words", () => {
    const world = new World(pool({ announcement: aggregated({ ipv4: 24 }) }));
    world.put(web, { ...local, asks: { addresses: addresses("192.0.2.9") } }).settle();
    assert.equal(world.reason(web), "False AggregateWithLocal");
  });

  it("a Service that is announced on the LAN by permission gets one", () => {
    const given = pool({ announcement: aggregated({ ipv4: 24 }), ...allowing("protocols") });
    const world = new World(given).put(web, { ...local, asks: { overrides: { protocols: ["arp"] } } });
    assert.equal(world.settle().addresses(web).length, 1);
  });

  it("what is held stays, and the condition says what is odd", () => {
    const world = new World(pool({ announcement: aggregated({ ipv4: 24 }) })).put(web).settle();
    const held = world.addresses(web);
    world.put(web, local).settle();
    assert.deepEqual(world.addresses(web), held);
    const said = world.plan.outcomes.get(web)?.allocated;
    assert.deepEqual([said?.status, said?.reason], ["True", "OutsidePool"]);
    assert.match(said?.message ?? "", /announces whole \/24/);
  });
});
