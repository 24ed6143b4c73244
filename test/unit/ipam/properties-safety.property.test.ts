import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Service } from "../../../src/api/service.ts";
import type { Advertisement, Member } from "../../../src/api/vip-advertisement.ts";
import type { LedgerWrite, Outcome } from "../../../src/ipam/change.ts";
import { allocationReasons } from "../../../src/ipam/refusal.ts";
import { pastOf, reuseOf } from "../../../src/ipam/reuse.ts";
import { unshareable } from "../../../src/ipam/sharing.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { type Address, addressKey, formatAddress, parseAddress, sameAddress } from "../../../src/net/address.ts";
import { anyEdits, anySharingParts, type Edit, type SharingParts, type Step, steps } from "./any-sharing-cluster.ts";
import { type World, writes } from "./world.ts";

const runs = { numRuns: 120 };

const everyStep = (statement: string, check: (step: Step) => void): void => {
  const all = (parts: SharingParts, edits: readonly Edit[]): void => {
    for (const step of steps(parts, edits)) check(step);
  };
  it(statement, () => fc.assert(fc.property(anySharingParts, anyEdits, all), runs));
};

const everyEnd = (statement: string, check: (world: World) => void): void => {
  const last = (parts: SharingParts, edits: readonly Edit[]): void => {
    let world: World | undefined;
    for (const step of steps(parts, edits)) world = step.world;
    if (world === undefined) return;
    // A claim that is young may be another controller's that is about to tell the Service; it is taken back later.
    world.nowMs += 20_000;
    check(world.settle());
  };
  it(statement, () => fc.assert(fc.property(anySharingParts, anyEdits, last), runs));
};

/** What Services were told that are not on their way out. */
const told = ({ plan }: World): readonly Outcome[] =>
  [...plan.outcomes.values()].filter(({ service }) => !service.terminating);

const pairs = <Value>(all: readonly Value[]): readonly (readonly [Value, Value])[] =>
  all.flatMap((one, i) => all.slice(i + 1).map((other) => [one, other] as const));

const keyOf = ({ namespace, name }: Pick<Member, "namespace" | "name">): string => `${namespace}/${name}`;

const isShownBy = ({ ingress }: Service, text: string): boolean => ingress.some(({ ip }) => ip === text);

const owners = ({ pools }: Snapshot, address: Address): readonly string[] =>
  pools.flatMap(({ reservations }) => reservations.filter((each) => sameAddress(each.address, address)).map(keyOf));

/** How many addresses each namespace has of each pool. */
function quotas(advertisements: Iterable<Advertisement>): ReadonlyMap<string, number> {
  const counted = [...advertisements].flatMap(({ pool, services: [first] }) =>
    first === undefined ? [] : [`${pool} ${first.namespace}`],
  );
  return new Map([...Map.groupBy(counted, (each) => each)].map(([key, all]) => [key, all.length]));
}

/** Whether a write gives an address to somebody new who does not show it in his status. */
function isNewlyGiven({ spec, joined }: LedgerWrite): boolean {
  const [first] = spec.services;
  const service = joined.find(({ uid }) => uid === first?.uid);
  return service !== undefined && !isShownBy(service, formatAddress(spec.address));
}

/** Whether an address counts more than before though nobody was given it: adopted, of another pool now, or left by the first. */
function isInherited(write: LedgerWrite): boolean {
  const { before, spec } = write;
  const [first] = spec.services;
  if (first === undefined || isNewlyGiven(write)) return false;
  return before?.pool !== spec.pool || before.services[0]?.namespace !== first.namespace;
}

function assertWithinQuotas({ before, plan, world }: Step): void {
  const after = quotas(world.ledger.values());
  const limits = new Map(before.pools.map(({ name, perNamespace = Number.POSITIVE_INFINITY }) => [name, perNamespace]));
  const countedAs = ({ spec }: LedgerWrite): string => `${spec.pool} ${spec.services[0]?.namespace}`;
  for (const write of writes(plan).filter(isNewlyGiven)) {
    const key = countedAs(write);
    const inherited = writes(plan).filter((each) => isInherited(each) && countedAs(each) === key).length;
    const held = (after.get(key) ?? 0) - inherited;
    assert.ok(held <= (limits.get(write.spec.pool) ?? Number.POSITIVE_INFINITY), `${key}: ${held}`);
  }
}

/** The addresses of a pool that nobody has or had, that are not reserved, and that nobody shows. */
function freshAfter({ before, world }: Step, pool: Pool, { family }: Address): readonly string[] {
  const known = new Set([...before.advertisements, ...world.ledger.values()].map((each) => addressKey(each.address)));
  return pool.ranges
    .filter(({ first }) => first.family === family)
    .flatMap(({ first, last }) =>
      Array.from({ length: Number(last.value - first.value) + 1 }, (_, i) => ({
        family,
        value: first.value + BigInt(i),
      })),
    )
    .filter((each) => !known.has(addressKey(each)) && owners(before, each).length === 0)
    .map(formatAddress)
    .filter((text) => !before.services.some((service) => isShownBy(service, text)));
}

