import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isBuggy } from "../../../src/ipam/pool-selection.ts";
import { poolSize } from "../../../src/ipam/pool-size.ts";
import { type PoolReport, poolReports } from "../../../src/ipam/pool-status.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { advertisement, noonMs, noReuse, pool, range, released, reservation, service } from "../../support/builders.ts";
import { World } from "./world.ts";

const owner = service();
const held = (text: string, from = "public"): ReturnType<typeof advertisement> =>
  advertisement(text, { owner, pool: from });

/** Nothing rests and nothing is reserved. */
const untouched = { cooling: 0, reserved: 0 };

type Situation = Parameters<typeof poolReports>[0];

function report(
  name: string,
  pools: Situation["pools"],
  advertisements: Situation["advertisements"],
  forbidden: Situation["forbidden"] = [],
): PoolReport {
  const found = poolReports({ pools, advertisements, forbidden, nowMs: noonMs }).get(name);
  assert.ok(found);
  return found;
}

describe("pool size", () => {
  const rows = [
    { name: "MetalLB G1: a /24", addresses: ["1.2.3.0/24"], avoid: false, v4: 256n, v6: 0n },
    { name: "MetalLB G2: and a /25", addresses: ["1.2.3.0/24", "2.3.4.128/25"], avoid: false, v4: 384n, v6: 0n },
    {
      name: "MetalLB G3: without .0 and .255",
      addresses: ["1.2.3.0/24", "2.3.4.128/25"],
      avoid: true,
      v4: 381n,
      v6: 0n,
    },
    {
      name: "MetalLB G4 (differs: exact): with an IPv6 /64",
      addresses: ["1.2.3.0/24", "2.3.4.128/25", "1000::/64"],
      avoid: true,
      v4: 381n,
      v6: 2n ** 64n,
    },
    { name: "MetalLB G5: small ones", addresses: ["1.2.3.0/31", "1000::/127"], avoid: true, v4: 1n, v6: 2n },
  ];
  for (const { name, addresses, avoid, v4, v6 } of rows)
    it(name, () => {
      const sized = pool({ addresses, avoidBuggyIPs: avoid });
      assert.deepEqual([poolSize(sized, 4), poolSize(sized, 6)], [v4, v6]);
    });

  it("of a pool that avoids .0 and .255 is what counting one by one gives", () => {
    const check = (first: number, more: number): void => {
      const texts = [first, first + more].map((value) => formatAddress({ family: 4, value: BigInt(value) }));
      let count = 0n;
      for (let value = first; value <= first + more; value++) if (!isBuggy(4, BigInt(value))) count += 1n;
      assert.equal(poolSize(pool({ addresses: [texts.join("-")], avoidBuggyIPs: true }), 4), count);
    };
    const anywhere = fc.integer({ min: 0x0a000000, max: 0x0a000400 });
    fc.assert(fc.property(anywhere, fc.integer({ min: 0, max: 1500 }), check));
  });
});

describe("a pool's counters", () => {
  it("MetalLB H1–H4: follow what is allocated", () => {
    const pools = [pool({ addresses: ["1.2.3.4/30", "1000::4/126"] })];
    const advertisements = ["1.2.3.4", "1.2.3.5", "1000::4"].map((text) => held(text));
    const { ipv4, ipv6 } = report("public", pools, advertisements);
    assert.deepEqual(ipv4, { total: "4", allocated: 2, free: "2/4", ...untouched });
    assert.deepEqual(ipv6, { total: "4", allocated: 1, free: "3/4", ...untouched });
  });

  it("MetalLB L23: grow with the pool", () => {
    const { ipv4 } = report("public", [pool({ addresses: ["192.168.10.0/29"] })], [held("192.168.10.0")]);
    assert.deepEqual(ipv4, { total: "8", allocated: 1, free: "7/8", ...untouched });
  });

  it("leave out a family that the pool has no addresses of, and what is excluded", () => {
    const counted = report("public", [pool({ addresses: ["192.0.2.0/28"], exclude: ["192.0.2.1"] })], []);
    assert.deepEqual([counted.ipv4?.total, counted.ipv6], ["15", undefined]);
  });

  it("do not count what lies outside, what is released, or what another pool gives", () => {
    const pools = [pool({ addresses: ["192.0.2.0/28"] }), pool({ name: "b", addresses: ["192.0.2.16/28"] })];
    const advertisements = [held("192.0.2.99"), advertisement("192.0.2.3"), held("192.0.2.17")];
    assert.equal(report("public", pools, advertisements).ipv4?.allocated, 0);
    assert.equal(report("b", pools, advertisements).ipv4?.allocated, 1);
  });

  it("count as free only what could be given: not what the cluster uses, nor what has a meaning of its own", () => {
    const forbidden = ["192.0.2.1", "192.0.2.2", "198.51.100.1"].map((text) => ({
      range: range(text),
      what: "a node",
    }));
    const pools = [pool({ addresses: ["192.0.2.0/30", "2001:db8::/127", "fe80::1"] })];
    const { ipv4, ipv6 } = report("public", pools, [held("192.0.2.1"), held("192.0.2.3")], forbidden);
    assert.deepEqual(ipv4, { total: "4", allocated: 2, free: "1/4", ...untouched });
    assert.equal(ipv6?.free, "2/3");
  });

  it("say that nothing is free exactly when the pool is exhausted", () => {
    const forbidden = [{ range: range("192.0.2.1"), what: "a gateway" }];
    const pools = [pool({ addresses: ["192.0.2.0/31"] })];
    const world = new World(...pools);
    world.forbidden = forbidden;
    world.put("shop/web").put("shop/late").settle();
    assert.equal(world.reason("shop/late"), "False PoolExhausted");
    assert.equal(report("public", pools, [...world.ledger.values()], forbidden).ipv4?.free, "0/2");
  });

  it("give totals that no number can hold", () => {
    const { ipv6 } = report("public", [pool({ addresses: ["2001:db8::/32"] })], [held("2001:db8::1")]);
    assert.deepEqual(ipv6, {
      total: `${2n ** 96n}`,
      allocated: 1,
      free: `${2n ** 96n - 1n}/${2n ** 96n}`,
      ...untouched,
    });
  });
});

