import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool, Reuse } from "../../../src/api/ip-pool.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { addresses, noonMs, noReuse, pool, range, type service, sharingTerms } from "../../support/builders.ts";
import { deeds, World } from "./world.ts";

type Changes = NonNullable<Parameters<typeof service>[0]>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const again: Changes = { uid: "uid-again" };
const asking = (text: string, changes: Changes = {}): Changes => ({ asks: { addresses: addresses(text) }, ...changes });

const reusing = (reuse: Partial<Reuse>, texts: readonly string[] = ["192.0.2.1-192.0.2.3"]) =>
  pool({ addresses: texts, reuse: { rememberForMs: 24 * hourMs, coolDownForMs: 0, coolDown: "Prefer", ...reuse } });

/** `shop/web` had 192.0.2.1 and is gone. */
const gone = (reuse: Partial<Reuse> = {}, texts?: readonly string[]): World =>
  new World(reusing(reuse, texts)).put("shop/web").settle().remove("shop/web").settle();

/** For whom the ledger remembers what, as `192.0.2.1 shop/web`. */
const remembered = (world: World): readonly string[] =>
  [...world.ledger.values()].flatMap(({ address, released }) =>
    released === undefined ? [] : [`${formatAddress(address)} ${released.namespace}/${released.name}`],
  );

describe("a Service that is created anew", () => {
  it("gets its address back, whatever is free and whoever came between", () => {
    const world = gone().put("blog/a").settle().put("shop/web", again).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
    assert.deepEqual(remembered(world), []);
  });

  it("gets it back in the same plan that takes it from the old one", () => {
    const world = new World(reusing({})).put("shop/web").put("shop/b").settle();
    world.put("shop/web", { ...again, loadBalancerIP: "", allocated: [] });
    assert.deepEqual(deeds(world.step()), ["shop/web leaves 192.0.2.1: ServiceReplaced", "shop/web gets 192.0.2.1"]);
  });

  it("gets both of two families back", () => {
    const both: Changes = { ipFamilies: [6, 4], ipFamilyPolicy: "PreferDualStack" };
    const world = new World(reusing({}, ["192.0.2.1-192.0.2.9", "2001:db8::1-2001:db8::9"]))
      .put("blog/web", both)
      .put("shop/web", both)
      .settle();
    const before = world.addresses("shop/web");
    world
      .remove("blog/web", "shop/web")
      .settle()
      .put("shop/web", { ...both, ...again })
      .settle();
    assert.deepEqual(world.addresses("shop/web"), before);
  });

  it("gets the one back that it had last, if there were several", () => {
    const world = new World(reusing({})).put("shop/web").settle();
    world.nowMs += minuteMs;
    world.put("shop/web", asking("192.0.2.3")).settle();
    world.nowMs += minuteMs;
    world.remove("shop/web").settle();
    assert.deepEqual(remembered(world).toSorted(), ["192.0.2.1 shop/web", "192.0.2.3 shop/web"]);
    assert.deepEqual(world.put("shop/web", again).settle().addresses("shop/web"), ["192.0.2.3"]);
  });

  it("gets what it asks for rather than what is remembered", () =>
    assert.deepEqual(gone().put("shop/web", asking("192.0.2.2", again)).settle().addresses("shop/web"), ["192.0.2.2"]));

  const elsewhere = pool({ name: "other", addresses: ["10.0.0.1"] });
  const another: readonly { readonly name: string; readonly of: Partial<Pool>; readonly changes?: Changes }[] = [
    { name: "its pool is paused", of: { paused: true } },
    { name: "its pool gives other addresses", of: { ranges: [range("192.0.2.128/25")] } },
    { name: "its pool is for others", of: { services: { namespaces: new Set(["blog"]) } } },
    { name: "its pool is called otherwise and paused", of: { name: "renamed", paused: true } },
    { name: "it names another pool", of: {}, changes: { asks: { pools: ["other"] } } },
  ];
  for (const { name, of, changes } of another)
    it(`gets another one if ${name}`, () => {
      const world = gone();
      world.pools = [{ ...reusing({}), ...of }, elsewhere];
      world.put("shop/web", { ...again, ...changes }).settle();
      assert.equal(world.addresses("shop/web").length, 1);
      assert.notEqual(world.addresses("shop/web")[0], "192.0.2.1");
    });

  it("gets another one if a node has it by now", () => {
    const world = gone();
    world.forbidden = [{ range: range("192.0.2.1"), what: "the address of node node2" }];
    assert.deepEqual(world.put("shop/web", again).settle().addresses("shop/web"), ["192.0.2.2"]);
  });

  it("gets another one if the pool is gone or invalid", () => {
    const world = gone();
    world.pools = [elsewhere];
    assert.deepEqual(world.put("shop/web", again).settle().addresses("shop/web"), ["10.0.0.1"]);
  });

  it("gets its address back from another pool that gives it by now, as after a rename", () => {
    const world = gone();
    world.pools = [{ ...reusing({}), name: "renamed" }];
    assert.deepEqual(world.put("shop/web", again).settle().addresses("shop/web"), ["192.0.2.1"]);
    assert.equal(world.ledger.values().next().value?.pool, "renamed");
  });

  it("counts as a new one for the limit of its namespace", () => {
    const world = gone();
    world.pools = [{ ...reusing({}), perNamespace: 1 }];
    world.put("shop/b").settle().put("shop/web", again).settle();
    assert.equal(world.reason("shop/web"), "False QuotaExceeded");
  });
});

