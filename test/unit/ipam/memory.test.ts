import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Plan } from "../../../src/ipam/change.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import { addresses, advertisement, pool, service, snapshot } from "../../support/builders.ts";
import { deeds } from "./world.ts";

const planAllocations = createPlanner();

describe("a plan in the middle of a move", () => {
  const pools = [pool({ name: "a", addresses: ["192.0.2.0/25"] }), pool({ name: "b", addresses: ["192.0.2.128/25"] })];

  it("to a named pool knows the new claim before the Service says it", () => {
    const owner = service({ asks: { pools: ["b"] }, loadBalancerIP: "192.0.2.1", allocated: addresses("192.0.2.1") });
    const advertisements = [
      advertisement("192.0.2.1", { owner, pool: "a", createdMs: 1 }),
      advertisement("192.0.2.200", { owner, pool: "b", createdMs: 2 }),
    ];
    const plan = planAllocations(snapshot({ services: [owner], pools, advertisements }));
    assert.deepEqual(deeds(plan), []);
    assert.deepEqual(plan.outcomes.get("shop/web")?.addresses, addresses("192.0.2.200"));
  });

  it("to spec.loadBalancerIP knows the new claim before the annotation says it", () => {
    const owner = service({ loadBalancerIP: "192.0.2.9", allocated: addresses("192.0.2.1") });
    const advertisements = ["192.0.2.1", "192.0.2.9"].map((text, createdMs) =>
      advertisement(text, { owner, pool: "a", createdMs }),
    );
    const plan = planAllocations(snapshot({ services: [owner], pools, advertisements }));
    assert.deepEqual(plan.outcomes.get("shop/web")?.addresses, addresses("192.0.2.9"));
  });

  it("is not one when another pool takes over the address of a pool that the Service names", () => {
    const owner = service({ asks: { pools: ["a"] }, allocated: addresses("192.0.2.1") });
    const advertisements = [advertisement("192.0.2.1", { owner, pool: "a" })];
    const edited = [pool({ name: "a", addresses: ["10.0.0.0/8"] }), pool({ name: "b", addresses: ["192.0.2.0/24"] })];
    const plan = planAllocations(snapshot({ services: [owner], pools: edited, advertisements }));
    assert.deepEqual(deeds(plan), []);
    assert.equal(plan.outcomes.get("shop/web")?.allocated.reason, "OutsidePool");
  });
});

describe("what a plan remembers of the one before it", () => {
  const owner = service({ allocated: addresses("192.0.2.1"), loadBalancerIP: "192.0.2.1" });
  const held = advertisement("192.0.2.1", { owner });
  const services = [owner, service({ key: "shop/other", type: "ClusterIP" })];
  const base = snapshot({ services, pools: [pool()], advertisements: [held] });

  it("is the very same outcome while nothing changes", () => {
    const first = planAllocations(base).outcomes.get("shop/web");
    assert.equal(planAllocations({ ...base, services: [...services] }).outcomes.get("shop/web"), first);
  });

  const later = [
    {
      name: "the advertisement",
      now: { advertisements: [{ ...held, trafficPolicy: "Local" as const }] },
      want: ["192.0.2.1 revised"],
    },
    {
      name: "the pool's announcement",
      now: {
        pools: [pool({ announcement: { arp: { interfaces: ["eth9"], mode: "Responder", conflictCheck: "On" } } })],
      },
      want: ["192.0.2.1 revised"],
    },
    {
      name: "the Service's demand",
      now: { services: [service({ ipFamilies: [6 as const] })] },
      want: ["shop/web leaves 192.0.2.1: NotDemanded"],
    },
    {
      name: "a second claim",
      now: { advertisements: [held, advertisement("192.0.2.2", { owner })] },
      want: ["shop/web leaves 192.0.2.2: Surplus"],
    },
    { name: "the ledger, emptied", now: { advertisements: [] }, want: ["shop/web gets 192.0.2.1"] },
  ];
  for (const { name, now, want } of later)
    it(`is forgotten when something else is there: ${name}`, () => {
      planAllocations(base);
      assert.deepEqual(deeds(planAllocations({ ...base, ...now })), want);
      assert.deepEqual(deeds(planAllocations(base)), []);
    });

  it("is forgotten when the pool no longer selects the Service", () => {
    const selecting = pool({ services: { namespaceSelector: { matchLabels: { tier: "gold" } } } });
    const gold = { ...base, pools: [selecting], namespaces: new Map([["shop", { tier: "gold" }]]) };
    const reasonOf = (plan: Plan): string | undefined => plan.outcomes.get("shop/web")?.allocated.reason;
    assert.equal(reasonOf(planAllocations(gold)), "Allocated");
    assert.equal(reasonOf(planAllocations({ ...gold, namespaces: new Map([["shop", {}]]) })), "OutsidePool");
  });
});
