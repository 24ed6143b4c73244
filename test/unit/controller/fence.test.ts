import assert from "node:assert/strict";
import { it } from "node:test";
import { fenced } from "../../../src/controller/fence.ts";
import type { ClusterWrites } from "../../../src/controller/ports.ts";
import { World } from "../../support/controller-world.ts";

const reads = new Set(["seenAdvertisement", "readAdvertisement", "readService", "publish"]);

/** Every call of the port, with whether it came through. */
function recorded(): { readonly writes: ClusterWrites; readonly sent: string[] } {
  const sent: string[] = [];
  const names = Object.keys(new World().writes());
  const calls = names.map((name) => [name, () => Promise.resolve(sent.push(name) > 0 && "done")] as const);
  return { writes: Object.fromEntries(calls) as unknown as ClusterWrites, sent };
}

it("lets everything through while it leads, and after that nothing that writes", async () => {
  const { writes, sent } = recorded();
  let leads = true;
  const calls = Object.entries(fenced(writes, () => leads)) as unknown as [string, () => Promise<unknown>][];
  for (const [, call] of calls) await call();
  assert.deepEqual(sent, Object.keys(writes));
  leads = false;
  sent.length = 0;
  for (const [name, call] of calls) assert.equal(await call(), reads.has(name) ? "done" : "stale", name);
  assert.deepEqual(sent.sort(), [...reads].sort());
});
