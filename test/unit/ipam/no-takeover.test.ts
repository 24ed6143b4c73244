import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPlanner } from "../../../src/ipam/plan.ts";
import { addresses, advertisement, pool, service, sharingTerms, snapshot } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

const at = (port: number, changes: object = {}) => ({ terms: sharingTerms({ ports: [`TCP/${port}`], ...changes }) });

describe("who shares an address", () => {
  it("keeps it when the pool that it names is split, and the first member's pool takes the address over", () => {
    const world = new World(pool({ name: "p2" }));
    world.put("shop/a", at(80)).settle();
    world.put("shop/b", { ...at(81), asks: { pools: ["p2"] } }).settle();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.0"]);
    world.pools = [
      pool({ name: "p1", addresses: ["192.0.2.0"] }),
      pool({ name: "p2", addresses: ["192.0.2.1-192.0.2.9"] }),
    ];
    world.settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["192.0.2.0"], ["192.0.2.0"]]);
  });

  const hidden = [
    {
      name: "with an annotation that is not understood",
      changes: { asks: { problems: [{ path: "x", message: "y" }] } },
    },
    { name: "on its way out", changes: { ...at(80), terminating: true } },
  ];
  for (const { name, changes } of hidden)
    it(`takes no port of the others ${name}`, () => {
      const world = new World(pool()).put("shop/a", at(80)).put("shop/b", at(81)).settle();
      const traffic = { ports: ["TCP/80"], policy: "Cluster", selector: "" } as const;
      const before = world.services.get("shop/b") ?? assert.fail();
      const { terms: _, ...untold } = before;
      world.services.set("shop/b", { ...("terminating" in changes ? before : untold), traffic, ...changes });
      world.settle();
      assert.deepEqual(world.addresses("shop/a"), ["192.0.2.0"]);
      assert.ok(!world.addresses("shop/b").includes("192.0.2.0"));
    });

  it("completes a set of which only a part was written", () => {
    const world = new World(pool());
    world.put("shop/a", { ...at(80), asks: { addresses: addresses("192.0.2.5", "192.0.2.6") } }).settle();
    world.put("shop/b", at(81));
    world.interrupted((i) => i === 1);
    assert.equal(world.settle().addresses("shop/b").length, 2);
  });
});

describe("what is shown in a status", () => {
  it("and cannot be adopted is given to nobody else", () => {
    const world = new World(pool({ services: { namespaces: new Set(["shop"]) } }));
    world
      .put("legacy/a", { ingress: [{ ip: "192.0.2.0" }] })
      .put("shop/b")
      .settle();
    assert.equal(world.reason("legacy/a"), "False AdoptionRefused");
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.1"]);
  });

  it("is given to another only when the first shows it no more", () => {
    const world = new World(pool({ addresses: ["192.0.2.1", "192.0.2.2"] }));
    world.announced = true;
    world.put("shop/a").settle();
    const shown = world.services.get("shop/a") ?? assert.fail();
    const moved = { ...shown, allocated: addresses("192.0.2.2"), loadBalancerIP: "192.0.2.2" };
    world.services.set("shop/a", { ...moved, asks: { problems: [], addresses: addresses("192.0.2.2") } });
    world.ledger.set("second", advertisement("192.0.2.2", { owner: moved, createdMs: 9 }));
    world.put("shop/b");
    const plan = world.plan;
    assert.notEqual(world.step(), plan);
    assert.deepEqual(deeds(world.plan), [], "the ingress names 192.0.2.1 still");
  });
});

it("an outcome with something to verify is not remembered, for what is to be verified changes", () => {
  const owner = service({ allocated: addresses("192.0.2.1", "192.0.2.2"), loadBalancerIP: "192.0.2.1" });
  const other = service({ key: "blog/other", allocated: addresses("192.0.2.2") });
  const held = advertisement("192.0.2.1", { owner });
  const planAllocations = createPlanner();
  const unverified = (resourceVersion: string): unknown => {
    const advertisements = [held, advertisement("192.0.2.2", { owner: other, resourceVersion })];
    const { outcomes } = planAllocations(snapshot({ services: [owner, other], pools: [pool()], advertisements }));
    return outcomes.get("shop/web")?.unverified;
  };
  const [address] = addresses("192.0.2.2");
  assert.deepEqual(unverified("1"), [{ address, resourceVersion: "1" }]);
  assert.deepEqual(unverified("2"), [{ address, resourceVersion: "2" }]);
});
