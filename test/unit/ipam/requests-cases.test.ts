import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addresses, pool } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

const [x, y, z] = ["192.0.2.10", "192.0.2.20", "192.0.2.30"];
const web = "shop/web";

/** A way to ask: by annotation, by `spec.loadBalancerIP`, or by both, of which the annotation counts. */
type Ask = { readonly annotation: readonly string[]; readonly field: string };

const asks: readonly Ask[] = [
  { annotation: [], field: "" },
  { annotation: [], field: x },
  { annotation: [], field: y },
  { annotation: [x], field: "" },
  { annotation: [y], field: "" },
  { annotation: [x, y], field: "" },
  { annotation: [y, x], field: "" },
  { annotation: [y], field: x },
];

const spoken = ({ annotation, field }: Ask): string =>
  annotation.length + field.length === 0
    ? "nothing"
    : [
        ...(field === "" ? [] : [`field ${field}`]),
        ...(annotation.length === 0 ? [] : [`annotation ${annotation}`]),
      ].join(" and ");

/** What is asked for in the end. */
const askedBy = ({ annotation, field }: Ask): readonly string[] =>
  annotation.length > 0 ? annotation : field === "" ? [] : [field];

/** As somebody does who applies a manifest: a field that it no longer has is emptied, one that it never had is left alone. */
function apply(world: World, before: Ask, { annotation, field }: Ask): World {
  const asking = { asks: annotation.length === 0 ? {} : { addresses: addresses(...annotation) } };
  return world.put(web, before.field === field && field === "" ? asking : { ...asking, loadBalancerIP: field });
}

/** What a Service that held these addresses has once its ask can be met: what it asks for, else the first that it had. */
const expected = (held: readonly string[], asked: readonly string[]): readonly string[] =>
  asked.length > 0 ? asked : held.slice(0, 1);

const [nothing] = asks;
assert.ok(nothing);

describe("a change of mind, of any ask to any other", () => {
  for (const before of asks)
    for (const after of asks)
      it(`${spoken(before)}, then ${spoken(after)}`, () => {
        const world = apply(new World(pool()), nothing, before).settle();
        const held = expected(["192.0.2.0"], askedBy(before));
        assert.deepEqual(world.addresses(web), held);
        apply(world, before, after).settle();
        const want = expected(held, askedBy(after));
        assert.deepEqual([world.addresses(web), world.reason(web)], [want, "True Allocated"]);
        assert.deepEqual(world.held().toSorted(), want.toSorted());
        assert.deepEqual(world.services.get(web)?.allocated, addresses(...want));
        assert.deepEqual(deeds(world.step()), []);
      });
});

describe("an ask that cannot be met", () => {
  const refused: readonly Ask[] = [
    { annotation: [z], field: "" },
    { annotation: [], field: z },
    { annotation: [x, z], field: "" },
    { annotation: [z], field: x },
  ];
  for (const before of asks)
    for (const after of refused)
      it(`${spoken(before)}, then ${spoken(after)}: the addresses stay`, () => {
        const world = apply(new World(pool()).put("other/one", { loadBalancerIP: z }), nothing, before).settle();
        const held = world.addresses(web);
        apply(world, before, after).settle();
        assert.deepEqual(world.addresses(web).toSorted(), held.toSorted());
        assert.equal(world.reason(web), "True RequestRefused");
        assert.match(world.message(web), /^192\.0\.2\.30 belongs to other\/one; keeps /);
        assert.deepEqual(world.held().length, held.length + 1);
      });

  for (const after of refused)
    it(`of a Service that has none, ${spoken(after)}: nothing is given in its place, until it is free`, () => {
      const world = new World(pool()).put("shop/one", { loadBalancerIP: z });
      apply(world, nothing, after).settle();
      assert.deepEqual([world.addresses(web), world.reason(web)], [[], "False AddressTaken"]);
      world.remove("shop/one").settle();
      assert.deepEqual([world.addresses(web), world.reason(web)], [askedBy(after), "True Allocated"]);
    });

  it("and is taken back leaves everything as it was", () => {
    const world = new World(pool()).put("other/one", { loadBalancerIP: z }).put(web).settle();
    world.put(web, { asks: { addresses: addresses(z) } }).settle();
    world.put(web, { asks: {} }).settle();
    assert.deepEqual([world.addresses(web), world.reason(web)], [["192.0.2.0"], "True Allocated"]);
  });
});

describe("the removal of an ask", () => {
  it("leaves the address, and Herald's field is written again", () => {
    const world = new World(pool()).put(web, { loadBalancerIP: x }).settle().put(web, { loadBalancerIP: "" });
    assert.deepEqual(deeds(world.step()), []);
    assert.deepEqual([world.addresses(web), world.services.get(web)?.loadBalancerIP], [[x], x]);
  });

  it("leaves an address outside every pool that was given by the flag, also without the flag", () => {
    const world = new World(pool());
    world.options = { allowForeignAddresses: true };
    world.put(web, { asks: { addresses: addresses("203.0.113.9") } }).settle();
    world.options = {};
    assert.deepEqual(world.put(web, { asks: {} }).settle().addresses(web), ["203.0.113.9"]);
    assert.equal(world.reason(web), "True Allocated");
  });

  it("of a pool leaves the address of that pool", () => {
    const pools = [
      pool({ name: "a", addresses: ["192.0.2.0/28"] }),
      pool({ name: "b", addresses: ["198.51.100.0/28"] }),
    ];
    const world = new World(...pools)
      .put(web, { asks: { pools: ["b"] } })
      .settle()
      .put(web, { asks: {} })
      .settle();
    assert.deepEqual(world.addresses(web), ["198.51.100.0"]);
  });
});

describe("a Service that moves by its own wish", () => {
  it("leaves an address that is remembered for it, and gets that back if it asks again", () => {
    const world = new World(pool())
      .put(web)
      .settle()
      .put(web, { asks: { addresses: addresses(x) } })
      .settle();
    assert.deepEqual(world.put("other/one").settle().addresses("other/one"), ["192.0.2.1"]);
    world.put(web, { asks: { addresses: addresses("192.0.2.0") } }).settle();
    assert.deepEqual(world.addresses(web), ["192.0.2.0"]);
  });

  it("and another one that wants its address exchange them in two plans", () => {
    const world = new World(pool()).put("shop/a").put("shop/b").settle();
    world.put("shop/a", { asks: { addresses: addresses("192.0.2.1") } });
    world.put("shop/b", { asks: { addresses: addresses("192.0.2.5") } }).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["192.0.2.1"], ["192.0.2.5"]]);
    assert.deepEqual(world.held().toSorted(), ["192.0.2.1", "192.0.2.5"]);
  });
});
