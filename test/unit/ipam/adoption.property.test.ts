import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Service } from "../../../src/api/service.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { anyParts, type Parts, told, worldOf } from "./any-cluster.ts";
import { type World, writes } from "./world.ts";

const runs = { numRuns: 1000 };

const property = (statement: string, check: (parts: Parts) => void): void => {
  it(statement, () => fc.assert(fc.property(anyParts, check), runs));
};

const ingressOf = ({ ingress = [] }: { readonly ingress?: Service["ingress"] }): readonly string[] =>
  ingress.map(({ ip = "" }) => ip);

const asksNothing = ({ asks, loadBalancerIP, allocated = [] }: Service): boolean =>
  asks.addresses === undefined &&
  asks.pools === undefined &&
  (loadBalancerIP === "" || allocated.some((each) => formatAddress(each) === loadBalancerIP));

/** The first that is shown of each family, in the status if any is there. */
function firstShown({ ingress, allocated = [] }: Service): readonly string[] {
  const noted = allocated.map(formatAddress);
  return [":", "."].flatMap((mark) => {
    const [first] = [...ingressOf({ ingress }), ...noted].filter((text) => text.includes(mark));
    return first ?? [];
  });
}

/** What each Service that asks for nothing showed at first and was given. */
function adopted(world: World, before: ReadonlyMap<string, Service>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...before.values()].filter(asksNothing).map((service) => {
      const shown = firstShown(service);
      return [service.key, world.addresses(service.key).filter((text) => shown.includes(text))];
    }),
  );
}

describe("what Services show", () => {
  property("in the status of one alone becomes its own as if it were alone", (parts) => {
    const full = worldOf(parts);
    full.step();
    for (const each of parts.services) {
      const others = parts.services.filter(({ key }) => key !== each.key).flatMap(({ changes }) => ingressOf(changes));
      const own = ingressOf(each.changes);
      if (each.changes.asks?.addresses !== undefined || own.some((text) => others.includes(text))) continue;
      const alone = worldOf({ ...parts, services: [each] });
      alone.step();
      for (const text of alone.addresses(each.key).filter((one) => own.includes(one)))
        assert.ok(full.addresses(each.key).includes(text), `${each.key} lost ${text}`);
    }
  });

  property("in an annotation alone gets nothing out of a paused pool", (parts) => {
    const world = worldOf(parts);
    const paused = new Set(parts.pools.filter((pool) => pool.paused).map(({ name }) => name));
    for (const { joined, spec } of writes(world.step()))
      for (const { key, ingress } of joined)
        if (ingress.length === 0) assert.ok(!paused.has(spec.pool), `${key} got one of ${spec.pool}`);
  });

  property("stays as it is while it cannot become theirs", (parts) => {
    const world = worldOf(parts);
    world.announced = true;
    for (let i = 0; i < 4; i++) {
      const before = new Map(world.services);
      for (const { service, allocated } of world.step().outcomes.values())
        if (allocated.reason === "AdoptionRefused")
          assert.equal(world.services.get(service.key), before.get(service.key));
    }
  });

  property("survives that the pools come later than the Services", (parts) => {
    const restored = worldOf({ ...parts, pools: [] });
    const before = new Map(restored.services);
    restored.settle().pools = parts.pools;
    assert.deepEqual(adopted(restored.settle(), before), adopted(worldOf(parts).settle(), before));
  });

  it("becomes theirs whichever claims of a plan fail, or are the last before a crash", () => {
    const check = (parts: Parts, failing: readonly boolean[]): void => {
      const world = worldOf(parts);
      const before = new Map(world.services);
      world.interrupted((i) => failing[i % failing.length] === true);
      const wanted = adopted(world, before);
      world.settle();
      const written = [...before.values()].flatMap(({ allocated = [] }) => allocated.map(formatAddress));
      // What only annotations say, and several do, is whose claim comes first.
      const isSure = (key: string, text: string): boolean =>
        before.get(key)?.ingress.some(({ ip }) => ip === text) === true ||
        written.filter((each) => each === text).length < 2;
      for (const [key, texts] of wanted)
        for (const text of texts.filter((each) => isSure(key, each)))
          assert.ok(world.addresses(key).includes(text), `${key} lost ${text}`);
      const given = [...told(world).values()].flat();
      assert.equal(new Set(given).size, given.length);
      assert.equal(world.held().length, given.length);
    };
    const failing = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(anyParts, failing, check), runs);
  });
});
