import assert from "node:assert/strict";
import { it } from "node:test";
import { count, isList, isWatch } from "./arrivals.ts";
import { type Backend, CONFIG_MAPS, eventually, onStage, type Stage } from "./subject.ts";

/** The reflector and its store while nothing fails. */
export function reflectorSuite(name: string, openBackend: () => Promise<Backend>): void {
  onStage(`reflector against ${name}`, openBackend, reflects);
}

function reflects(stage: Stage): void {
  it("lists in pages, then sees what is created, changed and deleted", async () => {
    await stage.subject.fill(7);
    const reflector = await stage.subject.reflect({ pageSize: 3 });
    assert.equal(reflector.store.size, 7);
    assert.equal(count(stage, isList), 3);
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("new"));
    await stage.subject.direct.mergePatch(CONFIG_MAPS, stage.subject.ref("m0"), { data: { value: "changed" } });
    await stage.subject.direct.delete(CONFIG_MAPS, stage.subject.ref("m1"), {});
    await stage.subject.settled(reflector);
    assert.equal(count(stage, isList), 3);
  });

  it("gives the same array until something changes", async () => {
    await stage.subject.fill(2);
    let wakes = 0;
    const reflector = await stage.subject.reflect({ onChange: () => wakes++ });
    const before = reflector.store.values();
    assert.equal(reflector.store.values(), before);
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("new"));
    await eventually(() => assert.ok(wakes >= 2));
    assert.notEqual(reflector.store.values(), before);
    assert.equal(reflector.store.size, 3);
  });

  it("keeps an object that was deleted and made again between two events apart from the old one", async () => {
    await stage.subject.fill(1);
    const reflector = await stage.subject.reflect();
    await eventually(() => assert.ok(reflector.connected));
    const old = reflector.store.identity(stage.subject.key("m0"));
    stage.subject.proxy.inject(isWatch, { kind: "refuse", code: 503, body: {} }, 1);
    stage.subject.proxy.cut();
    await stage.subject.direct.delete(CONFIG_MAPS, stage.subject.ref("m0"), {});
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("m0", { value: "second life" }));
    await stage.subject.settled(reflector);
    assert.notEqual(reflector.store.identity(stage.subject.key("m0"))?.uid, old?.uid);
  });

  it("shows its own writes at once, and their late events change nothing", async () => {
    const reflector = await stage.subject.reflect();
    const created = await stage.subject.client.create(CONFIG_MAPS, stage.subject.map("own", { step: "1" }));
    reflector.store.observe(created);
    assert.deepEqual(reflector.store.get(stage.subject.key("own"))?.data, { step: "1" });
    const patched = await stage.subject.client.mergePatch(CONFIG_MAPS, stage.subject.ref("own"), {
      data: { step: "2" },
    });
    reflector.store.observe(patched);
    const seen = reflector.store.get(stage.subject.key("own"));
    assert.deepEqual(seen?.data, { step: "2" });
    assert.equal(reflector.store.observe(created), false);
    await stage.subject.client.delete(CONFIG_MAPS, stage.subject.ref("own"), { uid: created.metadata.uid });
    reflector.store.forget(stage.subject.key("own"), created.metadata.uid);
    assert.equal(reflector.store.get(stage.subject.key("own")), undefined);
    assert.equal(reflector.store.observe(patched), false);
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("marker"));
    await eventually(() => assert.ok(reflector.store.get(stage.subject.key("marker"))));
    assert.equal(reflector.store.get(stage.subject.key("own")), undefined);
    await stage.subject.settled(reflector);
  });

  it("goes on at once when the server ends a watch in good order, and does not call that a loss", async () => {
    const said: boolean[] = [];
    const shorten = (url: string): string => url.replace(/timeoutSeconds=\d+/, "timeoutSeconds=1");
    stage.subject.proxy.inject(isWatch, { kind: "rewrite", url: shorten }, 2);
    const reflector = await stage.subject.reflect({ onConnection: (connected) => said.push(connected) });
    await eventually(() => assert.equal(count(stage, isWatch), 3));
    assert.deepEqual([said, reflector.connected, count(stage, isList)], [[true], true, 1]);
    stage.subject.proxy.inject(isWatch, { kind: "refuse", code: 503, body: {} });
    stage.subject.proxy.cut();
    await eventually(() => assert.deepEqual(said, [true, false, true]));
  });
}
