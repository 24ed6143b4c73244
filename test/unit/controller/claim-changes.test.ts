import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Service } from "../../../src/api/service.ts";
import { applyAction } from "../../../src/controller/apply.ts";
import type { Change } from "../../../src/controller/change.ts";
import { objectName } from "../../../src/net/address.ts";
import { addresses, pool, service, sharingTerms } from "../../support/builders.ts";
import { announced, heldBy, World, worldWith } from "../../support/controller-world.ts";

const key = "shop/web";

type Allocate = Extract<Change, { kind: "allocate" }>;

const allocations = (changes: readonly Change[]): readonly Allocate[] =>
  changes.filter((change) => change.kind === "allocate");

const keysOf = (changes: readonly Change[]): readonly (readonly string[])[] => changes.map(({ keys }) => keys);

/** A Service that shares by the key `front` and has this port alone. */
const sharer = (name: string, port: number, changes: Partial<Service> = {}): Service =>
  service({ key: name, terms: sharingTerms({ ports: [`TCP/${port}`] }), createdMs: port, ...changes });

/** A cluster with a pool of one address that `shop/web` holds, announced. */
async function fullWorld(): Promise<World> {
  const made = await worldWith();
  made.pools.put("public", pool({ addresses: ["192.0.2.7"] }));
  made.services.put(key, service());
  await made.settle();
  return announced(made);
}

describe("a claim", () => {
  it("and the fields of its Service are one change, with the node where the address will be", async () => {
    const made = await worldWith();
    made.services.put(key, service());
    const [change] = allocations(made.plan());
    const [claim] = change?.claims ?? [];
    assert.ok(change !== undefined && claim !== undefined);
    assert.deepEqual(change.keys, ["service/shop/web", `vip/${objectName(claim.spec.address)}`]);
    assert.match(claim.spec.node, /^node[123]$/);
    assert.deepEqual(change.fields?.allocated, change.fields?.loadBalancerIP);
  });

  it("that takes an address from a Service that is gone replaces the very object, and keeps its uid", async () => {
    const made = await fullWorld();
    const [before = assert.fail()] = made.advertisements.values();
    made.services.put("blog/web", service({ key: "blog/web" }));
    made.services.delete(key);
    await made.settle();
    const [after, ...more] = made.advertisements.values();
    assert.deepEqual([after?.uid, after?.services[0]?.namespace, more], [before.uid, "blog", []]);
  });

  it("takes nothing from a Service that came back since it was planned", async () => {
    const made = await fullWorld();
    const held = made.services.get(key) ?? assert.fail();
    made.services.put("blog/web", service({ key: "blog/web" }));
    made.services.delete(key);
    const [change = assert.fail()] = allocations(made.plan());
    made.services.put(key, held);
    assert.equal(await applyAction(change, made.writes()), "stale");
    assert.equal(made.services.get("blog/web")?.allocated, undefined);
    await made.settle();
    assert.deepEqual(
      [heldBy(made, "web").length, made.advertisements.values()[0]?.services[0]?.namespace],
      [1, "shop"],
    );
  });
});

