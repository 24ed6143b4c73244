import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

const poolA = pool({ name: "pool-a", addresses: ["10.0.10.0/24"] });
const poolB = pool({ name: "pool-b", addresses: ["10.0.20.0/24"] });
const red = { serviceSelector: { matchLabels: { color: "red" } } };

describe("Cilium A: pools come, change and go", () => {
  it("Cilium A5: an address asked for is given once a pool for it appears", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.20.10" }).settle();
    assert.equal(world.reason("x/a"), "False AddressOutsidePools");
    world.pools = [poolA, poolB];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.20.10"]);
  });

  it("Cilium A6: or once a pool gains a range with it", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.20.10" }).settle();
    world.pools = [pool({ name: "pool-a", addresses: ["10.0.10.0/24", "10.0.20.0/24"] })];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.20.10"]);
  });

  it("Cilium A7: a paused pool takes nothing away and gives nothing new until it goes on", () => {
    const world = new World(poolA).put("x/a").settle();
    world.pools = [{ ...poolA, paused: true }];
    world.put("x/b").settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.0"]);
    assert.equal(world.reason("x/a"), "True Allocated");
    assert.equal(world.reason("x/b"), "False PoolPaused");
    world.pools = [poolA];
    assert.deepEqual(world.settle().addresses("x/b"), ["10.0.10.1"]);
  });

  const edits = [
    { name: "A8 (differs): its pool is deleted", pools: [poolB] },
    { name: "A10 (differs): its range is taken out", pools: [pool({ name: "pool-a", addresses: ["10.0.20.0/24"] })] },
    { name: "A16 (differs): its pool no longer selects it", pools: [{ ...poolA, services: red }] },
  ];
  for (const { name, pools } of edits)
    it(`Cilium ${name}: the address stays`, () => {
      const world = new World(poolA).put("x/a").settle();
      world.pools = pools;
      assert.deepEqual(world.settle().addresses("x/a"), ["10.0.10.0"]);
      assert.equal(world.reason("x/a"), "True OutsidePool");
    });

  it("Cilium A17–A19: without a pool a Service waits, and is served by the first that comes", () => {
    const world = new World().put("x/a").settle();
    assert.equal(world.reason("x/a"), "False NoPool");
    world.pools = [poolA];
    assert.deepEqual(world.settle().addresses("x/a"), ["10.0.10.0"]);
  });
});

describe("Cilium D: requested addresses", () => {
  it("Cilium D1: spec.loadBalancerIP is given exactly", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.10.20" }).settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.20"]);
  });

  it("Cilium D2 (differs): the annotation wins over the field, they are not merged", () => {
    const asks = { addresses: addresses("10.0.10.22", "10.0.10.23") };
    const world = new World(poolA).put("x/b", { loadBalancerIP: "10.0.10.21", asks }).settle();
    assert.deepEqual(world.addresses("x/b"), ["10.0.10.22", "10.0.10.23"]);
  });

  it("Cilium D3: an address that another has is refused", () => {
    const world = new World(poolA).put("x/b", { loadBalancerIP: "10.0.10.21" }).settle();
    world.put("x/c", { loadBalancerIP: "10.0.10.21" }).settle();
    assert.equal(world.reason("x/c"), "False AddressTaken");
    assert.equal(world.message("x/c"), "10.0.10.21 belongs to x/b");
  });

  it("Cilium D4: an address of a pool that does not select the Service is refused", () => {
    const world = new World({ ...poolA, services: red });
    world.put("x/a", { labels: { color: "blue" }, loadBalancerIP: "10.0.10.123" }).settle();
    assert.equal(world.reason("x/a"), "False ServiceNotSelected");
  });

  it("Cilium D5: an address that is no longer asked for is released, the others stay", () => {
    const world = new World(poolA)
      .put("x/a", { asks: { addresses: addresses("10.0.10.124", "10.0.10.125") } })
      .settle();
    world.put("x/a", { asks: { addresses: addresses("10.0.10.124") } }).settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.124"]);
    assert.equal(world.ledger.size, 1);
  });

  it("Cilium D6: the message names an address that no pool has", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.9.9.9" }).settle();
    assert.equal(world.message("x/a"), "10.9.9.9 is in no pool");
  });

  it("Cilium D9 (differs): the lowest free address is given, whatever is asked for elsewhere", () => {
    const world = new World(poolA).put("x/a").put("x/b").put("x/pinned", { loadBalancerIP: "10.0.10.200" }).settle();
    assert.deepEqual(world.put("x/c").settle().addresses("x/c"), ["10.0.10.2"]);
  });
});

describe("Cilium F: selection, class, life cycle", () => {
  it("Cilium F1: a pool serves the Services that its selector matches", () => {
    const world = new World({ ...poolA, services: red });
    world
      .put("x/red", { labels: { color: "red" } })
      .put("x/blue", { labels: { color: "blue" } })
      .settle();
    assert.deepEqual(world.addresses("x/red"), ["10.0.10.0"]);
    assert.equal(world.reason("x/blue"), "False ServiceNotSelected");
  });

  it("Cilium F2: a Service cannot pretend to be in another namespace by a label of its own", () => {
    const label = { "kubernetes.io/metadata.name": "tenant-one" };
    const world = new World({ ...poolA, services: { namespaceSelector: { matchLabels: label } } });
    world.namespaces.set("tenant-one", label).set("tenant-two", { "kubernetes.io/metadata.name": "tenant-two" });
    world.put("tenant-one/a").put("tenant-two/b", { labels: label }).settle();
    assert.deepEqual(world.addresses("tenant-one/a"), ["10.0.10.0"]);
    assert.equal(world.reason("tenant-two/b"), "False NamespaceNotSelected");
  });

  it("Cilium F3 (differs): a label that changes takes nothing away", () => {
    const world = new World({ ...poolA, services: red }).put("x/a", { labels: { color: "red" } }).settle();
    world.put("x/a", { labels: { color: "green" } }).settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.0"]);
    assert.equal(world.reason("x/a"), "True OutsidePool");
  });

  it("Cilium F4: type ClusterIP has none, LoadBalancer one, NodePort none again and the address is free", () => {
    const world = new World(poolA).put("x/a", { type: "ClusterIP" }).settle();
    assert.equal(world.plan.outcomes.size, 0);
    assert.deepEqual(world.put("x/a", { type: "LoadBalancer" }).settle().addresses("x/a"), ["10.0.10.0"]);
    world.put("x/a", { type: "NodePort" }).settle();
    assert.equal(world.plan.outcomes.size + world.ledger.size, 0);
  });

  it("Cilium F7: a deleted Service leaves nothing in the ledger", () => {
    const world = new World(poolA).put("x/a").settle();
    assert.equal(world.ledger.size, 1);
    assert.equal(world.remove("x/a").settle().ledger.size, 0);
  });
});
