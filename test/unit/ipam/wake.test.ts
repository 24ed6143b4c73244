import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reuse } from "../../../src/api/ip-pool.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { createPlanner } from "../../../src/ipam/plan.ts";
import type { Snapshot } from "../../../src/ipam/snapshot.ts";
import { formatAddress } from "../../../src/net/address.ts";
import { advertisement, noonMs, pool, released, service, snapshot } from "../../support/builders.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const reusing = (rememberForMs: number, coolDownForMs: number, changes: Partial<Reuse> = {}) =>
  pool({ reuse: { rememberForMs, coolDownForMs, coolDown: "Prefer", ...changes } });

const web = service();

/** An address that `shop/web` left so long before noon. */
const left = (text: string, agoMs: number, changes: Partial<Advertisement> = {}): Advertisement =>
  advertisement(text, { released: released(web, noonMs - agoMs), ...changes });

type Case = {
  readonly name: string;
  readonly parts: Partial<Pick<Snapshot, "services" | "pools" | "advertisements">>;
  /** In ms after noon; undefined: never. */
  readonly wake: number | undefined;
  readonly forgotten?: readonly string[];
};

const both = reusing(dayMs, 5 * minuteMs);

const cases: readonly Case[] = [
  { name: "an empty cluster", parts: { pools: [both] }, wake: undefined },
  {
    name: "addresses that are held",
    parts: { services: [web], pools: [both], advertisements: [advertisement("192.0.2.0", { owner: web })] },
    wake: undefined,
  },
  {
    name: "one that rests and is remembered: the end of the rest",
    parts: { pools: [both], advertisements: [left("192.0.2.1", minuteMs)] },
    wake: 4 * minuteMs,
  },
  {
    name: "one that has rested and is remembered: the end of the memory",
    parts: { pools: [both], advertisements: [left("192.0.2.1", 5 * minuteMs)] },
    wake: dayMs - 5 * minuteMs,
  },
  {
    name: "one that is remembered for less long than it rests: the end of the memory",
    parts: { pools: [reusing(minuteMs, 5 * minuteMs)], advertisements: [left("192.0.2.1", 0)] },
    wake: minuteMs,
  },
  {
    name: "one that still rests and is remembered no more: the end of the rest",
    parts: { pools: [reusing(minuteMs, 5 * minuteMs)], advertisements: [left("192.0.2.1", minuteMs)] },
    wake: 4 * minuteMs,
  },
  {
    name: "several: the earliest",
    parts: {
      pools: [both],
      advertisements: [left("192.0.2.1", 6 * minuteMs), left("192.0.2.2", 2 * minuteMs), left("192.0.2.3", minuteMs)],
    },
    wake: 3 * minuteMs,
  },
  {
    name: "one whose time is over: nothing but that it is forgotten",
    parts: { pools: [both], advertisements: [left("192.0.2.1", dayMs)] },
    wake: undefined,
    forgotten: ["192.0.2.1"],
  },
  {
    name: "one whose time was over long ago, as after a downtime, beside one whose time is not",
    parts: { pools: [both], advertisements: [left("192.0.2.1", 30 * dayMs), left("192.0.2.2", dayMs - 1_000)] },
    wake: 1_000,
    forgotten: ["192.0.2.1"],
  },
  {
    name: "one that belongs to nobody and is not remembered",
    parts: { pools: [both], advertisements: [advertisement("192.0.2.1")] },
    wake: undefined,
    forgotten: ["192.0.2.1"],
  },
  {
    name: "one that was left ten minutes from now, before the clock was set back",
    parts: { pools: [both], advertisements: [left("192.0.2.1", -10 * minuteMs)] },
    wake: 15 * minuteMs,
  },
  {
    name: "one of a pool that is not there: as long as by default",
    parts: { pools: [], advertisements: [left("192.0.2.1", 6 * minuteMs)] },
    wake: dayMs - 6 * minuteMs,
  },
  {
    name: "one of a pool that remembers nothing any more",
    parts: { pools: [reusing(0, 0)], advertisements: [left("192.0.2.1", 0)] },
    wake: undefined,
    forgotten: ["192.0.2.1"],
  },
  {
    name: "one outside every pool",
    parts: { pools: [both], advertisements: [left("10.0.0.1", 0, { pool: "" })] },
    wake: undefined,
    forgotten: ["10.0.0.1"],
  },
  {
    name: "one that its Service gets back by this very plan",
    parts: { services: [web], pools: [both], advertisements: [left("192.0.2.1", minuteMs)] },
    wake: undefined,
  },
];

describe("when time alone changes a plan", () => {
  for (const { name, parts, wake, forgotten = [] } of cases)
    it(`of ${name}`, () => {
      const { changes, wakeAtMs } = createPlanner()(snapshot(parts));
      assert.equal(wakeAtMs, wake === undefined ? undefined : noonMs + wake);
      const gone = changes.flatMap((each) =>
        each.kind === "forget" ? [formatAddress(each.advertisement.address)] : [],
      );
      assert.deepEqual(gone, forgotten);
    });

  it("is the moment at which a Service that waits for a strict rest gets its address", () => {
    const pools = [
      pool({ addresses: ["192.0.2.1"], reuse: { rememberForMs: 0, coolDownForMs: minuteMs, coolDown: "Strict" } }),
    ];
    const parts = { services: [service({ key: "blog/web" })], pools, advertisements: [left("192.0.2.1", 0)] };
    const waits = createPlanner()(snapshot(parts));
    assert.deepEqual(waits.changes, []);
    const { changes } = createPlanner()(snapshot({ ...parts, nowMs: waits.wakeAtMs ?? 0 }));
    assert.deepEqual(
      changes.flatMap((each) => (each.kind === "write" ? each.joined.map(({ key }) => key) : [])),
      ["blog/web"],
    );
  });

  it("is known by the plan after the one that releases the address", () => {
    const gone = snapshot({ pools: [both], advertisements: [advertisement("192.0.2.1", { owner: web })] });
    const [change] = createPlanner()(gone).changes;
    assert.ok(change?.kind === "write");
    assert.deepEqual(change.spec.released, released(web, noonMs));
    const after = { ...advertisement("192.0.2.1"), ...change.spec };
    assert.equal(createPlanner()(snapshot({ pools: [both], advertisements: [after] })).wakeAtMs, noonMs + 5 * minuteMs);
  });

  it("is in whole seconds: what a plan releases within a second is dated to its beginning", () => {
    const gone = snapshot({
      pools: [both],
      advertisements: [advertisement("192.0.2.1", { owner: web })],
      nowMs: noonMs + 999,
    });
    const [change] = createPlanner()(gone).changes;
    assert.equal(change?.kind === "write" && change.spec.released?.atMs, noonMs);
  });
});
