import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import { addressKey } from "../../../src/net/address.ts";
import { address, addresses, pool, sharingTerms } from "../../support/builders.ts";
import { deeds, World, writes } from "./world.ts";

type Changes = Parameters<World["put"]>[1];

/** It shares by the key `front` and has this port. */
const at = (port: number, terms: Partial<SharingTerms> = {}, changes: Changes = {}): Changes => {
  const all = sharingTerms({ ports: [`TCP/${port}`], ...terms });
  return { terms: all, trafficPolicy: all.policy, ...changes };
};

const asking = (...texts: readonly string[]): Changes => ({ asks: { addresses: addresses(...texts) } });

const holders = (world: World, text: string): readonly string[] =>
  (world.ledger.get(addressKey(address(text)))?.services ?? []).map(({ namespace, name }) => `${namespace}/${name}`);

const two = (): World => new World(pool()).put("shop/a", at(80)).put("shop/b", at(81)).settle();

describe("Services with one sharing key", () => {
  it("get one address by one write, in the order of their age, with the terms that they agreed to", () => {
    const world = new World(pool()).put("shop/a", at(80)).put("shop/b", at(81));
    assert.deepEqual(deeds(world.step()), ["shop/a gets 192.0.2.0", "shop/b gets 192.0.2.0"]);
    const [write] = writes(world.plan);
    assert.deepEqual(
      write?.spec.services.map(({ terms }) => terms?.ports),
      [["TCP/80"], ["TCP/81"]],
    );
    assert.deepEqual(world.settle().services.get("shop/b")?.allocated, addresses("192.0.2.0"));
  });

  it("share though the pool is exhausted", () => {
    const world = new World(pool({ addresses: ["192.0.2.7"] })).put("shop/a", at(80)).settle();
    assert.deepEqual(world.put("shop/b", at(81)).settle().addresses("shop/b"), ["192.0.2.7"]);
  });

  it("that may not share get addresses of their own", () => {
    const world = new World(pool()).put("shop/a", at(80)).put("shop/b", at(80));
    world.step();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.1"]);
    assert.equal(world.message("shop/b"), "192.0.2.1 from pool public");
  });

  it("that may not share wait if the pool is exhausted, and are told both", () => {
    const world = new World(pool({ addresses: ["192.0.2.7"] })).put("shop/a", at(80)).put("shop/b", at(80)).settle();
    assert.equal(world.reason("shop/b"), "False PoolExhausted");
    assert.equal(
      world.message("shop/b"),
      "pool public: 1 of 1 allocated; 192.0.2.7 cannot be shared: shop/a has TCP/80 too",
    );
  });

  it("of two namespaces share by consent of both", () => {
    const world = new World(pool({ addresses: ["192.0.2.0"] })).put("shop/a", at(80, { namespaces: ["blog"] }));
    world.put("blog/b", at(81, { namespaces: ["*"] })).put("docs/c", at(82, { namespaces: ["*"] }));
    world.step();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/a", "blog/b"]);
    assert.match(world.message("docs/c"), /192\.0\.2\.0 cannot be shared: shop\/a does not share with namespace docs$/);
  });

  it("with no port in either share", () => {
    const world = new World(pool())
      .put("shop/a", at(80, { ports: [] }))
      .put("shop/b", at(80, { ports: [] }))
      .settle();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/a", "shop/b"]);
  });

  it("must each agree with all who are there already", () => {
    const world = two().put("shop/c", at(81)).settle();
    assert.deepEqual(world.addresses("shop/c"), ["192.0.2.1"]);
  });

  it("of which two lead: who comes joins the older one that fits, else the other", () => {
    const world = new World(pool()).put("shop/a", at(80)).put("shop/b", at(80)).settle();
    world.put("shop/c", at(81)).settle().put("shop/d", at(81)).settle();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/a", "shop/c"]);
    assert.deepEqual(holders(world, "192.0.2.1"), ["shop/b", "shop/d"]);
  });

  it("join nothing in a pool that is not for them, that they do not name, or that is paused", () => {
    const [a, b] = [
      pool({ name: "a", addresses: ["192.0.2.0/28"] }),
      pool({ name: "b", addresses: ["192.0.2.16/28"] }),
    ];
    const world = new World({ ...a, services: { namespaces: new Set(["shop"]) }, priority: 1 }, b);
    world.put("shop/a", at(80, { namespaces: ["*"] })).settle();
    world
      .put("blog/b", at(81, { namespaces: ["*"] }))
      .put("shop/c", { ...at(82), asks: { pools: ["b"] } })
      .settle();
    assert.deepEqual([...world.addresses("blog/b"), ...world.addresses("shop/c")], ["192.0.2.16", "192.0.2.17"]);
    world.pools = [{ ...a, paused: true }, b];
    assert.deepEqual(world.put("shop/d", at(83)).settle().addresses("shop/d"), ["192.0.2.17"]);
  });
});

