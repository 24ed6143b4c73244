import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPlanner } from "../../../src/ipam/plan.ts";
import { addresses, advertisement, noReuse, pool, range, service, snapshot } from "../../support/builders.ts";
import { deeds, World, writes } from "./world.ts";

const planAllocations = createPlanner();

describe("which Services are handled", () => {
  const rows = [
    { name: "type LoadBalancer without class", changes: {}, handled: true },
    { name: "Herald's class", changes: { loadBalancerClass: "herald.dev/vip" }, handled: true },
    { name: "MetalLB K15: a foreign class", changes: { loadBalancerClass: "example.com/other" }, handled: false },
    { name: "S88: type ClusterIP", changes: { type: "ClusterIP" }, handled: false },
    { name: "S88: type NodePort", changes: { type: "NodePort" }, handled: false },
    { name: "S88: type ExternalName", changes: { type: "ExternalName" }, handled: false },
  ];
  for (const { name, changes, handled } of rows)
    it(`${name}: ${handled ? "yes" : "no"}`, () => {
      const plan = planAllocations(snapshot({ services: [service(changes)], pools: [pool()] }));
      assert.equal(plan.outcomes.has("shop/web"), handled);
      assert.equal(plan.changes.length, handled ? 1 : 0);
    });

  it("without the default class only Herald's own class is handled", () => {
    const services = [service(), service({ key: "shop/ours", loadBalancerClass: "herald.dev/vip" })];
    const plan = planAllocations(snapshot({ services, pools: [pool()], options: { defaultClass: false } }));
    assert.deepEqual([...plan.outcomes.keys()], ["shop/ours"]);
  });
});

describe("a claim", () => {
  it("S3: Given a matching pool, When a Service of type LoadBalancer appears, Then it gets an address of the pool", () => {
    const plan = planAllocations(snapshot({ services: [service()], pools: [pool()] }));
    assert.deepEqual(deeds(plan), ["shop/web gets 192.0.2.0"]);
    const [write] = writes(plan);
    assert.deepEqual([write?.before, write?.spec.pool], [undefined, "public"]);
    assert.deepEqual(plan.outcomes.get("shop/web")?.allocated, {
      type: "herald.dev/Allocated",
      status: "True",
      reason: "Allocated",
      message: "192.0.2.0 from pool public",
      observedGeneration: 1,
    });
  });

  it("carries the pool's announcement", () => {
    const announcement = { arp: { interfaces: ["eth7"], mode: "Address", conflictCheck: "Off" } } as const;
    const plan = planAllocations(snapshot({ services: [service()], pools: [pool({ announcement })] }));
    assert.equal(writes(plan)[0]?.spec.announcement, announcement);
  });

  it("of an address that the ledger has already is never made anew, but over what is there", () => {
    const gone = advertisement("192.0.2.0", { owner: service({ key: "old/gone" }) });
    const only = pool({ addresses: ["192.0.2.0"] });
    const world = snapshot({ services: [service()], pools: [only], advertisements: [gone] });
    const plan = planAllocations(world);
    assert.deepEqual(deeds(plan), ["old/gone leaves 192.0.2.0: ServiceGone", "shop/web gets 192.0.2.0"]);
    assert.deepEqual(
      writes(plan).map(({ before }) => before),
      [gone],
    );
  });

  it("is of an address that nobody had lately while there is one", () => {
    const gone = advertisement("192.0.2.0", { owner: service({ key: "old/gone" }) });
    const plan = planAllocations(snapshot({ services: [service()], pools: [pool()], advertisements: [gone] }));
    assert.deepEqual(deeds(plan), ["old/gone leaves 192.0.2.0: ServiceGone", "shop/web gets 192.0.2.1"]);
  });

  it("skips what the cluster uses itself", () => {
    const world = new World(pool());
    world.forbidden = [
      { range: range("192.0.2.0-192.0.2.4"), what: "in the Service network 192.0.2.0/29" },
      { range: range("192.0.2.6"), what: "the address of node node2" },
    ];
    world.put("a/1").put("a/2").settle();
    assert.deepEqual([world.addresses("a/1"), world.addresses("a/2")], [["192.0.2.5"], ["192.0.2.7"]]);
  });

  it("skips addresses that have a meaning of their own at once, however many a pool lists", () => {
    const world = new World(pool({ addresses: ["126.255.255.255-128.0.0.0", "224.0.0.0/4"] }));
    world.put("a/1").put("a/2").put("a/3").settle();
    assert.deepEqual([world.addresses("a/1"), world.addresses("a/2")], [["126.255.255.255"], ["128.0.0.0"]]);
    assert.equal(world.reason("a/3"), "False PoolExhausted");
  });
});

