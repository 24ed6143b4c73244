import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConditionState } from "../../../src/api/condition.ts";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { addresses, noReuse, pool, reservation, type service, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const asking = (...texts: readonly string[]): Changes => ({ asks: { addresses: addresses(...texts) } });

/** A pool of two addresses, of which the lower is kept for `shop/web`. */
const reserving = (changes: Parameters<typeof pool>[0] = {}): Pool =>
  pool({ addresses: ["192.0.2.1-192.0.2.2"], reservations: [reservation("192.0.2.1", "shop/web")], ...changes });

const blocked = (world: World): ConditionState | undefined =>
  poolReports(world.snapshot())
    .get("public")
    ?.conditions.find(({ type }) => type === "ReservationsBlocked");

describe("a reserved address, before its Service exists", () => {
  it("is left out by choice, also by the one who finds nothing else", () => {
    const world = new World(reserving()).put("blog/a").put("blog/b").settle();
    assert.deepEqual(world.held(), ["192.0.2.2"]);
    assert.equal(world.reason("blog/b"), "False PoolExhausted");
    assert.equal(world.message("blog/b"), "pool public: 1 of 2 allocated, 1 reserved");
  });

  const refused: readonly { readonly how: string; readonly changes: Changes; readonly reason: string }[] = [
    { how: "by annotation", changes: asking("192.0.2.1"), reason: "False AddressReserved" },
    { how: "by field", changes: { loadBalancerIP: "192.0.2.1" }, reason: "False AddressReserved" },
    {
      how: "by what Herald's annotation says",
      changes: { allocated: addresses("192.0.2.1") },
      reason: "False AdoptionRefused",
    },
    {
      how: "by its status",
      changes: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] },
      reason: "False AdoptionRefused",
    },
  ];
  for (const { how, changes, reason } of refused)
    it(`is refused to another ${how}, also of the same namespace`, () => {
      for (const key of ["blog/web", "shop/other"]) {
        const world = new World(reserving()).put(key, changes).settle();
        assert.equal(world.reason(key), reason);
        assert.match(world.message(key), /192\.0\.2\.1 is reserved for shop\/web in pool public$/);
        assert.deepEqual(world.held(), []);
      }
    });

  it("is refused to the one for whom it is remembered", () => {
    const world = new World(pool({ addresses: ["192.0.2.1-192.0.2.2"] })).put("blog/web").settle();
    world.remove("blog/web").settle().pools = [reserving()];
    assert.deepEqual(world.put("blog/web", { uid: "uid-again" }).settle().addresses("blog/web"), ["192.0.2.2"]);
  });
});

