import assert from "node:assert/strict";
import { it } from "node:test";
import { GatewayWatch } from "../../../src/speaker/gateway-watch.ts";

const intervalMs = 100;

/** Lets the time pass, and gives the moments of the questions. */
function ask(watch: GatewayWatch, fromMs: number, toMs: number): readonly number[] {
  const asked: number[] = [];
  for (let ms = fromMs; ms < toMs; ms += 10) if (watch.ask(ms)) asked.push(ms);
  return asked;
}

it("asks nothing while there is no unrest, and takes the gateway for there", () => {
  const watch = new GatewayWatch(intervalMs);
  assert.deepEqual(ask(watch, 0, 5_000), []);
  assert.deepEqual([watch.answers(5_000), watch.wakeAtMs()], [true, Number.POSITIVE_INFINITY]);
});

for (const answers of [true, false])
  it(`asks at once and twice an interval when something is new, and once a second when it lasts, ${answers ? "answered" : "unanswered"}`, () => {
    const watch = new GatewayWatch(intervalMs);
    watch.alarm(0);
    const asked: number[] = [];
    for (let ms = 0; ms < 4_000; ms += 10) {
      if (watch.ask(ms)) asked.push(ms);
      if (answers) watch.heard();
    }
    assert.deepEqual(asked.slice(0, 4), [0, 50, 100, 150]);
    assert.deepEqual(asked.slice(-3), [1_000, 2_000, 3_000]);
    assert.deepEqual(asked.length, 23);
    watch.alarm(5_000);
    assert.deepEqual(ask(watch, 5_000, 5_100), [5_000, 5_050]);
  });

it("takes the gateway for gone once two questions are unanswered and the first is an interval old", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  assert.deepEqual(ask(watch, 0, 60), [0, 50]);
  assert.deepEqual([watch.answers(99), watch.answers(100)], [true, false]);
});

it("one lost question says nothing", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  ask(watch, 0, 10);
  assert.equal(watch.answers(1_000), true);
});

it("when the unrest has lasted, asks again soon what was not answered, and takes it for gone after the fourth question", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  for (let ms = 0; ms < 5_000; ms += 10) if (watch.ask(ms)) watch.heard();
  assert.deepEqual(ask(watch, 5_000, 5_160), [5_000, 5_050, 5_100, 5_150]);
  assert.deepEqual([watch.answers(5_199), watch.answers(5_200)], [true, false]);
});

it("when the unrest has lasted, three lost questions say nothing", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  for (let ms = 0; ms < 5_000; ms += 10) if (watch.ask(ms)) watch.heard();
  assert.deepEqual(ask(watch, 5_000, 5_110), [5_000, 5_050, 5_100]);
  watch.heard();
  assert.deepEqual([watch.answers(5_300), ask(watch, 5_150, 6_110)], [true, [6_100]]);
});

it("an answer makes it there again, and its later silence is noticed again", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  ask(watch, 0, 200);
  assert.equal(watch.answers(200), false);
  watch.heard();
  assert.equal(watch.answers(200), true);
  ask(watch, 200, 400);
  assert.equal(watch.answers(400), false);
});

it("calm ends the questions and what they said", () => {
  const watch = new GatewayWatch(intervalMs);
  watch.alarm(0);
  ask(watch, 0, 200);
  watch.calm();
  assert.deepEqual([watch.answers(200), watch.uneasy, ask(watch, 200, 2_000)], [true, false, []]);
});
