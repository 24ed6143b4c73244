import fc from "fast-check";
import type { Pool, Reuse } from "../../../src/api/ip-pool.ts";
import type { Service } from "../../../src/api/service.ts";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import type { Plan } from "../../../src/ipam/change.ts";
import { poolGives } from "../../../src/ipam/pool-selection.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { type Address, addressKey, formatAddress } from "../../../src/net/address.ts";
import { address, advertisement, noonMs, released, reservation, service } from "../../support/builders.ts";
import { type AnyService, anyPools, anyServices, newServices, type Parts, worldOf } from "./any-cluster.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The same few addresses as those of the pools and of the asks, so that all of them collide. */
const anyAddress: fc.Arbitrary<Address> = fc
  .tuple(fc.constantFrom("192.0.2.", "2001:db8::"), fc.integer({ min: 1, max: 9 }))
  .map(([stem, host]) => address(`${stem}${host}`));

const anyKey = fc
  .tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 7 }))
  .map(([namespace, i]) => `${namespace}/web-${i}`);

const anyReuse: fc.Arbitrary<Reuse> = fc.record({
  rememberForMs: fc.constantFrom(0, minuteMs, 24 * hourMs),
  coolDownForMs: fc.constantFrom(0, 5 * minuteMs, 48 * hourMs),
  coolDown: fc.constantFrom("Prefer" as const, "Strict" as const),
});

type Rules = {
  /** Open to all and automatic, as most pools are. */
  readonly open: boolean;
  readonly reserved: readonly { readonly at: Address; readonly key: string }[];
  readonly perNamespace: number | undefined;
  readonly reuse: Reuse;
};

const mostly: fc.Arbitrary<boolean> = fc.integer({ min: 0, max: 3 }).map((chance) => chance > 0);

const anyRules: fc.Arbitrary<Rules> = fc.record({
  open: mostly,
  reserved: fc.uniqueArray(fc.record({ at: anyAddress, key: anyKey }), {
    maxLength: 3,
    selector: ({ at }) => addressKey(at),
  }),
  perNamespace: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 }),
  reuse: anyReuse,
});

function ruled(pool: Pool, { open, reserved, perNamespace, reuse }: Rules): Pool {
  const reservations = reserved
    .filter(({ at }) => poolGives(pool, at))
    .map(({ at, key }) => reservation(formatAddress(at), key));
  const access = open ? { automatic: true, paused: false, services: {} } : {};
  return { ...pool, ...access, reservations, reuse, ...(perNamespace !== undefined && { perNamespace }) };
}

/** None to three pools that reserve, limit and remember, of both families; they may overlap. */
export const anyRuledPools: fc.Arbitrary<readonly Pool[]> = fc
  .tuple(anyPools, fc.array(anyRules, { minLength: 3, maxLength: 3 }))
  .map(([pools, rules]) =>
    pools.map((pool, i) => {
      const rule = rules[i];
      return rule === undefined ? pool : ruled(pool, rule);
    }),
  );

const anyTerms: fc.Arbitrary<SharingTerms> = fc.record({
  key: fc.constantFrom("k1", "k1", "k2"),
  namespaces: fc.constantFrom([], ["*"], ["*"], ["a"], ["a", "b"]),
  ports: fc.constantFrom([], ["TCP/80"], ["TCP/443"], ["UDP/53"], ["TCP/80", "UDP/53"], ["TCP/8080"]),
  policy: fc.constantFrom("Cluster" as const, "Cluster" as const, "Local" as const),
  selector: fc.constantFrom("app=web", "app=web", ""),
});

/** How a Service is unlike the one that was drawn, so that most clusters have many that can be served. */
type Touch = { readonly plain: boolean; readonly terms: SharingTerms | undefined };

const anyTouches: fc.Arbitrary<readonly Touch[]> = fc.array(
  fc.record({ plain: mostly, terms: fc.option(anyTerms, { nil: undefined, freq: 3 }) }),
  { minLength: 32, maxLength: 32 },
);

const simple: AnyService["changes"] = { asks: {}, type: "LoadBalancer", terminating: false };

/** Most Services share; those agree with their terms in the traffic policy, as a parsed one does. Two draws make a crowd. */
const sharing = (services: fc.Arbitrary<readonly AnyService[]>): fc.Arbitrary<readonly AnyService[]> =>
  fc.tuple(services, services, anyTouches).map(([some, more, touches]) =>
    [...new Map([...some, ...more].map((each) => [each.key, each])).values()].map(({ key, changes }, i) => {
      const { plain = false, terms } = touches[i] ?? {};
      const shares = terms && { terms, trafficPolicy: terms.policy };
      return { key, changes: { ...changes, ...(plain && simple), ...shares } };
    }),
  );

/** Services of owners who start from nothing, most of which share. */
export const newSharers: fc.Arbitrary<readonly AnyService[]> = sharing(newServices);

/** Services with a past that the ledger does not know, most of which share. */
export const anySharers: fc.Arbitrary<readonly AnyService[]> = sharing(anyServices);

/** An address that nobody holds, and who had it until so long before now; negative: the clock was set back since. */
export type Memory = {
  readonly at: Address;
  readonly key: string;
  readonly pool: string;
  readonly agoMs: number;
};

const anyMemories: fc.Arbitrary<readonly Memory[]> = fc.uniqueArray(
  fc.record({
    at: anyAddress,
    key: anyKey,
    pool: fc.constantFrom("p1", "p2", "p3", ""),
    agoMs: fc.constantFrom(-10 * minuteMs, 0, minuteMs, 5 * minuteMs, 6 * minuteMs, 24 * hourMs, 72 * hourMs),
  }),
  { maxLength: 5, selector: ({ at }) => addressKey(at) },
);

