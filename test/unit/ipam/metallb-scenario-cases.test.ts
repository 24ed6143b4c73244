import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { noReuse, pool, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Wants = NonNullable<Parameters<World["put"]>[1]>;

const one = pool({ addresses: ["192.0.2.7"] });
const prefer = { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" } as const satisfies Wants;

const served = (world: World): readonly string[] =>
  [...world.services.keys()].filter((key) => world.addresses(key).length > 0);

const all = (world: World): readonly string[] => [...world.services.keys()].flatMap((key) => world.addresses(key));

describe("MetalLB L: one address and several Services", () => {
  it("MetalLB L1, L2: it goes to the one that waits when its holder changes type or is deleted", () => {
    const world = new World(one).put("x/a").put("x/b").put("x/c").settle();
    assert.deepEqual(served(world), ["x/a"]);
    assert.deepEqual(served(world.put("x/a", { type: "ClusterIP" }).settle()), ["x/b"]);
    assert.deepEqual(served(world.remove("x/b").settle()), ["x/c"]);
  });

  it("MetalLB L3: five restarts move nothing, and who waits goes on waiting", () => {
    const world = new World(pool({ addresses: ["192.168.10.100/32", "192.168.20.200/32"] }));
    for (const key of ["x/a", "x/b", "x/c", "x/d"]) world.put(key);
    world.settle();
    for (let restart = 0; restart < 5; restart++) {
      for (const [key, each] of world.ledger) world.ledger.set(key, structuredClone(each));
      for (const [key, each] of world.services) world.services.set(key, structuredClone(each));
      assert.deepEqual(world.step().changes, []);
      assert.deepEqual(all(world), ["192.168.10.100", "192.168.20.200"]);
      assert.deepEqual(served(world), ["x/a", "x/b"]);
    }
  });

  it("MetalLB L4–L7: two share it while policy and, under Local, selector agree", () => {
    const share = (port: number, policy: "Cluster" | "Local", selector: string): Wants => ({
      terms: sharingTerms({ key: "share", ports: [`TCP/${port}`], policy, selector }),
      trafficPolicy: policy,
    });
    const world = new World(one);
    const steps = [
      { row: "L4", a: share(80, "Cluster", "app=x"), b: share(81, "Cluster", "app=x"), want: ["x/a", "x/b"] },
      { row: "L5", a: share(80, "Cluster", "app=x"), b: share(81, "Local", "app=x"), want: ["x/a"] },
      { row: "L6", a: share(80, "Local", "app=x"), b: share(81, "Local", "app=x"), want: ["x/a", "x/b"] },
      { row: "L7, first", a: share(80, "Local", "foo=bar"), b: share(81, "Local", "app=x"), want: ["x/b"] },
      { row: "L7, then", a: share(80, "Local", "foo=bar"), b: share(81, "Local", "foo=bar"), want: ["x/a", "x/b"] },
    ];
    for (const { row, a, b, want } of steps)
      assert.deepEqual(served(world.put("x/a", a).put("x/b", b).settle()), want, row);
  });
});

describe("MetalLB L: the order of pools (a higher priority comes first)", () => {
  const ns = { namespaces: new Set(["x"]) };
  const nsSelector = { namespaceSelector: { matchLabels: { foo1: "bar1", foo2: "bar2" } } };
  const serviceSelector = { serviceSelector: { matchLabels: { test: "e2e" } } };
  const rows: readonly { row: string; pools: readonly (readonly [Pool["services"], priority: number])[] }[] = [
    {
      row: "L10",
      pools: [
        [ns, 20],
        [ns, 10],
        [ns, 0],
      ],
    },
    {
      row: "L11",
      pools: [
        [{}, 20],
        [{}, 10],
        [{}, 0],
      ],
    },
    {
      row: "L12",
      pools: [
        [ns, 20],
        [nsSelector, 10],
        [ns, 0],
      ],
    },
    {
      row: "L13",
      pools: [
        [serviceSelector, 20],
        [serviceSelector, 10],
        [ns, 0],
      ],
    },
    {
      row: "L14",
      pools: [
        [ns, 20],
        [serviceSelector, 10],
        [ns, 0],
      ],
    },
  ];
  for (const { row, pools } of rows)
    it(`MetalLB ${row}: three Services get one of each, by priority`, () => {
      const made = pools.map(([services, priority], i) =>
        pool({ name: `p${3 - i}`, addresses: [`192.0.2.${i}`], services, priority }),
      );
      const world = new World(...made);
      world.namespaces.set("x", { foo1: "bar1", foo2: "bar2" });
      for (const key of ["x/a", "x/b", "x/c"]) world.put(key, { labels: { test: "e2e" } });
      assert.deepEqual(all(world.settle()), ["192.0.2.0", "192.0.2.1", "192.0.2.2"]);
    });

  it("MetalLB L15: a relabelled namespace gives new Services another pool and leaves the old ones", () => {
    const labelled = (name: string, matchLabels: Record<string, string>, text: string, priority: number): Pool =>
      pool({ name, addresses: [text], services: { namespaceSelector: { matchLabels } }, priority });
    const world = new World(
      labelled("first", { tier: "first" }, "192.0.2.0/28", 10),
      labelled("second", { tier: "second" }, "192.0.2.16/28", 10),
      labelled("newer", { tier: "second", newLabel: "yes" }, "192.0.2.32/28", 20),
    );
    world.namespaces.set("x", { tier: "first" }).set("y", { tier: "second" });
    world.put("x/old").put("y/old").settle();
    world.namespaces.set("y", { tier: "second", newLabel: "yes" });
    world.put("y/new").settle();
    assert.deepEqual(all(world), ["192.0.2.0", "192.0.2.16", "192.0.2.32"]);
    assert.equal(world.reason("y/old"), "True Allocated");
  });
});

describe("MetalLB L: families", () => {
  const v4 = pool({ name: "v4", addresses: ["192.0.2.0/30"] });
  const v6 = pool({ name: "v6", addresses: ["2001:db8::/126"] });
  const dual = pool({ name: "zdual", addresses: ["198.51.100.0/30", "2001:db8:1::/126"] });

  it("MetalLB L16: both from the pool that has both", () => {
    assert.deepEqual(new World(v4, v6, dual).put("x/a", prefer).settle().addresses("x/a"), [
      "198.51.100.0",
      "2001:db8:1::",
    ]);
  });

  it("MetalLB L19: a pool that gains IPv6 adds it, and IPv4 stays", () => {
    const world = new World(v4).put("x/a", prefer).settle();
    world.pools = [pool({ name: "v4", addresses: ["192.0.2.0/29", "2001:db8:7::/64"] })];
    assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0", "2001:db8:7::"]);
  });

  it("MetalLB L21: nothing jumps to a pool of both families that appears", () => {
    const world = new World(v4).put("x/a", { ...prefer, ipFamilies: [4] }).settle();
    world.pools = [v4, dual];
    assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0"]);
  });

  it("MetalLB L23: counters follow a Service of both families, and the pool as it grows", () => {
    const sized = (v4Size: number, v6Size: number): Pool =>
      pool({ addresses: [`192.168.10.0/${v4Size}`, `2001:db8::/${v6Size}`], reuse: noReuse });
    const world = new World(sized(30, 126));
    const counted = (): readonly (string | number | undefined)[] => {
      const { advertisements, forbidden, nowMs } = world.settle().snapshot();
      const { ipv4, ipv6 } =
        poolReports({ pools: world.pools, advertisements, forbidden, nowMs }).get("public") ?? assert.fail();
      return [ipv4?.free, ipv6?.free, ipv4?.allocated, ipv6?.allocated];
    };
    assert.deepEqual(counted(), ["4/4", "4/4", 0, 0]);
    world.put("x/a", { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" });
    assert.deepEqual(counted(), ["3/4", "3/4", 1, 1]);
    world.pools = [sized(29, 125)];
    assert.deepEqual(counted(), ["7/8", "7/8", 1, 1]);
    world.remove("x/a");
    assert.deepEqual(counted(), ["8/8", "8/8", 0, 0]);
  });
});

describe("MetalLB K13–K17, L24: which class is served", () => {
  for (const { row, loadBalancerClass, defaultClass, handled } of [
    { row: "K13", loadBalancerClass: undefined, defaultClass: true, handled: true },
    { row: "K14", loadBalancerClass: undefined, defaultClass: false, handled: false },
    { row: "K15, L24", loadBalancerClass: "foo", defaultClass: true, handled: false },
    { row: "K16", loadBalancerClass: "foo", defaultClass: false, handled: false },
    { row: "K17", loadBalancerClass: "herald.dev/vip", defaultClass: false, handled: true },
  ])
    it(`MetalLB ${row}: class ${loadBalancerClass}, ${defaultClass ? "also" : "not"} without one: ${handled}`, () => {
      const world = new World(one).put("x/a", loadBalancerClass === undefined ? {} : { loadBalancerClass });
      world.options = { defaultClass };
      assert.equal(world.settle().plan.outcomes.has("x/a"), handled);
      assert.deepEqual(world.held(), handled ? ["192.0.2.7"] : []);
    });
});

const heldStays = "what is held stays when its pool is deleted, and a condition says so";
const pairOfPools = "a pair of pools may serve both families where no single pool can";

const decidedOtherwise: readonly { row: string; rule: string; does: () => void }[] = [
  {
    row: "L8",
    rule: heldStays,
    does: () => {
      const world = new World(pool()).put("x/a").settle();
      world.pools = [];
      assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0"]);
      assert.equal(world.reason("x/a"), "True OutsidePool");
      assert.equal(world.message("x/a"), "192.0.2.0 is kept, though no valid pool is called public");
    },
  },
  {
    row: "L9",
    rule: heldStays,
    does: () => {
      const pinned = pool({ name: "pinned", addresses: ["192.168.5.0/32"], priority: 20 });
      const other = pool({ name: "default", addresses: ["192.168.10.0/32"] });
      const world = new World(pinned, other).put("x/a").settle();
      world.pools = [other];
      assert.deepEqual(world.settle().addresses("x/a"), ["192.168.5.0"]);
    },
  },
  {
    row: "L17",
    rule: pairOfPools,
    does: () => {
      const world = new World(pool({ addresses: ["2001:db8::/126"] }), pool({ name: "b" })).put("x/a", prefer);
      assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0", "2001:db8::"]);
    },
  },
  {
    row: "L18",
    rule: pairOfPools,
    does: () => {
      const world = new World(pool({ addresses: ["2001:db8::/126"] }), pool({ name: "b" }));
      world.put("x/a", { ...prefer, ipFamilies: [6, 4] }).settle();
      assert.deepEqual(world.addresses("x/a"), ["2001:db8::", "192.0.2.0"]);
    },
  },
  {
    row: "L20",
    rule: "what is held stays while RequireDualStack cannot be met",
    does: () => {
      const world = new World(pool()).put("x/a", prefer).settle();
      for (const [ipFamilyPolicy, status] of [
        ["RequireDualStack", "False FamilyUnavailable"],
        ["PreferDualStack", "True Allocated"],
      ] as const) {
        world.put("x/a", { ipFamilyPolicy }).settle();
        assert.deepEqual([world.addresses("x/a"), world.reason("x/a")], [["192.0.2.0"], status]);
      }
    },
  },
  {
    row: "L22",
    rule: "a pool that loses a family takes nothing away",
    does: () => {
      const world = new World(pool({ addresses: ["192.0.2.0/30", "2001:db8::/126"] })).put("x/a", prefer).settle();
      const dual = pool({ name: "z", addresses: ["10.0.0.0/8", "fd00::/8"] });
      world.pools = [pool({ addresses: ["2001:db8::/126"] }), dual];
      assert.deepEqual(world.settle().addresses("x/a"), ["192.0.2.0", "2001:db8::"]);
    },
  },
];

describe("MetalLB L: decided otherwise", () => {
  for (const { row, rule, does } of decidedOtherwise) it(`MetalLB ${row}: ${rule}`, does);
});
