import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parsePool } from "../../../../src/api/ip-pool.ts";
import { type LabelRequirement, selectorMatches } from "../../../../src/api/label-selector.ts";
import { joinedCidrs } from "../../../../src/cli/import/addresses.ts";
import { importedInterface } from "../../../../src/cli/import/interfaces.ts";
import { namedApart, objectNameFrom } from "../../../../src/cli/import/pool-names.ts";
import { priorities } from "../../../../src/cli/import/priorities.ts";
import { anyOf } from "../../../../src/cli/import/selectors.ts";

describe("the CIDRs of joined addresses", () => {
  const cases: readonly (readonly [texts: readonly string[], wanted: readonly string[]])[] = [
    [["192.0.2.0/30", "192.0.2.4/30"], ["192.0.2.0/29"]],
    [
      ["192.0.2.4/30", "192.0.2.8/30"],
      ["192.0.2.4/30", "192.0.2.8/30"],
    ],
    [["192.0.2.1-192.0.2.6"], ["192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"]],
    [
      ["0.0.0.0/0", "::/0"],
      ["0.0.0.0/0", "::/0"],
    ],
    [["255.255.255.254/31"], ["255.255.255.254/31"]],
  ];
  for (const [texts, wanted] of cases) it(texts.join(" and "), () => assert.deepEqual(joinedCidrs(texts), wanted));

  it("hold the same addresses, whatever they are", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const range = fc.tuple(octet, octet).map(([a, b]) => `192.0.2.${Math.min(a, b)}-192.0.2.${Math.max(a, b)}`);
    const covered = (addresses: readonly string[]) => {
      const parsed = parsePool({ metadata: { name: "a" }, spec: { addresses: [...addresses] } });
      return "value" in parsed ? parsed.value.covered : assert.fail("not a pool");
    };
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 5 }), (texts) =>
        assert.deepEqual(covered(joinedCidrs(texts)), covered(texts)),
      ),
    );
  });
});

describe("one selector for several", () => {
  const requirement: fc.Arbitrary<LabelRequirement> = fc.record({
    key: fc.constantFrom("a", "b"),
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.subarray(["x", "y"], { minLength: 1 }),
  });
  const alternatives = fc.array(fc.array(requirement, { maxLength: 2 }), { minLength: 1, maxLength: 3 });
  const labels = fc.record(
    { a: fc.constantFrom("x", "y", "z"), b: fc.constantFrom("x", "y", "z") },
    { requiredKeys: [] },
  );

  it("matches exactly what any of them matches", () => {
    let merged = 0;
    fc.assert(
      fc.property(alternatives, labels, (each, given) => {
        const one = anyOf(each);
        if (one === undefined) return;
        merged++;
        const any = each.some((matchExpressions) => selectorMatches({ matchExpressions }, given));
        assert.equal(selectorMatches(one.selector ?? {}, given), any);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(merged > 200, `${merged}`);
  });
});

describe("MetalLB's order of pools", () => {
  const rank = fc.record({ selects: fc.boolean(), priority: fc.integer({ min: 0, max: 3 }) });

  it("is Herald's order", () => {
    fc.assert(
      fc.property(rank, rank, fc.array(rank), (a, b, others) => {
        const [ofA = 0, ofB = 0] = priorities([a, b, ...others]);
        const number = ({ priority }: { priority: number }): number => priority || Number.POSITIVE_INFINITY;
        const first = a.selects === b.selects ? number(b) - number(a) || 0 : a.selects ? 1 : -1;
        const chosen = ofA - ofB || Number(a.selects) - Number(b.selects);
        assert.equal(Math.sign(chosen), Math.sign(first), `${ofA} and ${ofB}`);
      }),
    );
  });

  it("leaves 0 to pools without a number", () =>
    assert.deepEqual(
      priorities([
        { selects: true, priority: 0 },
        { selects: false, priority: 0 },
        { selects: true, priority: 20 },
      ]),
      [0, 0, 1],
    ));
});

describe("an interface", () => {
  const cases: readonly (readonly [text: string, wanted: object])[] = [
    ["^eth0$", { name: "eth0" }],
    ["eth0", { name: "/eth0/" }],
    ["^eth0.100$", { name: "/^eth0.100$/" }],
    ["^bond[0-9]+$", { name: "/^bond[0-9]+$/" }],
  ];
  for (const [text, wanted] of cases) it(text, () => assert.deepEqual(importedInterface(text), wanted));
  it("that cannot be read is a problem", () => assert.ok("problem" in importedInterface("a{2}")));
});

it("names are what objects can be called, and differ", () => {
  assert.equal(objectNameFrom("My_Pool."), "my-pool");
  assert.equal(objectNameFrom("___"), "pool");
  const spec = { addresses: ["192.0.2.1"] };
  const { pools, notes } = namedApart(["a", "A", "a", "b"].map((name) => ({ name, spec })));
  assert.deepEqual(
    pools.map(({ name }) => name),
    ["a", "a-2", "a-3", "b"],
  );
  assert.equal(notes.length, 2);
});
