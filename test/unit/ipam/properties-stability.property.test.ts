import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Service } from "../../../src/api/service.ts";
import { carriedOut, rehearse } from "../../../src/controller/rehearsal.ts";
import type { LedgerChange, Outcome, Plan } from "../../../src/ipam/change.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { formatAddress } from "../../../src/net/address.ts";
import {
  anyEdits,
  anySharingParts,
  type Edit,
  edited,
  newSharingParts,
  type SharingParts,
  type Step,
  settling,
  sharingWorldOf,
  steps,
  touchedBy,
} from "./any-sharing-cluster.ts";
import { writes } from "./world.ts";

const runs = { numRuns: 120 };

const fields = { writeLoadBalancerIP: true };

const property = (statement: string, check: (parts: SharingParts, edits: readonly Edit[]) => void): void => {
  it(statement, () => fc.assert(fc.property(anySharingParts, anyEdits, check), runs));
};

const keyed = <Value>(all: readonly Value[], key: (value: Value) => string): readonly Value[] =>
  all.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));

const textOf = (change: LedgerChange): string => {
  if (change.kind === "forget") return `forget ${change.advertisement.name}`;
  const { address, services, pool, released } = change.spec;
  const left = change.left.map(({ member, reason }) => `${member.uid} ${reason}`);
  return [formatAddress(address), pool, services.map(({ uid }) => uid), released?.uid, released?.atMs, left].join(" ");
};

/** All that a plan says, in an order of its own. */
const contents = ({ changes, outcomes, wakeAtMs }: Plan): unknown => ({
  changes: changes.map(textOf).sort(),
  told: keyed(
    [...outcomes.values()].map(({ service, addresses, allocated }) => ({ key: service.key, addresses, allocated })),
    ({ key }) => key,
  ),
  wakeAtMs,
});

const backward = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  services: snapshot.services.toReversed(),
  pools: snapshot.pools.toReversed(),
  advertisements: snapshot.advertisements.toReversed(),
});

/** Those without an address that show none in their status: what is shown may become theirs whenever it can. */
const waitingAfter = ({ plan }: Step): ReadonlySet<string> =>
  new Set(
    [...plan.outcomes.values()]
      .filter(({ service, addresses, allocated }) => {
        const shows = service.ingress.length > 0 || allocated.reason === "AdoptionRefused";
        return addresses.length === 0 && !shows;
      })
      .map(({ service }) => service.key),
  );

/**
 * What comes to somebody who waited when the plan before was made became free by this very plan, or was given by it to others.
 * The room of a limit is apart, and so is what others share: it is there only once what leaves it has been written.
 */
function assertNothingOldIsGiven({ before: { pools }, plan }: Step, waiting: ReadonlySet<string>): void {
  const limited = new Set(pools.flatMap(({ name, perNamespace }) => (perNamespace === undefined ? [] : [name])));
  const given = writes(plan).flatMap(({ before, spec, joined }) =>
    joined.map(({ key }) => ({ key, pool: spec.pool, shared: before !== undefined && before.services.length > 0 })),
  );
  const isFreed = writes(plan).some(
    ({ before, spec, left }) => left.length > 0 || (before && before.pool !== spec.pool),
  );
  const isApart = given.some(({ key, pool, shared }) => !waiting.has(key) || limited.has(pool) || shared);
  if (isFreed || isApart) return;
  assert.deepEqual(given, []);
}

/** Whoever asks for something that he has not got may move once he can have it. */
const isContent = ({ allocated }: Outcome): boolean => allocated.reason !== "RequestRefused";

const asksNothing = ({ asks, loadBalancerIP }: Service): boolean =>
  asks.addresses === undefined && asks.pools === undefined && loadBalancerIP === "";

