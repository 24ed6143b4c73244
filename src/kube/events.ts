import type { CoreV1Event } from "@kubernetes/client-node";
import { shortMessage } from "../api/cut-text.ts";
import { Alarm } from "./alarm.ts";
import type { ApiClient } from "./api-client.ts";
import { isAlreadyExists, isNotFound, isTransient } from "./api-error.ts";
import { backoffMs } from "./backoff.ts";
import { type Clock, pause, systemClock } from "./clock.ts";
import { EventLedger, type Instant, type Notice, type Series } from "./event-ledger.ts";
import type { Json } from "./resource.ts";
import { EVENTS } from "./resources.ts";
import { TokenBucket } from "./token-bucket.ts";

/** `component` is shown as "From" by kubectl; `onDropped` is told each notice that will never be written. */
export type EventRecorderOptions = {
  readonly client: Pick<ApiClient, "create" | "mergePatch">;
  readonly component: string;
  readonly instance: string;
  readonly clock?: Clock;
  readonly wallNow?: () => number;
  readonly onDropped?: (notice: Notice) => void;
};

const QUEUE_MAX = 1_000;
const PACE = { burst: 50, perSecond: 20 };
const ATTEMPTS = 5;

/** Writes core/v1 Events, the ones that `kubectl describe` shows, aggregated and at a bounded rate. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #wallNow: () => number;
  readonly #ledger = new EventLedger();
  /** Keys to write, in turn; what is said of a key while it waits replaces what was. */
  readonly #queue = new Set<string>();
  readonly #alarm = new Alarm();
  readonly #pace: TokenBucket;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#wallNow = options.wallNow ?? Date.now;
    this.#pace = new TokenBucket(PACE, this.#clock.now());
  }

  /** Takes a notice and returns at once; what would flood the API is counted together or dropped. */
  record(notice: Notice): void {
    const decision = this.#ledger.note(notice, this.#now());
    if (decision === "counted") return;
    if (decision === "dropped" || this.#queue.size >= QUEUE_MAX) {
      this.#options.onDropped?.(notice);
      return;
    }
    this.#queue.add(decision.write);
    this.#alarm.ring();
  }

  /** Writes what was recorded, one by one, until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#queue.size === 0) await this.#alarm.wait(this.#clock, Number.POSITIVE_INFINITY, signal);
      for (const key of this.#queue) {
        await pause(this.#clock, this.#pace.waitMs(this.#clock.now()), signal);
        this.#pace.take(this.#clock.now());
        this.#queue.delete(key);
        await this.#tell(key, signal);
        if (signal.aborted) return;
      }
    }
  }

  async #tell(key: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const series = this.#ledger.series(key);
      if (series === undefined) return;
      const error = await this.#write(key, series, signal);
      if (error === undefined || signal.aborted) return;
      if (failures + 1 >= ATTEMPTS || !isTransient(error)) return this.#options.onDropped?.(series.notice);
      await pause(this.#clock, backoffMs(failures, this.#clock.random()), signal);
    }
  }

  async #write(key: string, series: Series, signal: AbortSignal): Promise<unknown> {
    try {
      await (series.written ? this.#update(key, series, signal) : this.#create(series, signal));
      this.#ledger.wrote(key, series);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #update(key: string, series: Series, signal: AbortSignal): Promise<void> {
    const change = { count: series.count, lastTimestamp: new Date(series.lastWallMs).toISOString() };
    try {
      await this.#options.client.mergePatch(EVENTS, series.ref, change, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const anew = this.#ledger.lost(key, this.#now());
      if (anew !== undefined) await this.#create(anew, signal);
    }
  }

  /** A name that is taken is our own write, whose answer was lost. */
  async #create(series: Series, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.client.create(EVENTS, eventObject(series, this.#options), { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  #now(): Instant {
    return { nowMs: this.#clock.now(), wallMs: this.#wallNow() };
  }
}

function eventObject(series: Series, from: { component: string; instance: string }): Json<CoreV1Event> {
  const { notice, ref } = series;
  const { namespace, ...regarding } = notice.regarding;
  return {
    metadata: { name: ref.name, namespace: ref.namespace ?? "default" },
    involvedObject: { ...regarding, ...(namespace !== undefined && { namespace }) },
    type: notice.type,
    reason: notice.reason,
    message: shortMessage(notice.message),
    source: { component: from.component },
    reportingComponent: from.component,
    reportingInstance: from.instance,
    firstTimestamp: new Date(series.firstWallMs).toISOString(),
    lastTimestamp: new Date(series.lastWallMs).toISOString(),
    count: series.count,
  };
}
