import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Family } from "../../../src/net/address.ts";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

type Policy = "SingleStack" | "PreferDualStack" | "RequireDualStack";

const policies: readonly Policy[] = ["SingleStack", "PreferDualStack", "RequireDualStack"];
const listings: readonly (readonly Family[])[] = [[], [4], [6], [4, 6], [6, 4]];
const holdings: readonly (readonly Family[])[] = [[], [4], [6], [4, 6]];

const ranges = { 4: "192.0.2.0/30", 6: "2001:db8::/126" };
const both = pool({ name: "both", addresses: [ranges[4], ranges[6]] });
const v4 = pool({ name: "v4", addresses: [ranges[4]] });
const v6 = pool({ name: "v6", addresses: [ranges[6]] });

const offers: readonly {
  readonly offer: string;
  readonly pools: readonly Pool[];
  readonly families: readonly Family[];
}[] = [
  { offer: "no pool", pools: [], families: [] },
  { offer: "a pool of IPv4", pools: [v4], families: [4] },
  { offer: "a pool of IPv6", pools: [v6], families: [6] },
  { offer: "one pool of both", pools: [both], families: [4, 6] },
  { offer: "two pools, one of each", pools: [v4, v6], families: [4, 6] },
];

/** Each family has its lowest address: nobody else is there. */
const lowest: Readonly<Record<Family, string>> = { 4: "192.0.2.0", 6: "2001:db8::" };

type Case = {
  readonly policy: Policy;
  readonly listed: readonly Family[];
  readonly held: readonly Family[];
  readonly offered: readonly Family[];
};

type Expected = { readonly families: readonly Family[]; readonly reason: string };

/** What a Service wants: what it lists, at least one family; the cluster's is IPv4. */
function wantedBy({ policy, listed }: Case): readonly Family[] {
  const first = listed[0] ?? 4;
  if (policy === "SingleStack") return [first];
  if (policy === "RequireDualStack") return first === 4 ? [4, 6] : [6, 4];
  return listed.length === 2 ? listed : [first];
}

/** What is held stays while it is wanted; what is missing comes from the pools; RequireDualStack gets all of that or nothing. */
function expected(given: Case): Expected {
  const wanted = wantedBy(given);
  const stays = wanted.filter((family) => given.held.includes(family));
  const possible = wanted.filter((family) => stays.includes(family) || given.offered.includes(family));
  const lacks = given.offered.length === 0 ? "False NoPool" : "False FamilyUnavailable";
  if (given.policy === "RequireDualStack" && possible.length < 2) return { families: stays, reason: lacks };
  if (possible.length === 0) return { families: [], reason: lacks };
  const outside = stays.some((family) => !given.offered.includes(family));
  return { families: possible, reason: outside ? "True OutsidePool" : "True Allocated" };
}

/** The Service held these families before pools and Service became what they are. */
function worldOf({ policy, listed, held }: Case, pools: readonly Pool[]): World {
  const world = new World(both);
  const policyBefore = held.length === 2 ? "RequireDualStack" : "SingleStack";
  if (held.length > 0) world.put("shop/web", { ipFamilies: held, ipFamilyPolicy: policyBefore }).settle();
  world.pools = pools;
  return world.put("shop/web", { ipFamilies: listed, ipFamilyPolicy: policy });
}

for (const policy of policies)
  for (const listed of listings)
    describe(`${policy} with [${listed}]`, () => {
      for (const { offer, pools, families: offered } of offers)
        for (const held of holdings) {
          const given = { policy, listed, held, offered };
          const { families, reason } = expected(given);
          it(`of ${offer}, holding [${held}]: [${families}], ${reason}`, () => {
            const world = worldOf(given, pools).settle();
            assert.deepEqual(
              world.addresses("shop/web"),
              families.map((family) => lowest[family]),
            );
            assert.deepEqual(world.held().toSorted(), families.map((family) => lowest[family]).toSorted());
            assert.equal(world.reason("shop/web"), reason);
          });
        }
    });

describe("a family that comes and goes", () => {
  for (const first of [4, 6] as const) {
    const second = first === 4 ? 6 : 4;
    it(`IPv${second} is added to IPv${first}, taken away, and is the same when it comes again`, () => {
      const world = new World(both).put("shop/web", { ipFamilies: [first] }).settle();
      const dual = { ipFamilies: [first, second], ipFamilyPolicy: "PreferDualStack" } as const;
      assert.deepEqual(world.put("shop/web", dual).settle().addresses("shop/web"), [lowest[first], lowest[second]]);
      world.put("shop/web", { ipFamilies: [first], ipFamilyPolicy: "SingleStack" }).settle();
      assert.deepEqual([world.addresses("shop/web"), world.held()], [[lowest[first]], [lowest[first]]]);
      world.put("shop/other", { ipFamilies: [second] }).settle();
      assert.notDeepEqual(world.addresses("shop/other"), [lowest[second]]);
      assert.deepEqual(world.put("shop/web", dual).settle().addresses("shop/web"), [lowest[first], lowest[second]]);
    });
  }

  it("the order of the families changes the order of the addresses and nothing else", () => {
    const world = new World(both).put("shop/web", { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" }).settle();
    world.put("shop/web", { ipFamilies: [6, 4] }).step();
    assert.deepEqual([world.addresses("shop/web"), world.plan.changes], [["2001:db8::", "192.0.2.0"], []]);
    assert.deepEqual(world.services.get("shop/web")?.allocated, addresses("2001:db8::", "192.0.2.0"));
    assert.equal(world.services.get("shop/web")?.loadBalancerIP, "2001:db8::");
  });
});

describe("several requested addresses of a family", () => {
  const dual = { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" } as const;
  const ask = (...texts: readonly string[]): Parameters<World["put"]>[1] => ({
    asks: { addresses: addresses(...texts) },
  });
  const rows: readonly { name: string; asked: readonly string[]; want: readonly string[]; reason: string }[] = [
    {
      name: "two of each",
      asked: ["2001:db8::2", "192.0.2.3", "192.0.2.1", "2001:db8::1"],
      want: ["192.0.2.3", "192.0.2.1", "2001:db8::2", "2001:db8::1"],
      reason: "True Allocated",
    },
    {
      name: "two of one, and one of the other by choice",
      asked: ["192.0.2.3", "192.0.2.1"],
      want: ["192.0.2.3", "192.0.2.1", "2001:db8::"],
      reason: "True Allocated",
    },
    {
      name: "one that cannot be given, so none",
      asked: ["192.0.2.3", "2001:db8::1", "203.0.113.1"],
      want: [],
      reason: "False AddressOutsidePools",
    },
  ];
  for (const { name, asked, want, reason } of rows)
    it(`are ${name}`, () => {
      const world = new World(both).put("shop/web", { ...dual, ...ask(...asked) }).settle();
      assert.deepEqual([world.addresses("shop/web"), world.reason("shop/web")], [want, reason]);
      assert.equal(world.held().length, want.length);
    });

  it("become one of each once nobody asks", () => {
    const world = new World(both)
      .put("shop/web", { ...dual, ...ask("192.0.2.3", "192.0.2.1", "2001:db8::2") })
      .settle();
    assert.deepEqual(world.put("shop/web", ask()).settle().addresses("shop/web"), ["192.0.2.3", "2001:db8::2"]);
    assert.deepEqual(world.held().toSorted(), ["192.0.2.3", "2001:db8::2"]);
  });
});
