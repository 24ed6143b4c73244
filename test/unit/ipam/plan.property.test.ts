import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { LedgerChange } from "../../../src/ipam/change.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import { allocationReasons } from "../../../src/ipam/refusal.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { addressKey, formatAddress } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";
import { anyParts, anyPools, anyServices, newParts, type Parts, told, worldOf } from "./any-cluster.ts";
import type { World } from "./world.ts";

const planAllocations = createPlanner();

const property = (statement: string, check: (parts: Parts) => void, parts = anyParts): void => {
  it(statement, () => fc.assert(fc.property(parts, check), { numRuns: 300 }));
};

/** All that a change says, as text; an advertisement before it by its name. */
const signature = (change: LedgerChange): string => {
  if (change.kind === "forget") return `forget ${change.advertisement.name}`;
  const { before, spec, joined, left } = change;
  const says = [before?.name, spec, joined.map(({ key }) => key), left];
  return JSON.stringify(says, (_, value) => (typeof value === "bigint" ? `${value}` : value));
};

/** Nobody has an address that he does not know of; a Service on its way out may, if it wants a family no more. */
function assertAllTold(world: World): void {
  const given = new Set([...told(world).values()].flat());
  for (const { address: held, services } of world.ledger.values()) {
    if (services.length === 0) continue;
    const known = given.has(formatAddress(held));
    assert.ok(known || services.some(({ namespace, name }) => world.services.get(`${namespace}/${name}`)?.terminating));
  }
}

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
      assertAllTold(world);
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

  property(
    "of new Services has nothing left to do once its plan is carried out",
    (parts) => {
      const world = worldOf(parts);
      world.step();
      assert.deepEqual(world.step().changes, []);
    },
    newParts,
  );

  property("gives each refused Service one reason of the closed list, with a message", (parts) => {
    const world = worldOf(parts).settle();
    for (const { allocated, addresses } of world.plan.outcomes.values()) {
      assert.ok((allocationReasons as readonly string[]).includes(allocated.reason), allocated.reason);
      assert.notEqual(allocated.message, "");
      if (addresses.length === 0 || allocated.reason === "Allocated")
        assert.equal(allocated.status, addresses.length > 0 ? "True" : "False");
    }
  });
});

describe("any edit of the pools", () => {
  it("moves nothing that a Service holds, unless it asks for that and was refused so far", () => {
    const check = (parts: Parts, pools: readonly Pool[]): void => {
      const world = worldOf(parts).settle();
      const before = told(world);
      // Who insists on two families and has one keeps that instead of what it asks for, until it can have both.
      const isUnmet = (reason: string): boolean => reason === "True RequestRefused" || reason.startsWith("False");
      const unmet = new Set([...before.keys()].filter((key) => isUnmet(world.reason(key))));
      world.pools = pools;
      world.settle();
      for (const [key, held] of [...before].filter(([each]) => !unmet.has(each)))
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
      assertAllTold(world);
    };
    fc.assert(fc.property(anyParts, anyPools, anyServices, check), { numRuns: 300 });
  });
});
