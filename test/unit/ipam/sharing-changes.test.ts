import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Service } from "../../../src/api/service.ts";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import { addressKey } from "../../../src/net/address.ts";
import { address, addresses, noReuse, pool, sharingTerms } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

type Changes = Parameters<World["put"]>[1];

/** It shares by the key `front` and has this port. */
const at = (port: number, terms: Partial<SharingTerms> = {}): Changes => {
  const all = sharingTerms({ ports: [`TCP/${port}`], ...terms });
  return { terms: all, trafficPolicy: all.policy };
};

/** The Service shares no more. */
function unshare(world: World, key: string): World {
  const { terms: _, ...rest } = world.services.get(key) ?? assert.fail();
  world.services.set(key, rest satisfies Service);
  return world;
}

const holders = (world: World, text: string): readonly string[] =>
  (world.ledger.get(addressKey(address(text)))?.services ?? []).map(({ namespace, name }) => `${namespace}/${name}`);

/** Two that share 192.0.2.0, of two namespaces and with a selector each. */
const two = (terms: Partial<SharingTerms> = {}): World => {
  const open = { namespaces: ["*"], selector: "app=web", ...terms };
  return new World(pool()).put("shop/a", at(80, open)).put("blog/b", at(81, open)).settle();
};

describe("a Service that changes what it shares on", () => {
  const open = { namespaces: ["*"], selector: "app=web" };
  const rows: readonly { name: string; agreed?: Partial<SharingTerms>; now: Changes; moves: boolean }[] = [
    { name: "its port to the other's", now: at(80, open), moves: true },
    { name: "its key", now: at(81, { ...open, key: "back" }), moves: true },
    { name: "its consent", now: at(81, { ...open, namespaces: [] }), moves: true },
    { name: "its traffic policy", now: at(81, { ...open, policy: "Local" }), moves: true },
    {
      name: "its selector under Local",
      agreed: { policy: "Local" },
      now: at(81, { ...open, policy: "Local", selector: "app=api" }),
      moves: true,
    },
    { name: "its selector under Cluster", now: at(81, { ...open, selector: "app=api" }), moves: false },
    { name: "its port to a free one", now: at(82, open), moves: false },
    {
      name: "its consent to a list that names the other",
      now: at(81, { ...open, namespaces: ["shop"] }),
      moves: false,
    },
  ];
  for (const { name, agreed, now, moves } of rows)
    it(`${name} ${moves ? "moves alone" : "stays"}`, () => {
      const world = two(agreed).put("blog/b", now).settle();
      assert.deepEqual(world.addresses("shop/a"), ["192.0.2.0"]);
      assert.deepEqual(world.addresses("blog/b"), [moves ? "192.0.2.1" : "192.0.2.0"]);
      const text = moves ? "192.0.2.1" : "192.0.2.0";
      const written = world.ledger.get(addressKey(address(text)))?.services.find((each) => each.name === "b");
      assert.deepEqual(written?.terms, now?.terms);
      assert.deepEqual(deeds(world.step()), []);
    });

  it("waits without an address if it can have no other one, and joins again once that is possible", () => {
    const world = new World(pool({ addresses: ["192.0.2.7"] })).put("shop/a", at(80)).put("shop/b", at(81)).settle();
    world.put("shop/b", at(80)).settle();
    assert.equal(world.reason("shop/b"), "False PoolExhausted");
    assert.deepEqual(holders(world, "192.0.2.7"), ["shop/a"]);
    world.put("shop/b", at(82)).settle();
    assert.deepEqual(holders(world, "192.0.2.7"), ["shop/a", "shop/b"]);
  });

  it("moves though it was the first", () => {
    const world = two().put("shop/a", at(81, open)).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("blog/b")], [["192.0.2.1"], ["192.0.2.0"]]);
  });

  it("of several moves only if it joined later", () => {
    const world = two().put("shop/a", at(90, open)).put("blog/b", at(90, open)).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("blog/b")], [["192.0.2.0"], ["192.0.2.1"]]);
  });

  it("together with the other, alike, stays with it", () => {
    const back = { ...open, key: "back" };
    const world = two().put("shop/a", at(80, back)).put("blog/b", at(81, back)).settle();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/a", "blog/b"]);
  });

  it("has what it agreed to until it has left: nobody joins meanwhile on terms that clash with that", () => {
    const world = two().put("blog/b", at(80, open)).put("shop/c", at(81, open));
    world.step();
    assert.deepEqual(holders(world, "192.0.2.0"), ["shop/a", "blog/b"]);
    world.settle();
    assert.equal(world.addresses("shop/c").length, 1);
  });

  it("says the one address and then the other: it leaves before it says anything that is not its own", () => {
    const world = two().put("blog/b", at(80, open));
    const said = [world.step(), world.step(), world.step()].map(deeds);
    assert.deepEqual(said.flat().toSorted(), ["blog/b gets 192.0.2.1", "blog/b leaves 192.0.2.0: SharingEnded"]);
    assert.deepEqual(world.services.get("blog/b")?.allocated, addresses("192.0.2.1"));
  });
});