describe("the whole set of a Service's addresses", () => {
  const set = ["192.0.2.4", "192.0.2.9"];
  const leader = (): World => new World(pool()).put("shop/a", { ...at(80), ...asking(...set) }).settle();

  it("Cilium E20 (differs): is what one with the same key gets, and it is kept", () => {
    const world = leader().put("shop/b", at(81)).settle();
    assert.deepEqual(world.addresses("shop/b"), set);
    assert.deepEqual(world.services.get("shop/b")?.allocated, addresses(...set));
    assert.deepEqual(deeds(world.step()), []);
  });

  it("is got by the same plan as the first one's", () => {
    const world = new World(pool())
      .put("shop/a", { ...at(80), ...asking(...set) })
      .put("shop/b", at(81))
      .settle();
    assert.deepEqual(world.addresses("shop/b"), set);
  });

  it("is not joined in part: of one that is another's too, nothing is shared", () => {
    const world = leader()
      .put("shop/c", { ...at(81), ...asking("192.0.2.9") })
      .settle();
    world.put("shop/b", at(81)).step();
    assert.deepEqual(world.addresses("shop/b"), ["192.0.2.0"]);
  });

  it("is joined in the family that is wanted alone", () => {
    const world = new World(pool({ addresses: ["192.0.2.0/24", "2001:db8::/64"] }));
    const dual = { ipFamilies: [6, 4], ipFamilyPolicy: "RequireDualStack" } as const;
    world
      .put("shop/a", at(80, {}, dual))
      .put("shop/four", at(81))
      .put("shop/six", at(82, {}, { ipFamilies: [6] }));
    world.put("shop/both", at(83, {}, { ...dual, ipFamilies: [4, 6] })).settle();
    assert.deepEqual(world.addresses("shop/four"), ["192.0.2.0"]);
    assert.deepEqual(world.addresses("shop/six"), ["2001:db8::"]);
    assert.deepEqual(world.addresses("shop/both"), ["192.0.2.0", "2001:db8::"]);
    assert.deepEqual(world.held().length, 2);
  });

  it("is completed by choice where RequireDualStack wants a family that it lacks, or not joined at all", () => {
    const dual = { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" } as const;
    for (const [texts, want] of [
      [
        ["192.0.2.0/24", "2001:db8::/64"],
        ["192.0.2.0", "2001:db8::"],
      ],
      [["192.0.2.0/24"], []],
    ] as const) {
      const world = new World(pool({ addresses: texts })).put("shop/a", at(80)).settle();
      assert.deepEqual(
        world
          .put("shop/b", at(81, {}, dual))
          .settle()
          .addresses("shop/b"),
        want,
      );
    }
  });

  it("shrinks for the one that gives up a part of it, and stays for the others", () => {
    const world = leader().put("shop/b", at(81)).settle();
    world.put("shop/a", asking("192.0.2.4")).settle();
    assert.deepEqual(world.addresses("shop/a"), ["192.0.2.4"]);
    assert.deepEqual(world.addresses("shop/b"), set);
    assert.deepEqual(holders(world, "192.0.2.9"), ["shop/b"]);
  });
});

describe("a request for an address that another has", () => {
  const rows = [
    { name: "is granted to one who may share it", changes: at(81), want: "True Allocated" },
    { name: "is refused to one without a key", changes: {}, want: "False AddressTaken" },
    { name: "is refused to one with another key", changes: at(81, { key: "back" }), want: "False SharingRefused" },
    { name: "is refused to one with the same port", changes: at(80), want: "False SharingRefused" },
  ];
  for (const { name, changes, want } of rows)
    it(name, () => {
      const world = new World(pool()).put("shop/a", { ...at(80), ...asking("192.0.2.7") }).settle();
      world.put("shop/b", { ...changes, ...asking("192.0.2.7") }).settle();
      assert.equal(world.reason("shop/b"), want);
    });

  it("moves one that has an address of its own to the shared one", () => {
    const world = new World(pool()).put("shop/b", at(81)).settle().put("shop/a", at(81)).settle();
    world.put("shop/a", { ...at(82), ...asking("192.0.2.0") }).settle();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/b", "shop/a"]);
  });
});