describe("the Service that an address is reserved for", () => {
  it("gets it though a lower one is free, and though it came last", () => {
    const reservations = [reservation("192.0.2.9", "shop/web")];
    const world = new World(pool({ reservations })).put("blog/web").put("shop/web").settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.9"]);
  });

  it("gets one of each family that is reserved, the other by choice", () => {
    const both: Changes = { ipFamilies: [6, 4], ipFamilyPolicy: "RequireDualStack" };
    const reserve = (...texts: readonly string[]): Pool =>
      pool({
        addresses: ["192.0.2.0/24", "2001:db8::/112"],
        reservations: texts.map((text) => reservation(text, "shop/web")),
      });
    const world = new World(reserve("192.0.2.7", "2001:db8::7")).put("shop/web", both).settle();
    assert.deepEqual(world.addresses("shop/web"), ["2001:db8::7", "192.0.2.7"]);
    const half = new World(reserve("2001:db8::7")).put("shop/web", both).settle();
    assert.deepEqual(half.addresses("shop/web"), ["2001:db8::7", "192.0.2.0"]);
  });

  it("gets the first of several in the order of the list, and may ask for all", () => {
    const reservations = [reservation("192.0.2.9", "shop/web"), reservation("192.0.2.8", "shop/web")];
    const world = new World(pool({ reservations })).put("shop/web").settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.9"]);
    world.put("shop/web", asking("192.0.2.9", "192.0.2.8")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.9", "192.0.2.8"]);
  });

  it("hears nothing of the second of several while it has the first", () => {
    const reservations = [reservation("192.0.2.7", "shop/web"), reservation("192.0.2.9", "shop/web")];
    const world = new World(pool({ reservations })).put("shop/web").settle();
    assert.equal(world.message("shop/web"), "192.0.2.7 from pool public");
  });

  it("gets what it asks for instead", () => {
    const world = new World(reserving()).put("shop/web", asking("192.0.2.2")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
  });

  it("gets it from a pool that is not automatic", () => {
    const world = new World(reserving({ automatic: false }), pool({ name: "b", addresses: ["10.0.0.0/8"] }));
    assert.deepEqual(world.put("shop/web").settle().addresses("shop/web"), ["192.0.2.1"]);
  });

  it("gets it by the same plan that takes it from its last holder, whoever else it is remembered for", () => {
    const world = new World(pool({ addresses: ["192.0.2.1"] })).put("blog/web").settle();
    world.pools = [reserving({ addresses: ["192.0.2.1"] })];
    assert.equal(world.put("shop/web").settle().reason("shop/web"), "False PoolExhausted");
    world.remove("blog/web").step();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
  });

  it("waits for the end of a strict rest, as anybody else does", () => {
    const strict = { rememberForMs: 0, coolDownForMs: 60_000, coolDown: "Strict" } as const;
    const world = new World(pool({ addresses: ["192.0.2.1"], reuse: strict })).put("blog/web").settle();
    world.pools = [reserving({ addresses: ["192.0.2.1"], reuse: strict })];
    world.remove("blog/web").put("shop/web").settle();
    assert.equal(world.reason("shop/web"), "False PoolExhausted");
    assert.match(world.message("shop/web"), /192\.0\.2\.1 rests until 2026-01-31T12:01:00Z$/);
    world.nowMs += 60_000;
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.1"]);
  });

  const unavailable: readonly { readonly name: string; readonly changes: Partial<Pool>; readonly words: RegExp }[] = [
    { name: "paused", changes: { paused: true }, words: /192\.0\.2\.1: pool public is paused/ },
    {
      name: "for other namespaces",
      changes: { services: { namespaces: new Set(["blog"]) } },
      words: /192\.0\.2\.1: pool public does not select namespace shop/,
    },
    {
      name: "for other labels",
      changes: { services: { serviceSelector: { matchLabels: { tier: "gold" } } } },
      words: /192\.0\.2\.1: pool public does not select the service's labels/,
    },
  ];
  for (const { name, changes, words } of unavailable)
    it(`does not get it while the pool is ${name}, is told so, and gets it afterwards`, () => {
      const world = new World(reserving(changes)).put("shop/web").settle();
      assert.match(world.message("shop/web"), words);
      assert.deepEqual(world.held(), []);
      world.pools = [reserving()];
      assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.1"]);
    });

  it("does not get it while it names another pool, of which it gets an address and is told so", () => {
    const other = pool({ name: "other", addresses: ["10.0.0.1"] });
    const world = new World(reserving(), other).put("shop/web", { asks: { pools: ["other"] } });
    world.step();
    assert.deepEqual(world.addresses("shop/web"), ["10.0.0.1"]);
    assert.match(world.message("shop/web"), /192\.0\.2\.1 is in pool public, but the service names pool other/);
  });

  it("counts for the limit of its namespace", () => {
    const world = new World(reserving({ perNamespace: 1 })).put("shop/other").put("shop/web").settle();
    assert.equal(world.reason("shop/web"), "False QuotaExceeded");
    assert.match(world.message("shop/web"), /namespace shop holds 1 of at most 1 addresses$/);
  });
});

describe("a reservation of an address that somebody holds", () => {
  const held = (): World => {
    const world = new World(pool({ addresses: ["192.0.2.1-192.0.2.2"] })).put("blog/web").settle();
    world.pools = [reserving()];
    return world.settle();
  };

  it("moves nothing, and the pool says who holds it", () => {
    const world = held();
    assert.deepEqual(world.addresses("blog/web"), ["192.0.2.1"]);
    assert.equal(world.reason("blog/web"), "True Allocated");
    const { status, reason, message } = blocked(world) ?? {};
    assert.deepEqual([status, reason], ["True", "ReservedAddressHeld"]);
    assert.equal(message, "192.0.2.1 is reserved for shop/web and held by blog/web");
  });

  it("leaves its Service with another address, and tells it why", () => {
    const world = held().put("shop/web");
    world.step();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
    assert.match(world.message("shop/web"), /192\.0\.2\.1 belongs to blog\/web/);
  });

  it("takes effect when it is free: for nobody else, and by an ask for the one that has another", () => {
    const world = held().put("shop/web").settle();
    world.remove("blog/web").put("shop/late").settle();
    assert.equal(blocked(world)?.reason, "NoReservedAddressHeld");
    assert.equal(world.reason("shop/late"), "False PoolExhausted");
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
    assert.deepEqual(world.put("shop/web", asking("192.0.2.1")).settle().addresses("shop/web"), ["192.0.2.1"]);
    assert.deepEqual(world.addresses("shop/late"), ["192.0.2.2"]);
  });

  it("takes effect when it is free: not for the one who held it and comes back", () => {
    const world = held().remove("blog/web").settle();
    world.put("blog/web", { uid: "uid-again" }).settle();
    assert.deepEqual(world.addresses("blog/web"), ["192.0.2.2"]);
  });
});

describe("a reserved address that is shared", () => {
  const terms = (port: number, namespaces: readonly string[] = []) =>
    sharingTerms({ ports: [`TCP/${port}`], namespaces });

  it("is so with the consent of the one that it is reserved for, also of another namespace", () => {
    const world = new World(reserving())
      .put("shop/web", { terms: terms(80, ["blog"]) })
      .put("blog/web", { terms: terms(81, ["shop"]) })
      .settle();
    assert.deepEqual([world.addresses("shop/web"), world.addresses("blog/web")], [["192.0.2.1"], ["192.0.2.1"]]);
  });

  it("is not joined by another while the one that it is reserved for does not hold it", () => {
    const world = new World(pool({ addresses: ["192.0.2.1"] })).put("blog/a", { terms: terms(80) }).settle();
    world.pools = [reserving({ addresses: ["192.0.2.1"] })];
    world.put("blog/b", { terms: terms(81) }).settle();
    assert.equal(world.reason("blog/b"), "False PoolExhausted");
    assert.match(world.message("blog/b"), /192\.0\.2\.1 is reserved for shop\/web in pool public$/);
    assert.deepEqual(world.addresses("blog/a"), ["192.0.2.1"]);
  });

  it("stays with the other member when the one that it is reserved for has left, and the pool says so", () => {
    const world = new World(reserving())
      .put("shop/web", { terms: terms(80) })
      .put("shop/api", { terms: terms(81) })
      .settle();
    world.remove("shop/web").settle();
    assert.deepEqual(world.addresses("shop/api"), ["192.0.2.1"]);
    assert.equal(blocked(world)?.message, "192.0.2.1 is reserved for shop/web and held by shop/api");
  });
});

describe("the counts of a pool", () => {
  const counts = (world: World) => poolReports(world.snapshot()).get("public")?.ipv4;

  it("have a reserved address as reserved and not free, until somebody holds it", () => {
    const world = new World(reserving({ reuse: noReuse }));
    assert.deepEqual(counts(world), { total: "2", allocated: 0, free: "1/2", cooling: 0, reserved: 1 });
    world.put("shop/web").settle();
    assert.deepEqual(counts(world), { total: "2", allocated: 1, free: "1/2", cooling: 0, reserved: 0 });
  });

  it("say nothing of reservations where there are none", () => assert.equal(blocked(new World(pool())), undefined));
});
