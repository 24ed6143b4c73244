import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import { addresses, noReuse, pool, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Changes = NonNullable<Parameters<World["put"]>[1]>;

const poolA = pool({ name: "pool-a", addresses: ["10.0.10.0/24"] });
const red = { serviceSelector: { matchLabels: { color: "red" } } };

describe("Cilium D: requested addresses", () => {
  it("Cilium D1: spec.loadBalancerIP is given exactly", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.0.10.20" }).settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.20"]);
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
    assert.deepEqual(world.held(), ["10.0.10.124"]);
  });

  it("Cilium D6: the message names an address that no pool has", () => {
    const world = new World(poolA).put("x/a", { loadBalancerIP: "10.9.9.9" }).settle();
    assert.equal(world.message("x/a"), "10.9.9.9 is in no pool");
  });

  it("Cilium D7: without a pool, and in a full one, the reasons differ", () => {
    const world = new World().put("x/a").put("x/b").settle();
    assert.equal(world.reason("x/b"), "False NoPool");
    world.pools = [pool({ addresses: ["10.0.10.0"] })];
    assert.equal(world.settle().reason("x/b"), "False PoolExhausted");
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

  it("Cilium F4: type ClusterIP has none, LoadBalancer one, NodePort none again and the address is free", () => {
    const world = new World(poolA).put("x/a", { type: "ClusterIP" }).settle();
    assert.equal(world.plan.outcomes.size, 0);
    assert.deepEqual(world.put("x/a", { type: "LoadBalancer" }).settle().addresses("x/a"), ["10.0.10.0"]);
    world.put("x/a", { type: "NodePort" }).settle();
    assert.deepEqual([world.plan.outcomes.size, world.held()], [0, []]);
    assert.deepEqual(world.put("x/b", { loadBalancerIP: "10.0.10.0" }).settle().addresses("x/b"), ["10.0.10.0"]);
  });

  it("Cilium F7: a deleted Service leaves nothing that anybody holds", () => {
    const world = new World(poolA).put("x/a").settle();
    assert.deepEqual(world.held(), ["10.0.10.0"]);
    assert.deepEqual(world.remove("x/a").settle().held(), []);
  });
});

describe("Cilium F and G: the class of a Service", () => {
  for (const { row, loadBalancerClass, defaultClass, given } of [
    { row: "F5", loadBalancerClass: "net.example/some-other-class", defaultClass: true, given: false },
    { row: "F6, before", loadBalancerClass: undefined, defaultClass: false, given: false },
    { row: "F6, after", loadBalancerClass: "herald.dev/vip", defaultClass: false, given: true },
    { row: "G15", loadBalancerClass: "herald.dev/vip", defaultClass: true, given: true },
  ])
    it(`Cilium ${row}: ${loadBalancerClass}, ${defaultClass ? "also" : "not"} without one: ${given}`, () => {
      const world = new World(poolA).put("x/a", loadBalancerClass === undefined ? {} : { loadBalancerClass });
      world.options = { defaultClass };
      assert.deepEqual(world.settle().held(), given ? ["10.0.10.0"] : []);
      assert.equal(world.plan.outcomes.has("x/a"), given);
    });
});

/** It shares by this key and has this port, or none. */
const sharing = (key: string, port?: string, more: Partial<SharingTerms> = {}): Changes => ({
  terms: sharingTerms({ key, ports: port === undefined ? [] : [port], ...more }),
});

describe("Cilium E: sharing", () => {
  const two = (): World =>
    new World(poolA).put("x/a", sharing("key-1", "TCP/80")).put("x/b", sharing("key-1", "TCP/81"));

  it("Cilium E1: another key moves the one that has it", () => {
    const world = two().settle();
    assert.deepEqual([world.addresses("x/a"), world.addresses("x/b")], [["10.0.10.0"], ["10.0.10.0"]]);
    world.put("x/b", sharing("key-2", "TCP/81")).settle();
    assert.deepEqual([world.addresses("x/a"), world.addresses("x/b")], [["10.0.10.0"], ["10.0.10.1"]]);
  });

  it("Cilium E2: a port that the other has moves the one that changed", () => {
    const world = two().settle().put("x/b", sharing("key-1", "TCP/80")).settle();
    assert.deepEqual([world.addresses("x/a"), world.addresses("x/b")], [["10.0.10.0"], ["10.0.10.1"]]);
  });

  it("Cilium E3: one port with two protocols is shared", () => {
    const world = new World(poolA).put("x/a", sharing("key-1", "TCP/80")).put("x/b", sharing("key-1", "UDP/80"));
    assert.deepEqual(world.settle().addresses("x/b"), ["10.0.10.0"]);
  });

  it("Cilium E4: an address belongs to all who share it, and is nobody's once the last is gone", () => {
    const forgetful = { ...poolA, reuse: noReuse };
    const world = new World(forgetful).put("x/a", sharing("key-a")).put("x/b", sharing("key-a")).settle();
    world.put("x/c", sharing("key-b", "TCP/80")).settle();
    assert.deepEqual(
      ["x/a", "x/b", "x/c"].flatMap((key) => world.addresses(key)),
      ["10.0.10.0", "10.0.10.0", "10.0.10.1"],
    );
    assert.deepEqual(world.remove("x/a", "x/b").settle().held(), ["10.0.10.1"]);
    world.put("x/a", sharing("key-b", "TCP/80")).put("x/b", sharing("key-b", "TCP/81")).settle();
    assert.notDeepEqual(world.addresses("x/a"), ["10.0.10.1"]);
    assert.deepEqual(world.addresses("x/b"), ["10.0.10.1"]);
    assert.ok(world.remove("x/c").settle().held().includes("10.0.10.1"));
    assert.ok(!world.remove("x/b").settle().held().includes("10.0.10.1"));
  });

  it("Cilium E5: one that is deleted and comes back has the same address again", () => {
    const world = new World(poolA).put("x/a", sharing("key-a")).put("x/b", sharing("key-a")).settle();
    assert.deepEqual(world.remove("x/b").settle().put("x/b", sharing("key-a")).settle().addresses("x/b"), [
      "10.0.10.0",
    ]);
  });

  it("Cilium E19: an address that is asked for and cannot be shared is refused with what is in the way", () => {
    const world = new World(poolA).put("x/a", { ...sharing("key-1", "TCP/80"), loadBalancerIP: "10.0.10.9" }).settle();
    world.put("x/b", { ...sharing("key-1", "TCP/80"), loadBalancerIP: "10.0.10.9" }).settle();
    assert.equal(world.reason("x/b"), "False SharingRefused");
    assert.equal(world.message("x/b"), "10.0.10.9 cannot be shared: x/a has TCP/80 too");
  });

  it("Cilium E21: what several share is one object of the ledger, so one node holds it for all", () => {
    assert.equal(two().settle().ledger.size, 1);
  });
});

