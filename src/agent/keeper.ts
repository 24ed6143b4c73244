import { type KeptObject, type KeptView, keptObject } from "./kept-view.ts";

/** At most one write in this time. */
const restMs = 1_000;

/** Decides when what an agent would need after a restart is stored again. All times are ms of one monotonic clock. */
export class Keeper {
  #seen: KeptView | undefined;
  #nextMs = Number.NEGATIVE_INFINITY;

  /** What to store, or undefined: it is stored already, or something was less than a second ago. */
  take(view: KeptView, nowMs: number): KeptObject | undefined {
    if (this.#isSeen(view) || nowMs < this.#nextMs) return undefined;
    this.#seen = view;
    this.#nextMs = nowMs + restMs;
    return keptObject(view);
  }

  /** How long until the view may be stored; Infinity if it is. */
  lookInMs(view: KeptView, nowMs: number): number {
    return this.#isSeen(view) ? Number.POSITIVE_INFINITY : Math.max(0, this.#nextMs - nowMs);
  }

  /** By identity: what is the same array holds the same. */
  #isSeen({ drain, groups, advertisements, endpoints, bgp }: KeptView): boolean {
    const seen = this.#seen;
    return (
      seen !== undefined &&
      seen.drain === drain &&
      seen.groups === groups &&
      seen.advertisements === advertisements &&
      seen.endpoints === endpoints &&
      seen.bgp === bgp
    );
  }
}
