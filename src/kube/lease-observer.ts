import type { Lease } from "./lease.ts";

/** Whether a Lease's holder lives, as far as this observer can tell; released: it gave the Lease up a moment ago. */
export type LeaseState = "alive" | "released" | "dead" | "unknown";

type Sight = {
  readonly mark: string;
  readonly released: boolean;
  readonly durationMs: number;
  /** When it was last seen to move; undefined = not yet, it was merely found. */
  readonly movedMs: number | undefined;
  readonly firstSeenMs: number;
};

/**
 * Judges Leases by whether they move, on this observer's monotonic clock; the times written in them are never compared, so
 * no two machines' clocks need to agree. `nowMs` is always that clock's.
 *
 * | what was seen | state |
 * |---|---|
 * | it moved less than its duration ago | alive |
 * | unmoved for its duration, which we watched from end to end, and the server has told something since | dead |
 * | nobody holds it | released |
 * | the same, but not a word since: our own watch may be the one that is dead | unknown |
 * | we have watched it for less than that, after the start or after a gap | unknown |
 * | never seen, or unmoved while the API is away | unknown |
 */
export class LeaseObserver {
  readonly #sights = new Map<string, Sight>();
  #watchingSinceMs: number | undefined;
  #heardMs = Number.NEGATIVE_INFINITY;

  /** The watch of the Leases is open from now on; until it is, nothing is judged dead. */
  gapEnded(nowMs: number): void {
    this.#watchingSinceMs ??= nowMs;
  }

  /** The watch of the Leases broke; a full duration is waited after it is back. */
  gapBegan(): void {
    this.#watchingSinceMs = undefined;
  }

  /** The server told something at that time, see `lastHeardMs` of the Leases' reflector; a Lease that moves says so itself. */
  heard(atMs: number): void {
    this.#heardMs = Math.max(this.#heardMs, atMs);
  }

  /** Takes in a Lease, moved or not. */
  observe(lease: Lease, nowMs: number): void {
    const name = lease.metadata?.name ?? "";
    const before = this.#sights.get(name);
    const mark = `${lease.metadata?.uid} ${lease.spec?.holderIdentity} ${lease.spec?.renewTime}`;
    const moved = before !== undefined && before.mark !== mark;
    if (moved) this.heard(nowMs);
    this.#sights.set(name, {
      mark,
      released: !lease.spec?.holderIdentity,
      durationMs: (lease.spec?.leaseDurationSeconds ?? 0) * 1000,
      movedMs: moved ? nowMs : before?.movedMs,
      firstSeenMs: before?.firstSeenMs ?? nowMs,
    });
  }

  /** The Lease was deleted. */
  forget(name: string): void {
    this.#sights.delete(name);
  }

  /** The state at `nowMs`. */
  state(name: string, nowMs: number): LeaseState {
    const sight = this.#sights.get(name);
    if (sight === undefined) return "unknown";
    const deadAtMs = this.#deadAtMs(sight);
    if (deadAtMs !== undefined && nowMs >= deadAtMs && this.#heardMs >= deadAtMs) return "dead";
    if (sight.released) return "released";
    return sight.movedMs !== undefined && nowMs - sight.movedMs < sight.durationMs ? "alive" : "unknown";
  }

  /** When, after `nowMs`, some state may next change by time alone; undefined if none does. */
  nextChangeMs(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const sight of this.#sights.values()) {
      for (const dueMs of [lapsesAtMs(sight), this.#deadAtMs(sight)]) {
        if (dueMs !== undefined && dueMs > nowMs && (next === undefined || dueMs < next)) next = dueMs;
      }
    }
    return next;
  }

  #deadAtMs(sight: Sight): number | undefined {
    if (this.#watchingSinceMs === undefined) return undefined;
    const lastSignMs = sight.movedMs ?? sight.firstSeenMs;
    return Math.max(lastSignMs, this.#watchingSinceMs) + sight.durationMs;
  }
}

function lapsesAtMs(sight: Sight): number | undefined {
  return sight.movedMs === undefined ? undefined : sight.movedMs + sight.durationMs;
}
