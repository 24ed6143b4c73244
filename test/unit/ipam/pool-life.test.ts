import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { addresses, pool, reservation, type service, sharingTerms } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const gold = { matchLabels: { tier: "gold" } };

const shares = (port: number): Changes => ({ terms: sharingTerms({ ports: [`TCP/${port}`] }) });

/** Services of every kind, settled in a pool `public` of both families. */
function inhabited(): World {
  return new World(pool({ addresses: ["192.0.2.0/28", "2001:db8::/124"] }))
    .put("shop/web")
    .put("shop/six", { ipFamilies: [6] })
    .put("blog/dual", { ipFamilies: [6, 4], ipFamilyPolicy: "RequireDualStack" })
    .put("blog/asks", { asks: { addresses: addresses("192.0.2.9") } })
    .put("blog/names", { asks: { pools: ["public"] } })
    .put("blog/two", { asks: { addresses: addresses("192.0.2.12", "192.0.2.13") } })
    .put("shop/first", shares(80))
    .put("shop/second", shares(81))
    .settle();
}

const everyone = [
  "shop/web",
  "shop/six",
  "blog/dual",
  "blog/asks",
  "blog/names",
  "blog/two",
  "shop/first",
  "shop/second",
];

const held = (world: World): ReadonlyMap<string, readonly string[]> =>
  new Map(everyone.map((key) => [key, world.addresses(key)]));

const both = ["192.0.2.0/28", "2001:db8::/124"];

const edits: readonly { readonly name: string; readonly pools: readonly Pool[]; readonly reason: string }[] = [
  { name: "is paused", pools: [pool({ addresses: both, paused: true })], reason: "Allocated" },
  { name: "is automatic no more", pools: [pool({ addresses: both, automatic: false })], reason: "Allocated" },
  { name: "gives in another order", pools: [pool({ addresses: both, order: "Descending" })], reason: "Allocated" },
  { name: "grows", pools: [pool({ addresses: ["192.0.2.0/24", "2001:db8::/112"] })], reason: "Allocated" },
  { name: "shrinks", pools: [pool({ addresses: ["192.0.2.15"] })], reason: "OutsidePool" },
  {
    name: "excludes what is held",
    pools: [pool({ addresses: both, exclude: ["192.0.2.0/29"] })],
    reason: "OutsidePool",
  },
  { name: "moves elsewhere", pools: [pool({ addresses: ["10.0.0.0/24"] })], reason: "OutsidePool" },
  {
    name: "selects other namespaces",
    pools: [pool({ addresses: both, services: { namespaces: new Set(["other"]) } })],
    reason: "OutsidePool",
  },
  {
    name: "selects other labels",
    pools: [pool({ addresses: both, services: { serviceSelector: gold } })],
    reason: "OutsidePool",
  },
  { name: "is deleted, or invalid", pools: [], reason: "OutsidePool" },
  {
    name: "is deleted while another is there",
    pools: [pool({ name: "other", addresses: ["10.0.0.0/24"], priority: 9 })],
    reason: "OutsidePool",
  },
  { name: "is renamed", pools: [pool({ name: "renamed", addresses: both })], reason: "Allocated" },
  {
    name: "is split in two by address",
    pools: [
      pool({ name: "low", addresses: ["192.0.2.0/29", "2001:db8::/125"] }),
      pool({ name: "high", addresses: ["192.0.2.8/29", "2001:db8::8/125"] }),
    ],
    reason: "Allocated",
  },
  {
    name: "gets a neighbour of higher priority with the same addresses",
    pools: [pool({ addresses: both }), pool({ name: "twin", addresses: both, priority: 9 })],
    reason: "Allocated",
  },
  { name: "allows a namespace only one", pools: [pool({ addresses: both, perNamespace: 1 })], reason: "Allocated" },
  {
    name: "reserves what is held for others",
    pools: [
      pool({ addresses: both, reservations: [reservation("192.0.2.0", "a/b"), reservation("2001:db8::", "a/b")] }),
    ],
    reason: "Allocated",
  },
];

describe("nothing that is held moves when its pool", () => {
  for (const { name, pools, reason } of edits)
    it(name, () => {
      const world = inhabited();
      const before = held(world);
      world.pools = pools;
      assert.deepEqual(held(world.settle()), before);
      assert.equal(world.plan.outcomes.get("shop/web")?.allocated.reason, reason);
      assert.equal(world.reason("shop/web").startsWith("True"), true);
      world.pools = [pool({ addresses: both })];
      assert.deepEqual(held(world.settle()), before);
      assert.equal(world.reason("shop/web"), "True Allocated");
    });

  it("is edited in any of these ways one after the other", () => {
    const world = inhabited();
    const before = held(world);
    for (const { name, pools } of edits) {
      world.pools = pools;
      assert.deepEqual(held(world.settle()), before, name);
    }
  });
});

