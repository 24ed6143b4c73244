import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PoolObject } from "../../../src/api/ip-pool.ts";
import { commonRanges } from "../../../src/api/pool-overlap.ts";
import { type PoolSurroundings, reviewPool } from "../../../src/api/pool-review.ts";
import { formatProblems } from "../../../src/api/problem.ts";
import { formatRange } from "../../../src/net/range.ts";
import { prefix, range } from "../../support/builders.ts";

function pool(name: string, ...addresses: string[]): PoolObject {
  return { metadata: { name }, spec: { addresses } };
}

function review(object: PoolObject, around: Partial<PoolSurroundings>): { problems: string; warnings: string } {
  const { problems, warnings } = reviewPool(object, { pools: [], networks: [], ...around });
  return { problems: formatProblems(problems), warnings: formatProblems(warnings) };
}

it("what two lists of ranges have in common is found", () => {
  const common = commonRanges(
    [range("192.0.2.0/29"), range("192.0.2.20-192.0.2.30"), range("2001:db8::/64")],
    [range("192.0.2.4-192.0.2.25"), range("2001:db8::1-2001:db8::2")],
  );
  assert.deepEqual(common.map(formatRange), ["192.0.2.4/30", "192.0.2.20-192.0.2.25", "2001:db8::1-2001:db8::2"]);
});

describe("overlap of pools", () => {
  it("is refused, naming each other pool and the addresses", () => {
    const { problems } = review(pool("new", "192.0.2.0/24", "2001:db8::/64"), {
      pools: [pool("four", "192.0.2.10-192.0.2.12"), pool("six", "2001:db8::7"), pool("far", "198.51.100.0/24")],
    });
    assert.equal(
      problems,
      "spec.addresses: 192.0.2.10-192.0.2.12 also in pool four; spec.addresses: 2001:db8::7 also in pool six",
    );
  });

  it("of many parts is shortened", () => {
    const parts = ["192.0.2.1", "192.0.2.3", "192.0.2.5", "192.0.2.7", "192.0.2.9"];
    const { problems } = review(pool("new", "192.0.2.0/24"), { pools: [pool("odd", ...parts)] });
    assert.equal(problems, "spec.addresses: 192.0.2.1, 192.0.2.3, 192.0.2.5 and 2 more also in pool odd");
  });

  it("is none with the pool itself, nor where one of the two excludes the addresses", () => {
    const other = { metadata: { name: "other" }, spec: { addresses: ["192.0.2.0/24"], exclude: ["192.0.2.8/29"] } };
    const pools = [pool("new", "192.0.2.8/30"), other];
    assert.deepEqual(review(pool("new", "192.0.2.8/29"), { pools }), { problems: "", warnings: "" });
  });

  it("with a pool that cannot be read is no reason to refuse", () => {
    assert.equal(review(pool("new", "192.0.2.8/29"), { pools: [pool("broken", "x")] }).problems, "");
  });

  it("that was there before is only a warning, a larger one is refused", () => {
    const before = pool("new", "192.0.2.0/30");
    const pools = [before, pool("other", "192.0.2.0/24")];
    const same = review({ ...before, spec: { ...before.spec, paused: true } }, { before, pools });
    assert.deepEqual(same, { problems: "", warnings: "spec.addresses: 192.0.2.0/30 also in pool other" });
    assert.equal(
      review(pool("new", "192.0.2.0/29"), { before, pools }).problems,
      "spec.addresses: 192.0.2.4/30 also in pool other",
    );
  });

  it("that was there before may shrink", () => {
    const around = { before: pool("new", "192.0.2.20-192.0.2.40"), pools: [pool("other", "192.0.2.10-192.0.2.30")] };
    assert.deepEqual(review(pool("new", "192.0.2.20-192.0.2.25"), around), {
      problems: "",
      warnings: "spec.addresses: 192.0.2.20-192.0.2.25 also in pool other",
    });
  });

  it("may not grow in a part that a message no longer names", () => {
    const parts = ["10.0.0.0/31", "10.0.1.0/31", "10.0.2.0/31"];
    const around = { before: pool("new", ...parts, "10.0.3.0"), pools: [pool("other", "10.0.0.0/8")] };
    assert.equal(
      review(pool("new", ...parts, "10.0.3.0/24"), around).problems,
      "spec.addresses: 10.0.3.1-10.0.3.255 also in pool other",
    );
  });

  it("that was there before may not grow to a third pool", () => {
    const before = pool("new", "192.0.2.0/30");
    const pools = [pool("other", "192.0.2.0/30"), pool("third", "192.0.2.4/30")];
    assert.equal(
      review(pool("new", "192.0.2.0/29"), { before, pools }).problems,
      "spec.addresses: 192.0.2.4/30 also in pool third",
    );
  });
});

it("addresses of the cluster's own networks are a warning", () => {
  const networks = [{ name: "Service network", prefix: prefix("10.96.0.0/16") }];
  assert.deepEqual(review(pool("new", "10.96.1.0/24", "192.0.2.1"), { networks }), {
    problems: "",
    warnings: "spec.addresses: 10.96.1.0/24 is never given: in the Service network",
  });
});

it("networks that could not be read are a warning", () => {
  const unknown = [{ path: "spec.addresses", message: "not compared with the Service network" }];
  assert.equal(
    review(pool("new", "192.0.2.1"), { unknown }).warnings,
    "spec.addresses: not compared with the Service network",
  );
});

it("a pool that cannot be read is refused with all that is wrong, whatever it overlaps", () => {
  const { problems } = review(pool("new", "192.0.2.1", "x", "y"), { pools: [pool("other", "192.0.2.1")] });
  assert.match(problems, /^spec\.addresses\[1\]: .*; spec\.addresses\[2\]: /);
});
