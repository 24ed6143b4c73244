import assert from "node:assert/strict";
import { it } from "node:test";
import type { Logger } from "../../../src/runtime/log.ts";
import { createOutageLog } from "../../../src/runtime/outage.ts";

function recorder(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (_: object, message: string): void => void lines.push(message);
  const log: Logger = { debug: () => {}, info: write, warn: write, error: write, child: () => log };
  return { log, lines };
}

function refused(message: string): Error {
  return new Error("renew lease", { cause: Object.assign(new Error(message), { name: "ApiError" }) });
}

it("says once that the API server is away, whatever fails, and once that it is back", () => {
  const { log, lines } = recorder();
  const outage = createOutageLog(log);
  outage.worked();
  outage.failed(new Error("list vipnodes"));
  outage.failed(new Error("renew lease", { cause: new Error("ECONNREFUSED") }));
  outage.worked();
  outage.worked();
  outage.failed(new Error("list vipnodes"));
  assert.deepEqual(lines, ["api server away", "api server back", "api server away"]);
});

it("says each refusal once, also during an outage", () => {
  const { log, lines } = recorder();
  const outage = createOutageLog(log);
  outage.failed(new Error("list vipnodes"));
  outage.failed(refused("forbidden"));
  outage.failed(refused("forbidden"));
  outage.failed(refused("not this one"));
  assert.deepEqual(lines, ["api server away", "api server refused", "api server refused"]);
});
