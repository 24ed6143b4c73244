import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { type LedgerChange, planAllocations } from "../../../src/ipam/plan.ts";
import { allocationReasons } from "../../../src/ipam/refusal.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { type Address, addressKey, formatAddress } from "../../../src/net/address.ts";
import { address, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

const namespaces = ["a", "b", "c"];
const poolNames = ["p1", "p2", "p3"];

/** Few addresses, so that pools overlap, fill up, and asks collide. */
const anyAddress: fc.Arbitrary<Address> = fc
  .tuple(fc.constantFrom("192.0.2.", "2001:db8::"), fc.integer({ min: 1, max: 9 }))
  .map(([stem, host]) => address(`${stem}${host}`));

const anyRange = fc
  .tuple(fc.constantFrom("192.0.2.", "2001:db8::"), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 }))
  .map(([stem, first, more]) => `${stem}${first}-${stem}${Math.min(9, first + more)}`);

const anySelection = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.subarray(namespaces, { minLength: 1 }).map((names) => ({ namespaces: new Set(names) })) },
);

const anyPool = (name: string): fc.Arbitrary<Pool> =>
  fc
    .record({
      addresses: fc.array(anyRange, { minLength: 1, maxLength: 3 }),
      exclude: fc.array(anyRange, { maxLength: 1 }),
      order: fc.constantFrom("Ascending" as const, "Descending" as const),
      automatic: fc.boolean(),
      priority: fc.integer({ min: -1, max: 1 }),
      paused: fc.boolean(),
      services: anySelection,
    })
    .map((parts) => pool({ name, ...parts }));

const anyPools = fc
  .subarray(poolNames)
  .chain((names) => fc.tuple(...names.map(anyPool)))
  .map((pools) => pools as readonly Pool[]);

const anyAsks = fc.record(
  {
    pools: fc.shuffledSubarray(poolNames, { minLength: 1 }),
    addresses: fc.array(anyAddress, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const anyService = fc.record({
  key: fc.tuple(fc.constantFrom(...namespaces), fc.integer({ min: 0, max: 7 })).map(([ns, i]) => `${ns}/web-${i}`),
  changes: fc.record({
    asks: anyAsks,
    type: fc.oneof({ weight: 9, arbitrary: fc.constant("LoadBalancer") }, fc.constant("ClusterIP")),
    ipFamilyPolicy: fc.constantFrom(
      "SingleStack" as const,
      "SingleStack" as const,
      "PreferDualStack" as const,
      "RequireDualStack" as const,
    ),
    ipFamilies: fc.constantFrom([4] as const, [6] as const, [4, 6] as const, [6, 4] as const),
  }),
});

const anyServices = fc.uniqueArray(anyService, { maxLength: 16, selector: ({ key }) => key });

type Parts = {
  pools: readonly Pool[];
  services: readonly (typeof anyService extends fc.Arbitrary<infer S> ? S : never)[];
};

const anyParts: fc.Arbitrary<Parts> = fc.record({ pools: anyPools, services: anyServices });

function worldOf({ pools, services }: Parts): World {
  const world = new World(...pools);
  for (const { key, changes } of services) world.put(key, changes);
  return world;
}

const property = (statement: string, check: (parts: Parts) => void): void => {
  it(statement, () => fc.assert(fc.property(anyParts, check), { numRuns: 300 }));
};

const signature = (change: LedgerChange): string => {
  const of = change.kind === "claim" ? change : change.advertisement;
  return `${change.kind} ${formatAddress(of.address)} ${change.kind === "claim" ? `${change.service.key} ${change.pool}` : ""}`;
};

const told = (world: World): ReadonlyMap<string, readonly string[]> =>
  new Map([...world.plan.outcomes.keys()].map((key) => [key, world.addresses(key)]));

describe("any cluster", () => {
  property("gives no address twice", (parts) => {
    const world = worldOf(parts).settle();
    const given = [...told(world).values()].flat();
    assert.equal(new Set(given).size, given.length);
    for (const key of told(world).keys())
      for (const text of world.addresses(key)) {
        const owner = world.ledger.get(addressKey(address(text)))?.services[0];
        assert.equal(`${owner?.namespace}/${owner?.name}`, key);
      }
  });

  property(
    "gives one address a family unless several are asked for, and leaves no claim that nobody is told of",
    (parts) => {
      const world = worldOf(parts).settle();
      for (const { service, addresses } of world.plan.outcomes.values())
        for (const family of [4, 6]) {
          const ofFamily = addresses.filter((each) => each.family === family);
          const asked = (service.asks.addresses ?? []).filter((each) => each.family === family);
          assert.ok(ofFamily.length <= Math.max(1, asked.length), service.key);
        }
      assert.equal(world.ledger.size, [...told(world).values()].flat().length);
    },
  );

  property("does not depend on the order in which things are listed", (parts) => {
    const { services, pools, ...rest } = worldOf(parts).snapshot();
    const forward: Snapshot = { ...rest, services, pools };
    const backward: Snapshot = { ...rest, services: services.toReversed(), pools: pools.toReversed() };
    const [a, b] = [planAllocations(forward), planAllocations(backward)];
    assert.deepEqual(a.changes.map(signature).sort(), b.changes.map(signature).sort());
    for (const [key, { allocated }] of a.outcomes) assert.deepEqual(b.outcomes.get(key)?.allocated, allocated);
  });

  property("has nothing left to do once its plan is carried out", (parts) => {
    const world = worldOf(parts);
    world.step();
    assert.deepEqual(world.step().changes, []);
  });

  property("gives each refused Service one reason of the closed list, with a message", (parts) => {
    const world = worldOf(parts).settle();
    for (const { allocated, addresses } of world.plan.outcomes.values()) {
      assert.ok((allocationReasons as readonly string[]).includes(allocated.reason), allocated.reason);
      assert.notEqual(allocated.message, "");
      assert.equal(allocated.status, addresses.length > 0 ? "True" : "False");
    }
  });
});

describe("any edit of the pools", () => {
  it("moves nothing that a Service holds", () => {
    const check = (parts: Parts, pools: readonly Pool[]): void => {
      const world = worldOf(parts).settle();
      const before = told(world);
      world.pools = pools;
      world.settle();
      for (const [key, held] of before)
        for (const text of held) assert.ok(world.addresses(key).includes(text), `${key} lost ${text}`);
    };
    fc.assert(fc.property(anyParts, anyPools, check), { numRuns: 500 });
  });

  it("and any change of Services afterwards still settles with no address twice", () => {
    const check = (parts: Parts, pools: readonly Pool[], services: Parts["services"]): void => {
      const world = worldOf(parts).settle();
      world.pools = pools;
      const keep = new Set(services.map(({ key }) => key));
      world.remove(...[...world.services.keys()].filter((key) => !keep.has(key)));
      for (const { key, changes } of services) world.put(key, changes);
      const given = [...told(world.settle()).values()].flat();
      assert.equal(new Set(given).size, given.length);
      assert.equal(world.ledger.size, given.length);
    };
    fc.assert(fc.property(anyParts, anyPools, anyServices, check), { numRuns: 300 });
  });
});
