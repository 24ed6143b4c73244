import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exitCodeOf } from "../../../../src/cli/plan/exit-code.ts";
import type { Report } from "../../../../src/cli/plan/report.ts";

const none = { loses: 0, moves: 0, refused: 0, waits: 0, outside: 0, gains: 0, keeps: 0 };
const counts = (free: string, allocated: number) => ({ total: "2", allocated, free, cooling: 0, reserved: 0 });
const pool = (before: string, after: string) => ({
  pool: "public",
  before: { ipv4: counts(before, 0), conditions: [] },
  after: { ipv4: counts(after, 1), conditions: [] },
  warnings: [],
  changed: true,
});

const cases: readonly { readonly name: string; readonly report: Partial<Report>; readonly want: number }[] = [
  { name: "0 where nothing changes", report: {}, want: 0 },
  { name: "0 where a pool changes only in what no column shows", report: { pools: [pool("1/2", "1/2")] }, want: 0 },
  { name: "2 where a column of a pool changes", report: { pools: [pool("2/2", "1/2")] }, want: 2 },
  {
    name: "2 where a Service changes",
    report: { services: [{ changed: true } as Report["services"][number]] },
    want: 2,
  },
  { name: "3 where a Service loses an address", report: { summary: { ...none, loses: 1 } }, want: 3 },
  { name: "3 where a Service moves", report: { summary: { ...none, moves: 1 } }, want: 3 },
];

describe("herald plan ends with", () => {
  for (const { name, report, want } of cases)
    it(name, () => assert.equal(exitCodeOf({ services: [], pools: [], summary: none, ...report }), want));
});