describe("what a Service is told when its pool", () => {
  const said = (pools: readonly Pool[], key = "shop/web"): string => {
    const world = inhabited();
    world.pools = pools;
    return world.settle().message(key);
  };

  it("is deleted", () => assert.equal(said([]), "192.0.2.0 is kept, though no valid pool is called public"));

  it("no longer gives the address", () =>
    assert.equal(
      said([pool({ addresses: ["192.0.2.15"] })]),
      "192.0.2.0 is kept, though pool public no longer gives it",
    ));

  it("no longer selects it", () =>
    assert.equal(
      said([pool({ addresses: both, services: { namespaces: new Set(["blog"]) } })]),
      "192.0.2.0 is kept, though pool public does not select namespace shop",
    ));

  it("is renamed: from which pool the address is now", () =>
    assert.equal(said([pool({ name: "renamed", addresses: both })]), "192.0.2.0 from pool renamed"));

  it("is renamed though the Service names it: that it is kept", () =>
    assert.equal(
      said([pool({ name: "renamed", addresses: both })], "blog/names"),
      "192.0.2.2 is kept, though no valid pool is called public",
    ));
});

describe("what is announced and counted follows the pool", () => {
  it("when it is renamed: the ledger names the new one", () => {
    const world = new World(pool()).put("shop/web").settle();
    world.pools = [pool({ name: "renamed" })];
    assert.deepEqual(deeds(world.step()), ["192.0.2.0 revised"]);
    assert.deepEqual(
      [...world.ledger.values()].map((each) => each.pool),
      ["renamed"],
    );
    assert.equal(poolReports(world.snapshot()).get("renamed")?.ipv4?.allocated, 1);
  });

  it("when its announcement is another, also for what it no longer gives", () => {
    const announcement = { arp: { interfaces: ["eth9"], mode: "Responder", conflictCheck: "On" } } as const;
    const world = new World(pool()).put("shop/web").settle();
    world.pools = [pool({ addresses: ["10.0.0.0/8"], announcement })];
    assert.deepEqual(deeds(world.step()), ["192.0.2.0 revised"]);
    assert.deepEqual(
      [...world.ledger.values()].map((each) => each.announcement),
      [announcement],
    );
  });

  it("not when two sharers name two pools that overlap: the first of them decides, and it stays so", () => {
    const world = new World(pool({ name: "one" }), pool({ name: "two" }))
      .put("shop/a", { ...shares(80), asks: { pools: ["two"] } })
      .put("shop/b", { ...shares(81), asks: { pools: ["one"] } })
      .settle();
    assert.deepEqual(
      [...world.ledger.values()].map((each) => [each.pool, each.services.length]),
      [["two", 2]],
    );
  });
});

describe("a Service that comes after", () => {
  it("a pool was paused waits with its name, and gets an address once it is not", () => {
    const world = inhabited();
    world.pools = [pool({ addresses: both, paused: true })];
    assert.equal(world.put("shop/late").settle().reason("shop/late"), "False PoolPaused");
    assert.equal(world.message("shop/late"), "pool public is paused");
    world.pools = [pool({ addresses: both })];
    assert.equal(world.settle().reason("shop/late"), "True Allocated");
  });

  it("a pool was shrunk does not get what others keep outside it", () => {
    const world = new World(pool({ addresses: ["192.0.2.1-192.0.2.2"] })).put("shop/a").put("shop/b").settle();
    world.pools = [pool({ addresses: ["192.0.2.2"] })];
    assert.equal(world.put("shop/late").settle().message("shop/late"), "pool public: 1 of 1 allocated");
  });

  it("a pool was deleted and made anew gets what is left", () => {
    const world = new World(pool({ addresses: ["192.0.2.1-192.0.2.2"] })).put("shop/a").settle();
    world.pools = [];
    world.settle().pools = [pool({ addresses: ["192.0.2.1-192.0.2.2"], uid: "uid-anew" })];
    assert.deepEqual(world.put("shop/late").settle().addresses("shop/late"), ["192.0.2.2"]);
  });

  it("a pool was given to other namespaces leaves those who have addresses theirs, and gets none", () => {
    const world = inhabited();
    world.pools = [pool({ addresses: both, services: { namespaceSelector: gold } })];
    assert.equal(world.put("shop/late").settle().reason("shop/late"), "False NamespaceNotSelected");
    world.namespaces.set("shop", { tier: "gold" });
    assert.equal(world.settle().reason("shop/late"), "True Allocated");
  });
});
