import { Alarm } from "./alarm.ts";
import { isAlreadyExists } from "./api-error.ts";
import { type Clock, pause, systemClock } from "./clock.ts";
import {
  isStale,
  type Lease,
  type LeaseApi,
  type LeaseCall,
  type LeaseRef,
  microTime,
  readLease,
  writeLease,
} from "./lease.ts";
import type { Live } from "./resource.ts";

/**
 * One candidate for one Lease. Defaults: valid for 15 s, given up after 10 s without a renewal, tried every 2 s, and every 4 s
 * by a leader while all is well. `identity` must be unique among the candidates. `onLost` is called when leadership ends other than by our own stop.
 */
export type LeaseElectorOptions = {
  readonly client: LeaseApi;
  readonly ref: LeaseRef;
  readonly identity: string;
  readonly durationSeconds?: number;
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
  readonly clock?: Clock;
  readonly wallNow?: () => number;
  readonly onAcquired?: () => void;
  readonly onLost?: () => void;
  readonly onProblem?: (error: Error) => void;
};

const RELEASE_TIMEOUT_MS = 1_000;

/** A leader whose last attempt succeeded waits so many periods: two more fail before its deadline. */
const renewalPeriods = 2;

/**
 * At most one leader at a time, as far as clocks run at the same rate: another's Lease is judged by the local monotonic time
 * since it was last seen to change, never by the times in it. It saves work, it fences nothing: writes stay guarded.
 */
export class LeaseElector {
  readonly #options: LeaseElectorOptions;
  readonly #clock: Clock;
  readonly #wallNow: () => number;
  readonly #durationSeconds: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #alarm = new Alarm();
  #lease: Live<Lease> | undefined;
  #held = false;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #seen = { mark: "", changedMs: Number.NEGATIVE_INFINITY };

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#wallNow = options.wallNow ?? Date.now;
    this.#durationSeconds = options.durationSeconds ?? 15;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  /** Whether we lead at this very moment: false past the deadline even if a stalled process has not noticed yet. */
  get leading(): boolean {
    return this.#held && this.#clock.now() < this.#renewedMs + this.#renewDeadlineMs;
  }

  /** Campaigns, leads and campaigns again until the signal aborts, then releases. Stop the work first. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#campaign(signal), this.#guardDeadline(signal)]);
    if (this.#held) await this.#release();
  }

  async #campaign(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const attemptedMs = this.#clock.now();
      await this.#attempt(signal);
      const renewed = this.#held && this.#renewedMs >= attemptedMs;
      const periodMs = renewed ? renewalPeriods * this.#retryPeriodMs : this.#retryPeriodMs;
      await pause(this.#clock, periodMs * (1 + 0.1 * this.#clock.random()), signal);
    }
  }

  async #guardDeadline(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leftMs = this.#held
        ? this.#renewedMs + this.#renewDeadlineMs - this.#clock.now()
        : Number.POSITIVE_INFINITY;
      if (leftMs > 0) await this.#alarm.wait(this.#clock, leftMs, signal);
      else this.#lose();
    }
  }

  /** A leader that finds its Lease written by another looks at once who holds it now. */
  async #attempt(signal: AbortSignal): Promise<void> {
    const call = { signal, timeoutMs: this.#renewDeadlineMs / 2 };
    const lease = this.#held ? this.#lease : undefined;
    try {
      if (lease === undefined) return await this.#compete(call);
      const stale = await this.#take(lease, call).then(() => false, onlyStale);
      if (stale) await this.#compete(call);
    } catch (error) {
      this.#lease = undefined;
      if (signal.aborted || isStale(error) || isAlreadyExists(error)) return;
      this.#options.onProblem?.(new Error(`elect by lease ${this.#options.ref.name}`, { cause: error }));
    }
  }

  async #compete(call: LeaseCall): Promise<void> {
    const found = await readLease(this.#options.client, this.#options.ref, call);
    if (found === undefined || this.#mayTake(found)) return this.#take(found, call);
    if (this.#held) this.#lose();
  }

  /** Whether nobody or we hold it, or its holder has not moved it for its duration while we looked. */
  #mayTake(found: Live<Lease>): boolean {
    const { holderIdentity, leaseDurationSeconds, renewTime } = found.spec ?? {};
    const nowMs = this.#clock.now();
    const mark = `${found.metadata.uid} ${found.metadata.resourceVersion} ${renewTime}`;
    if (mark !== this.#seen.mark) this.#seen = { mark, changedMs: nowMs };
    if (!holderIdentity || holderIdentity === this.#options.identity) return true;
    return nowMs - this.#seen.changedMs >= (leaseDurationSeconds ?? this.#durationSeconds) * 1000;
  }

  async #take(before: Live<Lease> | undefined, call: LeaseCall): Promise<void> {
    const { client, ref } = this.#options;
    const startedMs = this.#clock.now();
    this.#lease = await writeLease(client, { ref, before, spec: this.#spec(before) }, call);
    this.#renewedMs = startedMs;
    this.#alarm.ring();
    if (this.#held) return;
    this.#held = true;
    this.#options.onAcquired?.();
  }

  #spec(before: Live<Lease> | undefined): NonNullable<Lease["spec"]> {
    const { identity } = this.#options;
    const now = microTime(this.#wallNow());
    const mine = before?.spec?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: this.#durationSeconds,
      acquireTime: mine ? (before?.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (mine || before === undefined ? 0 : 1),
    };
  }

  #lose(): void {
    this.#held = false;
    this.#options.onLost?.();
  }

  async #release(): Promise<void> {
    this.#held = false;
    const { client, ref } = this.#options;
    const call = { signal: new AbortController().signal, timeoutMs: RELEASE_TIMEOUT_MS };
    try {
      const before = this.#lease ?? (await readLease(client, ref, call));
      if (before?.spec?.holderIdentity !== this.#options.identity) return;
      const spec = {
        ...before.spec,
        holderIdentity: "",
        leaseDurationSeconds: 1,
        renewTime: microTime(this.#wallNow()),
      };
      await writeLease(client, { ref, before, spec }, call);
    } catch (cause) {
      this.#options.onProblem?.(new Error(`release lease ${ref.name}`, { cause }));
    }
  }
}

function onlyStale(error: unknown): true {
  if (isStale(error)) return true;
  throw error;
}
