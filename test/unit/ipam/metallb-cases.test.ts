import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Labels } from "../../../src/api/label-selector.ts";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

type Step = {
  readonly row: string;
  readonly service: string;
  /** What it asks for; absent: it is deleted. */
  readonly ask?: readonly string[];
  readonly given?: boolean;
  readonly labels?: Labels;
};

const families = (texts: readonly string[]): readonly (4 | 6)[] => texts.map((text) => (text.includes(":") ? 6 : 4));

/** Asks, and takes the ask back if it is refused, as a failed call would. */
function carryOut(world: World, { service, ask, labels = {} }: Step): boolean {
  if (ask === undefined) {
    world.remove(service).settle();
    return true;
  }
  const before = world.services.get(service);
  const held = world.addresses(service);
  const dual = ask.length > 1 ? ({ ipFamilyPolicy: "RequireDualStack" } as const) : {};
  world.put(service, { labels, ipFamilies: families(ask), ...dual, asks: { addresses: addresses(...ask) } }).settle();
  const given = world.reason(service) === "True Allocated" && world.addresses(service).join() === ask.join();
  if (given) return true;
  assert.deepEqual(world.addresses(service), held, "a refused ask leaves what is held");
  if (before === undefined) world.remove(service);
  else world.services.set(service, before);
  world.settle();
  return false;
}

function sequence(name: string, pools: readonly Pool[], steps: readonly Step[]): void {
  it(name, () => {
    const world = new World(...pools);
    for (const step of steps) assert.equal(carryOut(world, step), step.given ?? true, step.row);
  });
}

const selecting = (services: Pool["services"]): Partial<Pool> => ({ avoidBuggyIPs: true, services });
const team = { matchLabels: { team: "metallb" } };
const assignPools = [
  pool({ name: "test", addresses: ["1.2.3.4/31", "1000::4/127"] }),
  pool({ name: "test2", addresses: ["1.2.4.0/24", "1000::4:0/120"], avoidBuggyIPs: true }),
  pool({
    name: "test3",
    addresses: ["1.2.5.0/24", "1000::5:0/120"],
    ...selecting({ namespaces: new Set(["test-ns1"]) }),
  }),
  pool({ name: "test4", addresses: ["1.2.6.0/24", "1000::6:0/120"], ...selecting({ serviceSelector: team }) }),
  pool({
    name: "test5",
    addresses: ["1.2.7.0/24"],
    ...selecting({ namespaces: new Set(["test-ns1"]), serviceSelector: team }),
  }),
  pool({
    name: "test6",
    addresses: ["1.2.8.0/24"],
    ...selecting({ namespaces: new Set(["test-ns2"]), serviceSelector: { matchLabels: { foo: "bar" } } }),
  }),
];

const assignSteps = (a: string, b: string): readonly Step[] => [
  { row: "1", service: "x/s1", ask: [a] },
  { row: "2", service: "x/s1", ask: [a] },
  { row: "3", service: "x/s2", ask: [a], given: false },
  { row: "4", service: "x/s2", ask: [b] },
  { row: "5", service: "x/s1", ask: [b], given: false },
  { row: "6", service: "x/s1" },
  { row: "7", service: "x/s2", ask: [a] },
  { row: "8", service: "x/s1", ask: [b] },
];

describe("MetalLB A: assignment of asked addresses", () => {
  sequence("MetalLB A1–A8: IPv4 addresses are given once, kept, freed and moved", assignPools, [
    ...assignSteps("1.2.3.4", "1.2.3.5"),
  ]);
  sequence("MetalLB A22–A29: the same for IPv6", assignPools, assignSteps("1000::4", "1000::5"));
  sequence("MetalLB A9–A11, A30: .0 and .255 are avoided though asked for, ::ff is not", assignPools, [
    { row: "A9", service: "x/s3", ask: ["1.2.4.0"], given: false },
    { row: "A10", service: "x/s3", ask: ["1.2.4.255"], given: false },
    { row: "A11", service: "x/s3", ask: ["1.2.4.254"] },
    { row: "A30", service: "x/s4", ask: ["1000::4:ff"] },
  ]);
  sequence("MetalLB A42–A43 (A43 differs: a pair of pools may serve)", assignPools, [
    { row: "A42", service: "x/s1", ask: ["1.2.3.4", "1000::4"] },
    { row: "A43", service: "x/s1", ask: ["1.2.4.5", "1000::4"] },
  ]);
  sequence("MetalLB A44–A50: namespaces and labels select", assignPools, [
    { row: "A44", service: "test-ns1/s1", ask: ["1.2.5.10"] },
    { row: "A45", service: "testns-not-exist/s1", ask: ["1.2.5.11"], given: false },
    { row: "A46", service: "other/s1", ask: ["1.2.6.10"], labels: { team: "metallb" } },
    { row: "A47", service: "other/s2", ask: ["1.2.6.11"], labels: { team: "red" }, given: false },
    { row: "A48", service: "test-ns1/s1", ask: ["1.2.7.10"], labels: { team: "metallb" } },
    { row: "A49", service: "test-ns2/s1", ask: ["1.2.8.10"], labels: { team: "metallb" }, given: false },
    { row: "A50", service: "testns-not-exist/s1", ask: ["1.2.8.10"], labels: { foo: "bar" }, given: false },
  ]);
});

const keys = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `x/s${i + 1}`);

function served(world: World): readonly string[] {
  return [...world.services.keys()].filter((key) => world.addresses(key).length > 0);
}

