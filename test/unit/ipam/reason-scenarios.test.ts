import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultBgp } from "../../../src/api/bgp-announcement.ts";
import { journal } from "../../../src/controller/journal.ts";
import { handledServiceChanges, type ServiceContext } from "../../../src/controller/service-changes.ts";
import type { ReleaseReason } from "../../../src/ipam/change.ts";
import { poolReports } from "../../../src/ipam/pool-status.ts";
import type { AllocationReason, poolReasons } from "../../../src/ipam/refusal.ts";
import { addresses, noonMs, noReuse, pool, range, reservation, service, sharingTerms } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

const web = "shop/web";
const ask = (text: string): Parameters<World["put"]>[1] => ({ asks: { addresses: addresses(text) } });
const aggregated = { bgp: { ...defaultBgp, aggregate: { ipv4: 24, ipv6: 128 } } };
const only = { addresses: ["192.0.2.7"] };

/** The smallest cluster in which `shop/web` is told a reason, and in which words. */
type Scenario = { readonly world: () => World; readonly says: string };

const scenarios: Readonly<Record<AllocationReason, Scenario>> = {
  Allocated: { world: () => new World(pool()).put(web), says: "192.0.2.0 from pool public" },
  OutsidePool: {
    world: () => {
      const world = new World(pool()).put(web).settle();
      world.pools = [pool({ addresses: ["198.51.100.0/24"] })];
      return world;
    },
    says: "192.0.2.0 is kept, though pool public no longer gives it",
  },
  RequestRefused: {
    world: () => new World(pool()).put(web).settle().put(web, ask("203.0.113.9")),
    says: "203.0.113.9 is in no pool; keeps 192.0.2.0 from pool public",
  },
  Terminating: { world: () => new World(pool()).put(web, { terminating: true }), says: "the service is being deleted" },
  InvalidRequest: {
    world: () => new World(pool()).put(web, { loadBalancerIP: "first" }),
    says: 'spec.loadBalancerIP: "first" is no IP address: expected IPv4 without leading zeros or IPv6 without a zone, not IPv4-mapped',
  },
  AdoptionRefused: {
    world: () => new World(pool()).put(web, { ingress: [{ ip: "203.0.113.9" }] }),
    says: "the address that the service shows cannot become its own: 203.0.113.9 is in no pool",
  },
  WrongFamily: {
    world: () => new World(pool()).put(web, ask("2001:db8::1")),
    says: "2001:db8::1 is asked for, but the service has only IPv4",
  },
  AddressForbidden: {
    world: () => {
      const world = new World(pool()).put(web, ask("192.0.2.1"));
      world.forbidden = [{ range: range("192.0.2.1"), what: "a gateway of node node1" }];
      return world;
    },
    says: "192.0.2.1 is a gateway of node node1",
  },
  AddressTaken: {
    world: () => new World(pool()).put("blog/web", ask("192.0.2.7")).put(web, ask("192.0.2.7")),
    says: "192.0.2.7 belongs to blog/web",
  },
  SharingRefused: {
    world: () => {
      const world = new World(pool()).put("shop/api", { ...ask("192.0.2.7"), terms: sharingTerms() });
      return world.put(web, { ...ask("192.0.2.7"), terms: sharingTerms() });
    },
    says: "192.0.2.7 cannot be shared: shop/api has TCP/80 too",
  },
  AddressReserved: {
    world: () => new World(pool({ reservations: [reservation("192.0.2.7", "blog/web")] })).put(web, ask("192.0.2.7")),
    says: "192.0.2.7 is reserved for blog/web in pool public",
  },
  AddressRemembered: {
    world: () => new World(pool()).put("blog/web").settle().remove("blog/web").put(web, ask("192.0.2.0")),
    says: "192.0.2.0 is remembered for blog/web until 2026-02-01T12:00:00Z",
  },
  AddressCooling: {
    world: () => {
      const strict = pool({ reuse: { ...noReuse, coolDownForMs: 300_000, coolDown: "Strict" } });
      return new World(strict).put("shop/api").settle().remove("shop/api").put(web, ask("192.0.2.0"));
    },
    says: "192.0.2.0 rests until 2026-01-31T12:05:00Z",
  },
  AddressExcluded: {
    world: () => new World(pool({ exclude: ["192.0.2.7"] })).put(web, ask("192.0.2.7")),
    says: "pool public excludes 192.0.2.7",
  },
  AddressOutsidePools: {
    world: () => new World(pool()).put(web, ask("203.0.113.9")),
    says: "203.0.113.9 is in no pool",
  },
  AddressOutsideNamedPools: {
    world: () => {
      const world = new World(pool(), pool({ name: "gold", addresses: ["198.51.100.0/24"] }));
      return world.put(web, { asks: { pools: ["gold"], addresses: addresses("192.0.2.7") } });
    },
    says: "192.0.2.7 is in pool public, but the service names pool gold",
  },
  NoPool: { world: () => new World().put(web), says: "there is no valid pool" },
  NoAutomaticPool: {
    world: () => new World(pool({ automatic: false }), pool({ name: "b", automatic: false })).put(web),
    says: "none of the 2 pools is automatic, so name one",
  },
  PoolNotFound: {
    world: () => new World(pool()).put(web, { asks: { pools: ["gold"] } }),
    says: "no valid pool is called gold",
  },
  NamespaceNotSelected: {
    world: () => new World(pool({ services: { namespaces: new Set(["blog"]) } })).put(web),
    says: "pool public does not select namespace shop",
  },
  ServiceNotSelected: {
    world: () => new World(pool({ services: { serviceSelector: { matchLabels: { expose: "true" } } } })).put(web),
    says: "pool public does not select the service's labels",
  },
  FamilyUnavailable: {
    world: () => new World(pool()).put(web, { ipFamilies: [6] }),
    says: "pool public has no IPv6 addresses",
  },
  AggregateWithLocal: {
    world: () => new World(pool({ announcement: aggregated })).put(web, { trafficPolicy: "Local" }),
    says: "pool public announces whole /24, which would lead traffic of policy Local to nodes without an endpoint",
  },
  PoolPaused: { world: () => new World(pool({ paused: true })).put(web), says: "pool public is paused" },
  QuotaExceeded: {
    world: () => new World(pool({ perNamespace: 1 })).put("shop/api").put(web),
    says: "pool public: namespace shop holds 1 of at most 1 addresses",
  },
  PoolExhausted: {
    world: () => new World(pool(only)).put("blog/web").put(web),
    says: "pool public: 1 of 1 allocated",
  },
  Observed: {
    world: () => {
      const world = new World(pool()).put(web);
      world.options = { observe: true };
      return world;
    },
    says: "addresses are only observed, and the service shows none",
  },
};

