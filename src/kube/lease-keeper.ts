import { Alarm } from "./alarm.ts";
import { isAlreadyExists } from "./api-error.ts";
import { backoffMs } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
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
 * A Lease to keep renewed: at most every `intervalMs`, valid for `durationSeconds` after each renewal. `wallNow` (ms since
 * 1970) only fills renewTime, nobody judges by it.
 */
export type LeaseKeeperOptions = {
  readonly client: LeaseApi;
  readonly ref: LeaseRef;
  readonly holderIdentity: string;
  readonly durationSeconds: number;
  readonly intervalMs: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly wallNow?: () => number;
  readonly onRenewed?: (lease: Live<Lease>) => void;
  readonly onFailed?: (error: Error) => void;
};

const LONGEST_CALL_MS = 5_000;
const RELEASE_TIMEOUT_MS = 1_000;
const RETRY_MIN_MS = 250;
/** The last that succeeded, and one that was tried twice after it. */
const WRITES_REMEMBERED = 3;

/** Says "this holder is alive" by one write an interval; gives the Lease up when stopped. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #clock: Clock;
  readonly #wallNow: () => number;
  readonly #alarm = new Alarm();
  #annotations: Readonly<Record<string, string>>;
  #lease: Live<Lease> | undefined;
  #lastRenewalStartMs = Number.NEGATIVE_INFINITY;
  /** The times in our last writes, by which a Lease that is read again is known to be ours still. */
  #written: readonly string[] = [];

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#wallNow = options.wallNow ?? Date.now;
    this.#annotations = options.annotations ?? {};
  }

  /** When the last renewal that succeeded was begun, on the monotonic clock, in ms; -Infinity before the first. */
  get lastRenewalStartMs(): number {
    return this.#lastRenewalStartMs;
  }

  /** Adds or changes annotations; if that changes anything they are written at once, not at the next interval. */
  annotate(annotations: Readonly<Record<string, string>>): void {
    const changed = Object.entries(annotations).some(([name, value]) => this.#annotations[name] !== value);
    if (!changed) return;
    this.#annotations = { ...this.#annotations, ...annotations };
    this.#alarm.ring();
  }

  /** Renews until the signal aborts, then releases; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = this.#clock.now();
      const error = await this.#attempt(signal);
      if (signal.aborted) break;
      failures = error === undefined ? 0 : failures + 1;
      if (error === undefined) this.#lastRenewalStartMs = startedMs;
      const waitMs = error === undefined ? this.#untilDue(startedMs) : this.#untilRetry(failures);
      await this.#alarm.wait(this.#clock, waitMs, signal);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<Error | undefined> {
    try {
      this.#lease = await this.#renew({ signal, timeoutMs: this.#callTimeoutMs() });
      this.#options.onRenewed?.(this.#lease);
      return undefined;
    } catch (cause) {
      this.#lease = undefined;
      if (signal.aborted) return undefined;
      const error = new Error(`renew lease ${this.#options.ref.name}`, { cause });
      this.#options.onFailed?.(error);
      return error;
    }
  }

  /** So short that a connection which fell silent leaves time for another within the Lease's duration. */
  #callTimeoutMs(): number {
    const { durationSeconds, intervalMs } = this.#options;
    return Math.min(LONGEST_CALL_MS, Math.max(RETRY_MIN_MS, (durationSeconds * 1000 - intervalMs) / 3));
  }

  #renew(call: LeaseCall): Promise<Live<Lease>> {
    return this.#overwrite((before) => this.#write(before, call), call);
  }

  /** A Lease that was written by another since our last write is read again and written over, once. */
  async #overwrite<T>(write: (before: Live<Lease> | undefined) => Promise<T>, call: LeaseCall): Promise<T> {
    try {
      return await write(this.#lease ?? (await this.#read(call)));
    } catch (error) {
      if (!isStale(error) && !isAlreadyExists(error)) throw error;
      return write(await this.#read(call));
    }
  }

  #read(call: LeaseCall): Promise<Live<Lease> | undefined> {
    return readLease(this.#options.client, this.#options.ref, call);
  }

  #write(before: Live<Lease> | undefined, call: LeaseCall): Promise<Live<Lease>> {
    const { client, ref, holderIdentity, durationSeconds } = this.#options;
    const now = microTime(this.#wallNow());
    this.#written = [now, ...this.#written].slice(0, WRITES_REMEMBERED);
    const mine = before?.spec?.holderIdentity === holderIdentity;
    const spec = {
      holderIdentity,
      leaseDurationSeconds: durationSeconds,
      acquireTime: mine ? (before?.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (mine || before === undefined ? 0 : 1),
    };
    return writeLease(client, { ref, before, spec, annotations: this.#annotations }, call);
  }

  #untilDue(startedMs: number): number {
    const intervalMs = this.#options.intervalMs * (0.95 + 0.05 * this.#clock.random());
    return Math.max(0, startedMs + intervalMs - this.#clock.now());
  }

  #untilRetry(failures: number): number {
    const maxMs = Math.max(RETRY_MIN_MS, this.#options.intervalMs);
    return backoffMs(failures - 1, this.#clock.random(), { minMs: RETRY_MIN_MS, maxMs });
  }

  /**
   * A renewal that was under way when it stopped may have been written or not, so the Lease may have to be read again. One that
   * another has renewed since, perhaps under the same name, is that one's.
   */
  async #release(): Promise<void> {
    const { ref, onFailed } = this.#options;
    if (this.#lastRenewalStartMs === Number.NEGATIVE_INFINITY) return;
    const call = { signal: new AbortController().signal, timeoutMs: RELEASE_TIMEOUT_MS };
    try {
      await this.#overwrite((before) => this.#giveUp(before, call), call);
    } catch (cause) {
      onFailed?.(new Error(`release lease ${ref.name}`, { cause }));
    }
  }

  async #giveUp(before: Live<Lease> | undefined, call: LeaseCall): Promise<void> {
    const { client, ref } = this.#options;
    if (before?.spec === undefined || !this.#written.includes(String(before.spec.renewTime))) return;
    const spec = { ...before.spec, holderIdentity: "", renewTime: microTime(this.#wallNow()) };
    await writeLease(client, { ref, before, spec, annotations: this.#annotations }, call);
  }
}
