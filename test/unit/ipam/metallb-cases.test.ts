import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import type { Labels } from "../../../src/api/label-selector.ts";
import type { SharingTerms } from "../../../src/api/sharing.ts";
import { addresses, pool, sharingTerms } from "../../support/builders.ts";
import { World } from "./world.ts";

type Step = {
  readonly row: string;
  readonly service: string;
  /** What it asks for; absent: it is deleted. */
  readonly ask?: readonly string[];
  readonly given?: boolean;
  readonly labels?: Labels;
  readonly terms?: SharingTerms;
};

const families = (texts: readonly string[]): readonly (4 | 6)[] => texts.map((text) => (text.includes(":") ? 6 : 4));

/** Makes the Service ask as the step says; one without terms shares nothing from now on. */
function ask(world: World, { service, ask: texts = [], labels = {}, terms }: Step): void {
  const dual = texts.length > 1 ? ({ ipFamilyPolicy: "RequireDualStack" } as const) : {};
  const asking = { labels, ipFamilies: families(texts), ...dual, asks: { addresses: addresses(...texts) } };
  world.put(service, { ...asking, ...(terms && { terms, trafficPolicy: terms.policy }) });
  const { terms: _, ...keyless } = world.services.get(service) ?? assert.fail();
  if (terms === undefined) world.services.set(service, keyless);
  world.settle();
}

/** Asks, and takes the ask back if it is refused, as a failed call would. */
function carryOut(world: World, step: Step): boolean {
  const { service, ask: texts } = step;
  if (texts === undefined) {
    world.remove(service).settle();
    return true;
  }
  const before = world.services.get(service);
  const held = world.addresses(service);
  ask(world, step);
  const given = world.reason(service) === "True Allocated" && world.addresses(service).join() === texts.join();
  if (given) return true;
  assert.deepEqual(world.addresses(service), held, `${step.row}: a refused ask leaves what is held`);
  if (before === undefined) world.remove(service);
  else world.services.set(service, before);
  world.settle();
  return false;
}

function sequence(name: string, steps: readonly Step[]): void {
  it(name, () => void after(steps));
}

/** The cluster after these steps, each of which ended as it says. */
function after(steps: readonly Step[]): World {
  const world = new World(...assignPools);
  for (const step of steps) assert.equal(carryOut(world, step), step.given ?? true, step.row);
  return world;
}

const selecting = (services: Pool["services"]): Partial<Pool> => ({ avoidBuggyIPs: true, services });
const team = { matchLabels: { team: "metallb" } };
const assignPools = [
  pool({ name: "test", addresses: ["1.2.3.4/31", "1000::4/127"] }),
  pool({ name: "test2", addresses: ["1.2.4.0/24", "1000::4:0/120"], avoidBuggyIPs: true }),
  pool({
    name: "test3",
    addresses: ["1.2.5.0/24", "1000::5:0/120"],
    ...selecting({ namespaces: new Set(["test-ns1"]) }),
  }),
  pool({ name: "test4", addresses: ["1.2.6.0/24", "1000::6:0/120"], ...selecting({ serviceSelector: team }) }),
  pool({
    name: "test5",
    addresses: ["1.2.7.0/24", "1000::7:0/120"],
    priority: 20,
    ...selecting({ namespaces: new Set(["test-ns1"]), serviceSelector: team }),
  }),
  pool({
    name: "test6",
    addresses: ["1.2.8.0/24", "1000::9:0/120"],
    priority: 20,
    ...selecting({ namespaces: new Set(["test-ns2"]), serviceSelector: { matchLabels: { foo: "bar" } } }),
  }),
];

/** The rows from this one on; `a` and `b` are the two addresses of pool test. */
const assigned = (from: number, a: string, b: string): readonly Step[] =>
  [
    { service: "x/s1", ask: [a] },
    { service: "x/s1", ask: [a] },
    { service: "x/s2", ask: [a], given: false },
    { service: "x/s2", ask: [b] },
    { service: "x/s1", ask: [b], given: false },
    { service: "x/s1" },
    { service: "x/s2", ask: [a] },
    { service: "x/s1", ask: [b] },
  ].map((step, i) => ({ row: `A${from + i}`, ...step }));

/** What MetalLB calls the sharing key and the backend key: under Local the Services must select the same pods. */
const terms = (port: string, key: string, backend: string): SharingTerms =>
  sharingTerms({ key, ports: [port], policy: "Local", selector: `app=${backend}` });

const shared = (from: number, text: string): readonly Step[] =>
  [
    { service: "x/s4", terms: terms("TCP/80", "sharing", "backend") },
    { service: "x/s4", terms: terms("TCP/80", "share", "backend") },
    { service: "x/s3", terms: terms("TCP/80", "share", "backend"), given: false },
    { service: "x/s3", terms: terms("TCP/443", "othershare", "backend"), given: false },
    { service: "x/s3", terms: terms("TCP/443", "share", "otherbackend"), given: false },
    { service: "x/s3", terms: terms("TCP/443", "share", "backend") },
    { service: "x/s3", terms: terms("UDP/53", "share", "backend") },
  ].map((step, i) => ({ row: `A${from + i}`, ask: [text], ...step }));

