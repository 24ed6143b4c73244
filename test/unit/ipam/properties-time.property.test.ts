import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Reuse } from "../../../src/api/ip-pool.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { noReuse, pool, type service } from "../../support/builders.ts";
import {
  anyEdits,
  anySharingParts,
  type Edit,
  edited,
  type SharingParts,
  sharingWorldOf,
} from "./any-sharing-cluster.ts";
import { World } from "./world.ts";

const runs = { numRuns: 100 };

const dayMs = 24 * 3_600_000;

/** What a plan says of Services and the ledger, and what is said of the pools; not when to plan again. */
function said(snapshot: Snapshot): unknown {
  const { changes, outcomes } = createPlanner()(snapshot);
  const told = [...outcomes.values()].map(({ addresses, allocated }) => ({ addresses, allocated }));
  return { changes, told, reports: poolReports(snapshot) };
}

describe("when to plan again", () => {
  const property = (
    statement: string,
    check: (parts: SharingParts, edits: readonly Edit[], part: number) => void,
  ): void => {
    const part = fc.double({ min: 0, max: 0.999, noNaN: true });
    it(statement, () => fc.assert(fc.property(anySharingParts, anyEdits, part, check), runs));
  };

  property("is not before time alone has changed something", (parts, edits, part) => {
    const world = edits.reduce(edited, sharingWorldOf(parts)).settle();
    const { wakeAtMs = world.nowMs + 30 * dayMs } = world.plan;
    const before = said(world.snapshot());
    world.nowMs += Math.floor(part * (wakeAtMs - world.nowMs));
    assert.deepEqual(said(world.snapshot()), before);
  });

  property("is ahead, and in the end there is nothing to wait for", (parts, edits) => {
    const world = edits.reduce(edited, sharingWorldOf(parts)).settle();
    for (
      let { wakeAtMs } = world.plan, wakes = 0;
      wakeAtMs !== undefined;
      { wakeAtMs } = world.settle().plan, wakes++
    ) {
      assert.ok(wakeAtMs > world.nowMs && wakes < 100);
      world.nowMs = wakeAtMs;
    }
    assert.deepEqual(
      [...world.ledger.values()].filter(({ services }) => services.length === 0),
      [],
    );
  });
});

type Changes = NonNullable<Parameters<typeof service>[0]>;

const roomy = (reuse: Reuse) => pool({ addresses: ["192.0.2.1-192.0.2.40", "2001:db8::1-2001:db8::40"], reuse });

const anyReuse: fc.Arbitrary<Reuse> = fc.record({
  rememberForMs: fc.integer({ min: 1, max: 48 }).map((hours) => hours * 3_600_000),
  coolDownForMs: fc.integer({ min: 0, max: 48 }).map((hours) => hours * 3_600_000),
  coolDown: fc.constantFrom("Prefer" as const, "Strict" as const),
});

const anyChanges: fc.Arbitrary<Changes> = fc.record({
  ipFamilies: fc.constantFrom([4] as const, [6] as const, [4, 6] as const, [6, 4] as const),
  ipFamilyPolicy: fc.constantFrom("SingleStack" as const, "PreferDualStack" as const, "RequireDualStack" as const),
});

const anySpecs = fc.array(anyChanges, { minLength: 1, maxLength: 6 });

const names = (specs: readonly Changes[], namespace: string): readonly string[] =>
  specs.map((_, i) => `${namespace}/web-${i}`);

function populated(reuse: Reuse, specs: readonly Changes[]): World {
  const world = new World(roomy(reuse));
  for (const [i, changes] of specs.entries()) world.put(`shop/web-${i}`, changes);
  return world.settle();
}

const addressesOf = (world: World, keys: readonly string[]) => keys.map((key) => world.addresses(key));

/** The World after it has settled at another time. */
function at(world: World, nowMs: number): World {
  world.nowMs = nowMs;
  return world.settle();
}

const addressesIn = ({ ledger }: World): readonly string[] => [...ledger.keys()].sort();

describe("what is remembered", () => {
  const part = fc.double({ min: 0, max: 0.999, noNaN: true });

  it("comes back to Services of the same name, whoever came between, until it is forgotten", () => {
    const check = (reuse: Reuse, specs: readonly Changes[], others: readonly Changes[], when: number): void => {
      const world = populated(reuse, specs);
      const keys = names(specs, "shop");
      const before = addressesOf(world, keys);
      world.remove(...keys).settle();
      for (const [i, changes] of others.entries()) world.put(`blog/web-${i}`, changes);
      world.settle();
      world.nowMs += Math.floor(when * reuse.rememberForMs);
      for (const [i, changes] of specs.entries()) world.put(`shop/web-${i}`, { ...changes, uid: `uid-new-${i}` });
      assert.deepEqual(addressesOf(world.settle(), keys), before);
    };
    fc.assert(fc.property(anyReuse, anySpecs, anySpecs, part, check), runs);
  });

  it("is forgotten at its time, whether or not anybody planned in between", () => {
    const check = (reuse: Reuse, specs: readonly Changes[], times: readonly number[]): void => {
      const [awake, down] = [populated(reuse, specs), populated(reuse, specs)];
      const both = [awake, down];
      for (const world of both) world.remove(...names(specs, "shop")).settle();
      const lastsMs = Math.max(reuse.rememberForMs, reuse.coolDownForMs);
      const endMs = down.nowMs + lastsMs;
      for (const time of times) at(awake, down.nowMs + Math.floor(time * lastsMs));
      assert.deepEqual(addressesIn(at(awake, endMs - 1)), addressesIn(at(down, endMs - 1)));
      assert.notEqual(down.ledger.size, 0);
      for (const world of both) assert.equal(at(world, endMs).ledger.size, 0);
    };
    fc.assert(fc.property(anyReuse, anySpecs, fc.array(part, { maxLength: 3 }), check), runs);
  });

  it("is nothing in a pool that neither remembers nor lets rest", () => {
    const check = (specs: readonly Changes[]): void => {
      const world = populated(noReuse, specs);
      assert.equal(world.remove(...names(specs, "shop")).settle().ledger.size, 0);
    };
    fc.assert(fc.property(anySpecs, check), runs);
  });
});