describe("the order of Services", () => {
  it("is by age, then by namespace and name", () => {
    const services = [
      service({ key: "b/young", createdMs: 2 }),
      service({ key: "b/old", createdMs: 1 }),
      service({ key: "a/old", createdMs: 1 }),
    ];
    const plan = planAllocations(snapshot({ services, pools: [pool()] }));
    assert.deepEqual(
      writes(plan).flatMap(({ joined }) => joined.map(({ key }) => key)),
      ["a/old", "b/old", "b/young"],
    );
  });

  it("puts one that changes its mind before an older one that waits", () => {
    const holder = service({ key: "a/holder", createdMs: 9, asks: { addresses: addresses("192.0.2.1") } });
    const waiter = service({ key: "a/waiter", createdMs: 1, asks: { addresses: addresses("192.0.2.1") } });
    const held = advertisement("192.0.2.0", { owner: holder });
    const world = snapshot({ services: [waiter, holder], pools: [pool()], advertisements: [held] });
    const plan = planAllocations(world);
    assert.deepEqual(plan.outcomes.get("a/holder")?.addresses, addresses("192.0.2.1"));
    assert.equal(plan.outcomes.get("a/waiter")?.allocated.reason, "AddressTaken");
  });
});

describe("release", () => {
  it("S84: Given the Service is deleted, Then its address goes to the next by the same write", () => {
    const world = new World(pool({ addresses: ["192.0.2.7"] })).put("a/1").settle().put("a/2").settle();
    assert.equal(world.reason("a/2"), "False PoolExhausted");
    world.remove("a/1");
    assert.deepEqual(deeds(world.step()), ["a/1 leaves 192.0.2.7: ServiceGone", "a/2 gets 192.0.2.7"]);
    assert.deepEqual(world.addresses("a/2"), ["192.0.2.7"]);
    assert.deepEqual(deeds(world.step()), []);
  });

  it("S84: Given nobody waits and nothing is remembered, Then the address is released and forgotten", () => {
    const world = new World(pool({ reuse: noReuse })).put("a/1").settle().remove("a/1");
    const all = [world.step(), world.step(), world.step()].map(deeds);
    assert.deepEqual(all, [["a/1 leaves 192.0.2.0: ServiceGone"], ["192.0.2.0 forgotten"], []]);
    assert.equal(world.ledger.size, 0);
  });

  const rows = [
    { name: "gone", now: [], reason: "ServiceGone" },
    { name: "replaced by another of the same name", now: [service({ uid: "other" })], reason: "ServiceReplaced" },
    { name: "of another type", now: [service({ type: "ClusterIP" })], reason: "NotDemanded" },
    { name: "of another class", now: [service({ loadBalancerClass: "example.com/x" })], reason: "NotDemanded" },
    { name: "of another family", now: [service({ ipFamilies: [6] })], reason: "NotDemanded" },
  ];
  for (const { name, now, reason } of rows)
    it(`of a Service that is ${name} says ${reason}`, () => {
      const held = advertisement("192.0.2.1", { owner: service() });
      const [write, ...more] = planAllocations(snapshot({ services: now, advertisements: [held] })).changes;
      assert.ok(write?.kind === "write");
      assert.deepEqual([write.before, write.joined, more], [held, [], []]);
      assert.deepEqual(write.left, [{ member: held.services[0], reason }]);
      assert.deepEqual(write.spec.services, []);
    });

  it("waits until the Service no longer says that it has the address", () => {
    const owner = service({ ipFamilies: [4], allocated: addresses("192.0.2.1", "2001:db8::1") });
    const held = ["192.0.2.1", "2001:db8::1"].map((text) => advertisement(text, { owner }));
    const before = planAllocations(snapshot({ services: [owner], pools: [pool()], advertisements: held }));
    assert.deepEqual(before.changes, []);
    assert.deepEqual(before.outcomes.get("shop/web")?.addresses, addresses("192.0.2.1"));
    const told = { ...owner, allocated: addresses("192.0.2.1") };
    const after = planAllocations(snapshot({ services: [told], pools: [pool()], advertisements: held }));
    assert.deepEqual(deeds(after), ["shop/web leaves 2001:db8::1: NotDemanded"]);
  });

  it("never happens to a Service that is being deleted; it keeps its address and gets no other", () => {
    const world = new World(pool({ addresses: ["192.0.2.7-192.0.2.8", "2001:db8::/64"] })).put("a/1").settle();
    world.put("a/1", { terminating: true, ipFamilies: [6], asks: { addresses: addresses("192.0.2.9") } }).settle();
    assert.deepEqual(world.addresses("a/1"), ["192.0.2.7"]);
    const both = { ipFamilyPolicy: "PreferDualStack", ipFamilies: [4, 6] } as const;
    world.put("a/dual", both).settle();
    const told = world.services.get("a/dual")?.allocated;
    world.put("a/dual", { terminating: true, ipFamilyPolicy: "SingleStack", ipFamilies: [6] }).settle();
    assert.deepEqual([world.services.get("a/dual")?.allocated, told?.length], [told, 2]);
    world.put("a/new", { terminating: true }).settle();
    assert.equal(world.reason("a/new"), "False Terminating");
  });
});