const v4Steps: readonly Step[] = [
  ...assigned(1, "1.2.3.4", "1.2.3.5"),
  { row: "A9", service: "x/s3", ask: ["1.2.4.0"], given: false },
  { row: "A10", service: "x/s3", ask: ["1.2.4.255"], given: false },
  { row: "A11", service: "x/s3", ask: ["1.2.4.254"] },
  ...shared(12, "1.2.4.3"),
];

const v6Steps: readonly Step[] = [
  ...assigned(22, "1000::4", "1000::5"),
  { row: "A30", service: "x/s3", ask: ["1000::4:ff"] },
  ...shared(31, "1000::4:3"),
];

describe("MetalLB A: assignment of asked addresses, in order, with what went before", () => {
  sequence("MetalLB A1–A18, A21: IPv4 is given once, kept, freed, moved, avoided and shared", [
    ...v4Steps,
    { row: "A21", service: "x/s4", ask: ["1.2.4.254"] },
  ]);
  sequence("MetalLB A22–A37, A40, A41: so is IPv6, but ::ff is not avoided", [
    ...v6Steps,
    { row: "A40", service: "x/s4", ask: ["1000::4:ff"] },
    { row: "A41", service: "x/s2" },
  ]);
  sequence("MetalLB A42: a pair from one pool", [{ row: "A42", service: "x/s1", ask: ["1.2.3.4", "1000::4"] }]);
  sequence("MetalLB A44–A50: namespaces and labels select", [
    { row: "A44", service: "test-ns1/s1", ask: ["1.2.5.10"] },
    { row: "A45", service: "testns-not-exist/s1", ask: ["1.2.5.11"], given: false },
    { row: "A46", service: "other/s1", ask: ["1.2.6.10"], labels: { team: "metallb" } },
    { row: "A47", service: "other/s2", ask: ["1.2.6.11"], labels: { team: "red" }, given: false },
    { row: "A48", service: "test-ns1/s1", ask: ["1.2.7.10"], labels: { team: "metallb" } },
    { row: "A49", service: "test-ns2/s1", ask: ["1.2.8.10"], labels: { team: "metallb" }, given: false },
    { row: "A50", service: "testns-not-exist/s1", ask: ["1.2.8.10"], labels: { foo: "bar" }, given: false },
  ]);

  it("MetalLB A1–A50: no step changes a pool", () => {
    const before = structuredClone(assignPools);
    after([...v4Steps, ...v6Steps.map((step) => ({ ...step, service: `${step.service}-six` }))]);
    assert.deepEqual(assignPools, before);
  });
});

/** What one that shares is told that no longer may: it moves alone, and what it asks for is not free. */
function leavesAlone(steps: readonly Step[], last: Step): void {
  const world = after(steps);
  ask(world, last);
  assert.equal(world.reason("x/s3"), "False SharingRefused");
  assert.deepEqual(world.addresses("x/s3"), []);
  assert.deepEqual(world.addresses("x/s4"), last.ask);
}

const leaving = (row: string, text: string, now: SharingTerms): Step => ({
  row,
  service: "x/s3",
  ask: [text],
  terms: now,
});

const keyChanged = "who shares an address and says another key leaves it; the others keep it";
const podsChanged = "who shares an address under Local and selects other pods leaves it; the others keep it";

const decidedOtherwise: readonly { row: string; rule: string; does: () => void }[] = [
  {
    row: "A19",
    rule: keyChanged,
    does: () => leavesAlone(v4Steps, leaving("A19", "1.2.4.3", terms("TCP/443", "othershare", "backend"))),
  },
  {
    row: "A20",
    rule: podsChanged,
    does: () => leavesAlone(v4Steps, leaving("A20", "1.2.4.3", terms("TCP/443", "share", "otherbackend"))),
  },
  {
    row: "A38",
    rule: keyChanged,
    does: () => leavesAlone(v6Steps, leaving("A38", "1000::4:3", terms("TCP/443", "othershare", "backend"))),
  },
  {
    row: "A39",
    rule: podsChanged,
    does: () => leavesAlone(v6Steps, leaving("A39", "1000::4:3", terms("TCP/443", "share", "otherbackend"))),
  },
  {
    row: "A43",
    rule: "the two addresses of a pair may come from two pools",
    does: () => {
      after([
        { row: "A42", service: "x/s1", ask: ["1.2.3.4", "1000::4"] },
        { row: "A43", service: "x/s1", ask: ["1.2.4.5", "1000::4"] },
      ]);
    },
  },
  {
    row: "A50 (implied: two addresses of one family)",
    rule: "a Service may ask for several addresses of a family",
    does: () => {
      const asks = { addresses: addresses("1.2.4.5", "1.2.4.6") };
      const world = new World(...assignPools).put("x/s1", { asks }).settle();
      assert.deepEqual(world.addresses("x/s1"), ["1.2.4.5", "1.2.4.6"]);
    },
  },
];

describe("MetalLB A: decided otherwise", () => {
  for (const { row, rule, does } of decidedOtherwise) it(`MetalLB ${row}: ${rule}`, does);
});