const context: ServiceContext = {
  writeLoadBalancerIP: true,
  stateOf: () => ({ holder: "node1", reason: "Announced", message: "node1 answers" }),
  awaited: new Set(),
  contested: () => false,
  nowMs: noonMs,
};

/** Everything that is said about a Service once its fields are as they must be: by condition, event, log and metric. */
function said(world: World): readonly (readonly [medium: string, reason: unknown])[] {
  const outcome = world.plan.outcomes.get(web) ?? assert.fail();
  const all: (readonly [string, unknown])[] = [];
  const log = { info: ({ reason }: { readonly reason?: string }) => all.push(["log", reason]) };
  const metrics = { refused: (reason: string) => all.push(["metric", reason]) };
  for (const change of handledServiceChanges(outcome, context)) {
    assert.ok(change.kind === "writeServiceStatus");
    for (const { type, reason } of change.patch.conditions)
      if (type === "herald.dev/Allocated") all.push(["condition", reason]);
    for (const { reason } of change.notices) all.push(["event", reason]);
    journal(change, ...([log, metrics] as unknown as [Parameters<typeof journal>[1], Parameters<typeof journal>[2]]));
  }
  return all;
}

describe("each reason of an allocation", () => {
  for (const [reason, { world, says }] of Object.entries(scenarios))
    it(`${reason} is what a Service is told: ${says}`, () => {
      const settled = world().settle();
      assert.equal(settled.reason(web).split(" ")[1], reason);
      assert.equal(settled.message(web), says);
    });

  for (const [reason, { world }] of Object.entries(scenarios))
    it(`${reason} is the same word in condition, event, log and metric`, () => {
      const settled = world().settle();
      const refused = settled.reason(web).startsWith("False");
      const media = ["condition", ...(reason === "Allocated" ? [] : ["event"]), ...(refused ? ["metric", "log"] : [])];
      assert.deepEqual(
        said(settled),
        media.map((medium) => [medium, reason]),
      );
    });
});