describe("Services that join one address by the same plan", () => {
  it("are claimed for by one change that holds back whatever else is written about them", async () => {
    const made = await worldWith();
    made.services.put("shop/a", sharer("shop/a", 80));
    made.services.put("shop/b", sharer("shop/b", 81));
    const changes = made.plan().filter(({ keys }) => keys.some((each) => /^(service|vip)/.test(each)));
    assert.deepEqual(keysOf(changes), [["service/shop/a", "service/shop/b", "vip/192-0-2-0"]]);
    assert.deepEqual(allocations(changes)[0]?.fields?.allocated, "192.0.2.0");
    await made.settle();
    assert.deepEqual([heldBy(made, "a"), heldBy(made, "b")], [["192.0.2.0"], ["192.0.2.0"]]);
    assert.deepEqual(made.services.get("shop/b")?.allocated, addresses("192.0.2.0"));
  });

  it("say nothing of an address that waits for another claim of the one who claims it", async () => {
    const made = await worldWith();
    const [v4, v6] = [pool({ name: "v4" }), pool({ name: "v6", addresses: ["2001:db8::/64"] })];
    for (const each of [v4, v6]) made.pools.put(each.name, each);
    made.services.put("shop/a", sharer("shop/a", 80));
    made.services.put("shop/b", sharer("shop/b", 81, { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" }));
    made.services.put("shop/c", sharer("shop/c", 82, { ipFamilies: [6] }));
    const changes = made.plan().filter(({ keys }) => keys.some((each) => /^(service|vip)/.test(each)));
    assert.deepEqual(keysOf(changes), [["service/shop/a", "service/shop/b", "vip/192-0-2-0"]]);
    await made.settle();
    assert.deepEqual(heldBy(made, "c"), ["2001:db8::"]);
    assert.deepEqual(heldBy(made, "b"), ["192.0.2.0", "2001:db8::"]);
  });
});

describe("a Service that is the first of one address and the second of another", () => {
  it("claims and says nothing before the one that it joins has been claimed", async () => {
    const made = await worldWith();
    const dual = pool({ addresses: ["192.0.2.0/24", "2001:db8::/64"] });
    made.pools.put("public", dual);
    made.services.put("shop/a", sharer("shop/a", 80, { ipFamilies: [6] }));
    made.services.put("shop/b", sharer("shop/b", 81, { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" }));
    made.services.put("shop/c", sharer("shop/c", 82));
    const changes = made.plan().filter(({ keys }) => keys.some((each) => /^(service|vip)/.test(each)));
    assert.deepEqual(keysOf(changes), [
      ["service/shop/a", "service/shop/b", "vip/2001-0db8-0000-0000-0000-0000-0000-0000"],
    ]);
    await made.settle();
    assert.deepEqual([heldBy(made, "a"), heldBy(made, "c")], [["2001:db8::"], ["192.0.2.0"]]);
    assert.deepEqual(made.services.get("shop/b")?.allocated, addresses("192.0.2.0", "2001:db8::"));
  });
});

describe("what is left of an address", () => {
  it("whose Service is deleted is placed nowhere, and nothing once it is forgotten", async () => {
    const made = await announced(await worldWith(key));
    made.services.delete(key);
    await made.settle();
    const [left = assert.fail()] = made.advertisements.values();
    assert.deepEqual([left.services, left.released?.name, left.group, left.node], [[], "web", "", ""]);
    assert.deepEqual(
      left.status.conditions.map(({ reason }) => reason),
      ["Remembered", "Remembered", "Remembered"],
    );
    assert.deepEqual(made.plan(), []);
    made.nowMs += 24 * 3_600_000;
    await made.settle();
    assert.deepEqual(made.advertisements.values(), []);
  });

  it("that one of two sharers leaves is the other's, announced from where it is", async () => {
    const made = await worldWith();
    made.services.put("shop/a", sharer("shop/a", 80));
    made.services.put("shop/b", sharer("shop/b", 81));
    await made.settle();
    await announced(made);
    const [before = assert.fail()] = made.advertisements.values();
    made.services.delete("shop/a");
    await made.settle();
    const [after = assert.fail()] = made.advertisements.values();
    assert.deepEqual(
      [after.services.map(({ name }) => name), after.node, after.released],
      [["b"], before.node, undefined],
    );
  });

  it("is released from no Service that has changed since it was planned", async () => {
    const made = await announced(await worldWith(key));
    const before = heldBy(made, "web");
    const given = made.services.get(key) ?? assert.fail();
    made.services.put(key, { ...given, type: "ClusterIP" });
    const release = made.plan().find(({ kind }) => kind === "release") ?? assert.fail();
    made.services.put(key, { ...given, type: "LoadBalancer" });
    assert.equal(await applyAction(release, made.writes()), "stale");
    await made.settle();
    assert.deepEqual(heldBy(made, "web"), before);
  });
});

describe("where addresses are only observed", () => {
  it("what a Service shows is claimed and placed nowhere, and nothing is written into any Service", async () => {
    const made = new World({ observe: true });
    made.addNode("node1", 11);
    made.pools.put("public", pool());
    made.services.put(key, service({ ingress: [{ ip: "192.0.2.77" }] }));
    made.services.put("shop/new", service({ key: "shop/new" }));
    const before = made.services.values();
    await made.settle();
    assert.deepEqual([heldBy(made, "web"), heldBy(made, "new")], [["192.0.2.77"], []]);
    assert.deepEqual(
      made.advertisements.values().map(({ group, node }) => [group, node]),
      [["", ""]],
    );
    assert.equal(made.services.values(), before);
  });
});
