import assert from "node:assert/strict";
import { it } from "node:test";
import { count, isList, isNextPage, isWatch } from "./arrivals.ts";
import { randomSchedule } from "./random-steps.ts";
import { type Backend, CONFIG_MAPS, eventually, onStage, type Stage } from "./subject.ts";

const expired = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version: 1 (2)" };
const tooLarge = {
  kind: "Status",
  code: 504,
  reason: "Timeout",
  message: "Timeout: Too large resource version: 9, current: 8",
  details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }] },
};

/** What the reflector promises, whatever the API server and the network do: in the end the store equals a fresh list. */
export function reflectorFaultsSuite(name: string, openBackend: () => Promise<Backend>): void {
  onStage(`reflector against refusals of ${name}`, openBackend, outlivesRefusals);
  onStage(`reflector against failures of ${name}`, openBackend, outlivesFailures);
}

function outlivesRefusals(stage: Stage): void {
  it("waits longer and longer while watches are closed at once, and does not list again", async () => {
    stage.subject.proxy.inject(isWatch, { kind: "endAtOnce" }, 4);
    const reflector = await stage.subject.reflect();
    await eventually(() => assert.ok(count(stage, isWatch) >= 5));
    await stage.subject.fill(3);
    await stage.subject.settled(reflector);
    assert.equal(count(stage, isList), 1);
    const [first, second, , , fifth] = stage.subject.proxy.arrivals.filter(isWatch).map(({ atMs }) => atMs);
    assert.ok(first !== undefined && second !== undefined && fifth !== undefined);
    assert.ok(second - first >= 45, `first pause ${second - first} ms at ten times the speed`);
    assert.ok(fifth - first >= 45 + 90 + 190 + 390, `four pauses ${fifth - first} ms at ten times the speed`);
  });

  for (const [how, fault] of [
    ["by HTTP 410", { kind: "refuse", code: 410, body: {} }],
    ["by an ERROR event", { kind: "eventThenEnd", event: { type: "ERROR", object: expired } }],
    ["by too large a version", { kind: "refuse", code: 504, body: tooLarge }],
  ] as const) {
    it(`lists again, once, when its version is refused ${how}, and finds what was deleted meanwhile`, async () => {
      await stage.subject.fill(3);
      const reflector = await stage.subject.reflect();
      await eventually(() => assert.ok(reflector.connected));
      stage.subject.proxy.inject(isWatch, { kind: "refuse", code: 503, body: {} }, 1);
      stage.subject.proxy.inject(isWatch, fault, 1);
      stage.subject.proxy.cut();
      await eventually(() => assert.ok(!reflector.connected));
      await stage.subject.direct.delete(CONFIG_MAPS, stage.subject.ref("m1"), {});
      await stage.subject.settled(reflector);
      await eventually(() => assert.ok(reflector.connected));
      assert.equal(count(stage, isList), 2);
    });
  }

  it("reads everything in one list when a continue token expires", async () => {
    await stage.subject.fill(5);
    stage.subject.proxy.inject(isNextPage, { kind: "refuse", code: 410, body: expired }, 1);
    const reflector = await stage.subject.reflect({ pageSize: 2 });
    assert.equal(reflector.store.size, 5);
    assert.equal(count(stage, isList), 3);
    await stage.subject.settled(reflector);
  });

  it("tries the first list until it succeeds", async () => {
    await stage.subject.fill(2);
    const problems: Error[] = [];
    stage.subject.proxy.inject(isList, { kind: "refuse", code: 500, body: { kind: "Status", message: "starting" } }, 3);
    const reflector = await stage.subject.reflect({ onProblem: (error) => problems.push(error) });
    assert.equal(problems.length, 3);
    assert.equal(reflector.store.size, 2);
  });

  it("waits as long as a 429 asks, without a new list", async () => {
    stage.subject.proxy.inject(
      isWatch,
      { kind: "refuse", code: 429, body: { kind: "Status", code: 429 }, retryAfter: 5 },
      1,
    );
    const reflector = await stage.subject.reflect();
    await stage.subject.fill(1);
    await stage.subject.settled(reflector);
    const [first, second] = stage.subject.proxy.arrivals.filter(isWatch).map(({ atMs }) => atMs);
    assert.ok(first !== undefined && second !== undefined && second - first >= 490, "5 s, ten times as fast");
    assert.equal(count(stage, isList), 1);
  });
}

function outlivesFailures(stage: Stage): void {
  it("comes back by itself after the API server was down", async () => {
    await stage.subject.fill(3);
    const reflector = await stage.subject.reflect();
    await eventually(() => assert.ok(reflector.connected));
    await stage.backend.outage(async () => {
      await eventually(() => assert.ok(!reflector.connected));
    });
    await stage.subject.direct.delete(CONFIG_MAPS, stage.subject.ref("m0"), {});
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("after"));
    await stage.subject.settled(reflector);
  });

  it("resumes from its last version when connections break", async () => {
    await stage.subject.fill(3);
    const reflector = await stage.subject.reflect();
    for (let i = 0; i < 3; i += 1) {
      await eventually(() => assert.ok(reflector.connected));
      stage.subject.proxy.cut();
      await stage.subject.direct.mergePatch(CONFIG_MAPS, stage.subject.ref("m1"), {
        data: { value: `after cut ${i}` },
      });
      await stage.subject.settled(reflector);
    }
    assert.equal(count(stage, isList), 1);
    const from = stage.subject.proxy.arrivals.filter(isWatch).map(({ url }) => /resourceVersion=(\d+)/.exec(url)?.[1]);
    assert.ok(new Set(from).size >= 3, `watches began at ${from}`);
  });

  it("opens a silent watch again, from where it was", async () => {
    stage.subject.proxy.inject(isWatch, { kind: "freeze" }, 1);
    const reflector = await stage.subject.reflect({ inactivityMs: 3_000 });
    await stage.subject.fill(3);
    await stage.subject.settled(reflector);
    assert.equal(count(stage, isList), 1);
  });

  it("puts characters together that arrive byte by byte", async () => {
    stage.subject.proxy.inject(isWatch, { kind: "dribble" }, 1);
    const reflector = await stage.subject.reflect();
    const data = { text: "Zürich 東京 🙂 \u2028" };
    await stage.subject.direct.create(CONFIG_MAPS, stage.subject.map("utf8", data));
    await eventually(() => assert.deepEqual(reflector.store.get(stage.subject.key("utf8"))?.data, data));
  });

  it("stops at once, in the middle of a long wait too", async () => {
    stage.subject.proxy.inject(() => true, { kind: "refuse", code: 503, body: {}, retryAfter: 3600 }, 100);
    stage.subject.reflector();
    await eventually(() => assert.equal(count(stage, isList), 1));
    const startedMs = performance.now();
    await stage.subject.stop();
    assert.ok(performance.now() - startedMs < 5_000);
  });

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`equals a fresh list after any mix of faults, foreign writes and own ones (seed ${seed})`, async () => {
      const reflector = await stage.subject.reflect({ pageSize: 3, inactivityMs: 2_000 });
      await randomSchedule(stage, reflector.store, seed);
      await stage.subject.settled(reflector);
    });
  }
}
