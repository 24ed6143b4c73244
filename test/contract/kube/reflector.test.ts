import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { type ScriptedApi, startScriptedApi } from "../../support/scripted-api.ts";
import { openScripted } from "./backends.ts";
import { reflectorFaultsSuite } from "./reflector-faults-suite.ts";
import { reflectorSuite } from "./reflector-suite.ts";
import { CONFIG_MAPS, eventually, Subject } from "./subject.ts";

reflectorSuite("the scripted API server", openScripted);
reflectorFaultsSuite("the scripted API server", openScripted);

async function scripted(context: TestContext): Promise<{ api: ScriptedApi; subject: Subject }> {
  const api = await startScriptedApi();
  context.after(() => api.close());
  const subject = await Subject.open({
    upstream: { url: api.url },
    outage: async () => undefined,
    close: () => api.close(),
  });
  context.after(() => subject.close());
  return { api, subject };
}

it("a restored backup is noticed, though the server says nothing about it", async (context) => {
  const { api, subject } = await scripted(context);
  await subject.fill(2);
  const backup = api.storage.version;
  const reflector = await subject.reflect({ inactivityMs: 3_000 });
  await subject.direct.create(CONFIG_MAPS, subject.map("lost", {}));
  await eventually(() => assert.equal(reflector.store.size, 3));
  api.storage.restore(backup);
  subject.proxy.cut();
  await subject.settled(reflector);
});

it("a version that etcd has compacted meanwhile leads to a new list", async (context) => {
  const { api, subject } = await scripted(context);
  await subject.fill(2);
  const reflector = await subject.reflect();
  await eventually(() => assert.ok(reflector.connected));
  await api.suspend();
  await eventually(() => assert.ok(!reflector.connected));
  api.storage.delete(`/api/v1/namespaces/default/configmaps/${subject.label}-m0`, {});
  api.storage.compact();
  await api.resume();
  await subject.settled(reflector);
});
