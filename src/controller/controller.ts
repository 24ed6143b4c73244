import { createPlanner } from "../ipam/plan.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { type JobResult, type Planned, PlanningLoop } from "../runtime/loop.ts";
import { applyAction } from "./apply.ts";
import type { Change } from "./change.ts";
import { type FieldWrite, fieldWrites, statusWrites } from "./contests.ts";
import { Gatherer, type PlanOptions } from "./gather.ts";
import { journal } from "./journal.ts";
import type { ControllerMetrics, Load, Sessions } from "./metrics.ts";
import { planCluster } from "./plan.ts";
import type { ClusterView, ClusterWrites } from "./ports.ts";

/** What a controller works with. */
export type ControllerParts = {
  readonly view: ClusterView;
  readonly writes: ClusterWrites;
  readonly options: PlanOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: ControllerMetrics;
};

/** Writes on their way at the same time; as many as the client has connections for calls. */
const concurrency = 16;

/** gather → plan → apply, for as long as it runs. */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #gatherer: Gatherer;
  readonly #planner = createPlanner();
  readonly #loop: PlanningLoop<Change>;

  constructor(parts: ControllerParts) {
    const { view, options, clock, random } = parts;
    this.#parts = parts;
    this.#gatherer = new Gatherer(view, options, clock);
    this.#loop = new PlanningLoop<Change>({
      plan: () => this.#plan(),
      apply: (change) => this.#apply(change),
      onFailure: (change, error, retryInMs) => this.#failed(change, error, retryInMs),
      clock,
      random,
      concurrency,
    });
  }

  /** Says that the view has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /** How much work there is at present. */
  load(): Load {
    return this.#loop.load();
  }

  /** How many sessions each BGPPeer has and wants, as last written. */
  sessions(): readonly Sessions[] {
    return this.#parts.view.peers().map(({ name, status: { established = 0, wanted = 0 } }) => {
      return { peer: name, established, wanted };
    });
  }

  /** Works until the signal aborts and what was begun is ended. Once; a second time takes a new controller. */
  run(signal: AbortSignal): Promise<void> {
    return this.#loop.run(signal);
  }

  #plan(): Planned<Change> {
    const { clock, metrics } = this.#parts;
    const startMs = clock.monotonicMs();
    const planned = planCluster(this.#gatherer.snapshot(), this.#planner);
    metrics.planned(clock.monotonicMs() - startMs);
    return planned;
  }

  async #apply(change: Change): Promise<JobResult> {
    const { writes, clock, log, metrics } = this.#parts;
    const claims = change.kind === "allocate" ? change.claims : [];
    this.#gatherer.claims.began(claims, clock.wallMs());
    try {
      const result = await applyAction(change, writes);
      if (result === "stale") return result;
    } finally {
      this.#gatherer.claims.ended(claims);
    }
    this.#remember(change);
    journal(change, log, metrics);
    for (const notice of change.notices) writes.publish(notice);
    return "done";
  }

  #remember(change: Change): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const write of sharedWrites(change)) this.#gatherer.contests.written(write, nowMs);
    if (change.kind === "writePoolStatus") this.#gatherer.poolWritten(change.pool.name);
    if (change.kind === "writePeerStatus") this.#gatherer.peerWritten(change.peer.name);
    if (change.kind === "writeAdvertisementStatus" && change.minor) this.#gatherer.minorWritten();
  }

  #failed(change: Change, error: unknown, retryInMs: number): void {
    const { log, metrics } = this.#parts;
    metrics.failed(change.kind);
    log.warn({ change: change.kind, object: change.keys[0], retryInMs, err: error }, "change failed");
  }
}

/** What a change wrote where others write too. */
function sharedWrites(change: Change): readonly FieldWrite[] {
  if (change.kind === "allocate" || change.kind === "writeServiceFields")
    return change.fields === undefined ? [] : fieldWrites(change.service, change.fields);
  return change.kind === "writeServiceStatus" ? statusWrites(change.service, change.patch) : [];
}
