import assert from "node:assert/strict";
import { it } from "node:test";
import { ApiError, ConnectionError, isAlreadyExists, isConflict, isNotFound } from "../../../src/kube/api-error.ts";
import { type Backend, CONFIG_MAPS, onStage, type Stage } from "./subject.ts";

/** What callers may rely on when they read, write, and when a call fails. */
export function clientSuite(name: string, openBackend: () => Promise<Backend>): void {
  onStage(`client against ${name}`, openBackend, refusesStaleWrites);
  onStage(`client against failures of ${name}`, openBackend, neverRepeatsWrites);
}

function refusesStaleWrites(stage: Stage): void {
  it("tells an absent object, a taken name and a stale version apart", async () => {
    const { client, map, ref } = bound(stage);
    await assert.rejects(client.get(CONFIG_MAPS, ref("none")), isNotFound);
    await assert.rejects(client.mergePatch(CONFIG_MAPS, ref("none"), {}), isNotFound);
    const first = await client.create(CONFIG_MAPS, map("a", { v: "1" }));
    await assert.rejects(client.create(CONFIG_MAPS, map("a")), isAlreadyExists);
    const second = await client.replace(CONFIG_MAPS, { ...first, data: { v: "2" } });
    assert.deepEqual(second.data, { v: "2" });
    await assert.rejects(client.replace(CONFIG_MAPS, { ...first, data: { v: "3" } }), isConflict);
  });

  it("guards a patch by resourceVersion", async () => {
    const { client, map, ref } = bound(stage);
    const { metadata } = await client.create(CONFIG_MAPS, map("a", { v: "1" }));
    const guarded = { metadata: { resourceVersion: metadata.resourceVersion }, data: { v: "2" } };
    const patched = await client.mergePatch(CONFIG_MAPS, ref("a"), guarded);
    assert.equal(patched.data?.v, "2");
    await assert.rejects(client.mergePatch(CONFIG_MAPS, ref("a"), guarded), isConflict);
  });

  it("deletes only the object that was meant, and says whether finalizers still hold it", async () => {
    const { client, map, ref } = bound(stage);
    const free = await client.create(CONFIG_MAPS, map("free"));
    const wrong = { uid: "00000000-0000-0000-0000-000000000000" };
    await assert.rejects(client.delete(CONFIG_MAPS, ref("free"), wrong), isConflict);
    assert.equal(await client.delete(CONFIG_MAPS, ref("free"), { uid: free.metadata.uid }), undefined);
    await assert.rejects(client.delete(CONFIG_MAPS, ref("free"), {}), isNotFound);
    const held = map("held");
    await client.create(CONFIG_MAPS, { ...held, metadata: { ...held.metadata, finalizers: ["example.com/hold"] } });
    const left = await client.delete(CONFIG_MAPS, ref("held"), {});
    assert.ok(left?.metadata.deletionTimestamp);
    await client.mergePatch(CONFIG_MAPS, ref("held"), { metadata: { finalizers: null } });
    await assert.rejects(client.get(CONFIG_MAPS, ref("held")), isNotFound);
  });

  it("counts each request once, by verb, resource and code", async () => {
    const { client, map, ref } = bound(stage);
    await client.create(CONFIG_MAPS, map("a"));
    await assert.rejects(client.get(CONFIG_MAPS, ref("none")));
    const told = stage.subject.records.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`);
    assert.deepEqual(told, ["create configmaps 201", "get configmaps 404"]);
  });
}

function neverRepeatsWrites(stage: Stage): void {
  it("does not send a write again whose answer was lost, though it took effect", async () => {
    const { client, map, ref } = bound(stage);
    stage.subject.proxy.inject(({ method }) => method === "POST", { kind: "loseAnswer" });
    await assert.rejects(client.create(CONFIG_MAPS, map("a")), ConnectionError);
    assert.equal(stage.subject.proxy.arrivals.length, 1);
    assert.ok(await client.get(CONFIG_MAPS, ref("a")));
    await assert.rejects(client.create(CONFIG_MAPS, map("a")), isAlreadyExists);
  });

  it("does not send a write again that was refused for load, and says when to come back", async () => {
    const { client, map } = bound(stage);
    stage.subject.proxy.inject(() => true, { kind: "refuse", code: 429, body: { kind: "Status" }, retryAfter: 7 });
    await assert.rejects(
      client.create(CONFIG_MAPS, map("a")),
      (error) => error instanceof ApiError && error.status === 429 && error.retryAfterSeconds === 7,
    );
    assert.equal(stage.subject.proxy.arrivals.length, 1);
  });

  it("repeats a read a few times, when a 429 says so", async () => {
    const { client, map, ref } = bound(stage);
    await client.create(CONFIG_MAPS, map("a"));
    const { proxy } = stage.subject;
    proxy.inject(({ method }) => method === "GET", { kind: "refuse", code: 429, body: {}, retryAfter: 2 });
    proxy.inject(({ method }) => method === "GET", { kind: "loseAnswer" });
    const startedMs = performance.now();
    assert.ok(await client.get(CONFIG_MAPS, ref("a")));
    assert.ok(performance.now() - startedMs >= 195, "2 s, ten times as fast");
    proxy.inject(({ method }) => method === "GET", { kind: "refuse", code: 503, body: {} }, 100);
    await assert.rejects(client.get(CONFIG_MAPS, ref("a")), ApiError);
    assert.equal(proxy.arrivals.filter(({ method }) => method === "GET").length, 3 + 4);
  });

  it("gives up a call that is not answered in time, and stops one that is aborted", async () => {
    const { client, ref } = bound(stage);
    stage.subject.proxy.inject(() => true, { kind: "freeze" }, 10);
    await assert.rejects(client.get(CONFIG_MAPS, ref("a"), { timeoutMs: 50, retries: 0 }), ConnectionError);
    const reason = new Error("no longer wanted");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 20);
    await assert.rejects(client.get(CONFIG_MAPS, ref("a"), { signal: stop.signal }), reason);
  });
}

function bound({ subject }: Stage): Pick<Stage["subject"], "client" | "map" | "ref"> {
  return { client: subject.client, map: (...given) => subject.map(...given), ref: (name) => subject.ref(name) };
}
