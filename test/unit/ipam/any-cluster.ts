import fc from "fast-check";
import type { Pool, ServiceSelection } from "../../../src/api/ip-pool.ts";
import type { LabelSelector, Labels } from "../../../src/api/label-selector.ts";
import { type Address, addressKey, formatAddress } from "../../../src/net/address.ts";
import { address, pool, type service } from "../../support/builders.ts";
import { World } from "./world.ts";

const namespaces = ["a", "b", "c"];
const poolNames = ["p1", "p2", "p3"];

/** Few addresses, so that pools overlap, fill up, and asks collide. */
const anyAddress: fc.Arbitrary<Address> = fc
  .tuple(fc.constantFrom("192.0.2.", "2001:db8::"), fc.integer({ min: 1, max: 9 }))
  .map(([stem, host]) => address(`${stem}${host}`));

const anyAddresses = (minLength: number): fc.Arbitrary<readonly Address[]> =>
  fc.uniqueArray(anyAddress, { minLength, maxLength: 2, selector: addressKey });

const anyRange = fc
  .tuple(fc.constantFrom("192.0.2.", "2001:db8::"), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 }))
  .map(([stem, first, more]) => `${stem}${first}-${stem}${Math.min(9, first + more)}`);

const gold: LabelSelector = { matchLabels: { tier: "gold" } };

const anyLabels: fc.Arbitrary<Labels> = fc.constantFrom({}, { tier: "gold" });

const anySelection: fc.Arbitrary<ServiceSelection> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.subarray(namespaces, { minLength: 1 }).map((names) => ({ namespaces: new Set(names) })) },
  { weight: 1, arbitrary: fc.constantFrom({ serviceSelector: gold }, { namespaceSelector: gold }) },
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

/** None to three pools, of both families, that may overlap. */
export const anyPools: fc.Arbitrary<readonly Pool[]> = fc
  .subarray(poolNames)
  .chain((names) => fc.tuple(...names.map(anyPool)));

const anyAsks = fc.record(
  { pools: fc.shuffledSubarray(poolNames, { minLength: 1 }), addresses: anyAddresses(1) },
  { requiredKeys: [] },
);

type Changes = NonNullable<Parameters<typeof service>[0]>;

/** A Service to put into a World. */
export type AnyService = { readonly key: string; readonly changes: Changes };

const anyKey = fc
  .tuple(fc.constantFrom(...namespaces), fc.integer({ min: 0, max: 7 }))
  .map(([ns, i]) => `${ns}/web-${i}`);

const anySpec = {
  asks: anyAsks,
  labels: anyLabels,
  type: fc.oneof({ weight: 9, arbitrary: fc.constant("LoadBalancer") }, fc.constant("ClusterIP")),
  ipFamilyPolicy: fc.constantFrom(
    "SingleStack" as const,
    "SingleStack" as const,
    "PreferDualStack" as const,
    "RequireDualStack" as const,
  ),
  ipFamilies: fc.constantFrom([4] as const, [6] as const, [4, 6] as const, [6, 4] as const),
};

const servicesOf = (changes: fc.Arbitrary<Changes>): fc.Arbitrary<readonly AnyService[]> =>
  fc.uniqueArray(fc.record({ key: anyKey, changes }), { maxLength: 16, selector: ({ key }) => key });

/** Services as their owners write them: nothing in them is Herald's. */
export const newServices: fc.Arbitrary<readonly AnyService[]> = servicesOf(fc.record(anySpec));

const often = <Value>(nothing: Value, something: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(nothing) }, { weight: 1, arbitrary: something });

/** Services with a past that the ledger does not know: restored, copied, migrated, forged, on their way out. */
export const anyServices: fc.Arbitrary<readonly AnyService[]> = servicesOf(
  fc
    .record({
      ...anySpec,
      asks: often({}, anyAsks),
      shown: often<readonly Address[]>([], anyAddresses(1)),
      allocated: often<readonly Address[]>([], anyAddresses(1)),
      named: fc.boolean(),
      terminating: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    })
    .map(({ shown, allocated, named, ...rest }) => ({
      ...rest,
      ...(allocated.length > 0 && { allocated }),
      ingress: shown.map((each) => ({ ip: formatAddress(each), ipMode: "VIP" })),
      loadBalancerIP: named && allocated[0] !== undefined ? formatAddress(allocated[0]) : "",
    })),
);

/** What a World is made of. */
export type Parts = {
  readonly pools: readonly Pool[];
  readonly services: readonly AnyService[];
  /** The labels of namespace `a`. */
  readonly labels: Labels;
};

/** Pools and Services of owners who start from nothing. */
export const newParts: fc.Arbitrary<Parts> = fc.record({ pools: anyPools, services: newServices, labels: anyLabels });

/** Pools and Services with a past. */
export const anyParts: fc.Arbitrary<Parts> = fc.record({ pools: anyPools, services: anyServices, labels: anyLabels });

/** A World of these, in which nothing has been planned yet. */
export function worldOf({ pools, services, labels }: Parts): World {
  const world = new World(...pools);
  world.namespaces.set("a", labels);
  for (const { key, changes } of services) world.put(key, changes);
  return world;
}

/** What each handled Service was told to have by the last plan. */
export function told(world: World): ReadonlyMap<string, readonly string[]> {
  return new Map([...world.plan.outcomes.keys()].map((key) => [key, world.addresses(key)]));
}
