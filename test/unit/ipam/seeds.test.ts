import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Pool, parsePool } from "../../../src/api/ip-pool.ts";
import { pool, range } from "../../support/builders.ts";
import { World } from "./world.ts";

const forNamespace = (namespace: string, ...texts: readonly string[]): Pool =>
  pool({ name: namespace, addresses: texts, services: { namespaces: new Set([namespace]) } });

const lastOctets = (world: World): readonly number[] =>
  [...world.services.keys()].flatMap((key) => world.addresses(key)).map((text) => Number(text.split(".")[3]));

function crowd(world: World, namespace: string, count: number): World {
  for (let i = 0; i < count; i++) world.put(`${namespace}/web-${i}`);
  return world.settle();
}

describe("statements of the systems that Herald replaces", () => {
  it("S13: Given pool 192.168.0.200/29, When a Service in default is exposed, Then its address lies in .200–.207", () => {
    const world = new World(pool({ addresses: ["192.168.0.200/29"] })).put("default/nginx").settle();
    assert.deepEqual(world.addresses("default/nginx"), ["192.168.0.200"]);
  });

  it("S14: Given a pool for default and a global one, Then default gets .200–.207 and every other namespace .208–.215", () => {
    const world = new World(
      forNamespace("default", "192.168.0.200/29"),
      pool({ name: "a-global", addresses: ["192.168.0.210/29"] }),
    );
    world.put("default/nginx").put("shop/web").put("blog/web").settle();
    assert.deepEqual(lastOctets(world), [200, 208, 209]);
  });

  it("S15: Given a Service that waits, When a pool for its namespace appears, Then it is used without a restart", () => {
    const world = new World(forNamespace("other", "10.0.0.0/24")).put("shop/web").settle();
    assert.equal(world.reason("shop/web"), "False NamespaceNotSelected");
    world.pools = [...world.pools, forNamespace("shop", "192.0.2.0/24")];
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0"]);
  });

  it("S45: Given a controller restart, Then allocations are read back from the ledger and nothing is written", () => {
    const world = crowd(new World(pool()), "shop", 20);
    const before = lastOctets(world);
    for (const [key, each] of world.ledger) world.ledger.set(key, structuredClone(each));
    for (const [key, each] of world.services) world.services.set(key, structuredClone(each));
    assert.deepEqual(world.step().changes, []);
    assert.deepEqual(lastOctets(world), before);
  });

  it("S58: Given a CIDR pool, Then addresses come from it", () => {
    const octets = lastOctets(crowd(new World(pool({ addresses: ["192.168.0.200/29"] })), "shop", 8));
    assert.deepEqual(octets, [200, 201, 202, 203, 204, 205, 206, 207]);
  });

  it("S59: Given a range of three, When four Services come, Then three distinct addresses and one waits with a reason", () => {
    const world = crowd(new World(pool({ addresses: ["192.168.0.200-192.168.0.202"] })), "shop", 4);
    assert.deepEqual(lastOctets(world), [200, 201, 202]);
    assert.equal(world.reason("shop/web-3"), "False PoolExhausted");
    assert.equal(world.message("shop/web-3"), "pool public: 3 of 3 allocated");
  });

  it("S60: Given 192.168.0.200/30 and 192.168.0.200/29 in one pool, Then 8 distinct addresses, none twice", () => {
    const world = crowd(new World(pool({ addresses: ["192.168.0.200/30", "192.168.0.200/29"] })), "shop", 9);
    assert.deepEqual(lastOctets(world), [200, 201, 202, 203, 204, 205, 206, 207]);
    assert.equal(world.message("shop/web-8"), "pool public: 8 of 8 allocated");
  });

  it("S61: Given overlapping ranges .10-.11 and .10-.13, Then 4 distinct addresses", () => {
    const texts = ["192.168.0.10-192.168.0.11", "192.168.0.10-192.168.0.13"];
    assert.deepEqual(lastOctets(crowd(new World(pool({ addresses: texts })), "shop", 5)), [10, 11, 12, 13]);
  });

  it("S62: Given spec.loadBalancerIP, Then that address", () => {
    const world = new World(pool()).put("shop/web", { loadBalancerIP: "192.0.2.99" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.99"]);
  });

  it("S63: Given a global pool only, Then a Service in any namespace takes from it", () => {
    const world = new World(pool()).put("a/1").put("b/1").put("kube-system/1").settle();
    assert.deepEqual(lastOctets(world), [0, 1, 2]);
  });

  const four = ["default", "development", "finance", "testing"].map((namespace, i) =>
    forNamespace(namespace, `192.168.0.${200 + 10 * i}/29`),
  );

  it("S64: Given four pools for four namespaces, Then each namespace's Service lies in its own block", () => {
    const world = new World(...four);
    for (const { name } of four) world.put(`${name}/web`);
    assert.deepEqual(lastOctets(world.settle()), [200, 208, 216, 224]);
  });

  it("S65: Given the four pools and a Service in a fifth namespace, Then it waits and has no address", () => {
    const world = new World(...four).put("fifth/web").settle();
    assert.deepEqual(world.addresses("fifth/web"), []);
    assert.equal(world.reason("fifth/web"), "False NamespaceNotSelected");
    assert.equal(world.ledger.size, 0);
  });

  it("S66: Given a Service that waits for any pool, When one appears, Then it is used at once", () => {
    const world = new World().put("shop/web").settle();
    assert.equal(world.reason("shop/web"), "False NoPool");
    world.pools = [pool()];
    assert.equal(world.step().changes.length, 1);
  });

  it("S88: Given types ClusterIP, NodePort and ExternalName, Then no address", () => {
    const world = new World(pool());
    for (const type of ["ClusterIP", "NodePort", "ExternalName"]) world.put(`shop/${type}`, { type });
    assert.equal(world.settle().plan.outcomes.size, 0);
    assert.equal(world.ledger.size, 0);
  });

  it("S90: Given no pool fits, Then the Service waits and has a reason", () => {
    const world = new World(pool({ automatic: false })).put("shop/web").settle();
    assert.equal(world.reason("shop/web"), "False NoAutomaticPool");
    assert.equal(world.message("shop/web"), "pool public is not automatic, so name one");
  });
});

describe("statements about which very address it is", () => {
  it("S42: Given CIDR 10.210.38.100/26 without its ends, When test2 then test are exposed, Then .65 and .66", () => {
    const metadata = { name: "public", uid: "1", resourceVersion: "1" };
    const parsed = parsePool({ metadata, spec: { addresses: ["10.210.38.100/26"], skipEnds: true } });
    assert.ok("value" in parsed);
    const world = new World(parsed.value).put("default/test2").settle().put("default/test").settle();
    assert.deepEqual(
      ["default/test2", "default/test"].flatMap((key) => world.addresses(key)),
      ["10.210.38.65", "10.210.38.66"],
    );
  });

  it("S72: Given a Service destroyed and re-created with the same name, Then it gets the same address while that is free", () => {
    const world = new World(pool()).put("shop/web").put("shop/api").settle().remove("shop/web").settle();
    world.put("shop/new").settle().put("shop/web", { uid: "of the next" }).settle();
    assert.deepEqual(
      ["shop/web", "shop/new"].flatMap((key) => world.addresses(key)),
      ["192.0.2.0", "192.0.2.2"],
    );
  });

  it("S109 (static part): Given addresses that another system assigned, Then those of them that are in a pool can be requested", () => {
    const assigned = pool({ addresses: ["147.75.100.235", "147.75.100.240/30"], automatic: false });
    const world = new World(assigned);
    for (const text of ["147.75.100.235", "147.75.100.241", "147.75.100.250"])
      world.put(`default/${text}`, { loadBalancerIP: text });
    assert.deepEqual(world.settle().held(), ["147.75.100.235", "147.75.100.241"]);
    assert.equal(world.reason("default/147.75.100.250"), "False AddressOutsidePools");
  });
});

describe("order of addresses and pools", () => {
  it("is descending where the pool says so", () => {
    const world = crowd(new World(pool({ addresses: ["192.0.2.0/30", "192.0.2.8"], order: "Descending" })), "a", 5);
    assert.deepEqual(lastOctets(world), [8, 3, 2, 1, 0]);
  });

  it("tries higher priority first, then pools that select, then names", () => {
    const world = new World(
      pool({ name: "a-open", addresses: ["192.0.2.1"] }),
      pool({ name: "b-open", addresses: ["192.0.2.2"] }),
      pool({ name: "c-selects", addresses: ["192.0.2.3"], services: { namespaces: new Set(["shop"]) } }),
      pool({ name: "d-first", addresses: ["192.0.2.4"], priority: 1 }),
      pool({ name: "e-last", addresses: ["192.0.2.5"], priority: -1 }),
      pool({ name: "f-manual", addresses: ["192.0.2.6"], priority: 9, automatic: false }),
    );
    assert.deepEqual(lastOctets(crowd(world, "shop", 6)), [4, 3, 1, 2, 5]);
  });

  it("tries named pools in the order in which they are named, automatic or not", () => {
    const world = new World(
      pool({ name: "a", addresses: ["192.0.2.1"], priority: 5 }),
      pool({ name: "b", addresses: ["192.0.2.2"], automatic: false }),
    );
    for (const key of ["x/1", "x/2", "x/3"]) world.put(key, { asks: { pools: ["b", "nowhere", "a"] } });
    assert.deepEqual(lastOctets(world.settle()), [2, 1]);
    assert.equal(world.message("x/3"), "pool b: 1 of 1 allocated; pool a: 1 of 1 allocated");
  });

  it("says that no named pool exists", () => {
    const world = new World(pool()).put("x/1", { asks: { pools: ["gold", "silver"] } }).settle();
    assert.equal(world.message("x/1"), "no valid pool is called gold or silver");
    assert.equal(world.reason("x/1"), "False PoolNotFound");
  });

  it("speaks of the pools that came nearest to serving", () => {
    const world = new World(
      pool({ name: "a", addresses: ["192.0.2.1"], services: { namespaces: new Set(["other"]) } }),
      pool({ name: "b", addresses: ["192.0.2.2"], paused: true }),
      pool({ name: "c", addresses: ["2001:db8::/64"] }),
    );
    assert.equal(world.put("x/1").settle().message("x/1"), "pool b is paused");
  });

  it("counts addresses that the cluster uses apart from the allocated ones", () => {
    const world = new World(pool({ addresses: ["192.0.2.0/30"] }));
    world.forbidden = [{ range: range("192.0.2.1"), what: "a gateway of node node1" }];
    assert.equal(
      crowd(world, "x", 4).message("x/web-3"),
      "pool public: 3 of 4 allocated, 1 used by the cluster itself or shown by other services",
    );
  });
});