describe("a pool's counters of what nobody holds", () => {
  const small = { addresses: ["192.0.2.0/30"] };
  const gone = service({ key: "shop/gone" });
  const minutesAgo = (minutes: number): Parameters<typeof advertisement>[1] => ({
    released: released(gone, noonMs - minutes * 60_000),
  });
  const rows = [
    { name: "what rests is cooling, and free to give", pool: small, minutes: 4, free: "4/4", cooling: 1 },
    { name: "what has rested is like any other", pool: small, minutes: 5, free: "4/4", cooling: 0 },
    {
      name: "where the pool is strict, what rests is not free",
      pool: { ...small, reuse: { rememberForMs: 0, coolDownForMs: 300_000, coolDown: "Strict" } } as const,
      minutes: 4,
      free: "3/4",
      cooling: 1,
    },
    {
      name: "where nothing rests, nothing cools",
      pool: { ...small, reuse: noReuse },
      minutes: 0,
      free: "4/4",
      cooling: 0,
    },
  ];
  for (const { name, pool: changes, minutes, free, cooling } of rows)
    it(name, () => {
      const counts = report("public", [pool(changes)], [advertisement("192.0.2.1", minutesAgo(minutes))]).ipv4;
      assert.deepEqual(counts, { total: "4", allocated: 0, free, cooling, reserved: 0 });
    });

  it("what is reserved counts as reserved until its Service, or another, holds it", () => {
    const reserving = pool({ ...small, reservations: [reservation("192.0.2.2", "shop/web")] });
    assert.deepEqual(report("public", [reserving], []).ipv4, {
      total: "4",
      allocated: 0,
      free: "3/4",
      cooling: 0,
      reserved: 1,
    });
    const { ipv4 } = report("public", [reserving], [held("192.0.2.2")]);
    assert.deepEqual(ipv4, { total: "4", allocated: 1, free: "3/4", ...untouched });
  });
});

describe("a pool's conditions", () => {
  const states = ({ conditions }: PoolReport): readonly string[] =>
    conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

  it("say that it is ready, full or not", () => {
    const full = report("public", [pool({ addresses: ["192.0.2.1"] })], [held("192.0.2.1")]);
    assert.deepEqual(states(full), ["Ready True Valid", "Overlaps False NoOverlap"]);
  });

  it("Antrea H1: name the pools that have the same addresses, on both sides; both count what is there", () => {
    const pools = [
      pool({ name: "qux", addresses: ["10.20.0.0/16"] }),
      pool({ name: "bar", addresses: ["10.20.30.0/24"] }),
      pool({ name: "foo", addresses: ["10.21.0.0/16"] }),
    ];
    const reports = poolReports({
      pools,
      advertisements: [held("10.20.30.5", "qux")],
      forbidden: [],
      nowMs: noonMs,
    });
    const messages = pools.map(({ name }) => reports.get(name)?.conditions[1]?.message);
    const alone = "no other pool has its addresses";
    assert.deepEqual(messages, ["addresses are also in pool bar", "addresses are also in pool qux", alone]);
    assert.deepEqual([reports.get("qux")?.ipv4?.allocated, reports.get("bar")?.ipv4?.allocated], [1, 1]);
  });

  for (const [a, b, overlaps] of [
    ["10.0.0.0-10.0.0.10", "10.0.0.11-10.0.0.20", false],
    ["10.0.0.0-10.0.0.10", "10.0.0.10-10.0.0.20", true],
    ["10.0.0.5-10.0.0.20", "10.0.0.0-10.0.0.10", true],
  ] as const)
    it(`Cilium A20: ${a} and ${b} ${overlaps ? "overlap" : "do not overlap"}`, () => {
      const pools = [pool({ addresses: [a] }), pool({ name: "other", addresses: [b] })];
      assert.equal(report("public", pools, []).conditions[1]?.status, overlaps ? "True" : "False");
    });
});
