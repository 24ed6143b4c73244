import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePool } from "../../../src/api/ip-pool.ts";
import { pool } from "../../support/builders.ts";
import { World } from "./world.ts";

type Row = {
  readonly row: string;
  readonly pool: readonly string[];
  readonly used?: readonly string[];
  readonly flags?: "desc" | "skip" | "desc skip";
  readonly want: string | undefined;
};

/** The pool as it is parsed from an object, so that skipEnds counts; as in the original, .0 and .255 are never given. */
function poolOf({ pool: texts, flags: given }: Row): ReturnType<typeof pool> {
  const flags: string = given ?? "";
  const parsed = parsePool({
    metadata: { name: "public", uid: "1", resourceVersion: "1" },
    spec: {
      addresses: [...texts],
      avoidBuggyIPs: true,
      skipEnds: flags.includes("skip"),
      order: flags.includes("desc") ? "Descending" : "Ascending",
    },
  } as Parameters<typeof parsePool>[0]);
  assert.ok("value" in parsed);
  return parsed.value;
}

/** The next address that a pool gives while these are in use. */
function nextOf(row: Row): string | undefined {
  const world = new World(poolOf(row));
  for (const text of row.used ?? []) world.put(`used/${text.replaceAll(":", "-")}`, asking(text));
  const family = row.pool.some((text) => text.includes(":")) ? 6 : 4;
  return world
    .settle()
    .put("x/next", { ipFamilies: [family] })
    .settle()
    .addresses("x/next")[0];
}

const asking = (text: string): Parameters<World["put"]>[1] => ({
  loadBalancerIP: text,
  ipFamilies: [text.includes(":") ? 6 : 4],
});

const many = ["192.168.0.253-192.168.1.2"];
const two = ["192.168.0.10-192.168.0.11", "192.168.1.20-192.168.1.22"];
const wide = ["2001:db8::ffff-2001:db8::1:3"];
const apart = ["2001:db8::10-2001:db8::12", "2001:db9::20-2001:db9::21"];
const three = ["2001:db8::10", "2001:db8::11", "2001:db8::12"];
const elsewhere = ["10.10.10.8", "172.16.0.3", "192.168.1.1", "10.10.10.9", "172.16.0.4", "192.168.1.2", "10.10.10.12"];
const pair = ["192.168.0.200/30", "192.168.0.200/29"];
const nested = ["2001:db8::10/126", "2001:db8::12/127"];

