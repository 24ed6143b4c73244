import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PoolObject } from "../../../../src/api/ip-pool.ts";
import { printList } from "../../../../src/cli/output.ts";
import { listing } from "../../../../src/cli/pools/command.ts";
import { poolRow } from "../../../../src/cli/pools/pool-row.ts";
import { terminalStub } from "../terminal-stub.ts";

const time = "2026-01-31T12:00:00Z";

function condition(type: string, status: "True" | "False", reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: time };
}

const ready = condition("Ready", "True", "Valid", "the pool can be used");
const counts = { total: "48", allocated: 3, free: "44/48", cooling: 1, reserved: 2 };

function pool(spec: Partial<PoolObject["spec"]> = {}, status: PoolObject["status"] = {}): PoolObject {
  return {
    metadata: { name: "public", generation: 2, creationTimestamp: time },
    spec: { addresses: ["192.0.2.0/28"], ...spec },
    status: { observedGeneration: 2, conditions: [ready], addresses: { ipv4: counts }, ...status },
  };
}

const remarks: readonly (readonly [what: string, pool: PoolObject, wanted: readonly string[]])[] = [
  ["a pool that is as it should be has none", pool(), []],
  ["a paused pool says so", pool({ paused: true }), ["paused: gives nothing new"]],
  [
    "a pool that the controller does not know says so",
    { ...pool(), status: {} },
    ["the controller has not looked at it yet"],
  ],
  [
    "an edit that the controller has not seen is said",
    pool({}, { observedGeneration: 1 }),
    ["changed since the controller looked at it"],
  ],
  [
    "a pool that is not ready says why",
    pool({}, { conditions: [condition("Ready", "False", "Invalid", "spec.addresses[0]: no")] }),
    ["Invalid: spec.addresses[0]: no"],
  ],
  [
    "every condition that tells of trouble is said, no other",
    pool(
      {},
      {
        conditions: [
          ready,
          condition("Overlaps", "True", "Overlapping", "addresses are also in pool b"),
          condition("LimitsExceeded", "True", "QuotaExceeded", "shop holds 6 of 5"),
          condition("ReservationsBlocked", "False", "NoneBlocked", "no"),
        ],
      },
    ),
    ["Overlapping: addresses are also in pool b", "QuotaExceeded: shop holds 6 of 5"],
  ],
];

describe("the remarks", () => {
  for (const [what, object, wanted] of remarks) it(what, () => assert.deepEqual(poolRow(object).remarks, wanted));
});

async function shown(format: string, ...pools: readonly PoolObject[]) {
  const terminal = terminalStub();
  await printList(pools.map(poolRow), listing(Date.parse(time) + 3_600_000), format, terminal);
  return terminal.written;
}

describe("the list", () => {
  it("shows free, allocated, cooling and reserved addresses", async () => {
    const [heading, row] = (await shown("table", pool())).out.split("\n");
    assert.match(heading ?? "", /^NAME +AUTO +IPV4-FREE +IPV6-FREE +ALLOCATED +COOLING +RESERVED +READY +REMARKS$/);
    assert.match(row ?? "", /^public +yes +44\/48 +- +3 +1 +2 +yes +-$/);
  });

  it("counts both families together", async () => {
    const both = pool({}, { addresses: { ipv4: counts, ipv6: counts } });
    assert.match((await shown("table", both)).out, /44\/48 +44\/48 +6 +2 +4 /);
  });

  it("is wider with -o wide", async () => {
    const { out } = await shown("wide", pool({ priority: 7 }));
    assert.match(out, /public +yes +7 +.* 1h +192\.0\.2\.0\/28 +-/);
  });

  it("gives names, and the rows for programs", async () => {
    assert.equal((await shown("name", pool())).out, "ippool.herald.dev/public\n");
    const { items } = JSON.parse((await shown("json", pool())).out) as { items: readonly unknown[] };
    assert.deepEqual(items, [JSON.parse(JSON.stringify(poolRow(pool())))]);
    assert.match((await shown("yaml", pool())).out, /^items:\n {2}- name: public\n/);
  });

  it("of nothing is a line on standard error", async () =>
    assert.deepEqual(await shown("table"), { out: "", err: "there are no pools\n" }));
});
