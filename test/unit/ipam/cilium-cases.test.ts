import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Pool, parsePool } from "../../../src/api/ip-pool.ts";
import { poolGives } from "../../../src/ipam/pool-selection.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import { address, noonMs, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

const poolA = pool({ name: "pool-a", addresses: ["10.0.10.0/24"] });
const poolB = pool({ name: "pool-b", addresses: ["10.0.20.0/24"] });
const red = { serviceSelector: { matchLabels: { color: "red" } } };

/** Whether each of these pools says that it overlaps another. */
function overlaps(...pools: readonly Pool[]): readonly (string | undefined)[] {
  const reports = poolReports({ pools, advertisements: [], forbidden: [], nowMs: noonMs });
  return pools.map(({ name }) => reports.get(name)?.conditions.find(({ type }) => type === "Overlaps")?.status);
}

describe("Cilium A: pools come, change and go", () => {
  it("Cilium A5: an address asked for is given once a pool for it appears", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.20.10" }).settle();
    assert.equal(world.reason("x/a"), "False AddressOutsidePools");
    world.pools = [poolA, poolB];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.20.10"]);
  });

  it("Cilium A6: or once a pool gains a range with it", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.20.10" }).settle();
    world.pools = [pool({ name: "pool-a", addresses: ["10.0.10.0/24", "10.0.20.0/24"] })];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.20.10"]);
  });

  it("Cilium A7: a paused pool takes nothing away and gives nothing new until it goes on", () => {
    const world = new World(poolA).put("x/a").settle();
    world.pools = [{ ...poolA, paused: true }];
    world.put("x/b").settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.0"]);
    assert.equal(world.reason("x/a"), "True Allocated");
    assert.equal(world.reason("x/b"), "False PoolPaused");
    world.pools = [poolA];
    assert.deepEqual(world.settle().addresses("x/b"), ["10.0.10.1"]);
  });

  it("Cilium A9: a pool that gains a range moves nothing", () => {
    const world = new World(poolA).put("x/a").settle();
    world.pools = [pool({ name: "pool-a", addresses: ["10.0.10.0/24", "10.0.20.0/24"] })];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.10.0"]);
    assert.equal(world.reason("x/a"), "True Allocated");
  });

  it("Cilium A4: a pool of one range has no conflict with itself", () => {
    assert.deepEqual(overlaps(poolA), ["False"]);
  });

  it("Cilium A17, A18: without a pool a Service waits, and is served by the first that comes", () => {
    const world = new World().put("x/a").settle();
    assert.equal(world.reason("x/a"), "False NoPool");
    world.pools = [poolA];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.10.0"]);
  });
});

describe("Cilium A21: the host bits of a CIDR are masked", () => {
  for (const { cidr, first, last, outside } of [
    { cidr: "10.0.0.0/24", first: "10.0.0.0", last: "10.0.0.255", outside: "10.0.1.0" },
    { cidr: "10.0.0.0/25", first: "10.0.0.0", last: "10.0.0.127", outside: "10.0.0.128" },
    { cidr: "10.0.0.12/24", first: "10.0.0.0", last: "10.0.0.255", outside: "10.0.1.0" },
    { cidr: "::/112", first: "::", last: "::ffff", outside: "::1:0" },
  ])
    it(`Cilium A21: ${cidr} is ${first} to ${last}`, () => {
      const given = [first, last, outside].map((text) => poolGives(pool({ addresses: [cidr] }), address(text)));
      assert.deepEqual(given, [true, true, false]);
    });
});

/** A pool as it is parsed from an object, so that skipEnds counts. */
function parsed(text: string, skipEnds: boolean): Pool {
  const metadata = { name: "public", uid: "1", resourceVersion: "1" };
  const result = parsePool({ metadata, spec: { addresses: [text], skipEnds } });
  assert.ok("value" in result);
  return result.value;
}

