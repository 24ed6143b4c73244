import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addresses, pool, type service } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const shown = (...texts: readonly string[]): Changes => ({ ingress: texts.map((ip) => ({ ip, ipMode: "VIP" })) });

const noted = (...texts: readonly string[]): Changes => ({
  allocated: addresses(...texts),
  loadBalancerIP: texts[0] ?? "",
});

const dual = pool({ addresses: ["192.0.2.0/24", "2001:db8::/112"] });
const both: Changes = { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" };

describe("an adoption of two families", () => {
  for (const { name, service: changes } of [
    { name: "from the status", service: shown("192.0.2.77", "2001:db8::77") },
    { name: "from the annotation", service: noted("192.0.2.77", "2001:db8::77") },
    { name: "from both", service: { ...noted("192.0.2.77", "2001:db8::77"), ...shown("192.0.2.77") } },
  ])
    for (const failing of [0, 1])
      it(`${name} ends with both addresses though claim ${failing} fails first`, () => {
        const world = new World(dual).put("shop/web", { ...both, ...changes });
        world.interrupted((i) => i === failing);
        assert.equal(world.ledger.size, 1);
        assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.77", "2001:db8::77"]);
      });

  it("is of the one in the status if the one in the annotation is another's", () => {
    const world = new World(dual).put("blog/web", { ipFamilies: [6], loadBalancerIP: "2001:db8::77" }).settle();
    world.put("shop/web", { ...both, ...noted("192.0.2.77", "2001:db8::77"), ...shown("192.0.2.77") }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.77", "2001:db8::"]);
  });
});

describe("an annotation that somebody forged", () => {
  it("opens no paused pool", () => {
    const world = new World(pool({ paused: true })).put("evil/web", noted("192.0.2.5")).settle();
    assert.deepEqual(world.addresses("evil/web"), []);
    assert.match(world.message("evil/web"), /pool public is paused$/);
  });

  it("does not take what another Service shows in its status, however old the forger is", () => {
    const world = new World(pool()).put("evil/web", noted("192.0.2.5")).put("shop/web", shown("192.0.2.5")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.5"]);
    assert.deepEqual(world.addresses("evil/web"), ["192.0.2.0"]);
  });
});

describe("a Service that was restored", () => {
  it("before its pool keeps the memory of its address and gets it once the pool is there", () => {
    const world = new World().put("shop/web", noted("192.0.2.77"));
    const before = world.services.get("shop/web");
    assert.equal(world.settle().reason("shop/web"), "False AdoptionRefused");
    assert.equal(world.services.get("shop/web"), before);
    world.pools = [pool()];
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.77"]);
  });

  it("keeps it also while it asks for another one that cannot be given either", () => {
    const world = new World().put("shop/web", { ...noted("192.0.2.77"), asks: { addresses: addresses("10.0.0.1") } });
    assert.equal(world.settle().reason("shop/web"), "False AdoptionRefused");
    world.pools = [pool()];
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.77"]);
  });
});

describe("a Service that was made from the manifest of another", () => {
  it("is served as a new one", () => {
    const world = new World(pool()).put("shop/web", { loadBalancerIP: "192.0.2.7" }).settle();
    world.put("shop/copy", noted("192.0.2.7")).settle();
    assert.equal(world.reason("shop/copy"), "True Allocated");
    assert.deepEqual(world.addresses("shop/copy"), ["192.0.2.0"]);
    assert.equal(world.services.get("shop/copy")?.loadBalancerIP, "192.0.2.0");
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.7"]);
  });
});

describe("RequireDualStack", () => {
  it("that asks for another address keeps the one that it has while the other family is missing", () => {
    const world = new World(pool()).put("shop/web", { loadBalancerIP: "192.0.2.2" }).settle();
    world.put("shop/web", { ipFamilyPolicy: "RequireDualStack", asks: { addresses: addresses("192.0.2.1") } }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
    assert.equal(world.reason("shop/web"), "False FamilyUnavailable");
  });
});

describe("a message", () => {
  it("has at most 1,024 characters, whatever the Service says", () => {
    const pools = Array.from({ length: 16 }, (_, i) => `${i}${"p".repeat(250)}`);
    const world = new World(pool()).put("shop/web", { asks: { pools } }).settle();
    assert.equal(world.message("shop/web").length, 1024);
    world.put("shop/odd", { loadBalancerIP: "x".repeat(500_000) }).settle();
    assert.ok(world.message("shop/odd").length < 300);
  });
});
