import type { Address } from "../net/address.ts";

/** What part of its Lease's duration a group by Lease holds after the begin of the last renewal: another may follow then. */
const HOLDS_FOR = 0.8;

/** Bounds what a group by Lease holds by the renewals of the node's Lease; other groups it leaves alone. Times as the caller's. */
export class LeaseLimit {
  /** Whether the group goes by the Lease. */
  limited = false;
  readonly #holdsMs: number;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #lapsed = false;

  /** `leaseDurationMs`: of the node's Lease. */
  constructor(leaseDurationMs: number) {
    this.#holdsMs = HOLDS_FOR * leaseDurationMs;
  }

  /** The last successful renewal was begun at this moment. */
  renewed(atMs: number): void {
    this.#renewedMs = Math.max(this.#renewedMs, atMs);
  }

  /** Until when addresses may be held; Infinity for a group that does not go by the Lease. */
  untilMs(): number {
    return this.limited ? this.#renewedMs + this.#holdsMs : Number.POSITIVE_INFINITY;
  }

  /** When `turn` has something to end; Infinity if nothing will. */
  wakeAtMs(): number {
    return this.#lapsed ? Number.POSITIVE_INFINITY : this.untilMs();
  }

  lapsed(nowMs: number): boolean {
    return nowMs >= this.untilMs();
  }

  /** Whether each of these addresses, which the votes give, ends (`lapsed`) or begins again at this moment; nothing if nothing changed. */
  turn(given: Iterable<Address>, nowMs: number): readonly { readonly address: Address; readonly lapsed: boolean }[] {
    const lapsed = this.lapsed(nowMs);
    if (lapsed === this.#lapsed) return [];
    this.#lapsed = lapsed;
    return [...given].map((address) => ({ address, lapsed }));
  }
}
