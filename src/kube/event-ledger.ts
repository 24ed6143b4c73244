import type { Ref } from "./resource.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The object that an event is about. */
export type Regarding = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
};

/** Something to tell the object's owner; `reason` is CamelCase and stable. */
export type Notice = {
  readonly regarding: Regarding;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
};

/** One Event object, and how often what it says has happened. */
export type Series = {
  readonly notice: Notice;
  readonly ref: Ref;
  readonly firstWallMs: number;
  readonly written: boolean;
  readonly writtenMs: number;
  readonly count: number;
  readonly lastWallMs: number;
};

/** Both clocks: the monotonic one for intervals, the wall's for what people read. */
export type Instant = { readonly nowMs: number; readonly wallMs: number };

const QUIET_MS = 10 * 60_000;
const SERIES_MAX = 10_000;
const CHANGES = { burst: 10, perSecond: 1 / 60 };

/**
 * Decides which notices are worth a write. Of one object and reason: the first at once; the same message again is only
 * counted, and written at most every 10 minutes; another message is a new Event, at most 10 in a row and one a minute then.
 * It remembers the 10,000 least old pairs.
 */
export class EventLedger {
  readonly #series = new Map<string, { series: Series; readonly changes: TokenBucket }>();
  #sequence = 0;

  /** The key of what is to be written now, or why not: "counted" (told later, with its number) or "dropped". */
  note(notice: Notice, at: Instant): { readonly write: string } | "counted" | "dropped" {
    const key = `${notice.regarding.uid} ${notice.reason}`;
    const known = this.#series.get(key);
    if (known?.series.notice.message === notice.message) return this.#count(key, at);
    const changes = known?.changes ?? new TokenBucket(CHANGES, at.nowMs);
    if (!changes.take(at.nowMs)) return "dropped";
    this.#series.set(key, { changes, series: this.#begin(notice, at) });
    this.#evict();
    return { write: key };
  }

  /** What to write for a key; undefined if it has been evicted since. */
  series(key: string): Series | undefined {
    return this.#series.get(key)?.series;
  }

  /** The series as it was given is now in the API. */
  wrote(key: string, series: Series): void {
    const known = this.#series.get(key);
    if (known?.series.ref.name === series.ref.name) known.series = { ...known.series, written: true };
  }

  /** Its Event has expired in the API: the next write makes a new one. */
  lost(key: string, at: Instant): Series | undefined {
    const known = this.#series.get(key);
    if (known === undefined) return undefined;
    known.series = {
      ...this.#begin(known.series.notice, at),
      firstWallMs: known.series.firstWallMs,
      count: known.series.count,
    };
    return known.series;
  }

  #count(key: string, at: Instant): { readonly write: string } | "counted" {
    const known = this.#series.get(key);
    if (known === undefined) return "counted";
    const due = at.nowMs - known.series.writtenMs >= QUIET_MS;
    const writtenMs = due ? at.nowMs : known.series.writtenMs;
    known.series = { ...known.series, count: known.series.count + 1, lastWallMs: at.wallMs, writtenMs };
    return due ? { write: key } : "counted";
  }

  #begin(notice: Notice, { nowMs, wallMs }: Instant): Series {
    this.#sequence = (this.#sequence + 1) % 0x1000;
    const suffix = `${wallMs.toString(16)}${this.#sequence.toString(16).padStart(3, "0")}`;
    const ref = { namespace: notice.regarding.namespace ?? "default", name: `${notice.regarding.name}.${suffix}` };
    return { notice, ref, firstWallMs: wallMs, lastWallMs: wallMs, count: 1, written: false, writtenMs: nowMs };
  }

  #evict(): void {
    if (this.#series.size <= SERIES_MAX) return;
    for (const oldest of this.#series.keys()) {
      this.#series.delete(oldest);
      break;
    }
  }
}