const rows: readonly Row[] = [
  { row: "A5.1", pool: ["192.168.0.10-192.168.0.10"], want: "192.168.0.10" },
  { row: "A5.2", pool: ["192.168.0.10-192.168.0.10"], flags: "desc", want: "192.168.0.10" },
  { row: "A5.3", pool: ["192.168.0.10-192.168.0.12"], want: "192.168.0.10" },
  { row: "A5.4", pool: ["192.168.0.10-192.168.0.12"], flags: "desc", want: "192.168.0.12" },
  { row: "A5.5", pool: many, used: ["192.168.0.253", "192.168.0.254"], want: "192.168.1.1" },
  { row: "A5.6", pool: many, used: ["192.168.1.1", "192.168.1.2"], flags: "desc", want: "192.168.0.254" },
  { row: "A5.7", pool: two, used: ["192.168.0.10"], want: "192.168.0.11" },
  { row: "A5.8", pool: two, used: ["192.168.1.21", "192.168.1.22"], flags: "desc", want: "192.168.1.20" },
  { row: "A5.9", pool: ["2001:db8::13-2001:db8::14"], want: "2001:db8::13" },
  { row: "A5.10", pool: ["2001:db8::13-2001:db8::14"], flags: "desc", want: "2001:db8::14" },
  { row: "A5.11", pool: ["2001:db8::13-2001:db8::15"], want: "2001:db8::13" },
  { row: "A5.12", pool: ["2001:db8::13-2001:db8::15"], flags: "desc", want: "2001:db8::15" },
  { row: "A5.13", pool: wide, used: ["2001:db8::ffff"], want: "2001:db8::1:0" },
  {
    row: "A5.14",
    pool: wide,
    used: ["2001:db8::1:3", "2001:db8::1:2", "2001:db8::1:1", "2001:db8::1:0"],
    flags: "desc",
    want: "2001:db8::ffff",
  },
  {
    row: "A5.15",
    pool: apart,
    used: ["2001:db8::10", "2001:db8::11", "2001:db8::12"],
    want: "2001:db9::20",
  },
  { row: "A5.16", pool: apart, used: ["2001:db9::21", "2001:db9::20"], flags: "desc", want: "2001:db8::12" },
  { row: "A6.1", pool: ["192.168.0.200/30"], want: "192.168.0.200" },
  { row: "A6.2", pool: ["192.168.0.200/30"], flags: "skip", want: "192.168.0.201" },
  { row: "A6.3", pool: ["192.168.0.200/30"], flags: "desc", want: "192.168.0.203" },
  { row: "A6.4", pool: ["192.168.0.200/30"], flags: "desc skip", want: "192.168.0.202" },
  { row: "A6.5", pool: ["192.168.0.10/24"], want: "192.168.0.1" },
  { row: "A6.6", pool: ["192.168.0.10/24"], flags: "desc", want: "192.168.0.254" },
  {
    row: "A6.7",
    pool: ["192.168.0.255/30"],
    used: ["192.168.0.254", "192.168.0.252", "192.168.0.253"],
    want: undefined,
  },
  {
    row: "A6.8",
    pool: ["192.168.0.255/30"],
    used: ["192.168.0.254", "192.168.0.252", "192.168.0.253"],
    flags: "desc",
    want: undefined,
  },
  { row: "A6.9", pool: pair, used: ["192.168.0.201", "192.168.0.202"], want: "192.168.0.200" },
  { row: "A6.11", pool: pair, used: ["192.168.0.201", "192.168.0.202"], flags: "desc", want: "192.168.0.207" },
  { row: "A6.12", pool: pair, used: ["192.168.0.201", "192.168.0.202"], flags: "desc skip", want: "192.168.0.206" },
  { row: "A6.13", pool: ["2001:db8::49fe/127"], want: "2001:db8::49fe" },
  { row: "A6.14", pool: ["2001:db8::49fe/127"], flags: "skip", want: "2001:db8::49fe" },
  { row: "A6.15", pool: ["2001:db8::49fe/127"], flags: "desc", want: "2001:db8::49ff" },
  { row: "A6.16", pool: ["2001:db8::49fe/127"], used: ["2001:db8::49fe", "2001:db8::49ff"], want: undefined },
  {
    row: "A6.17",
    pool: ["2001:db8::49fe/127"],
    used: ["2001:db8::49fe", "2001:db8::49ff"],
    flags: "desc",
    want: undefined,
  },
  { row: "A6.18", pool: nested, used: ["2001:db8::10", "2001:db8::11"], want: "2001:db8::12" },
  { row: "A6.19", pool: nested, used: ["2001:db8::10", "2001:db8::11"], flags: "desc", want: "2001:db8::13" },
  {
    row: "B4.1",
    pool: ["10.10.10.8/29"],
    used: ["10.10.10.8", "10.10.10.9", "10.10.10.10", "10.10.10.12"],
    want: "10.10.10.11",
  },
  { row: "B4.2", pool: ["192.168.1.1/24"], used: elsewhere, want: "192.168.1.3" },
  { row: "B4.3, B4.4", pool: ["2001:db8::10/126"], used: three, want: "2001:db8::13" },
  {
    row: "B5.1",
    pool: ["10.10.10.8-10.10.10.15"],
    used: ["10.10.10.8", "10.10.10.9", "10.10.10.10", "10.10.10.12"],
    want: "10.10.10.11",
  },
  { row: "B5.2", pool: ["192.168.1.1-192.168.1.254"], used: elsewhere, want: "192.168.1.3" },
  {
    row: "B5.3, B5.4",
    pool: wide,
    used: ["2001:db8::ffff", "2001:db8::1:0", "2001:db8::1:1"],
    want: "2001:db8::1:2",
  },
];

describe("kube-vip: the next address of a pool (link-local examples moved to 2001:db8::/32)", () => {
  for (const row of rows) it(`kube-vip ${row.row}: ${row.want ?? "none"}`, () => assert.equal(nextOf(row), row.want));
});

describe("kube-vip E3: which class is wanted", () => {
  for (const [loadBalancerClass, wanted] of [
    ["herald.dev/vip", true],
    ["nok-class", false],
  ] as const)
    it(`kube-vip E3: class ${loadBalancerClass}: ${wanted ? "yes" : "no"}`, () => {
      const world = new World(pool()).put("x/a", { loadBalancerClass }).settle();
      assert.equal(world.addresses("x/a").length === 1, wanted);
    });
});
