import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { noReuse, pool, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Wants = Parameters<World["put"]>[1];

const keys = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `x/s${i + 1}`);

const served = (world: World): readonly string[] =>
  [...world.services.keys()].filter((key) => world.addresses(key).length > 0);

const share = (port: number): Wants => ({ terms: sharingTerms({ key: "share", ports: [`TCP/${port}`] }) });

const wants = {
  four: { ipFamilies: [4], ipFamilyPolicy: "SingleStack" },
  six: { ipFamilies: [6], ipFamilyPolicy: "SingleStack" },
  both: { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" },
  prefer: { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" },
} as const satisfies Record<string, Wants>;

const named = (name: string): Wants => ({ asks: { pools: [name] } });

const test = pool({ name: "test", addresses: ["1.2.3.4/31", "1.2.3.10/31", "1000::/127", "2000::/127"] });
const pools = [
  pool({ name: "not_this_one", addresses: ["192.168.0.0/16", "fc00::1:0/112"], priority: 9 }),
  test,
  pool({ name: "test2", addresses: ["10.20.30.0/24", "fc00::2:0/120"] }),
  pool({ name: "test-v4", addresses: ["1.2.3.4/31", "1.2.3.10/31"] }),
  pool({ name: "test-v6", addresses: ["1000::/127", "2000::/127"] }),
  { ...test, name: "test-dualstack" },
];

describe("MetalLB B: addresses of one pool", () => {
  const rounds = [
    { rows: "B1–B18", wanted: wants.four, given: ["1.2.3.4", "1.2.3.5", "1.2.3.10", "1.2.3.11"] },
    { rows: "B19–B30", wanted: wants.six, given: ["1000::", "1000::1", "2000::", "2000::1"] },
    {
      rows: "B34–B57",
      wanted: wants.both,
      given: ["1.2.3.4", "1000::", "1.2.3.5", "1000::1", "1.2.3.10", "2000::", "1.2.3.11", "2000::1"],
    },
  ];
  for (const { rows, wanted, given } of rounds) {
    const asking = { ...wanted, ...named("test") };
    const crowd = (): World => {
      const world = new World(...pools);
      for (const key of keys(6)) world.put(key, asking);
      return world.settle();
    };

    it(`MetalLB ${rows}: four are served, of all ranges, and two wait`, () => {
      const world = crowd();
      assert.deepEqual(
        keys(4).flatMap((key) => world.addresses(key)),
        given,
      );
      assert.deepEqual([world.reason("x/s5"), world.reason("x/s6")], ["False PoolExhausted", "False PoolExhausted"]);
    });

    it(`MetalLB ${rows}: what one gives up goes to the oldest that waits, and the next waits on`, () => {
      const world = crowd();
      const freed = world.addresses("x/s1");
      world.remove("x/s1").settle();
      assert.deepEqual([world.addresses("x/s5"), world.addresses("x/s6")], [freed, []]);
    });

    it(`MetalLB ${rows}: two that share both get it from a pool that is full`, () => {
      const world = crowd().remove("x/s1", "x/s5", "x/s6").settle();
      world
        .put("x/s5", { ...asking, ...share(80) })
        .put("x/s6", { ...asking, ...share(443) })
        .settle();
      assert.deepEqual(world.addresses("x/s6"), world.addresses("x/s5"));
      assert.equal(world.addresses("x/s5").length, wanted.ipFamilies.length);
    });

    it(`MetalLB ${rows}: nothing is held once all are gone`, () => {
      assert.deepEqual(
        crowd()
          .remove(...keys(6))
          .settle()
          .held(),
        [],
      );
    });
  }

  it("MetalLB B58: PreferDualStack gets both", () => {
    const world = new World(...pools).put("x/s1", { ...wants.prefer, ...named("test") }).settle();
    assert.deepEqual(world.addresses("x/s1"), ["1.2.3.4", "1000::"]);
  });

  for (const { row, name, want } of [
    { row: "B59", name: "test-v4", want: ["1.2.3.4"] },
    { row: "B60", name: "test-v6", want: ["1000::"] },
  ])
    it(`MetalLB ${row}: PreferDualStack takes the one family that pool ${name} has`, () => {
      const world = new World(...pools).put("x/s1", { ...wants.prefer, ...named(name) }).settle();
      assert.deepEqual(world.addresses("x/s1"), want);
    });

  it("MetalLB B61, B62: an address that is held stays when a pool of both families is named", () => {
    const world = new World(...pools).put("x/s3", { ...wants.prefer, ...named("test-v6") }).settle();
    world.put("x/s3", named("test-dualstack")).settle();
    assert.equal(world.addresses("x/s3")[1], "1000::");
  });

  it("MetalLB B63: a pool that does not exist serves nobody", () => {
    const world = new World(test).put("x/s5", named("nonexistentpool")).settle();
    assert.equal(world.reason("x/s5"), "False PoolNotFound");
  });
});

describe("MetalLB B: decided otherwise", () => {
  it("MetalLB B31–B33: who wants the other family from now on moves to it; MetalLB refuses", () => {
    const world = new World(test).put("x/s1", wants.four).settle().put("x/s1", wants.six).settle();
    assert.deepEqual(world.addresses("x/s1"), ["1000::"]);
    assert.deepEqual(world.held(), ["1000::"]);
  });

  it("MetalLB B62: and the family that is missing is added, where MetalLB leaves one alone", () => {
    const world = new World(...pools).put("x/s3", { ...wants.prefer, ...named("test-v6") }).settle();
    world.put("x/s3", named("test-dualstack")).settle();
    assert.deepEqual(world.addresses("x/s3"), ["1.2.3.4", "1000::"]);
    assert.equal(world.reason("x/s3"), "True Allocated");
  });
});

describe("MetalLB C: addresses of any pool", () => {
  const two = [
    pool({ name: "test1", addresses: ["1.2.3.4/31", "1000::4/127"] }),
    pool({ name: "test2", addresses: ["1.2.3.10/31", "1000::10/127"] }),
  ];
  for (const wanted of [wants.four, wants.six, wants.both])
    it(`MetalLB C1–C10: [${wanted.ipFamilies}] from the second pool once the first is full, and shared once both are`, () => {
      const world = new World(...two);
      for (const key of keys(6)) world.put(key, wanted);
      assert.deepEqual(served(world.settle()), keys(4));
      world
        .remove("x/s5", "x/s6", "x/s1")
        .settle()
        .put("x/s5", { ...wanted, ...share(80) })
        .settle();
      assert.equal(world.addresses("x/s5").length, wanted.ipFamilies.length);
      assert.deepEqual(world.put("x/s6", wanted).settle().addresses("x/s6"), []);
      world.put("x/s6", share(443)).settle();
      assert.deepEqual(world.addresses("x/s6"), world.addresses("x/s5"));
    });
});

describe("MetalLB D: .0 and .255", () => {
  it("MetalLB D1–D7: are given unless the pool avoids them", () => {
    const world = new World(
      pool({ name: "test", addresses: ["1.2.3.0/31"] }),
      pool({ name: "test2", addresses: ["1.2.3.254/31"] }),
      pool({ name: "test3", addresses: ["1.2.4.0/31"], avoidBuggyIPs: true }),
      pool({ name: "test4", addresses: ["1.2.4.254/31"], avoidBuggyIPs: true }),
    );
    for (const key of keys(7)) world.put(key);
    const given = keys(6).flatMap((key) => world.settle().addresses(key));
    assert.deepEqual(given, ["1.2.3.0", "1.2.3.1", "1.2.3.254", "1.2.3.255", "1.2.4.1", "1.2.4.254"]);
    assert.equal(world.reason("x/s7"), "False PoolExhausted");
  });
});

/** How many addresses of the pool are allocated, and how many are free, of each family. */
function counts(world: World): readonly (string | number | undefined)[] {
  const { advertisements, forbidden, nowMs } = world.settle().snapshot();
  const report = poolReports({ pools: world.pools, advertisements, forbidden, nowMs }).get("public");
  return [report?.ipv4?.allocated, report?.ipv4?.free, report?.ipv6?.allocated, report?.ipv6?.free];
}

describe("MetalLB H: counters of a pool", () => {
  const four = pool({ addresses: ["1.2.3.4/30", "1000::4/126"], reuse: noReuse });

  it("MetalLB H1–H4: follow what is allocated", () => {
    const world = new World(four).put("x/s1");
    assert.deepEqual(counts(world), [1, "3/4", 0, "4/4"]);
    assert.deepEqual(counts(world.put("x/s2")), [2, "2/4", 0, "4/4"]);
    assert.deepEqual(counts(world.remove("x/s1")), [1, "3/4", 0, "4/4"]);
    assert.deepEqual(counts(world.remove("x/s2")), [0, "4/4", 0, "4/4"]);
  });

  it("MetalLB H5–H10: count an address once, however many share it, until the last one leaves", () => {
    const world = new World(four);
    for (const [i, port] of [80, 443, 23].entries())
      assert.deepEqual(counts(world.put(`x/s${i}`, share(port))), [1, "3/4", 0, "4/4"]);
    for (const [i, allocated] of [1, 1, 0].entries()) assert.equal(counts(world.remove(`x/s${i}`))[0], allocated);
  });

  it("MetalLB H11: are gone with the pool", () => {
    const world = new World(four).put("x/s1").settle();
    world.pools = [];
    assert.deepEqual(counts(world), [undefined, undefined, undefined, undefined]);
  });
});