/** What a World is made of that shares, reserves, limits and remembers. */
export type SharingParts = Parts & { readonly memories: readonly Memory[] };

const partsWith = (services: fc.Arbitrary<readonly AnyService[]>): fc.Arbitrary<SharingParts> =>
  fc.record({
    pools: anyRuledPools,
    services,
    labels: fc.constantFrom({}, { tier: "gold" }),
    memories: anyMemories,
  });

/** Pools with all rules, remembered addresses, and Services with a past. */
export const anySharingParts: fc.Arbitrary<SharingParts> = partsWith(anySharers);

/** The same with Services that start from nothing. */
export const newSharingParts: fc.Arbitrary<SharingParts> = partsWith(newSharers);

/** A World of these, in which nothing has been planned yet. */
export function sharingWorldOf({ memories, ...parts }: SharingParts): World {
  const world = worldOf(parts);
  for (const { at, key, pool, agoMs } of memories) {
    const past = { pool, released: released(service({ key, uid: `uid-before-${key}` }), noonMs - agoMs) };
    world.ledger.set(addressKey(at), advertisement(formatAddress(at), past));
  }
  return world;
}

/** Something that people or time do to a cluster. */
export type Edit =
  | { readonly kind: "pools"; readonly pools: readonly Pool[] }
  | { readonly kind: "services"; readonly services: readonly AnyService[] }
  | { readonly kind: "ask"; readonly keys: readonly string[]; readonly asks: Partial<Service["asks"]> }
  | { readonly kind: "delete"; readonly keys: readonly string[] }
  | { readonly kind: "recreate"; readonly keys: readonly string[] }
  | { readonly kind: "time"; readonly passesMs: number };

const anyKeys = fc.uniqueArray(anyKey, { minLength: 1, maxLength: 12 });

const anyAsk: fc.Arbitrary<Partial<Service["asks"]>> = fc.oneof(
  anyAddress.map((each) => ({ addresses: [each] })),
  fc.constantFrom("p1", "p2", "p3").map((name) => ({ pools: [name] })),
  fc.constant({}),
);

/** Deletes, new ones of the same name, other pools, other Services, and time that passes, or jumps back by ten minutes. */
export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("pools" as const), pools: anyRuledPools }),
    fc.record({ kind: fc.constant("services" as const), services: newSharers }),
    fc.record({ kind: fc.constant("ask" as const), keys: anyKeys, asks: anyAsk }),
    fc.record({ kind: fc.constant("delete" as const), keys: anyKeys }),
    fc.record({ kind: fc.constant("recreate" as const), keys: anyKeys }),
    fc.record({
      kind: fc.constant("time" as const),
      passesMs: fc.constantFrom(-10 * minuteMs, 1_000, 5 * minuteMs, 24 * hourMs),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

/** The Services that edits change, by `namespace/name`. */
export function touchedBy(edits: readonly Edit[]): ReadonlySet<string> {
  return new Set(
    edits.flatMap((edit) => {
      if (edit.kind === "services") return edit.services.map(({ key }) => key);
      return "keys" in edit ? edit.keys : [];
    }),
  );
}

/** Does it; nothing is planned yet. A Service that is changed keeps what Herald wrote into it. */
export function edited(world: World, edit: Edit): World {
  switch (edit.kind) {
    case "pools":
      world.pools = edit.pools;
      return world;
    case "services":
      for (const { key, changes } of edit.services) rewrite(world, key, changes);
      return world;
    case "ask":
      for (const key of edit.keys) if (world.services.has(key)) world.put(key, { asks: edit.asks });
      return world;
    case "delete":
      return world.remove(...edit.keys);
    case "recreate":
      for (const key of edit.keys) recreate(world, key);
      return world;
    case "time":
      world.nowMs += edit.passesMs;
      return world;
  }
}

function rewrite(world: World, key: string, changes: AnyService["changes"]): void {
  const before = world.services.get(key);
  if (before === undefined) world.put(key, changes);
  else {
    const { uid, createdMs, allocated, loadBalancerIP, ingress } = before;
    const kept = { uid, createdMs, loadBalancerIP, ingress, ...(allocated && { allocated }) };
    world.services.set(key, service({ key, ...kept, ...changes }));
  }
}

function recreate(world: World, key: string): void {
  const before = world.services.get(key);
  if (before === undefined) return;
  const { allocated: _, ...rest } = before;
  world.services.set(key, { ...rest, uid: `${before.uid}+`, loadBalancerIP: "", ingress: [], terminating: false });
}

/** One plan, what it was made of, and the World in which it was carried out. */
export type Step = { readonly before: Snapshot; readonly plan: Plan; readonly world: World };

const mostSteps = 12;

/** Every plan that is made at first and after each edit. */
export function* steps(parts: SharingParts, edits: readonly Edit[]): Generator<Step> {
  const world = sharingWorldOf(parts);
  yield* settling(world);
  for (const edit of edits) yield* settling(edited(world, edit));
}

/** Every plan that is made until there is nothing left to do. */
export function* settling(world: World): Generator<Step> {
  for (let round = 0; round < mostSteps; round++) {
    const before = world.snapshot();
    const plan = world.step();
    if (plan.changes.length === 0 && before.services.every((each) => world.services.get(each.key) === each)) return;
    yield { before, plan, world };
  }
  throw new Error(`${mostSteps} plans and still something to do`);
}