describe("MetalLB B and C: addresses from a pool", () => {
  const test = pool({ name: "test", addresses: ["1.2.3.4/31", "1.2.3.10/31", "1000::/127", "2000::/127"] });
  const other = pool({ name: "not_this_one", addresses: ["192.168.0.0/16", "fc00::1:0/112"], priority: 9 });
  const rows = [
    { name: "MetalLB B1–B9: IPv4", ipFamilies: [4], ipFamilyPolicy: "SingleStack" },
    { name: "MetalLB B19–B27: IPv6", ipFamilies: [6], ipFamilyPolicy: "SingleStack" },
    { name: "MetalLB B40–B48: both", ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" },
  ] as const;
  for (const { name, ...wants } of rows)
    it(`${name}: four are served from the named pool, two wait, and a freed place goes to the oldest that waits`, () => {
      const world = new World(other, test);
      for (const key of keys(6)) world.put(key, { ...wants, asks: { pools: ["test"] } });
      assert.deepEqual(served(world.settle()), keys(4));
      const freed = world.addresses("x/s1");
      world.remove("x/s1").settle();
      assert.deepEqual(world.addresses("x/s5"), freed);
      assert.equal(world.reason("x/s6"), "False PoolExhausted");
    });

  it("MetalLB B63: a pool that does not exist serves nobody", () => {
    const world = new World(test).put("x/s5", { asks: { pools: ["nonexistentpool"] } }).settle();
    assert.equal(world.reason("x/s5"), "False PoolNotFound");
  });

  it("MetalLB C1–C8: a second pool serves once the first is full", () => {
    const pools = ["1.2.3.4/31", "1.2.3.10/31"].map((text, i) => pool({ name: `test${i}`, addresses: [text] }));
    const world = new World(...pools);
    for (const key of keys(6)) world.put(key);
    assert.deepEqual(served(world.settle()), keys(4));
    assert.deepEqual(served(world.remove("x/s1").settle()), ["x/s2", "x/s3", "x/s4", "x/s5"]);
  });

  it("MetalLB D1–D7: .0 and .255 are given unless the pool avoids them", () => {
    const pools = [
      pool({ name: "test", addresses: ["1.2.3.0/31"] }),
      pool({ name: "test2", addresses: ["1.2.3.254/31"] }),
      pool({ name: "test3", addresses: ["1.2.4.0/31"], avoidBuggyIPs: true }),
      pool({ name: "test4", addresses: ["1.2.4.254/31"], avoidBuggyIPs: true }),
    ];
    const world = new World(...pools);
    for (const key of keys(7)) world.put(key);
    world.settle();
    const given = keys(6).flatMap((key) => world.addresses(key));
    assert.deepEqual(given, ["1.2.3.0", "1.2.3.1", "1.2.3.254", "1.2.3.255", "1.2.4.1", "1.2.4.254"]);
    assert.equal(world.reason("x/s7"), "False PoolExhausted");
  });
});

describe("MetalLB L: black-box scenarios", () => {
  it("MetalLB L1, L2: one address; it goes to the one that waits when its holder changes type or is deleted", () => {
    const world = new World(pool({ addresses: ["192.0.2.7"] })).put("x/a").put("x/b").put("x/c").settle();
    assert.deepEqual(served(world), ["x/a"]);
    assert.deepEqual(served(world.put("x/a", { type: "ClusterIP" }).settle()), ["x/b"]);
    assert.deepEqual(served(world.remove("x/b").settle()), ["x/c"]);
  });

  it("MetalLB L8 (differs): what is held stays when its pool is deleted, and a condition says so", () => {
    const world = new World(pool()).put("x/a").settle();
    world.pools = [];
    assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0"]);
    assert.equal(world.reason("x/a"), "True OutsidePool");
    assert.equal(world.message("x/a"), "192.0.2.0 is kept, though no valid pool is called public");
  });

  const priorities = [
    { name: "L10, L11: higher priority is preferred (differs: MetalLB prefers lower)", first: 20, second: 10 },
    { name: "L13: a priority comes before none", first: 1, second: 0 },
  ];
  for (const { name, first, second } of priorities)
    it(`MetalLB ${name}`, () => {
      const pools = [
        pool({ name: "a", addresses: ["192.0.2.1"], priority: second }),
        pool({ name: "b", addresses: ["192.0.2.2"], priority: first }),
      ];
      assert.deepEqual(new World(...pools).put("x/a").settle().addresses("x/a"), ["192.0.2.2"]);
    });

  it("MetalLB L15: a relabelled namespace gives new Services another pool and leaves the old ones", () => {
    const labelled = (name: string, tier: string, text: string): Pool =>
      pool({ name, addresses: [text], services: { namespaceSelector: { matchLabels: { tier } } } });
    const world = new World(labelled("first", "one", "192.0.2.0/25"), labelled("second", "two", "192.0.2.128/25"));
    world.namespaces.set("x", { tier: "one" });
    world.put("x/old").settle();
    world.namespaces.set("x", { tier: "two" });
    world.put("x/new").settle();
    assert.deepEqual([world.addresses("x/old"), world.addresses("x/new")], [["192.0.2.0"], ["192.0.2.128"]]);
    assert.equal(world.reason("x/old"), "True OutsidePool");
  });

  it("MetalLB L22 (differs): a pool that loses a family takes nothing away", () => {
    const wants = { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" } as const;
    const world = new World(pool({ addresses: ["192.0.2.0/30", "2001:db8::/126"] })).put("x/a", wants).settle();
    world.pools = [pool({ addresses: ["2001:db8::/126"] }), pool({ name: "z", addresses: ["10.0.0.0/8", "fd00::/8"] })];
    assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0", "2001:db8::"]);
  });
});