/** For whom the ledger remembers an address at the moment of a plan. */
function rememberedFor({ pools, nowMs }: Snapshot, advertisement: Advertisement | undefined): string | undefined {
  if (advertisement?.released === undefined || advertisement.services.length > 0) return undefined;
  const named = new Map(pools.map((pool) => [pool.name, pool]));
  const past = pastOf(advertisement.released, reuseOf(named, advertisement.pool));
  return past.rememberedUntilMs > nowMs ? keyOf(advertisement.released) : undefined;
}

const wants = ({ asks, loadBalancerIP, allocated = [] }: Service, address: Address): boolean => {
  const field = parseAddress(loadBalancerIP);
  return [...(asks.addresses ?? []), ...allocated, ...(field ? [field] : [])].some((each) =>
    sameAddress(each, address),
  );
};

function assertRememberedLast(step: Step): void {
  const { before, plan } = step;
  for (const { before: old, spec, joined } of writes(plan)) {
    const owner = rememberedFor(before, old);
    const pool = before.pools.find(({ name }) => name === spec.pool);
    const [first] = joined;
    if (owner === undefined || pool === undefined || first === undefined || first.key === owner) continue;
    const text = formatAddress(spec.address);
    if (wants(first, spec.address) || isShownBy(first, text) || owners(before, spec.address).includes(first.key))
      continue;
    assert.deepEqual(freshAfter(step, pool, spec.address), [], `${first.key} got ${text}, remembered for ${owner}`);
  }
}

describe("in any cluster that shares, reserves, limits and remembers", () => {
  everyEnd("no address belongs to two Services that may not share it", ({ ledger, services }) => {
    for (const { address, services: members } of ledger.values()) {
      const staying = members
        .flatMap((member) => services.get(keyOf(member)) ?? [])
        .filter((each) => !each.terminating);
      for (const [one, other] of pairs(staying))
        assert.equal(unshareable(one, other), undefined, formatAddress(address));
    }
  });

  everyEnd("the ledger says of each Service what the Service was told", (world) => {
    const held = Map.groupBy(
      [...world.ledger.values()].flatMap(({ address, services }) => services.map(({ uid }) => ({ address, uid }))),
      ({ uid }) => uid,
    );
    for (const { service, addresses } of told(world)) {
      const inLedger = (held.get(service.uid) ?? []).map(({ address }) => formatAddress(address));
      assert.deepEqual(addresses.map(formatAddress).sort(), inLedger.sort(), service.key);
    }
  });

  everyEnd("one Service has one address of a family, unless it asks for more or shares", (world) => {
    for (const { service, addresses, allocated } of told(world)) {
      if (service.terms !== undefined || allocated.reason === "RequestRefused") continue;
      for (const [family, ofFamily] of Map.groupBy(addresses, (each) => each.family)) {
        const asked = (service.asks.addresses ?? []).filter((each) => each.family === family);
        assert.ok(ofFamily.length <= Math.max(1, asked.length), service.key);
      }
    }
  });

  everyStep("a Service without an address has one reason of the closed list, and words", ({ plan }) => {
    const held = ["Allocated", "OutsidePool", "RequestRefused"];
    for (const { service, allocated, addresses } of plan.outcomes.values()) {
      assert.ok((allocationReasons as readonly string[]).includes(allocated.reason), allocated.reason);
      assert.notEqual(allocated.message, "");
      if (addresses.length === 0) assert.equal(allocated.status, "False", service.key);
      if (allocated.status === "True") assert.ok(held.includes(allocated.reason), allocated.reason);
      else assert.ok(!held.includes(allocated.reason), allocated.reason);
    }
  });

  everyStep("a reserved address is given to its owner alone, and to whom he shares it with", ({ before, plan }) => {
    for (const { before: old, spec, joined } of writes(plan)) {
      const reserved = owners(before, spec.address);
      const holders = [...spec.services, ...(old?.services ?? [])].map(keyOf);
      if (reserved.length === 0 || reserved.some((owner) => holders.includes(owner))) continue;
      assert.deepEqual(
        joined.map(({ key }) => key),
        [],
        `${formatAddress(spec.address)} is for ${reserved.join()}`,
      );
    }
  });

  everyStep("no plan gives a namespace more of a pool than it allows", assertWithinQuotas);

  everyStep("nobody gets by choice what is remembered for another while something fresh is free", assertRememberedLast);
});
