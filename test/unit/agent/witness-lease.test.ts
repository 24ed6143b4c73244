import assert from "node:assert/strict";
import { it } from "node:test";
import { WitnessClerk, type WitnessLease } from "../../../src/agent/witness-lease.ts";

/** An API server with one Lease, which the test may write too. */
class Server {
  holder = "";
  version = 1;
  away = false;

  read = async (): Promise<WitnessLease<number>> => {
    if (this.away) throw new Error("no answer");
    return this.#lease();
  };

  write = async (_: string, before: number, holder: string): Promise<WitnessLease<number> | undefined> => {
    if (this.away) throw new Error("no answer");
    if (before !== this.version) return undefined;
    this.version++;
    this.holder = holder;
    return this.#lease();
  };

  #lease(): WitnessLease<number> {
    return { holder: this.holder, resourceVersion: String(this.version), object: this.version };
  }
}

it("takes, renews and empties the Lease, each time over what the last answer showed", async () => {
  const server = new Server();
  const clerk = new WitnessClerk("node1", server);
  const found = { id: 1, kind: "found", holder: "", resourceVersion: "1" };
  assert.deepEqual(await clerk.ask("lan", { id: 1, kind: "get" }), found);
  const taken = await clerk.ask("lan", { id: 2, kind: "take", resourceVersion: "1" });
  assert.deepEqual([taken, server.holder], [{ id: 2, kind: "written", resourceVersion: "2" }, "node1"]);
  const renewed = await clerk.ask("lan", { id: 3, kind: "renew", resourceVersion: "2" });
  assert.deepEqual(renewed, { id: 3, kind: "written", resourceVersion: "3" });
  await clerk.ask("lan", { id: 4, kind: "empty", resourceVersion: "3" });
  assert.equal(server.holder, "");
});

it("writes over nobody else's write", async () => {
  const server = new Server();
  const clerk = new WitnessClerk("node1", server);
  await clerk.ask("lan", { id: 1, kind: "get" });
  server.version = 7;
  server.holder = "node2";
  assert.deepEqual(await clerk.ask("lan", { id: 2, kind: "take", resourceVersion: "1" }), { id: 2, kind: "conflict" });
  assert.equal(server.holder, "node2");
});

it("writes over no version that it has not seen itself", async () => {
  const server = new Server();
  const clerk = new WitnessClerk("node1", server);
  assert.deepEqual(await clerk.ask("lan", { id: 1, kind: "take", resourceVersion: "1" }), { id: 1, kind: "conflict" });
  await clerk.ask("lan", { id: 2, kind: "get" });
  assert.deepEqual(await clerk.ask("lan", { id: 3, kind: "renew", resourceVersion: "0" }), { id: 3, kind: "conflict" });
  assert.equal(server.version, 1);
});

it("says that there was no answer, and of which request", async () => {
  const server = new Server();
  const clerk = new WitnessClerk("node1", server);
  await clerk.ask("lan", { id: 1, kind: "get" });
  server.away = true;
  assert.deepEqual(await clerk.ask("lan", { id: 2, kind: "get" }), { id: 2, kind: "failed" });
  assert.deepEqual(await clerk.ask("lan", { id: 3, kind: "take", resourceVersion: "1" }), { id: 3, kind: "failed" });
});
