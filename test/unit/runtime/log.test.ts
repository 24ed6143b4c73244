import assert from "node:assert/strict";
import { it } from "node:test";
import { createLogger } from "../../../src/runtime/log.ts";

function lines(level: "debug" | "info"): { readonly log: ReturnType<typeof createLogger>; readonly all: object[] } {
  const all: object[] = [];
  return { all, log: createLogger(level, { write: (line: string) => void all.push(JSON.parse(line) as object) }) };
}

it("writes a constant message with fields, the level in words and the time in UTC", () => {
  const { log, all } = lines("info");
  log.child({ node: "node1" }).info({ address: "203.0.113.7" }, "address assigned");
  const { time, ...rest } = all[0] as { time: string };
  assert.deepEqual(rest, { level: "info", node: "node1", address: "203.0.113.7", msg: "address assigned" });
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

it("leaves out what is below its level", () => {
  const { log, all } = lines("info");
  log.debug({}, "decided");
  assert.deepEqual(all, []);
});

it("shows an error with its causes", () => {
  const { log, all } = lines("debug");
  log.warn({ err: new Error("write pool", { cause: new Error("connection reset") }) }, "change failed");
  assert.match(JSON.stringify(all[0]), /write pool.*connection reset/);
});
