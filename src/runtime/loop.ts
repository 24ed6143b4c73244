import type { Clock } from "./clock.ts";
import { Retries } from "./retries.ts";

/** Something to do that a plan found. Jobs with a key in common never run at the same time. */
export type Job = { readonly keys: readonly string[] };

/** Everything there is to do now, most urgent first, and how long from now time alone makes more to do. */
export type Planned<Each extends Job> = { readonly jobs: readonly Each[]; readonly wakeInMs?: number };

/** What became of a job; stale: it was planned from what is no longer so, and nothing is wrong with it. */
export type JobResult = "done" | "stale";

/** What a loop is made of. */
export type LoopOptions<Each extends Job> = {
  /** Plans everything from the newest snapshot; without effects. What it throws ends the loop. */
  readonly plan: () => Planned<Each>;
  readonly apply: (job: Each) => Promise<JobResult>;
  /** Told of each job that threw, and when it is tried again. */
  readonly onFailure: (job: Each, error: unknown, retryInMs: number) => void;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** How many jobs may run at the same time. */
  readonly concurrency: number;
};

/** At most a fifth of a core goes into planning, however often somebody wakes; a plan that was held up costs no longer rest. */
const restPerPlan = 4;
const longestRestMs = 250;
/** So much rest may be owed: what follows from one change, plan by plan, waits for none. */
const owedRestMs = 50;

/**
 * Plans whenever it was woken, and does what the plan says: a level, not a queue of edges. A new plan replaces what is left
 * of the last one; a job whose key is being worked on, or waits after a failure, is left for a later plan.
 */
export class PlanningLoop<Each extends Job> {
  readonly #options: LoopOptions<Each>;
  readonly #retries = new Retries();
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #queue: readonly Each[] = [];
  #next = 0;
  #started = false;
  #dirty = true;
  /** When all rest is taken. */
  #restedAtMs = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: LoopOptions<Each>) {
    this.#options = options;
  }

  /** Asks for a new plan; many wakes together cost one. */
  wake(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#schedule();
  }

  /** Jobs of the last plan that wait for their turn, jobs that run, and keys that wait after a failure. */
  load(): { readonly waiting: number; readonly running: number; readonly failing: number } {
    return { waiting: this.#queue.length - this.#next, running: this.#running.size, failing: this.#retries.size };
  }

  /**
   * Runs until the signal aborts; then starts nothing more and resolves once every running job has ended.
   * @throws what `plan` threw, at once
   */
  async run(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = reject;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) return resolve();
      this.#started = true;
      this.#schedule();
    }).finally(() => this.#stop());
    await Promise.all(this.#running);
  }

  #stop(): void {
    this.#started = false;
    this.#queue = [];
    this.#next = 0;
    this.#cancelTimer();
  }

  #schedule(): void {
    this.#cancelTimer();
    if (!this.#started) return;
    const dueMs = Math.max(this.#dirty ? 0 : this.#wakeAtMs, this.#restedAtMs - owedRestMs);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#options.clock.setTimer(dueMs - this.#options.clock.monotonicMs(), () => {
      try {
        this.#plan();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #plan(): void {
    const { clock, plan } = this.#options;
    const startMs = clock.monotonicMs();
    this.#dirty = false;
    const { jobs, wakeInMs = Number.POSITIVE_INFINITY } = plan();
    const nowMs = clock.monotonicMs();
    const tookMs = nowMs - startMs;
    this.#restedAtMs = Math.max(this.#restedAtMs, startMs) + tookMs + Math.min(restPerPlan * tookMs, longestRestMs);
    this.#wakeAtMs = nowMs + wakeInMs;
    this.#forgetUnwanted(jobs);
    this.#queue = jobs.filter((job) => this.#mayRun(job, nowMs));
    this.#next = 0;
    this.#dispatch();
    this.#schedule();
  }

  #forgetUnwanted(jobs: readonly Each[]): void {
    if (this.#retries.size === 0) return;
    const wanted = new Set(jobs.flatMap(({ keys }) => keys));
    this.#retries.keepOnly((key) => wanted.has(key) || this.#busy.has(key));
  }

  /** What is being worked on was planned from an object that changes this moment, even if its turn came after that. */
  #mayRun({ keys }: Each, nowMs: number): boolean {
    if (keys.some((key) => this.#busy.has(key))) return false;
    const notBeforeMs = this.#retries.notBeforeMs(keys);
    if (notBeforeMs <= nowMs) return true;
    this.#wakeAtMs = Math.min(this.#wakeAtMs, notBeforeMs);
    return false;
  }

  #dispatch(): void {
    while (this.#running.size < this.#options.concurrency) {
      const job = this.#queue[this.#next];
      if (job === undefined) return;
      this.#next++;
      if (!job.keys.some((key) => this.#busy.has(key))) this.#start(job);
    }
  }

  #start(job: Each): void {
    for (const key of job.keys) this.#busy.add(key);
    const running = this.#attempt(job).then(() => {
      this.#running.delete(running);
      for (const key of job.keys) this.#busy.delete(key);
      this.#dispatch();
      if (this.#next >= this.#queue.length) this.wake();
    });
    this.#running.add(running);
  }

  async #attempt(job: Each): Promise<void> {
    const { apply, onFailure, random } = this.#options;
    const [key = ""] = job.keys;
    try {
      if ((await apply(job)) === "done") this.#retries.succeeded(key);
      else this.#postpone(key, random(), true);
    } catch (error) {
      onFailure(job, error, this.#postpone(key, random(), false));
    }
  }

  #postpone(key: string, random: number, atOnce: boolean): number {
    return this.#retries.failed(key, this.#options.clock.monotonicMs(), { random, atOnce });
  }
}
