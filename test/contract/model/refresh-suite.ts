import assert from "node:assert/strict";
import { it } from "node:test";
import { Reflector } from "../../../src/kube/reflector.ts";
import { type Any, type Stage, VIPS, vip } from "./stage.ts";

const lan = "refresh";

/** A store that somebody must be able to rely on at once. */
export function refreshSuite(stage: Stage): void {
  it("holds all that was written before it was asked to be refreshed, and goes on following", async () => {
    const { controller } = stage;
    const labelled = (address: string): Any => {
      const object = vip(address);
      return { ...object, metadata: { ...object.metadata, labels: { lan } } };
    };
    const reflector = new Reflector<string, Any>(controller, {
      resource: VIPS,
      labelSelector: `lan=${lan}`,
      project: ({ metadata }) => metadata.name,
    });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    await reflector.synced(stop.signal);
    for (let host = 1; host <= 5; host++) {
      await controller.create(VIPS, labelled(`192.0.2.${100 + host}`));
      await reflector.refreshed(stop.signal);
      assert.equal(reflector.store.size, host);
    }
    const all = Promise.all([reflector.refreshed(stop.signal), reflector.refreshed(stop.signal)]);
    await all;
    const made = await controller.create(VIPS, labelled("192.0.2.110"));
    while (reflector.store.get("192-0-2-110") === undefined) await new Promise(setImmediate);
    assert.equal(reflector.store.identity("192-0-2-110")?.uid, made.metadata.uid);
    stop.abort(new Error("done"));
    await running;
    await assert.rejects(reflector.refreshed(stop.signal), /done/);
  });
}
