import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addresses, noReuse, pool, type service, sharingTerms } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const one = pool({ addresses: ["192.0.2.1", "2001:db8::1"], reuse: noReuse });
const both = pool({ addresses: ["192.0.2.1-192.0.2.9", "2001:db8::1-2001:db8::9"], reuse: noReuse });

const shares = (port: number, namespaces: readonly string[] = []): Changes => ({
  terms: sharingTerms({ ports: [`TCP/${port}`], namespaces }),
});

/** The Service as if its owner had taken the sharing key away. */
function withoutKey(world: World, key: string, changes: Changes): World {
  const { terms: _, ...rest } = world.services.get(key) ?? {};
  world.remove(key);
  return world.put(key, { ...rest, asks: {}, ...changes });
}

const members = (world: World): readonly (readonly string[])[] =>
  [...world.ledger.values()].map(({ services }) => services.map(({ namespace, name }) => `${namespace}/${name}`));

describe("one plan", () => {
  it("after the other lets two Services swap their families, each once it says no more what it had", () => {
    const world = new World(one)
      .put("shop/a")
      .put("shop/b", { ipFamilies: [6] })
      .settle();
    world.put("shop/a", { ipFamilies: [6] }).put("shop/b", { ipFamilies: [4] });
    assert.deepEqual(deeds(world.step()), []);
    assert.deepEqual(deeds(world.step()), ["shop/a leaves 192.0.2.1: NotDemanded", "shop/b gets 192.0.2.1"]);
    assert.deepEqual(deeds(world.step()), ["shop/b leaves 2001:db8::1: NotDemanded", "shop/a gets 2001:db8::1"]);
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["2001:db8::1"], ["192.0.2.1"]]);
  });

  it("lets an older Service that found nothing join what a younger one with its key gets", () => {
    const limited = { ...both, perNamespace: 1 };
    const world = new World(limited)
      .put("blog/x")
      .put("blog/old", shares(80, ["shop"]))
      .put("shop/new", shares(81, ["blog"]));
    world.step();
    assert.deepEqual(world.addresses("blog/old"), world.addresses("shop/new"));
    assert.deepEqual(world.step().changes, []);
  });

  it("lets a new Service join one that has its key only now", () => {
    const world = new World(both).put("shop/a").settle();
    world.put("shop/a", shares(80)).put("shop/b", shares(81)).step();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["192.0.2.1"], ["192.0.2.1"]]);
    assert.deepEqual(members(world), [["shop/a", "shop/b"]]);
  });
});

describe("who shares an address and takes its key away", () => {
  const sharing = (): World => new World(both).put("shop/a", shares(80)).put("shop/b", shares(81)).settle();

  it("holds it once, alone, if it asks for it and the other leaves it at the same time", () => {
    const world = withoutKey(sharing(), "shop/b", { asks: { addresses: addresses("192.0.2.1") } });
    world.put("shop/a", { ipFamilies: [6] }).settle();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.1"]);
    assert.deepEqual(members(world).toSorted(), [["shop/a"], ["shop/b"]]);
  });

  it("leaves it also when an address of its other family is adopted meanwhile", () => {
    const ingress = ["192.0.2.1", "2001:db8::9"].map((ip) => ({ ip, ipMode: "VIP" }));
    const dual: Changes = { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" };
    const world = withoutKey(sharing(), "shop/b", { ...dual, ingress });
    world.announced = true;
    world.settle();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.2", "2001:db8::9"]);
    assert.deepEqual(world.addresses("shop/a"), ["192.0.2.1"]);
    assert.ok(members(world).every((each) => each.length === 1));
  });
});
