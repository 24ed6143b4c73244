import assert from "node:assert/strict";
import { it } from "node:test";
import type { Notice } from "../../../src/kube/event-ledger.ts";
import { EventRecorder } from "../../../src/kube/events.ts";
import { EVENTS } from "../../../src/kube/resources.ts";
import type { Arrival } from "./fault-proxy.ts";
import { type Backend, eventually, hastyClock, onStage, type Stage } from "./subject.ts";

const isEventWrite = ({ method, url }: Arrival): boolean => method !== "GET" && url.includes("events");

/** Events as they end up in the API. */
export function eventsSuite(name: string, openBackend: () => Promise<Backend>): void {
  onStage(`events against ${name}`, openBackend, tells);
  onStage(`events against failures of ${name}`, openBackend, tellsInSpite);
}

function recorder(stage: Stage): { recorder: EventRecorder; dropped: Notice[]; later: (ms: number) => void } {
  const dropped: Notice[] = [];
  let aheadMs = 0;
  const made = new EventRecorder({
    client: stage.subject.client,
    component: "herald-controller",
    instance: "herald-0",
    clock: { ...hastyClock, now: () => hastyClock.now() + aheadMs },
    onDropped: (notice) => dropped.push(notice),
  });
  const stop = new AbortController();
  const running = made.run(stop.signal);
  stage.cleanups.push(async () => {
    stop.abort();
    await running;
  });
  return { recorder: made, dropped, later: (ms) => (aheadMs += ms) };
}

function telling(stage: Stage) {
  const notice = (message: string, changes: Partial<Notice> = {}): Notice => ({
    regarding: { apiVersion: "v1", kind: "Service", uid: stage.subject.label, ...stage.subject.ref("web") },
    type: "Warning",
    reason: "PoolExhausted",
    message,
    ...changes,
  });
  const events = async () => {
    const page = await stage.subject.direct.list(EVENTS, { namespace: "default" });
    return page.items.filter(({ involvedObject }) => involvedObject.uid === stage.subject.label);
  };
  const writes = (): number => stage.subject.proxy.arrivals.filter(isEventWrite).length;
  return { notice, events, writes };
}

function tells(stage: Stage): void {
  const { notice, events, writes } = telling(stage);

  it("writes what kubectl describe shows", async () => {
    recorder(stage).recorder.record(notice("pool public: 30 of 30 allocated"));
    await eventually(async () => assert.equal((await events()).length, 1));
    const [event] = await events();
    assert.ok(event);
    const { involvedObject, reason, message, type, count, source } = event;
    assert.deepEqual(
      { kind: involvedObject.kind, name: involvedObject.name, reason, message, type, count, from: source?.component },
      {
        kind: "Service",
        name: stage.subject.ref("web").name,
        reason: "PoolExhausted",
        message: "pool public: 30 of 30 allocated",
        type: "Warning",
        count: 1,
        from: "herald-controller",
      },
    );
  });

  it("counts repetitions and writes their number once in 10 minutes", async () => {
    const { recorder: made, later } = recorder(stage);
    for (let i = 0; i < 20; i += 1) made.record(notice("full"));
    await eventually(() => assert.equal(writes(), 1));
    later(11 * 60_000);
    made.record(notice("full"));
    made.record(notice("full"));
    await eventually(async () =>
      assert.deepEqual(
        (await events()).map(({ count }) => count),
        [22],
      ),
    );
    assert.equal(writes(), 2);
  });

  it("tells a changed message at once, but not for ever", async () => {
    const { recorder: made, dropped } = recorder(stage);
    for (let i = 1; i <= 15; i += 1) {
      made.record(notice(`full for ${i}`));
      await eventually(async () => assert.equal((await events()).length, Math.min(i, 10)));
    }
    assert.equal(dropped.length, 5);
  });

  it("writes only the last of several messages that change before the first is out", async () => {
    const { recorder: made } = recorder(stage);
    for (const message of ["one", "two", "three"]) made.record(notice(message));
    await eventually(async () =>
      assert.deepEqual(
        (await events()).map(({ message }) => message),
        ["three"],
      ),
    );
    assert.equal(writes(), 1);
  });
}

function tellsInSpite(stage: Stage): void {
  const { notice, events, writes } = telling(stage);

  it("takes an expired event for a new one", async () => {
    const { recorder: made, later } = recorder(stage);
    made.record(notice("full"));
    await eventually(async () => assert.equal((await events()).length, 1));
    const [event] = await events();
    await stage.subject.direct.delete(EVENTS, { namespace: "default", name: event?.metadata.name ?? "" }, {});
    later(11 * 60_000);
    made.record(notice("full"));
    await eventually(async () =>
      assert.deepEqual(
        (await events()).map(({ count }) => count),
        [2],
      ),
    );
  });

  it("tells an event once though the answer to it was lost, and gives up one that is refused", async () => {
    const { recorder: made, dropped } = recorder(stage);
    stage.subject.proxy.inject(isEventWrite, { kind: "loseAnswer" });
    made.record(notice("full"));
    await eventually(() => assert.equal(writes(), 2));
    assert.equal((await events()).length, 1);
    stage.subject.proxy.inject(isEventWrite, { kind: "refuse", code: 403, body: { kind: "Status" } });
    made.record(notice("other", { reason: "Other" }));
    await eventually(() =>
      assert.deepEqual(
        dropped.map(({ reason }) => reason),
        ["Other"],
      ),
    );
  });
}