describe("a Service that shares no more", () => {
  it("moves alone while others have the address too", () => {
    const world = unshare(two(), "shop/a").settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("blog/b")], [["192.0.2.1"], ["192.0.2.0"]]);
  });

  it("stays if nobody else has it, and nobody joins it then", () => {
    const world = new World(pool()).put("shop/a", at(80)).settle();
    unshare(world, "shop/a").settle().put("shop/b", at(81)).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["192.0.2.0"], ["192.0.2.1"]]);
  });

  it("and one that begins to keep their addresses; only who comes after joins", () => {
    const world = new World(pool()).put("shop/a").put("shop/b").settle();
    world.put("shop/a", at(80)).put("shop/b", at(81)).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("shop/b")], [["192.0.2.0"], ["192.0.2.1"]]);
    assert.deepEqual(world.put("shop/c", at(82)).settle().addresses("shop/c"), ["192.0.2.0"]);
  });
});

describe("a shared address", () => {
  it("stays with the rest when the first one is deleted", () => {
    const world = two().remove("shop/a");
    assert.deepEqual(deeds(world.step()), ["shop/a leaves 192.0.2.0: ServiceGone"]);
    assert.deepEqual(holders(world.settle(), "192.0.2.0"), ["blog/b"]);
    assert.deepEqual(world.ledger.get(addressKey(address("192.0.2.0")))?.released, undefined);
  });

  it("is remembered for the last one only, and given back to it", () => {
    const world = two().remove("shop/a").settle().remove("blog/b").settle();
    assert.equal(world.ledger.get(addressKey(address("192.0.2.0")))?.released?.name, "b");
    world.put("shop/a", at(80)).put("blog/b", at(81)).settle();
    assert.deepEqual([world.addresses("shop/a"), world.addresses("blog/b")], [["192.0.2.1"], ["192.0.2.0"]]);
  });

  it("is free at once after the last one where nothing is remembered", () => {
    const world = new World(pool({ reuse: noReuse })).put("shop/a", at(80)).put("shop/b", at(81)).settle();
    assert.equal(world.remove("shop/a", "shop/b").settle().ledger.size, 0);
  });

  it("Cilium E5: is what one gets that was deleted and comes back while another has it", () => {
    const world = two()
      .remove("blog/b")
      .settle()
      .put("blog/b", at(81, { namespaces: ["*"] }))
      .settle();
    assert.deepEqual(world.addresses("blog/b"), ["192.0.2.0"]);
  });

  it("is taken from a Service of another type or class alone", () => {
    const world = two().put("shop/a", { type: "ClusterIP" }).settle();
    assert.deepEqual(holders(world, "192.0.2.0"), ["blog/b"]);
  });
});

describe("a shared address under a limit", () => {
  const limited = pool({ perNamespace: 1 });
  const open = { namespaces: ["*"] };

  it("counts once, for the namespace of the first one", () => {
    const world = new World(limited).put("shop/a", at(80, open)).put("blog/b", at(81, open)).put("blog/c").settle();
    assert.deepEqual(world.addresses("blog/c"), ["192.0.2.1"]);
    assert.equal(world.put("shop/d").settle().reason("shop/d"), "False QuotaExceeded");
  });

  it("may be joined by one whose namespace has all that it may", () => {
    const world = new World(limited).put("shop/a", at(80, open)).put("blog/own").settle();
    assert.deepEqual(world.put("blog/b", at(81, open)).settle().addresses("blog/b"), ["192.0.2.0"]);
  });

  it("counts for the next one once the first has left, though that is too much for it", () => {
    const world = new World(limited).put("shop/a", at(80, open)).put("blog/own").settle().put("blog/b", at(81, open));
    world.settle().remove("shop/a").settle();
    assert.deepEqual([world.addresses("blog/own"), world.addresses("blog/b")], [["192.0.2.1"], ["192.0.2.0"]]);
    assert.deepEqual(world.put("shop/new").settle().addresses("shop/new"), ["192.0.2.2"]);
  });
});
