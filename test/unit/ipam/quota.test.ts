import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConditionState } from "../../../src/api/condition.ts";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { addresses, noReuse, pool, type service, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const limited = (perNamespace: number, changes: Parameters<typeof pool>[0] = {}): Pool =>
  pool({ addresses: ["192.0.2.1-192.0.2.9", "2001:db8::1-2001:db8::9"], reuse: noReuse, perNamespace, ...changes });

const dual = (ipFamilyPolicy: "PreferDualStack" | "RequireDualStack"): Changes => ({
  ipFamilies: [4, 6],
  ipFamilyPolicy,
});

const asking = (...texts: readonly string[]): Changes => ({ asks: { addresses: addresses(...texts) } });

const shares = (port: number, namespaces: readonly string[] = []): Changes => ({
  terms: sharingTerms({ ports: [`TCP/${port}`], namespaces }),
});

const exceeded = (world: World, name = "public"): ConditionState | undefined =>
  poolReports(world.snapshot())
    .get(name)
    ?.conditions.find(({ type }) => type === "LimitsExceeded");

const held = (world: World, ...keys: readonly string[]): readonly (readonly string[])[] =>
  keys.map((key) => world.addresses(key));

describe("limits.perNamespace", () => {
  it("is for each namespace by itself, and the refusal has the numbers", () => {
    const world = new World(limited(2));
    for (const key of ["shop/a", "shop/b", "shop/c", "blog/a"]) world.put(key);
    world.settle();
    assert.deepEqual(held(world, "shop/a", "shop/b", "blog/a"), [["192.0.2.1"], ["192.0.2.2"], ["192.0.2.3"]]);
    assert.equal(world.reason("shop/c"), "False QuotaExceeded");
    assert.equal(world.message("shop/c"), "pool public: namespace shop holds 2 of at most 2 addresses");
    assert.equal(exceeded(world)?.reason, "WithinLimits");
  });

  it("counts both families", () => {
    const world = new World(limited(2))
      .put("shop/a")
      .put("shop/b", { ipFamilies: [6] })
      .put("shop/c", { ipFamilies: [6] });
    assert.equal(world.settle().reason("shop/c"), "False QuotaExceeded");
  });

  it("leaves room for one of two: PreferDualStack has the first and is told, RequireDualStack has none", () => {
    const prefers = new World(limited(2)).put("shop/a").put("shop/b", dual("PreferDualStack")).settle();
    assert.deepEqual(prefers.addresses("shop/b"), ["192.0.2.2"]);
    assert.match(prefers.message("shop/b"), /namespace shop holds 2 of at most 2 addresses/);
    const requires = new World(limited(2)).put("shop/a").put("shop/b", dual("RequireDualStack")).settle();
    assert.equal(requires.reason("shop/b"), "False QuotaExceeded");
    assert.deepEqual(requires.addresses("shop/b"), []);
  });

  it("of 1 is no room for RequireDualStack of one pool, but for that of two", () => {
    const six = pool({ name: "six", addresses: ["2001:db8:6::/112"] });
    assert.equal(
      new World(limited(1)).put("shop/a", dual("RequireDualStack")).settle().reason("shop/a"),
      "False QuotaExceeded",
    );
    const world = new World(limited(1), six).put("shop/a", dual("RequireDualStack")).settle();
    assert.deepEqual(world.addresses("shop/a"), ["192.0.2.1", "2001:db8:6::"]);
  });

  it("leaves its last place to the family that no other pool has", () => {
    const four = pool({ name: "four", addresses: ["10.0.0.1"], priority: -1 });
    const world = new World(limited(1), four).put("shop/a", dual("RequireDualStack")).settle();
    assert.deepEqual(world.addresses("shop/a"), ["10.0.0.1", "2001:db8::1"]);
  });

  it("sends the next Service to the next pool", () => {
    const next = pool({ name: "next", addresses: ["10.0.0.1"], priority: -1 });
    const world = new World(limited(1), next).put("shop/a").put("shop/b").settle();
    assert.deepEqual(held(world, "shop/a", "shop/b"), [["192.0.2.1"], ["10.0.0.1"]]);
  });

  it("is for asks too, of which several are given together or not at all", () => {
    const world = new World(limited(1)).put("shop/a", asking("192.0.2.1", "192.0.2.2")).settle();
    assert.equal(world.reason("shop/a"), "False QuotaExceeded");
    assert.match(world.message("shop/a"), /^192\.0\.2\.2: pool public: namespace shop holds 1 of at most 1 addresses$/);
    assert.deepEqual(world.held(), []);
  });

  it("refuses a Service that asks for another address while it holds one: both count until it has moved", () => {
    const world = new World(limited(1)).put("shop/a").settle().put("shop/a", asking("192.0.2.7")).settle();
    assert.equal(world.reason("shop/a"), "True RequestRefused");
    assert.deepEqual(world.addresses("shop/a"), ["192.0.2.1"]);
  });

  it("counts an address for the pool that it came from, also where another one gives it", () => {
    const overlapping = limited(1, { name: "other" });
    const world = new World(limited(1), overlapping).put("shop/a", { asks: { pools: ["public"] } });
    world.put("shop/b", { asks: { pools: ["other"] } }).settle();
    assert.deepEqual(held(world, "shop/a", "shop/b"), [["192.0.2.1"], ["192.0.2.2"]]);
  });
});

describe("a shared address", () => {
  it("counts once, for the namespace of the Service that had it first", () => {
    const world = new World(limited(1)).put("shop/a", shares(80, ["blog"])).put("blog/b", shares(81, ["shop"]));
    world.put("blog/c").put("shop/d").settle();
    assert.deepEqual(held(world, "shop/a", "blog/b", "blog/c"), [["192.0.2.1"], ["192.0.2.1"], ["192.0.2.2"]]);
    assert.equal(world.reason("shop/d"), "False QuotaExceeded");
  });

  it("is joined by a namespace that has all it may", () => {
    const world = new World(limited(1))
      .put("shop/a", shares(80, ["blog"]))
      .put("blog/x")
      .settle();
    assert.deepEqual(
      world
        .put("blog/b", shares(81, ["shop"]))
        .settle()
        .addresses("blog/b"),
      ["192.0.2.1"],
    );
  });

  it("counts for the next one's namespace once the first has left, which may overshoot, and nobody loses anything", () => {
    const world = new World(limited(1))
      .put("shop/a", shares(80, ["blog"]))
      .put("blog/b", shares(81, ["shop"]))
      .put("blog/c");
    world.settle().remove("shop/a").settle();
    assert.deepEqual(held(world, "blog/b", "blog/c"), [["192.0.2.1"], ["192.0.2.2"]]);
    assert.deepEqual([exceeded(world)?.status, exceeded(world)?.reason], ["True", "OverLimit"]);
    assert.equal(exceeded(world)?.message, "of 1: blog holds 2");
  });
});

describe("a limit that is exceeded", () => {
  it("because it was set or lowered takes nothing away, says who, and gives nothing more", () => {
    const world = new World(limited(3));
    for (const key of ["shop/a", "shop/b", "shop/c", "blog/a", "blog/b"]) world.put(key);
    const before = [...world.settle().held()];
    world.pools = [limited(1)];
    assert.deepEqual(world.put("shop/d").settle().held(), before);
    assert.equal(exceeded(world)?.message, "of 1: blog holds 2, shop holds 3");
    assert.equal(world.message("shop/d"), "pool public: namespace shop holds 3 of at most 1 addresses");
    world.remove("shop/a", "shop/b", "blog/b").settle();
    assert.equal(exceeded(world)?.reason, "WithinLimits");
    assert.equal(world.reason("shop/d"), "False QuotaExceeded");
  });

  it("by adoption is so too", () => {
    const world = new World(limited(1)).put("shop/a").settle();
    world.put("shop/old", { ingress: [{ ip: "192.0.2.9", ipMode: "VIP" }] }).settle();
    assert.deepEqual(world.addresses("shop/old"), ["192.0.2.9"]);
    assert.equal(exceeded(world)?.message, "of 1: shop holds 2");
  });

  it("is no more once the limit is gone; a pool that never had one says nothing of limits", () => {
    const world = new World(limited(1)).put("shop/a").settle();
    const { conditions = [] } = poolReports(world.snapshot()).get("public") ?? {};
    const noLimit = pool({ addresses: ["192.0.2.1-192.0.2.9"] });
    const lastTransitionTime = "2026-01-31T12:00:00Z";
    world.pools = [{ ...noLimit, status: { conditions: conditions.map((each) => ({ ...each, lastTransitionTime })) } }];
    assert.deepEqual([exceeded(world)?.status, exceeded(world)?.reason], ["False", "WithinLimits"]);
    world.pools = [noLimit];
    assert.equal(exceeded(world), undefined);
  });
});

describe("room that becomes free in a limit", () => {
  const waiting = (): World => new World(limited(1)).put("shop/a").put("shop/b").put("shop/c").settle();

  it("is used by the oldest that waits once the release is in the ledger: writes of one plan go side by side, and may fail", () => {
    const world = waiting();
    world.remove("shop/a").step();
    assert.equal(world.reason("shop/b"), "False QuotaExceeded");
    world.step();
    assert.equal(world.addresses("shop/b").length, 1);
    assert.equal(world.reason("shop/c"), "False QuotaExceeded");
  });

  it("is used when a Service is no LoadBalancer any more", () => {
    const world = waiting().put("shop/a", { type: "ClusterIP" });
    world.step();
    world.step();
    assert.equal(world.addresses("shop/b").length, 1);
  });

  it("is what a higher limit gives", () => {
    const world = waiting();
    world.pools = [limited(2)];
    world.step();
    assert.equal(world.addresses("shop/b").length, 1);
    assert.equal(world.reason("shop/c"), "False QuotaExceeded");
  });

  it("is not what another namespace leaves", () => {
    const world = waiting().put("blog/a").settle();
    world.remove("blog/a").settle();
    assert.equal(world.reason("shop/b"), "False QuotaExceeded");
  });
});