describe("the plan of any cluster", () => {
  property("does not depend on the order in which things are listed", (parts, edits) => {
    for (const { before } of steps(parts, edits))
      assert.deepEqual(contents(createPlanner()(backward(before))), contents(createPlanner()(before)));
  });

  property("does not depend on what the planner saw before", (parts, edits) => {
    for (const { before, plan } of steps(parts, edits))
      assert.deepEqual(contents(createPlanner()(before)), contents(plan));
  });

  property("comes to an end, and then there is nothing to do for any planner", (parts, edits) => {
    const world = sharingWorldOf(parts);
    for (const edit of edits) {
      const { snapshot, plan } = rehearse(edited(world, edit).snapshot(), createPlanner(), fields);
      const again = createPlanner()(snapshot);
      assert.deepEqual(again.changes, []);
      assert.deepEqual(contents(again), contents(plan));
      assert.equal(carriedOut(snapshot, again, fields), snapshot);
    }
  });

  property("that only observes comes to an end, and claims nothing that its Service does not show", (parts, edits) => {
    const { options, ...rest } = edits.reduce(edited, sharingWorldOf(parts)).snapshot();
    const observing = { ...rest, options: { ...options, observe: true } };
    const { snapshot } = rehearse(observing, createPlanner(), fields);
    const shown = new Map(snapshot.services.map(({ uid, ingress }) => [uid, ingress.map(({ ip }) => ip)]));
    for (const { address, services } of snapshot.advertisements)
      for (const { uid } of services) assert.ok(shown.get(uid)?.includes(formatAddress(address)), uid);
  });

  const interrupted = (statement: string, check: (parts: SharingParts, failing: readonly boolean[]) => void): void => {
    const failing = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    it(statement, () => fc.assert(fc.property(anySharingParts, failing, check), runs));
  };

  interrupted(
    "comes to an end whichever of its writes fail, and takes from nobody what he was told of",
    (parts, failing) => {
      const world = sharingWorldOf(parts);
      const plan = world.interrupted((i) => failing[i % failing.length] === true);
      const isTold = ({ service }: Outcome): boolean => world.services.get(service.key) !== service;
      const told = [...plan.outcomes.values()].filter((each) => isTold(each) && asksNothing(each.service));
      world.settle();
      for (const { service, addresses } of told)
        for (const each of addresses.map(formatAddress))
          assert.ok(world.addresses(service.key).includes(each), `${service.key} lost ${each}`);
    },
  );

  const atOnce = (statement: string, check: (parts: SharingParts) => void): void => {
    it(statement, () => fc.assert(fc.property(newSharingParts, check), runs));
  };

  atOnce(
    "for new Services has nothing left to do once it is carried out, but for a second family to share",
    (parts) => {
      // What rests counts for a limit until the plan that gives it back has been written.
      if (parts.pools.some(({ perNamespace, reuse }) => perNamespace !== undefined && reuse.coolDown === "Strict"))
        return;
      const world = sharingWorldOf(parts);
      const after = carriedOut(world.snapshot(), createPlanner()(world.snapshot()), fields);
      const more = createPlanner()(after);
      const sharesTwo = ({ terms, ipFamilyPolicy }: Service): boolean =>
        terms !== undefined && ipFamilyPolicy === "PreferDualStack";
      for (const { joined, left } of writes(more))
        assert.ok(left.length === 0 && joined.length > 0 && joined.every(sharesTwo));
      assert.equal(writes(more).length, more.changes.length);
    },
  );

  property("leaves nobody waiting for what it could have given", (parts, edits) => {
    const world = sharingWorldOf(parts);
    for (const edit of [undefined, ...edits]) {
      let waiting: ReadonlySet<string> = new Set();
      for (const step of settling(edit === undefined ? world : edited(world, edit))) {
        assertNothingOldIsGiven(step, waiting);
        waiting = waitingAfter(step);
      }
    }
  });
});

describe("what a Service holds", () => {
  property("moves by nothing that others do, pools and time included", (parts, edits) => {
    const world = sharingWorldOf(parts).settle();
    const touched = touchedBy(edits);
    const isLeftAlone = ({ service: { key } }: Outcome): boolean => !touched.has(key) && world.services.has(key);
    for (const edit of edits) {
      const content = [...world.plan.outcomes.values()].filter(isLeftAlone).filter(isContent);
      edited(world, edit).settle();
      for (const { service, addresses } of content)
        for (const each of addresses.map(formatAddress))
          assert.ok(world.addresses(service.key).includes(each), `${service.key} lost ${each}`);
    }
  });
});