describe("a remembered address", () => {
  it("is given to others after fresh ones, the longest released first", () => {
    const world = new World(reusing({})).put("shop/a").put("shop/b").settle();
    world.remove("shop/b").settle().nowMs += minuteMs;
    world.remove("shop/a").settle();
    world.put("blog/a").put("blog/b").put("blog/c").settle();
    assert.deepEqual(
      ["blog/a", "blog/b", "blog/c"].flatMap((key) => world.addresses(key)),
      ["192.0.2.3", "192.0.2.2", "192.0.2.1"],
    );
    assert.deepEqual(remembered(world), []);
  });

  it("comes before one that rests", () => {
    const world = new World(reusing({ coolDownForMs: 5 * minuteMs }))
      .put("shop/a")
      .put("shop/b")
      .put("shop/c")
      .settle();
    world.remove("shop/b").settle().nowMs += 5 * minuteMs;
    world.remove("shop/a", "shop/c").settle().put("blog/a").settle();
    assert.deepEqual(world.addresses("blog/a"), ["192.0.2.2"]);
  });

  const asks: readonly { readonly key: string; readonly how: string; readonly changes: Changes }[] = [
    { key: "blog/web", how: "by annotation", changes: asking("192.0.2.1") },
    { key: "blog/web", how: "by field", changes: { loadBalancerIP: "192.0.2.1" } },
  ];
  for (const { key, how, changes } of asks)
    it(`is refused to an ask of another namespace ${how}, with whose it is and until when`, () => {
      const world = gone().put(key, changes).settle();
      assert.equal(world.reason(key), "False AddressRemembered");
      assert.equal(world.message(key), "192.0.2.1 is remembered for shop/web until 2026-02-01T12:00:00Z");
    });

  it("is given to a Service of the same namespace that asks for it", () =>
    assert.deepEqual(gone().put("shop/b", asking("192.0.2.1")).settle().addresses("shop/b"), ["192.0.2.1"]));

  it("is not taken by what somebody of another namespace writes into Herald's annotation", () => {
    const world = gone()
      .put("evil/web", { allocated: addresses("192.0.2.1") })
      .settle();
    assert.equal(world.reason("evil/web"), "False AdoptionRefused");
    assert.match(world.message("evil/web"), /192\.0\.2\.1 is remembered for shop\/web/);
  });

  it("is of the one that had it and not of the one that was given it meanwhile and left", () => {
    const world = gone({}, ["192.0.2.1"]).put("blog/web").settle();
    assert.deepEqual(world.addresses("blog/web"), ["192.0.2.1"]);
    assert.deepEqual(remembered(world.remove("blog/web").settle()), ["192.0.2.1 blog/web"]);
  });
});