describe("Cilium B: the ends of a range", () => {
  const [open, skipping] = [false, true].map((skip) => parsed("10.0.10.16/30", skip));
  assert.ok(open && skipping);

  it("Cilium B1: the first address is given to who asks for it", () => {
    const world = new World(open).put("x/a", { loadBalancerIP: "10.0.10.16" }).settle();
    assert.deepEqual([world.addresses("x/a"), world.reason("x/a")], [["10.0.10.16"], "True Allocated"]);
  });

  it("Cilium B2, B3: it is not while the pool skips its ends, and is once it does not", () => {
    const world = new World(skipping).put("x/a", { loadBalancerIP: "10.0.10.16" }).settle();
    assert.deepEqual([world.addresses("x/a"), world.reason("x/a")], [[], "False AddressExcluded"]);
    world.pools = [open];
    assert.deepEqual([world.settle().addresses("x/a"), world.reason("x/a")], [["10.0.10.16"], "True Allocated"]);
  });

  for (const text of ["10.0.10.16/31", "10.0.10.16/32", "2001:db8::/127", "2001:db8::/128", "10.0.10.16-10.0.10.19"])
    it(`Cilium B5: nothing of ${text} is skipped`, () => {
      assert.deepEqual(parsed(text, true).ranges, parsed(text, false).ranges);
    });

  it("Cilium B6: what is held stays when the pool begins to skip it", () => {
    const world = new World(open).put("x/a").settle();
    world.pools = [skipping];
    assert.deepEqual([world.settle().addresses("x/a"), world.reason("x/a")], [["10.0.10.16"], "True OutsidePool"]);
  });
});

const heldStays = "nothing held is taken away when a pool changes or goes";

/** What a Service of the pool says after this edit, and that it keeps its address. */
function keeps(pools: readonly Pool[], reason: string): void {
  const world = new World(poolA).put("x/a").settle();
  world.pools = pools;
  assert.deepEqual(world.settle().addresses("x/a"), ["10.0.10.0"]);
  assert.equal(world.reason("x/a"), reason);
}

const decidedOtherwise: readonly { row: string; rule: string; does: () => void }[] = [
  {
    row: "A1, A2",
    rule: "pools that overlap are refused at admission; past it both work, both say so, and no address is given twice",
    does: () => {
      const later = pool({ name: "pool-b", addresses: ["10.0.10.0/24", "ff::/48"] });
      assert.deepEqual(overlaps(poolA, later), ["True", "True"]);
      assert.deepEqual(overlaps(poolA, pool({ name: "pool-b", addresses: ["ff::/48"] })), ["False", "False"]);
      const world = new World(poolA, later);
      for (const name of ["pool-a", "pool-b"]) world.put(`x/${name}`, { asks: { pools: [name] } });
      assert.deepEqual(world.settle().held(), ["10.0.10.0", "10.0.10.1"]);
    },
  },
  {
    row: "A3",
    rule: "overlap within a pool is merged",
    does: () => {
      const nested = pool({ name: "pool-a", addresses: ["10.0.10.0/24", "10.0.10.64/28"] });
      assert.deepEqual([overlaps(nested), nested.ranges], [["False"], poolA.ranges]);
    },
  },
  { row: "A8", rule: heldStays, does: () => keeps([poolB], "True OutsidePool") },
  {
    row: "A10",
    rule: heldStays,
    does: () => keeps([pool({ name: "pool-a", addresses: ["10.0.20.0/24"] })], "True OutsidePool"),
  },
  { row: "A16", rule: heldStays, does: () => keeps([{ ...poolA, services: red }], "True OutsidePool") },
  { row: "A19", rule: heldStays, does: () => keeps([], "True OutsidePool") },
  {
    row: "B7",
    rule: "the ends that are skipped are not part of the total",
    does: () => {
      const { ipv4 } =
        poolReports({ pools: [parsed("10.0.10.0/24", true)], advertisements: [], forbidden: [], nowMs: noonMs }).get(
          "public",
        ) ?? {};
      assert.deepEqual([ipv4?.total, ipv4?.free], ["254", "254/254"]);
    },
  },
];

describe("Cilium A and B: decided otherwise", () => {
  for (const { row, rule, does } of decidedOtherwise) it(`Cilium ${row}: ${rule}`, does);
});