const decidedOtherwise: readonly { row: string; rule: string; does: () => void }[] = [
  {
    row: "C11",
    rule: "RequireDualStack without one of its families stays unsatisfied and gets no half of a pair",
    does: () => {
      const world = new World(poolA).put("x/a", { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" }).settle();
      assert.deepEqual([world.reason("x/a"), world.held()], ["False FamilyUnavailable", []]);
    },
  },
  {
    row: "D2",
    rule: "an annotation that asks wins over the field; they are not merged",
    does: () => {
      const asks = { addresses: addresses("10.0.10.22", "10.0.10.23") };
      const world = new World(poolA).put("x/b", { loadBalancerIP: "10.0.10.21", asks }).settle();
      assert.deepEqual(world.addresses("x/b"), ["10.0.10.22", "10.0.10.23"]);
    },
  },
  {
    row: "D8",
    rule: "an entry that is no address is refused, and nothing is given in its place",
    does: () => {
      const asks = {
        problems: [{ path: "metadata.annotations[lbipam.cilium.io/ips]", message: '"x" is no IP address' }],
      };
      const world = new World(poolA).put("x/a", { asks }).settle();
      assert.equal(world.reason("x/a"), "False InvalidRequest");
      assert.equal(world.message("x/a"), 'metadata.annotations[lbipam.cilium.io/ips]: "x" is no IP address');
    },
  },
  {
    row: "D9",
    rule: "the lowest free address is given, whatever is asked for elsewhere",
    does: () => {
      const world = new World(poolA).put("x/a").put("x/b").put("x/pinned", { loadBalancerIP: "10.0.10.200" }).settle();
      assert.deepEqual(world.put("x/c").settle().addresses("x/c"), ["10.0.10.2"]);
    },
  },
  {
    row: "D10",
    rule: "an address that somebody had comes after those that nobody had lately",
    does: () => {
      const world = new World(poolA).put("x/a").put("x/b").put("x/c").settle().remove("x/b").settle();
      assert.deepEqual(world.put("x/d").settle().addresses("x/d"), ["10.0.10.3"]);
    },
  },
  {
    row: "E4 (with memory)",
    rule: "who comes back gets the address that it had before it joins another one",
    does: () => {
      const world = new World(poolA).put("x/b", sharing("key-a")).put("x/c", sharing("key-b", "TCP/80")).settle();
      world.remove("x/b").settle().put("x/b", sharing("key-b", "TCP/81")).settle();
      assert.deepEqual(world.addresses("x/b"), ["10.0.10.0"]);
    },
  },
  {
    row: "E20",
    rule: "who only has the key gets the whole set of the other",
    does: () => {
      const asks = { addresses: addresses("10.0.10.20", "10.0.10.21") };
      const world = new World(poolA).put("x/a", { ...sharing("key-1", "TCP/80"), asks });
      assert.deepEqual(world.put("x/b", sharing("key-1", "TCP/81")).settle().addresses("x/b"), [
        "10.0.10.20",
        "10.0.10.21",
      ]);
    },
  },
  {
    row: "F3",
    rule: "a label that changes takes nothing away",
    does: () => {
      const world = new World({ ...poolA, services: red }).put("x/a", { labels: { color: "red" } }).settle();
      world.put("x/a", { labels: { color: "green" } }).settle();
      assert.deepEqual([world.addresses("x/a"), world.reason("x/a")], [["10.0.10.0"], "True OutsidePool"]);
    },
  },
];

describe("Cilium: decided otherwise", () => {
  for (const { row, rule, does } of decidedOtherwise) it(`Cilium ${row}: ${rule}`, does);
});