const releases: Readonly<Record<ReleaseReason, () => World>> = {
  ServiceGone: () => new World(pool()).put(web).settle().remove(web),
  ServiceReplaced: () => new World(pool()).put(web).settle().put(web, { uid: "of the next" }),
  NotDemanded: () => new World(pool()).put(web).settle().put(web, { type: "NodePort" }),
  Surplus: () => {
    const world = new World(pool()).put(web, { asks: { addresses: addresses("192.0.2.0", "192.0.2.1") } }).settle();
    const { allocated: _, ...untold } = world.services.get(web) ?? service();
    world.services.set(web, { ...untold, loadBalancerIP: "", asks: { problems: [] } });
    world.step();
    return world;
  },
  Moved: () => {
    const world = new World(pool()).put(web).settle().put(web, ask("192.0.2.7"));
    world.step();
    return world;
  },
  SharingEnded: () => {
    const world = new World(pool());
    for (const [key, port] of [
      ["shop/api", 80],
      [web, 81],
    ] as const)
      world.put(key, { terms: sharingTerms({ ports: [`TCP/${port}`] }) });
    world.settle().put(web, { terms: sharingTerms() }).step();
    return world;
  },
  AddressInUse: () => {
    const world = new World(pool()).put(web).settle().dispute("192.0.2.0");
    world.step();
    return world;
  },
};

describe("each reason of a release", () => {
  for (const [reason, world] of Object.entries(releases))
    it(`${reason} is why shop/web loses an address`, () => {
      const left = deeds(world().step()).filter((deed) => deed.startsWith(`${web} leaves`));
      assert.deepEqual(
        left.map((deed) => deed.split(": ")[1]),
        [reason],
      );
    });
});

type PoolReason = Exclude<(typeof poolReasons)[number], "Invalid">;

const pools: Readonly<Record<PoolReason, readonly [World, says: string]>> = {
  Valid: [new World(pool()), "the pool can be used"],
  Overlapping: [new World(pool(), pool({ name: "b" })), "addresses are also in pool b"],
  NoOverlap: [new World(pool()), "no other pool has its addresses"],
  OverLimit: [
    new World(pool({ perNamespace: 1 }))
      .put(web, { ingress: [{ ip: "192.0.2.1" }] })
      .put("shop/api", { ingress: [{ ip: "192.0.2.2" }] }),
    "of 1: shop holds 2",
  ],
  WithinLimits: [new World(pool({ perNamespace: 1 })).put(web), "no namespace holds more than it may"],
  ReservedAddressHeld: [
    new World(pool()).put("blog/web").settle(),
    "192.0.2.0 is reserved for shop/web and held by blog/web",
  ],
  NoReservedAddressHeld: [
    new World(pool({ reservations: [reservation("192.0.2.0", web)] })),
    "none is held by another service",
  ],
};

describe("each reason of a pool but Invalid", () => {
  for (const [reason, [world, says]] of Object.entries(pools))
    it(`${reason} is what its condition says: ${says}`, () => {
      const { advertisements, forbidden, nowMs } = world.settle().snapshot();
      const reserving = pool({ reservations: [reservation("192.0.2.0", web)] });
      const reported = reason === "ReservedAddressHeld" ? [reserving] : world.pools;
      const report = poolReports({ pools: reported, advertisements, forbidden, nowMs }).get("public");
      assert.deepEqual(
        report?.conditions.flatMap((each) => (each.reason === reason ? [each.message] : [])),
        [says],
      );
    });
});
