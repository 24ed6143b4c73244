import assert from "node:assert/strict";
import { it } from "node:test";
import { startHealthServer } from "../../src/runtime/health.ts";
import { Counter, createMetricsRegistry } from "../../src/runtime/metrics.ts";

it("serves health, readiness with its reason, and metrics", async () => {
  const registry = createMetricsRegistry();
  new Counter({ name: "apples_total", help: "Apples", registers: [registry] }).inc(3);
  let unready: string | undefined = "the stores are not synced";
  const server = await startHealthServer({
    listen: { host: "127.0.0.1", port: 0 },
    registry,
    sick: () => undefined,
    unready: () => unready,
  });
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await get("/healthz"), [200, "ok\n"]);
  assert.deepEqual(await get("/readyz"), [503, "the stores are not synced\n"]);
  unready = undefined;
  assert.deepEqual(await get("/readyz?verbose"), [200, "ok\n"]);
  assert.equal((await get("/secrets"))[0], 404);
  const [, metrics] = await get("/metrics");
  assert.match(metrics, /^apples_total 3$/m);
  assert.match(metrics, /^process_resident_memory_bytes /m);
  await server.close();
});

it("says which address it cannot listen on", async () => {
  const options = { registry: createMetricsRegistry(), sick: () => undefined, unready: () => undefined };
  const server = await startHealthServer({ ...options, listen: { host: "127.0.0.1", port: 0 } });
  const taken = { host: "127.0.0.1", port: server.port };
  await assert.rejects(startHealthServer({ ...options, listen: taken }), /listen on 127\.0\.0\.1 port \d+/);
  await server.close();
});
