import type { AddressState } from "./address-state.ts";

/**
 * The end of authority that all claims with the same voters share. There are few of them, so that a heartbeat lengthens
 * the authority of every address by a handful of steps.
 */
export type Authority = {
  /** A bit for each member of the list, in its order, who votes for the claims. */
  readonly mask: number;
  endMs: number;
  /** Whether it lay ahead when it was last looked at. */
  holds: boolean;
  readonly claimed: Set<AddressState>;
};

/** The authorities of all claims. */
export class Authorities {
  readonly #byMask = new Map<number, Authority>();
  readonly #endMs: (mask: number) => number;

  constructor(endMs: (mask: number) => number) {
    this.#endMs = endMs;
  }

  /** Puts a claim under the authority of these voters, which is counted at once. */
  join(state: AddressState, mask: number, nowMs: number): Authority {
    const present = state.claim?.authority;
    if (present?.mask === mask && this.#byMask.get(mask) === present) return present;
    this.leave(state);
    let authority = this.#byMask.get(mask);
    if (authority === undefined) {
      const endMs = this.#endMs(mask);
      authority = { mask, endMs, holds: nowMs < endMs, claimed: new Set() };
      this.#byMask.set(mask, authority);
    }
    authority.claimed.add(state);
    return authority;
  }

  /** The claim is no more, or gets other voters. */
  leave(state: AddressState): void {
    const authority = state.claim?.authority;
    if (authority === undefined) return;
    authority.claimed.delete(state);
    if (authority.claimed.size === 0) this.#byMask.delete(authority.mask);
  }

  /** Counts all again; gives the claims that got or lost authority by it. */
  recount(nowMs: number): readonly AddressState[] {
    const changed: AddressState[] = [];
    for (const authority of this.#byMask.values()) {
      authority.endMs = this.#endMs(authority.mask);
      const holds = nowMs < authority.endMs;
      if (holds !== authority.holds) changed.push(...authority.claimed);
      authority.holds = holds;
    }
    return changed;
  }

  /** The ends that lie ahead. */
  ends(): readonly number[] {
    return [...this.#byMask.values()].map(({ endMs }) => endMs);
  }
}
