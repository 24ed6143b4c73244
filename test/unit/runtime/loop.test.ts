import assert from "node:assert/strict";
import { it } from "node:test";
import type { Clock } from "../../../src/runtime/clock.ts";
import { type Job, type JobResult, type Planned, PlanningLoop } from "../../../src/runtime/loop.ts";

/** Time that stands still until told to go on; timers run in order. */
class TestClock implements Clock {
  nowMs = 0;
  #timers: { dueMs: number; callback: () => void }[] = [];

  wallMs = (): number => this.nowMs;
  monotonicMs = (): number => this.nowMs;

  setTimer = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { dueMs: this.nowMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** Lets so much time pass, and everything happen that is due in it. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.#timers = this.#timers.filter((each) => each !== next);
      next.callback();
    }
    this.nowMs = endMs;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Attempt = { readonly keys: readonly string[]; finish(result: JobResult): void; fail(error: Error): void };

/** A loop over a list of jobs that the test changes, and the attempts that it makes. */
function testLoop(concurrency = 16) {
  const clock = new TestClock();
  const state: { jobs: Job[]; wakeInMs?: number; planMs: number; plans: number } = { jobs: [], planMs: 0, plans: 0 };
  const attempts: Attempt[] = [];
  const failures: number[] = [];
  const loop = new PlanningLoop<Job>({
    plan: (): Planned<Job> => {
      state.plans++;
      clock.nowMs += state.planMs;
      const { wakeInMs } = state;
      return wakeInMs === undefined ? { jobs: [...state.jobs] } : { jobs: [...state.jobs], wakeInMs };
    },
    apply: ({ keys }) => {
      const { promise, resolve, reject } = Promise.withResolvers<JobResult>();
      attempts.push({ keys, finish: resolve, fail: reject });
      return promise;
    },
    onFailure: (_, __, retryInMs) => failures.push(retryInMs),
    clock,
    random: () => 0,
    concurrency,
  });
  const stop = new AbortController();
  return { clock, state, attempts, failures, loop, stop, ended: loop.run(stop.signal) };
}

const job = (...keys: readonly string[]): Job => ({ keys });

it("plans once at the start, and once for many wakes together", async () => {
  const { clock, state, loop } = testLoop();
  await clock.pass(1);
  assert.equal(state.plans, 1);
  for (let i = 0; i < 10; i++) loop.wake();
  await clock.pass(1);
  assert.equal(state.plans, 2);
});

it("never runs two jobs with a key in common at the same time", async () => {
  const { clock, state, attempts, loop } = testLoop();
  state.jobs = [job("a", "b"), job("b"), job("c")];
  await clock.pass(1);
  assert.deepEqual(
    attempts.map(({ keys }) => keys.join()),
    ["a,b", "c"],
  );
  loop.wake();
  await clock.pass(1);
  assert.equal(attempts.length, 2);
});

it("plans again when a job is done, so that what it held up comes", async () => {
  const { clock, state, attempts } = testLoop();
  state.jobs = [job("a"), job("a")];
  await clock.pass(1);
  state.jobs = [job("a", "second")];
  attempts[0]?.finish("done");
  await clock.pass(1);
  assert.deepEqual(
    attempts.map(({ keys }) => keys.join()),
    ["a", "a,second"],
  );
});

it("does not carry out a job that was planned while its object was being written", async () => {
  const { clock, state, attempts, loop } = testLoop(1);
  state.jobs = [job("a")];
  await clock.pass(1);
  state.jobs = [job("b"), job("a", "stale")];
  loop.wake();
  await clock.pass(1);
  state.jobs = [];
  attempts[0]?.finish("done");
  await clock.pass(1);
  attempts[1]?.finish("done");
  await clock.pass(1);
  assert.deepEqual(
    attempts.map(({ keys }) => keys.join()),
    ["a", "b"],
  );
});

it("runs no more jobs at once than it may", async () => {
  const { clock, state, attempts, loop } = testLoop(2);
  state.jobs = [job("a"), job("b"), job("c")];
  await clock.pass(1);
  assert.equal(attempts.length, 2);
  assert.deepEqual(loop.load(), { waiting: 1, running: 2, failing: 0 });
  attempts[0]?.finish("done");
  await clock.pass(1);
  assert.equal(attempts.length, 3);
});

it("lets a job that failed wait alone, longer each time", async () => {
  const { clock, state, attempts, failures } = testLoop();
  state.jobs = [job("bad")];
  await clock.pass(1);
  attempts[0]?.fail(new Error("no"));
  await clock.pass(49);
  assert.equal(attempts.length, 1);
  await clock.pass(5);
  assert.equal(attempts.length, 2);
  attempts[1]?.fail(new Error("no"));
  await clock.pass(1);
  assert.deepEqual(failures, [50, 100]);
});

it("tries a stale job again at once, with a new plan", async () => {
  const { clock, state, attempts, failures } = testLoop();
  state.jobs = [job("a")];
  await clock.pass(1);
  attempts[0]?.finish("stale");
  await clock.pass(1);
  assert.equal(attempts.length, 2);
  assert.deepEqual(failures, []);
});

it("plans again when time alone makes more to do", async () => {
  const { clock, state } = testLoop();
  state.wakeInMs = 500;
  await clock.pass(499);
  assert.equal(state.plans, 1);
  await clock.pass(2);
  assert.equal(state.plans, 2);
});

it("rests four times as long as it plans, at most 250 ms a plan, but not between the first plans of a chain", async () => {
  const { clock, state, loop } = testLoop();
  state.planMs = 10;
  const wokenFor = async (ms: number): Promise<number> => {
    const before = state.plans;
    for (const untilMs = clock.monotonicMs() + ms; clock.monotonicMs() < untilMs; ) {
      loop.wake();
      await clock.pass(1);
    }
    return state.plans - before;
  };
  assert.equal(await wokenFor(21), 2);
  assert.equal(await wokenFor(1_000), 20);
  await clock.pass(1_000);
  state.planMs = 10_000;
  assert.equal(await wokenFor(10_001), 1);
  state.planMs = 1;
  assert.equal(await wokenFor(190), 0);
  assert.ok((await wokenFor(60)) > 0);
});

it("ends only after what was begun has ended, and begins nothing more", async () => {
  const { clock, state, attempts, stop, ended } = testLoop(1);
  state.jobs = [job("a"), job("b")];
  await clock.pass(1);
  stop.abort();
  let over = false;
  void ended.then(() => {
    over = true;
  });
  await clock.pass(1);
  assert.equal(over, false);
  attempts[0]?.finish("done");
  await ended;
  await clock.pass(10);
  assert.equal(attempts.length, 1);
});

it("ends with what planning threw", async () => {
  const clock = new TestClock();
  const broken = new PlanningLoop<Job>({
    plan: () => assert.fail("a bug"),
    apply: async () => "done",
    onFailure: () => {},
    clock,
    random: () => 0,
    concurrency: 1,
  });
  const ended = assert.rejects(broken.run(new AbortController().signal), /a bug/);
  await clock.pass(1);
  await ended;
});
