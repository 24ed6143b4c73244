import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reuse } from "../../../src/api/ip-pool.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { addresses, noonMs, pool, reservation, type service } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const minuteMs = 60_000;
const restMs = 5 * minuteMs;

const resting = (coolDown: Reuse["coolDown"], last: string, rememberForMs = 0) =>
  pool({ addresses: [`192.0.2.1-${last}`], reuse: { rememberForMs, coolDownForMs: restMs, coolDown } });

/** Services had 192.0.2.1, 192.0.2.2 and so on, and left them one minute after the other. */
function left(coolDown: Reuse["coolDown"], last: string, order: readonly number[]): World {
  const world = new World(resting(coolDown, last));
  for (const i of order.toSorted()) world.put(`shop/web-${i}`);
  world.settle();
  for (const i of order) {
    world.remove(`shop/web-${i}`).settle();
    world.nowMs += minuteMs;
  }
  return world;
}

const asking = (text: string): Changes => ({ asks: { addresses: addresses(text) } });

const counts = (world: World) => poolReports(world.snapshot()).get("public")?.ipv4;

for (const coolDown of ["Prefer", "Strict"] as const)
  describe(`a resting address with ${coolDown}`, () => {
    it("is not given while there is another", () => {
      const world = left(coolDown, "192.0.2.3", [1]).put("blog/a").put("blog/b").settle();
      assert.deepEqual([world.addresses("blog/a"), world.addresses("blog/b")], [["192.0.2.2"], ["192.0.2.3"]]);
    });

    it("is like any other once it has rested", () => {
      const world = left(coolDown, "192.0.2.3", [1]);
      world.nowMs = noonMs + restMs;
      assert.deepEqual(world.put("blog/a").settle().addresses("blog/a"), ["192.0.2.1"]);
    });

    it("is counted as such, until it has rested or somebody holds it", () => {
      const world = left(coolDown, "192.0.2.2", [1]);
      assert.equal(counts(world)?.cooling, 1);
      world.nowMs = noonMs + restMs - 1;
      assert.equal(counts(world)?.cooling, 1);
      world.nowMs += 1;
      assert.equal(counts(world)?.cooling, 0);
    });

    it("is taken over by adoption, for it serves somebody", () => {
      const world = left(coolDown, "192.0.2.3", [1]);
      world.put("shop/old", { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] }).settle();
      assert.deepEqual(world.addresses("shop/old"), ["192.0.2.1"]);
    });

    it("is given back to the Service that had it, while it is remembered for it", () => {
      const world = new World(resting(coolDown, "192.0.2.1", restMs)).put("shop/web").settle();
      world.remove("shop/web").settle().put("shop/web", { uid: "uid-again" }).settle();
      assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
    });
  });

describe("Prefer", () => {
  it("gives resting addresses when there is nothing else, the longest released first", () => {
    const world = left("Prefer", "192.0.2.3", [2, 3, 1]);
    for (const name of ["a", "b", "c"]) world.put(`blog/${name}`);
    world.settle();
    assert.deepEqual(
      ["a", "b", "c"].flatMap((name) => world.addresses(`blog/${name}`)),
      ["192.0.2.2", "192.0.2.3", "192.0.2.1"],
    );
  });

  it("of several left at once gives the lower first", () => {
    const world = new World(resting("Prefer", "192.0.2.2")).put("shop/a").put("shop/b").settle();
    world.remove("shop/a", "shop/b").settle().put("blog/a").settle();
    assert.deepEqual(world.addresses("blog/a"), ["192.0.2.1"]);
  });

  it("gives to a waiter in the very plan by which the address becomes free", () => {
    const world = new World(resting("Prefer", "192.0.2.1")).put("shop/a").put("shop/b").settle();
    assert.equal(world.reason("shop/b"), "False PoolExhausted");
    world.remove("shop/a").step();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.1"]);
  });

  it("gives what is asked for, and counts resting addresses as free", () => {
    const world = left("Prefer", "192.0.2.2", [1]);
    assert.deepEqual(counts(world), { total: "2", allocated: 0, free: "2/2", cooling: 1, reserved: 0 });
    assert.deepEqual(world.put("blog/a", asking("192.0.2.1")).settle().addresses("blog/a"), ["192.0.2.1"]);
  });
});

describe("Strict", () => {
  it("leaves Services waiting, who are told how many rest, and gives at the end of the rest", () => {
    const world = left("Strict", "192.0.2.1", [1]).put("blog/a").settle();
    assert.equal(world.reason("blog/a"), "False PoolExhausted");
    assert.equal(world.message("blog/a"), "pool public: 0 of 1 allocated, 1 cooling");
    assert.equal(world.plan.wakeAtMs, noonMs + restMs);
    world.nowMs = noonMs + restMs;
    assert.deepEqual(world.settle().addresses("blog/a"), ["192.0.2.1"]);
  });

  it("refuses an ask, also of the same namespace, with the time", () => {
    for (const key of ["blog/a", "shop/b"]) {
      const world = left("Strict", "192.0.2.3", [1]).put(key, asking("192.0.2.1")).settle();
      assert.equal(world.reason(key), "False AddressCooling");
      assert.equal(world.message(key), "192.0.2.1 rests until 2026-01-31T12:05:00Z");
    }
  });

  it("does not count resting addresses as free", () =>
    assert.deepEqual(counts(left("Strict", "192.0.2.3", [1])), {
      total: "3",
      allocated: 0,
      free: "2/3",
      cooling: 1,
      reserved: 0,
    }));

  it("gives nothing to a waiter by the plan that frees the address", () => {
    const world = new World(resting("Strict", "192.0.2.1")).put("shop/a").put("shop/b").settle();
    world.remove("shop/a").settle();
    assert.equal(world.message("shop/b"), "pool public: 0 of 1 allocated, 1 cooling");
    world.pools = [resting("Prefer", "192.0.2.1")];
    assert.deepEqual(world.settle().addresses("shop/b"), ["192.0.2.1"]);
  });

  it("waits as long as the clock was set back, and no longer than that and the rest", () => {
    const world = left("Strict", "192.0.2.1", [1]).put("blog/a").settle();
    world.nowMs = noonMs - 10 * minuteMs;
    assert.equal(world.settle().reason("blog/a"), "False PoolExhausted");
    world.nowMs = noonMs + restMs;
    assert.deepEqual(world.settle().addresses("blog/a"), ["192.0.2.1"]);
  });
});

it("a coolDownFor of 0s rests nothing, not even while the clock is behind", () => {
  const reuse = { rememberForMs: 60 * minuteMs, coolDownForMs: 0, coolDown: "Strict" } as const;
  const world = new World(pool({ addresses: ["192.0.2.1"], reuse })).put("shop/web").settle();
  world.remove("shop/web").settle().nowMs -= minuteMs;
  assert.equal(counts(world)?.cooling, 0);
  assert.deepEqual(world.put("blog/a").settle().addresses("blog/a"), ["192.0.2.1"]);
});

it("an address that rests and is reserved counts once as not free", () => {
  const world = left("Strict", "192.0.2.2", [1]);
  world.pools = [{ ...resting("Strict", "192.0.2.2"), reservations: [reservation("192.0.2.1", "shop/web")] }];
  assert.equal(counts(world)?.free, "1/2");
});
