import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { pool, range, reservation, type service } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const shows = (text: string): Changes => ({ ingress: [{ ip: text, ipMode: "VIP" }] });

describe("what is shown in a status becomes its own", () => {
  const ignored: readonly { readonly name: string; readonly of: Partial<Pool> }[] = [
    { name: "that is paused", of: { paused: true } },
    { name: "that is not automatic", of: { automatic: false } },
    { name: "of which its namespace has all it may", of: { perNamespace: 1 } },
  ];
  for (const { name, of } of ignored)
    it(`from a pool ${name}`, () => {
      const world = new World(pool()).put("shop/other").settle();
      world.pools = [{ ...pool(), ...of }];
      world.put("shop/web", shows("192.0.2.77")).settle();
      assert.deepEqual(world.addresses("shop/web"), ["192.0.2.77"]);
      assert.equal(world.reason("shop/web"), "True Allocated");
    });

  const past = (key: string): World => {
    const reuse = { rememberForMs: 86_400_000, coolDownForMs: 300_000, coolDown: "Strict" } as const;
    return new World(pool({ reuse })).put(key).settle().remove(key).settle();
  };

  it("though it must rest", () => {
    const world = past("shop/other").put("shop/web", shows("192.0.2.0")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
  });

  it("not if it is remembered for a Service of another namespace, which may come back", () => {
    const world = past("blog/web").put("shop/web", shows("192.0.2.0")).settle();
    assert.equal(world.reason("shop/web"), "False AdoptionRefused");
    assert.match(world.message("shop/web"), /192\.0\.2\.0 is remembered for blog\/web until 2026-02-01T12:00:00Z$/);
    assert.deepEqual(world.put("blog/web", { uid: "uid-again" }).settle().addresses("blog/web"), ["192.0.2.0"]);
  });

  it("though it names another pool, and from there on it is as if it had moved its ask", () => {
    const other = pool({ name: "other", addresses: ["10.0.0.0/24"], paused: true });
    const world = new World(pool(), other);
    world.put("shop/web", { ...shows("192.0.2.77"), asks: { pools: ["other"] } }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.77"]);
    assert.equal(world.reason("shop/web"), "True RequestRefused");
    assert.match(world.message("shop/web"), /pool other is paused; keeps 192\.0\.2\.77 from pool public$/);
  });

  const refused: readonly { readonly name: string; readonly world: World; readonly words: RegExp }[] = [
    {
      name: "is reserved for another",
      world: new World(pool({ reservations: [reservation("192.0.2.77", "blog/web")] })),
      words: /192\.0\.2\.77 is reserved for blog\/web in pool public$/,
    },
    {
      name: "is excluded",
      world: new World(pool({ exclude: ["192.0.2.77"] })),
      words: /pool public excludes 192\.0\.2\.77$/,
    },
    {
      name: "is in no pool",
      world: new World(pool({ addresses: ["10.0.0.0/8"] })),
      words: /192\.0\.2\.77 is in no pool$/,
    },
    {
      name: "is of a pool for other namespaces",
      world: new World(pool({ services: { namespaces: new Set(["blog"]) } })),
      words: /192\.0\.2\.77: pool public does not select namespace shop$/,
    },
    {
      name: "is of a pool for other labels",
      world: new World(pool({ services: { serviceSelector: { matchLabels: { a: "b" } } } })),
      words: /192\.0\.2\.77: pool public does not select the service's labels$/,
    },
    {
      name: "is held by another",
      world: new World(pool()).put("blog/web", { loadBalancerIP: "192.0.2.77" }).settle(),
      words: /192\.0\.2\.77 belongs to blog\/web$/,
    },
  ];
  for (const { name, world, words } of refused)
    it(`not if it ${name}: that is reported, and nothing is changed or given instead`, () => {
      world.announced = true;
      const before = world.put("shop/web", shows("192.0.2.77")).services.get("shop/web");
      world.settle();
      assert.equal(world.reason("shop/web"), "False AdoptionRefused");
      assert.match(world.message("shop/web"), words);
      assert.deepEqual(world.addresses("shop/web"), []);
      assert.equal(world.services.get("shop/web"), before);
    });

  it("not if a node or the cluster itself has it", () => {
    const world = new World(pool());
    world.forbidden = [{ range: range("192.0.2.77"), what: "the address of node node2" }];
    world.put("shop/web", shows("192.0.2.77")).settle();
    assert.match(world.message("shop/web"), /192\.0\.2\.77 is the address of node node2$/);
  });
});
