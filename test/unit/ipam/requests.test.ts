import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { addressKey } from "../../../src/net/address.ts";
import { addresses, advertisement, pool, range, service } from "../../support/builders.ts";
import { deeds, World, writes } from "./world.ts";

const net = (name: string, ...texts: readonly string[]): Pool => pool({ name, addresses: texts });

describe("a requested address", () => {
  const pools = [
    pool({ exclude: ["192.0.2.9"], avoidBuggyIPs: true }),
    pool({ name: "blog", addresses: ["198.51.100.0/28"], services: { namespaces: new Set(["blog"]) } }),
    pool({
      name: "red",
      addresses: ["198.51.100.16/28"],
      services: { serviceSelector: { matchLabels: { colour: "red" } } },
    }),
    pool({
      name: "gold",
      addresses: ["198.51.100.32/28"],
      services: { namespaceSelector: { matchLabels: { tier: "gold" } } },
    }),
    pool({ name: "resting", addresses: ["198.51.100.48/28"], paused: true }),
    pool({ name: "manual", addresses: ["198.51.100.64/28"], automatic: false }),
    pool({ name: "odd", addresses: ["127.0.0.0/30", "169.254.0.0/16"] }),
  ];
  const rows = [
    { ask: "192.0.2.77", want: "True Allocated" },
    { ask: "198.51.100.65", want: "True Allocated" },
    { ask: "2001:db8::1", want: "False WrongFamily" },
    { ask: "127.0.0.1", want: "False AddressForbidden" },
    { ask: "169.254.1.1", want: "False AddressForbidden" },
    { ask: "0.0.0.0", want: "False AddressForbidden" },
    { ask: "255.255.255.255", want: "False AddressForbidden" },
    { ask: "192.0.2.11", want: "False AddressForbidden" },
    { ask: "192.0.2.50", want: "False AddressTaken" },
    { ask: "192.0.2.9", want: "False AddressExcluded" },
    { ask: "192.0.2.255", want: "False AddressExcluded" },
    { ask: "203.0.113.1", want: "False AddressOutsidePools" },
    { ask: "198.51.100.1", want: "False NamespaceNotSelected" },
    { ask: "198.51.100.17", want: "False ServiceNotSelected" },
    { ask: "198.51.100.33", want: "False NamespaceNotSelected" },
    { ask: "198.51.100.49", want: "False PoolPaused" },
  ];
  for (const { ask, want } of rows)
    for (const how of ["annotation", "spec.loadBalancerIP"])
      it(`${ask} by ${how}: ${want}`, () => {
        const world = new World(...pools).put("other/one", { asks: { addresses: addresses("192.0.2.50") } }).settle();
        world.forbidden = [{ range: range("192.0.2.11"), what: "the address of node node2" }];
        const asked = how === "annotation" ? { asks: { addresses: addresses(ask) } } : { loadBalancerIP: ask };
        world.put("shop/web", asked).settle();
        assert.equal(world.reason("shop/web"), want);
        assert.deepEqual(world.addresses("shop/web"), want === "True Allocated" ? [ask] : []);
      });

  it("has a message that says what the address is", () => {
    const world = new World(pool());
    world.forbidden = [{ range: range("192.0.2.11"), what: "the address of node node2" }];
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.11") } }).settle();
    assert.equal(world.message("shop/web"), "192.0.2.11 is the address of node node2");
  });

  for (const flag of [true, false])
    it(`S19, S43: Given an address outside every pool, When it is asked for, Then it is ${flag ? "" : "not "}given ${flag ? "with" : "without"} the flag`, () => {
      const world = new World(pool());
      world.options = { allowForeignAddresses: flag };
      world.put("shop/web", { loadBalancerIP: "1.1.1.1" }).settle();
      assert.deepEqual(world.addresses("shop/web"), flag ? ["1.1.1.1"] : []);
      assert.equal(world.reason("shop/web"), flag ? "True Allocated" : "False AddressOutsidePools");
    });

  it("outside every pool is never one that the cluster uses or that is special, whatever the flag", () => {
    const world = new World(pool());
    world.options = { allowForeignAddresses: true };
    world.forbidden = [{ range: range("10.96.0.0/12"), what: "in the Service network 10.96.0.0/12" }];
    for (const text of ["10.96.0.1", "127.0.0.1", "224.0.0.251", "240.0.0.1"])
      world.put(`shop/${text}`, { loadBalancerIP: text });
    world.settle();
    for (const key of world.services.keys()) assert.equal(world.reason(key), "False AddressForbidden");
  });

  it("must be in a pool that the Service names", () => {
    const world = new World(net("a", "192.0.2.0/25"), net("b", "192.0.2.128/25"));
    world.put("shop/web", { asks: { pools: ["b"], addresses: addresses("192.0.2.1") } }).settle();
    assert.equal(world.reason("shop/web"), "False AddressOutsideNamedPools");
  });

  it("by annotation wins over spec.loadBalancerIP", () => {
    const world = new World(pool());
    world.put("shop/web", { loadBalancerIP: "192.0.2.3", asks: { addresses: addresses("192.0.2.4") } }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.4"]);
  });

  it("that cannot be given is not replaced by another", () => {
    const world = new World(pool()).put("shop/web", { asks: { addresses: addresses("203.0.113.9") } }).settle();
    assert.deepEqual(world.addresses("shop/web"), []);
    assert.equal(world.ledger.size, 0);
  });

  for (const text of ["nonsense", "192.0.2.01", "fe80::1%eth0", "::ffff:192.0.2.1", "192.0.2.1/24"])
    it(`of the text "${text}" is refused as InvalidRequest`, () => {
      const world = new World(pool()).put("shop/web", { loadBalancerIP: text }).settle();
      assert.equal(world.reason("shop/web"), "False InvalidRequest");
      assert.ok(world.message("shop/web").includes(text));
    });
});

describe("several requested addresses", () => {
  it("are all given, in the order asked for", () => {
    const world = new World(pool());
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.9", "192.0.2.4") } }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.9", "192.0.2.4"]);
  });

  it("are refused together if one of them cannot be given", () => {
    const world = new World(pool()).put("a/1", { loadBalancerIP: "192.0.2.4" }).settle();
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.9", "192.0.2.4") } }).settle();
    assert.equal(world.reason("shop/web"), "False AddressTaken");
    assert.equal(world.ledger.size, 1);
  });

  it("shrink to one of a family once nobody asks any more", () => {
    const world = new World(pool());
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.9", "192.0.2.4") } }).settle();
    world.put("shop/web", { asks: {} }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.9"]);
    assert.equal(world.ledger.size, 1);
  });

  it("are undone if only some of the claims could be written", () => {
    const asks = { addresses: addresses("192.0.2.8", "192.0.2.9") };
    const world = new World(pool()).put("a/thief", { loadBalancerIP: "192.0.2.9" }).settle().put("shop/web", { asks });
    const written = advertisement("192.0.2.8", { owner: world.services.get("shop/web") ?? service() });
    world.ledger.set(addressKey(written.address), written);
    world.settle();
    assert.equal(world.reason("shop/web"), "False AddressTaken");
    assert.deepEqual(
      [...world.ledger.values()].map((each) => each.address),
      addresses("192.0.2.9"),
    );
  });
});

