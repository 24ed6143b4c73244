import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Service } from "../../../src/api/service.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { applyAction } from "../../../src/controller/apply.ts";
import type { Action } from "../../../src/controller/change.ts";
import type { ClusterWrites } from "../../../src/controller/ports.ts";
import { sameAddress } from "../../../src/net/address.ts";
import type { JobResult } from "../../../src/runtime/loop.ts";
import { address, advertisement, released, service, sharingTerms, specOf } from "../../support/builders.ts";
import { World } from "../../support/controller-world.ts";

type Departures = Extract<Action, { kind: "release" }>["left"];

const owner = service();
const claims = ["192.0.2.1", "2001:db8::1"].map((text) => ({ spec: specOf(advertisement(text, { owner })), left: [] }));
const fields = { allocated: "192.0.2.1,2001:db8::1", loadBalancerIP: "192.0.2.1" };
const allocate = { kind: "allocate", service: owner, claims, fields, seen: new Map(), unverified: [] } satisfies Action;

/** A cluster with the Service, in which the claim of the IPv6 address ends like this. */
function clusterWhere(second: () => Promise<JobResult>): { readonly world: World; readonly writes: ClusterWrites } {
  const world = new World();
  world.services.put(owner.key, owner);
  const writes = world.writes();
  const createAdvertisement: ClusterWrites["createAdvertisement"] = (spec) =>
    sameAddress(spec.address, address("2001:db8::1")) ? second() : writes.createAdvertisement(spec);
  return { world, writes: { ...writes, createAdvertisement } };
}

describe("the fields of a Service", () => {
  it("are written once all of its claims are", async () => {
    const { world, writes } = clusterWhere(() => Promise.resolve("done"));
    const seen = world.services.get(owner.key) ?? assert.fail();
    assert.equal(await applyAction({ ...allocate, service: seen }, writes), "done");
    assert.equal(world.services.get(owner.key)?.loadBalancerIP, "192.0.2.1");
  });

  it("are not written if what they name is in the ledger by now, though the plan took it for absent", async () => {
    const { world, writes } = clusterWhere(() => Promise.resolve("done"));
    const seen = world.services.get(owner.key) ?? assert.fail();
    const known = await writes.createAdvertisement(specOf(advertisement("192.0.2.7", { owner })));
    const write: Action = {
      kind: "writeServiceFields",
      service: seen,
      fields,
      unverified: [{ address: address("192.0.2.7") }],
    };
    assert.deepEqual([known, await applyAction(write, writes)], ["done", "stale"]);
    assert.equal(world.services.get(owner.key)?.loadBalancerIP, "");
    assert.equal(await applyAction({ ...write, unverified: [{ address: address("192.0.2.8") }] }, writes), "done");
  });

  it("are not written if a claim of several is another's by now", async () => {
    const { world, writes } = clusterWhere(() => Promise.resolve("stale"));
    const seen = world.services.get(owner.key) ?? assert.fail();
    assert.equal(await applyAction({ ...allocate, service: seen }, writes), "stale");
    assert.equal(world.services.get(owner.key), seen);
  });

  it("are not written if a claim of several fails", async () => {
    const { world, writes } = clusterWhere(() => Promise.reject(new Error("create vipadvertisement")));
    const seen = world.services.get(owner.key) ?? assert.fail();
    await assert.rejects(applyAction({ ...allocate, service: seen }, writes), /create vipadvertisement/);
    assert.equal(world.services.get(owner.key), seen);
  });
});

it("a change ends only when each of its claims has been answered, also the ones after a failure", async () => {
  const answer = Promise.withResolvers<JobResult>();
  const { writes } = clusterWhere(() => answer.promise);
  const failing = { ...writes, createAdvertisement: firstFails(writes) };
  let ended = false;
  const applied = applyAction(allocate, failing).finally(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  assert.equal(ended, false);
  answer.resolve("done");
  await assert.rejects(applied, /refused/);
});

function firstFails(writes: ClusterWrites): ClusterWrites["createAdvertisement"] {
  return (spec) =>
    spec.address.family === 4 ? Promise.reject(new Error("refused")) : writes.createAdvertisement(spec);
}

describe("a release", () => {
  const sharers = ["shop/a", "shop/b"].map((key) => service({ key, terms: sharingTerms() }));
  const left = (shared: Advertisement): Departures =>
    shared.services.map((member) => ({ member, reason: "ServiceGone" }));

  /** A cluster with an address of two Services that were there when the plan was made. */
  async function clusterWith(
    now: readonly Service[],
  ): Promise<{ readonly world: World; readonly shared: Advertisement }> {
    const world = new World();
    await world.writes().createAdvertisement(specOf(advertisement("192.0.2.1", { owners: sharers })));
    for (const each of now) world.services.put(each.key, each);
    const [shared = assert.fail()] = world.advertisements.values();
    return { world, shared };
  }

  it("of an address that is remembered leaves it in the ledger", async () => {
    const { world, shared } = await clusterWith([]);
    const spec = { ...specOf(shared), services: [], released: released(sharers[1] ?? assert.fail()) };
    const action: Action = { kind: "release", advertisement: shared, spec, left: left(shared), seen: new Map() };
    assert.equal(await applyAction(action, world.writes()), "done");
    assert.equal(world.advertisements.values()[0]?.released?.name, "b");
  });

  it("of one that is not remembered deletes it", async () => {
    const { world, shared } = await clusterWith([]);
    const spec = { ...specOf(shared), services: [] };
    const action: Action = { kind: "release", advertisement: shared, spec, left: left(shared), seen: new Map() };
    assert.equal(await applyAction(action, world.writes()), "done");
    assert.deepEqual(world.advertisements.values(), []);
  });

  it("takes it from nobody if one of several is not as the plan saw it", async () => {
    const { world, shared } = await clusterWith(sharers.slice(1));
    const spec = { ...specOf(shared), services: [] };
    const action: Action = { kind: "release", advertisement: shared, spec, left: left(shared), seen: new Map() };
    assert.equal(await applyAction(action, world.writes()), "stale");
    assert.deepEqual(world.advertisements.values(), [shared]);
  });

  it("is not done over an advertisement that somebody wrote meanwhile", async () => {
    const { world, shared } = await clusterWith([]);
    world.advertisements.put(shared.name, { ...shared, node: "node2" });
    const spec = { ...specOf(shared), services: [] };
    const action: Action = { kind: "release", advertisement: shared, spec, left: left(shared), seen: new Map() };
    assert.equal(await applyAction(action, world.writes()), "stale");
    assert.equal(world.advertisements.values()[0]?.services.length, 2);
  });
});
