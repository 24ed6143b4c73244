import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Pool, type PoolObject, parsePool } from "../../../src/api/ip-pool.ts";
import { poolGives } from "../../../src/ipam/pool-selection.ts";
import { poolSize } from "../../../src/ipam/pool-size.ts";
import { address, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

/** The pool that an object with these addresses describes. */
function parsed(texts: readonly string[], skipEnds = false): Pool {
  const spec: PoolObject["spec"] = { addresses: [...texts], skipEnds };
  const result = parsePool({ metadata: { name: "public", uid: "1", resourceVersion: "1" }, spec });
  assert.ok("value" in result);
  return result.value;
}

/** The addresses from the first to the last of a text, as texts; a text without `..` is itself. */
function listed(text: string): readonly string[] {
  const [from = "", to] = text.split("..");
  const [stem = "", first = "", last = to ?? first] = /^(.*[.:])([0-9a-f]+)$/.exec(from)?.slice(1) ?? [];
  const radix = text.includes(":") ? 16 : 10;
  const count = Number.parseInt(last, radix) - Number.parseInt(first, radix) + 1;
  return Array.from({ length: count }, (_, i) => stem + (Number.parseInt(first, radix) + i).toString(radix));
}

const v4 = "192.168.0.";
const expansions: readonly { row: string; addresses: readonly string[]; skip?: true; want: readonly string[] }[] = [
  { row: "A1.1", addresses: [`${v4}10-${v4}10`], want: [`${v4}10`] },
  { row: "A1.2", addresses: [`${v4}10-${v4}12`], want: [`${v4}10..12`] },
  { row: "A1.3", addresses: [`${v4}253-192.168.1.2`], want: [`${v4}253..255`, "192.168.1.0..2"] },
  {
    row: "A1.4",
    addresses: [`${v4}10-${v4}11`, "192.168.1.20-192.168.1.21"],
    want: [`${v4}10..11`, "192.168.1.20..21"],
  },
  { row: "A1.5", addresses: [`${v4}10-${v4}11`, `${v4}10-${v4}13`], want: [`${v4}10..13`] },
  { row: "A1.6", addresses: ["fe80::13-fe80::14"], want: ["fe80::13..14"] },
  { row: "A1.7", addresses: ["fe80::ffff-fe80::1:3"], want: ["fe80::ffff", "fe80::1:0..3"] },
  { row: "A1.8", addresses: ["fe80::10-fe80::12", "fe81::13-fe81::14"], want: ["fe80::10..12", "fe81::13..14"] },
  { row: "A1.9", addresses: ["fe80::10-fe80::12", "fe80::10-fe80::14"], want: ["fe80::10..14"] },
  { row: "A2.1", addresses: [`${v4}200/32`], want: [`${v4}200`] },
  { row: "A2.2", addresses: [`${v4}200/32`], skip: true, want: [`${v4}200`] },
  { row: "A2.3", addresses: [`${v4}200/30`], want: [`${v4}200..203`] },
  { row: "A2.4", addresses: [`${v4}200/30`], skip: true, want: [`${v4}201..202`] },
  { row: "A2.5, A2.6", addresses: [`${v4}200/31`], skip: true, want: [`${v4}200..201`] },
  { row: "A2.7", addresses: [`${v4}200/30`, `${v4}200/29`], want: [`${v4}200..207`] },
  { row: "A2.9", addresses: ["fe80::10/127"], want: ["fe80::10..11"] },
  { row: "A2.10", addresses: ["fe80::10/127", "fe80::fe/127"], want: ["fe80::10..11", "fe80::fe..ff"] },
  { row: "A2.11", addresses: ["fe80::10/126", "fe80::12/127"], want: ["fe80::10..13"] },
];

describe("kube-vip A1, A2: which addresses a pool has", () => {
  for (const { row, addresses, skip = false, want } of expansions)
    it(`kube-vip ${row}: ${addresses.join()}${skip ? " without its ends" : ""}: ${want.join()}`, () => {
      const made = parsed(addresses, skip);
      const all = want.flatMap(listed);
      for (const text of all) assert.ok(poolGives(made, address(text)), text);
      assert.equal(poolSize(made, 4) + poolSize(made, 6), BigInt(all.length));
    });
});

const sorted = {
  v4Cidrs: ["192.168.0.200/30", "192.168.1.200/30"],
  v6Cidrs: ["fe80::10/127", "fe80::fe/127"],
  v4Ranges: ["192.168.0.10-192.168.0.12", "192.168.0.100-192.168.0.120"],
  v6Ranges: ["fe80::13-fe80::14", "fe80::130-fe80::140"],
};

const splits: readonly { row: string; four: readonly string[]; six: readonly string[] }[] = [
  { row: "A3.1", four: sorted.v4Cidrs.slice(0, 1), six: [] },
  { row: "A3.2", four: sorted.v4Cidrs, six: [] },
  { row: "A3.3", four: [], six: sorted.v6Cidrs.slice(0, 1) },
  { row: "A3.4", four: [], six: sorted.v6Cidrs },
  { row: "A3.5", four: sorted.v4Cidrs.slice(0, 1), six: sorted.v6Cidrs.slice(0, 1) },
  { row: "A3.6", four: sorted.v4Cidrs, six: sorted.v6Cidrs },
  { row: "A4.1", four: sorted.v4Ranges.slice(0, 1), six: [] },
  { row: "A4.2", four: sorted.v4Ranges, six: [] },
  { row: "A4.3", four: [], six: sorted.v6Ranges.slice(0, 1) },
  { row: "A4.4", four: [], six: sorted.v6Ranges },
  { row: "A4.5", four: sorted.v4Ranges.slice(0, 1), six: sorted.v6Ranges.slice(0, 1) },
  { row: "A4.6", four: sorted.v4Ranges, six: sorted.v6Ranges },
];

describe("kube-vip A3, A4: a pool of both families", () => {
  for (const { row, four, six } of splits)
    it(`kube-vip ${row}: has of IPv4 [${four}], of IPv6 [${six}]`, () => {
      const made = parsed([...six, ...four]);
      const ofFamily = (family: 4 | 6): Pool["ranges"] => made.ranges.filter(({ first }) => first.family === family);
      assert.deepEqual(ofFamily(4), four.length === 0 ? [] : parsed(four).ranges);
      assert.deepEqual(ofFamily(6), six.length === 0 ? [] : parsed(six).ranges);
    });
});

describe("kube-vip B1, B2: the pool of a namespace, or the one for all", () => {
  const pinned = (namespace: string, text: string): Pool =>
    pool({ name: namespace, addresses: [text], services: { namespaces: new Set([namespace]) } });
  const tables = [
    {
      rows: "B1",
      pools: [
        pinned("dummystart", "172.16.0.1/24"),
        pool({ name: "global", addresses: ["192.168.1.1/24"] }),
        pinned("system", "10.10.10.8/29"),
        pinned("dummyend", "172.16.1.2/24"),
        pinned("ipv6", "2001::10/127"),
      ],
      want: ["10.10.10.8", "2001::10", "192.168.1.0"],
    },
    {
      rows: "B2",
      pools: [
        pinned("dummystart", "172.16.0.1-172.16.0.254"),
        pool({ name: "global", addresses: ["192.168.1.1-192.168.1.254"] }),
        pinned("system", "10.10.10.8-10.10.10.15"),
        pinned("dummyend", "172.16.1.1-172.16.1.254"),
        pinned("ipv6", "2001::10-2001::20"),
      ],
      want: ["10.10.10.8", "2001::10", "192.168.1.1"],
    },
  ];
  for (const { rows, pools, want } of tables)
    it(`kube-vip ${rows}.1–${rows}.3: system and ipv6 from their own, an unknown one from the global`, () => {
      const world = new World(...pools)
        .put("system/a")
        .put("ipv6/a", { ipFamilies: [6] })
        .put("basic/a")
        .settle();
      assert.deepEqual(
        ["system/a", "ipv6/a", "basic/a"].flatMap((key) => world.addresses(key)),
        want,
      );
    });

  it("kube-vip B3.2: without any pool there is none, and the Service is told so", () => {
    assert.equal(new World().put("x/a").settle().reason("x/a"), "False NoPool");
  });

  it("kube-vip B3.4: of a pool without addresses, which admission refuses, there is none either", () => {
    const world = new World(pool({ addresses: [] })).put("x/a").settle();
    assert.equal(world.reason("x/a"), "False FamilyUnavailable");
  });
});

const decidedOtherwise: readonly { row: string; rule: string; does: () => void }[] = [
  {
    row: "A2.8, A6.10",
    rule: "skipEnds takes out the ends of each CIDR as it is written, also of one that lies in another",
    does: () => {
      const made = parsed(["192.168.0.200/30", "192.168.0.200/29"], true);
      const given = listed(`${v4}200..207`).filter((text) => poolGives(made, address(text)));
      assert.deepEqual(given, [...listed(`${v4}201..202`), ...listed(`${v4}204..206`)]);
    },
  },
  {
    row: "B3.1, B3.3",
    rule: "a pool for the namespace comes before one for all, and if it is full the other one serves",
    does: () => {
      const own = pool({ name: "z", addresses: ["192.0.2.1"], services: { namespaces: new Set(["x"]) } });
      const world = new World(pool({ name: "a", addresses: ["198.51.100.1"] }), own).put("x/a").put("x/b").settle();
      assert.deepEqual([world.addresses("x/a"), world.addresses("x/b")], [["192.0.2.1"], ["198.51.100.1"]]);
    },
  },
];

describe("kube-vip: decided otherwise", () => {
  for (const { row, rule, does } of decidedOtherwise) it(`kube-vip ${row}: ${rule}`, does);
});