describe("two claims of one Service", () => {
  const owner = service();
  const older = advertisement("192.0.2.9", { owner, createdMs: 1 });
  const younger = advertisement("192.0.2.3", { owner, createdMs: 2 });
  const rows = [
    { name: "the one that it names counts", named: "192.0.2.3", ages: [1, 2], kept: "192.0.2.3", reason: "Moved" },
    { name: "else the older one", named: undefined, ages: [1, 2], kept: "192.0.2.9", reason: "Surplus" },
    { name: "of the same age the lower one", named: undefined, ages: [1, 1], kept: "192.0.2.3", reason: "Surplus" },
  ];
  for (const { name, named, ages, kept, reason } of rows)
    it(name, () => {
      const now = named === undefined ? owner : { ...owner, allocated: addresses(named) };
      const advertisements = [older, younger].map((each, i) => ({ ...each, createdMs: ages[i] ?? 0 }));
      const first = planAllocations(snapshot({ services: [now], pools: [pool()], advertisements }));
      assert.deepEqual(first.outcomes.get("shop/web")?.addresses, addresses(kept));
      if (named === undefined) assert.deepEqual(deeds(first), [], "nothing before the Service says which one it has");
      const told = { ...now, allocated: addresses(kept) };
      const plan = planAllocations(snapshot({ services: [told], pools: [pool()], advertisements }));
      assert.deepEqual(plan.outcomes.get("shop/web")?.addresses, addresses(kept));
      assert.deepEqual(deeds(plan), [`shop/web leaves ${kept === "192.0.2.3" ? "192.0.2.9" : "192.0.2.3"}: ${reason}`]);
      assert.equal(writes(plan)[0]?.spec.released === undefined, reason === "Surplus");
    });

  it("the one that it was told of last stays when it asks for what it cannot have, though its status still shows the other", () => {
    const told = {
      ...service({ asks: { addresses: addresses("203.0.113.1") }, ingress: [{ ip: "192.0.2.3", ipMode: "VIP" }] }),
      allocated: addresses("192.0.2.9"),
    };
    const { outcomes } = planAllocations(
      snapshot({ services: [told], pools: [pool()], advertisements: [older, younger] }),
    );
    assert.deepEqual(outcomes.get("shop/web")?.addresses, addresses("192.0.2.9"));
  });

  it("one too many stays until it has been seen for 15 s, whatever the clocks say: another controller may be about to tell the Service", () => {
    const told = { ...owner, allocated: addresses("192.0.2.9") };
    const seenFor = (seenMs: number) =>
      planAllocations(
        snapshot({ services: [told], pools: [pool()], advertisements: [older, younger], seenForMs: () => seenMs }),
      );
    const early = seenFor(14_000);
    assert.deepEqual([deeds(early), early.wakeAtMs], [[], snapshot({}).nowMs + 1_000]);
    assert.deepEqual(deeds(seenFor(15_000)), ["shop/web leaves 192.0.2.3: Surplus"]);
  });
});

describe("refresh", () => {
  const announcement = { arp: { interfaces: ["eth1"], mode: "Responder", conflictCheck: "On" } } as const;
  /** What each write changes of what the ledger says; a refresh changes nobody's holding. */
  const refreshes = (...parts: Parameters<typeof snapshot>): unknown =>
    writes(planAllocations(snapshot(...parts))).map(({ before, spec, joined, left }) => {
      assert.deepEqual([joined, left], [[], []]);
      const was = new Map<string, unknown>(Object.entries(before ?? {}));
      return Object.fromEntries(Object.entries(spec).filter(([field, value]) => was.get(field) !== value));
    });

  it("copies what the pool's announcement and the Service's traffic policy have become", () => {
    const held = advertisement("192.0.2.1", { owner: service() });
    const services = [service({ trafficPolicy: "Local" })];
    assert.deepEqual(refreshes({ services, pools: [pool({ announcement })], advertisements: [held] }), [
      { trafficPolicy: "Local", announcement },
    ]);
  });

  it("is not needed for an announcement that says the same in another order", () => {
    const copy = { arp: { conflictCheck: "On", mode: "Responder", interfaces: ["eth1"] } } as const;
    const held = advertisement("192.0.2.1", { owner: service(), announcement: copy });
    const pools = [pool({ announcement })];
    assert.deepEqual(refreshes({ services: [service()], pools, advertisements: [held] }), []);
  });

  it("counts an address to the pool that covers it once its own no longer does", () => {
    const held = advertisement("192.0.2.1", { owner: service() });
    const pools = [pool({ addresses: ["192.0.2.128/25"] }), pool({ name: "second", addresses: ["192.0.2.0/25"] })];
    assert.deepEqual(refreshes({ services: [service()], pools, advertisements: [held] }), [{ pool: "second" }]);
  });
});