describe("a change of mind", () => {
  it("S44: Given a Service that asks for another address, When it is free, Then it moves and nothing of the old is left", () => {
    const world = new World(pool()).put("shop/web").settle();
    world.put("shop/web", { loadBalancerIP: "192.0.2.30" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.30"]);
    assert.deepEqual(world.services.get("shop/web")?.allocated, addresses("192.0.2.30"));
    assert.deepEqual(world.held(), ["192.0.2.30"]);
  });

  it("keeps the old address in the ledger until the Service says the new one", () => {
    const world = new World(pool()).put("shop/web").settle();
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.30") } });
    assert.deepEqual([world.step(), world.step()].map(deeds), [
      ["shop/web gets 192.0.2.30"],
      ["shop/web leaves 192.0.2.0: Moved"],
    ]);
  });

  it("that cannot be met leaves what is held: Allocated is True, reason RequestRefused", () => {
    const world = new World(pool()).put("a/1").put("shop/web").settle();
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.0") } }).settle();
    assert.equal(world.reason("shop/web"), "True RequestRefused");
    assert.equal(world.message("shop/web"), "192.0.2.0 belongs to a/1; keeps 192.0.2.1 from pool public");
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
  });

  it("is carried out once what was in the way is gone", () => {
    const world = new World(pool()).put("shop/1").put("shop/web").settle();
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.0") } }).settle();
    world.remove("shop/1").settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
    assert.equal(world.reason("shop/web"), "True Allocated");
  });

  it("for what another namespace had is carried out once nobody remembers that any more", () => {
    const world = new World(pool()).put("a/1").put("shop/web").settle();
    world.put("shop/web", { asks: { addresses: addresses("192.0.2.0") } }).settle();
    world.remove("a/1").settle();
    assert.equal(
      world.message("shop/web"),
      "192.0.2.0 is remembered for a/1 until 2026-02-01T12:00:00Z; keeps 192.0.2.1 from pool public",
    );
    world.nowMs += 24 * 3_600_000;
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0"]);
  });

  it("about the pool moves the Service once, and only if the pool has room", () => {
    const world = new World(net("a", "192.0.2.0/30"), net("b", "198.51.100.7")).put("x/1").put("x/2").settle();
    for (const key of ["x/1", "x/2"]) world.put(key, { asks: { pools: ["b"] } });
    world.settle();
    assert.deepEqual(world.addresses("x/1"), ["198.51.100.7"]);
    assert.deepEqual(world.addresses("x/2"), ["192.0.2.1"]);
    assert.equal(world.reason("x/2"), "True RequestRefused");
    assert.deepEqual(world.held().toSorted(), ["192.0.2.1", "198.51.100.7"]);
  });

  it("with a malformed annotation changes nothing and says so", () => {
    const world = new World(pool()).put("shop/web").settle();
    const problems = [{ path: "metadata.annotations[herald.dev/addresses]", message: '"x" is no IP address' }];
    world.put("shop/web", { asks: { problems } }).put("shop/new", { asks: { problems } }).settle();
    assert.equal(world.reason("shop/web"), "True RequestRefused");
    assert.equal(world.reason("shop/new"), "False InvalidRequest");
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
  });

  it("spec.loadBalancerIP that the Service holds already is no request", () => {
    const world = new World(pool()).put("shop/web").settle();
    assert.equal(world.services.get("shop/web")?.loadBalancerIP, "192.0.2.0");
    world.pools = [pool({ paused: true, exclude: ["192.0.2.0/28"] })];
    world.settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
  });
});

describe("adoption", () => {
  const shown = (text: string): Parameters<typeof service>[0] => ({ ingress: [{ ip: text, ipMode: "VIP" }] });

  it("claims the very address that a Service shows, before anything new is given", () => {
    const world = new World(pool({ addresses: ["192.0.2.0/30"] })).put("a/older").put("shop/web", shown("192.0.2.0"));
    world.settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
    assert.deepEqual(world.addresses("a/older"), ["192.0.2.1"]);
  });

  it("S45: Given an annotation of an earlier life and an empty ledger, Then the same address is claimed again", () => {
    const world = new World(pool()).put("shop/web", {
      allocated: addresses("192.0.2.77"),
      loadBalancerIP: "192.0.2.77",
    });
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.77"]);
  });

  it("ignores that the pool is paused or not automatic", () => {
    const world = new World(pool({ paused: true, automatic: false })).put("shop/web", shown("192.0.2.7")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.7"]);
  });

  const refusals = [
    { name: "in no pool", text: "203.0.113.1" },
    { name: "of somebody else", text: "192.0.2.200" },
    { name: "of a node", text: "192.0.2.11" },
    { name: "in a pool for others", text: "198.51.100.1" },
  ];
  for (const { name, text } of refusals)
    it(`of an address ${name} is AdoptionRefused, and nothing else is given`, () => {
      const others = pool({
        name: "blog",
        addresses: ["198.51.100.0/24"],
        services: { namespaces: new Set(["blog"]) },
      });
      const world = new World(pool(), others).put("a/1", { loadBalancerIP: "192.0.2.200" }).settle();
      world.forbidden = [{ range: range("192.0.2.11"), what: "the address of node node1" }];
      world.put("shop/web", shown(text)).settle();
      assert.equal(world.reason("shop/web"), "False AdoptionRefused");
      assert.deepEqual(world.addresses("shop/web"), []);
      assert.deepEqual(deeds(world.plan), []);
    });

  it("that is refused does not stand in the way of an address that the owner asks for", () => {
    const asks = { addresses: addresses("192.0.2.5") };
    const world = new World(pool()).put("shop/web", { ...shown("203.0.113.1"), asks }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.5"]);
  });

  it("comes before what the Service asks for, which follows", () => {
    const asks = { addresses: addresses("192.0.2.5") };
    const world = new World(pool()).put("shop/web", { ...shown("192.0.2.1"), asks });
    world.step();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.5"]);
  });

  it("takes no notice of host names and of what is no address", () => {
    const ingress = [{ hostname: "lb.example.com" }, { ip: "x" }];
    assert.deepEqual(new World(pool()).put("shop/web", { ingress }).settle().addresses("shop/web"), ["192.0.2.0"]);
  });

  it("of both families takes the first of each", () => {
    const ingress = ["192.0.2.9", "192.0.2.10", "2001:db8::9"].map((ip) => ({ ip }));
    const world = new World(pool({ addresses: ["192.0.2.0/24", "2001:db8::/64"] }));
    world.put("shop/web", { ingress, ipFamilies: [6, 4], ipFamilyPolicy: "RequireDualStack" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["2001:db8::9", "192.0.2.9"]);
  });

  it("of an address that another Service of the same name held takes it over by the write that takes it from that one", () => {
    const world = new World(pool()).put("shop/web").settle();
    world.services.set("shop/web", { ...(world.services.get("shop/web") ?? service()), uid: "second life" });
    const taken = ["shop/web leaves 192.0.2.0: ServiceReplaced", "shop/web gets 192.0.2.0"];
    assert.deepEqual(deeds(world.step()), taken);
    assert.equal(writes(world.plan).length, 1);
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0"]);
    assert.equal([...world.ledger.values()][0]?.services[0]?.uid, "second life");
  });
});
