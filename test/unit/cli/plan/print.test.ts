import assert from "node:assert/strict";
import { it } from "node:test";
import { planCommand } from "../../../../src/cli/plan/command.ts";
import { printReport } from "../../../../src/cli/plan/print.ts";
import type { Report, ServiceRow } from "../../../../src/cli/plan/report.ts";
import { fates } from "../../../../src/controller/forecast.ts";
import { terminalStub } from "../terminal-stub.ts";

const row = (service: string, fate: ServiceRow["fate"], changed: boolean): ServiceRow => ({
  service,
  fate,
  before: [],
  after: [],
  reason: "PoolExhausted",
  message: "",
  changed,
});

const counts = (free: string, allocated: number) => ({ total: "2", allocated, free, cooling: 0, reserved: 0 });
const pool = (name: string, before: string, after: string) => ({
  pool: name,
  before: { ipv4: counts(before, 0), conditions: [] },
  after: { ipv4: counts(after, 1), conditions: [] },
  warnings: [],
  changed: true,
});

const report = {
  services: [row("shop/waiting", "waits", false), row("shop/refused", "refused", true)],
  pools: [pool("same", "1/2", "1/2"), pool("fuller", "2/2", "1/2")],
  summary: { loses: 0, moves: 0, refused: 1, waits: 1, outside: 0, gains: 0, keeps: 0 },
} as unknown as Report;

async function shown(all: boolean): Promise<readonly string[]> {
  const terminal = terminalStub();
  await printReport(report, { format: "table", all }, terminal);
  return terminal.written.out.split("\n").map((line) => line.split(" ")[0] ?? "");
}

it("the tables have what changes, and a pool only if one of its columns does", async () =>
  assert.deepEqual(await shown(false), ["SERVICE", "shop/refused", "", "POOL", "fuller", "", "2", ""]));

it("--all lists the rest too", async () =>
  assert.deepEqual(await shown(true), [
    ...["SERVICE", "shop/waiting", "shop/refused", ""],
    ...["POOL", "same", "fuller", "", "2", ""],
  ]));

it("the help tells every word of the column FATE", () => {
  for (const fate of fates) assert.match(planCommand.description ?? "", new RegExp(`\\b${fate}\\b`));
});
