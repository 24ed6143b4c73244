import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyAction } from "../../../src/controller/apply.ts";
import type { Action } from "../../../src/controller/change.ts";
import { specOf } from "../../../src/controller/placements.ts";
import type { ClusterWrites } from "../../../src/controller/ports.ts";
import { sameAddress } from "../../../src/net/address.ts";
import type { JobResult } from "../../../src/runtime/loop.ts";
import { address, advertisement, service } from "../../support/builders.ts";
import { World } from "../../support/controller-world.ts";

const owner = service();
const claims = ["192.0.2.1", "2001:db8::1"].map((text) => specOf(advertisement(text, { owner })));
const fields = { allocated: "192.0.2.1,2001:db8::1", loadBalancerIP: "192.0.2.1" };
const allocate: Action = { kind: "allocate", service: owner, claims, fields };

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