describe("the end of a memory", () => {
  it("is at its time, for which a plan asks, and not a millisecond before", () => {
    const world = gone();
    assert.equal(world.plan.wakeAtMs, noonMs + 24 * hourMs);
    world.nowMs = noonMs + 24 * hourMs - 1;
    assert.deepEqual(world.step().changes, []);
    world.nowMs += 1;
    assert.deepEqual(deeds(world.step()), ["192.0.2.1 forgotten"]);
    assert.equal(world.step().wakeAtMs, undefined);
  });

  it("comes with the pool's edit, in whichever direction", () => {
    const world = gone();
    world.nowMs += 2 * hourMs;
    world.pools = [reusing({ rememberForMs: 3 * hourMs })];
    assert.equal(world.step().wakeAtMs, noonMs + 3 * hourMs);
    world.pools = [reusing({ rememberForMs: hourMs })];
    assert.deepEqual(deeds(world.step()), ["192.0.2.1 forgotten"]);
  });

  it("does not hang on a Service of its name that came too late", () => {
    const world = gone();
    world.nowMs += 24 * hourMs;
    world.put("blog/a").put("shop/web", again).settle();
    assert.deepEqual(world.addresses("blog/a"), ["192.0.2.1"]);
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
  });

  for (const jumpMs of [-10 * minuteMs, 10 * minuteMs])
    it(`is by the wall clock, also after it jumped by ${jumpMs / minuteMs} minutes`, () => {
      const world = gone();
      world.nowMs += jumpMs;
      assert.equal(world.step().wakeAtMs, noonMs + 24 * hourMs);
      assert.deepEqual(world.put("shop/web", again).settle().addresses("shop/web"), ["192.0.2.1"]);
    });

  it("is a day after, where the pool is not there to say", () => {
    const world = gone({ rememberForMs: hourMs });
    world.pools = [];
    assert.equal(world.step().wakeAtMs, noonMs + 5 * minuteMs);
    world.nowMs = noonMs + 5 * minuteMs;
    assert.equal(world.step().wakeAtMs, noonMs + 24 * hourMs);
    world.nowMs = noonMs + 24 * hourMs - 1;
    assert.deepEqual(world.step().changes, []);
  });
});

describe("what is remembered", () => {
  it("is nothing with rememberFor and coolDownFor 0s: the ledger forgets at once", () => {
    const world = new World(pool({ reuse: noReuse })).put("shop/web").settle().remove("shop/web").settle();
    assert.equal(world.ledger.size, 0);
  });

  it("is no name with rememberFor 0s: a Service of the same name gets what rests no sooner than others", () => {
    const world = gone({ rememberForMs: 0, coolDownForMs: 5 * minuteMs })
      .put("shop/web", again)
      .settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.2"]);
  });

  it("is the address of a Service whose type was switched, and which is switched back", () => {
    const world = new World(reusing({})).put("shop/web").settle();
    world.put("shop/web", { type: "ClusterIP", loadBalancerIP: "" }).settle();
    assert.deepEqual(remembered(world), ["192.0.2.1 shop/web"]);
    world.put("blog/a").settle().put("shop/web", { type: "LoadBalancer", allocated: [] }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
  });

  it("is the family that a Service gave up, and wants again", () => {
    const both: Changes = { ipFamilies: [4, 6], ipFamilyPolicy: "PreferDualStack" };
    const world = new World(reusing({}, ["192.0.2.1-192.0.2.9", "2001:db8::1-2001:db8::9"]))
      .put("shop/web", both)
      .settle();
    world.put("shop/web", { ipFamilies: [4], ipFamilyPolicy: "SingleStack" }).settle();
    assert.deepEqual(remembered(world), ["2001:db8::1 shop/web"]);
    world
      .put("blog/a", { ipFamilies: [6] })
      .settle()
      .put("shop/web", both)
      .settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1", "2001:db8::1"]);
  });

  it("is the address that a Service asked to leave", () =>
    assert.deepEqual(
      remembered(new World(reusing({})).put("shop/web").settle().put("shop/web", asking("192.0.2.3")).settle()),
      ["192.0.2.1 shop/web"],
    ));

  it("is the address of several by the last that left it", () => {
    const world = new World(reusing({}))
      .put("shop/a", { terms: sharingTerms({ ports: ["TCP/80"] }) })
      .put("shop/b", { terms: sharingTerms({ ports: ["TCP/81"] }) })
      .settle();
    assert.deepEqual(remembered(world.remove("shop/a").settle()), []);
    assert.deepEqual(remembered(world.remove("shop/b").settle()), ["192.0.2.1 shop/b"]);
  });

  it("is not an address outside every pool", () => {
    const world = new World();
    world.options = { allowForeignAddresses: true };
    world.put("shop/web", asking("10.0.0.1")).settle();
    assert.deepEqual(world.addresses("shop/web"), ["10.0.0.1"]);
    assert.equal(world.remove("shop/web").settle().ledger.size, 0);
  });

  it("is not a surplus claim, which nobody was told of", () => {
    const world = new World(reusing({})).put("shop/web").settle();
    const twin = new World(reusing({})).put("shop/web", asking("192.0.2.2")).settle();
    for (const [key, advertisement] of twin.ledger) world.ledger.set(key, advertisement);
    world.settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.1"]);
    assert.deepEqual(remembered(world), []);
    assert.equal(world.ledger.size, 1);
  });
});
