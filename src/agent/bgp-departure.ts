import type { Shutdown } from "../announce/bgp-routes.ts";

/** So long a withdrawal is waited for before the sessions end all the same. */
export const withdrawMs = 2_000;

/** Where a node is with leaving its peers; the sessions end after `over`, once `withdrawnByMs` or when no peer has a route left. */
type State =
  | { readonly phase: "none" }
  | { readonly phase: "shutting"; readonly shutdown: Shutdown; readonly untilMs: number }
  | { readonly phase: "over"; readonly withdrawnByMs: number }
  | { readonly phase: "ended" };

const staying: Shutdown = { phase: "none" };
const over: Shutdown = { phase: "over" };

/** Whether there are sessions, and established ones; and the prefixes that these were told, by `prefixKey`. */
export type Told = {
  readonly any: boolean;
  readonly established: boolean;
  readonly prefixes: () => ReadonlySet<string>;
};

/**
 * Leads a node that is being drained away from its peers: its routes become everybody's last choice, and routers get time to
 * turn to other nodes; then they are withdrawn, then the sessions end. Peers that may keep routes which no session tells them any
 * more are waited for. All times are ms of one monotonic clock.
 */
export class Departure {
  readonly #shutdownMs: number;
  #state: State = { phase: "none" };

  /** `shutdownMs`: how long routers get. */
  constructor(shutdownMs: number) {
    this.#shutdownMs = shutdownMs;
  }

  /** Whether the node is to leave, what its peers were told, and whether some may keep routes without a session. */
  look(wanted: boolean, told: Told, stale: boolean, nowMs: number): void {
    if (!wanted) this.#state = { phase: "none" };
    else this.#state = this.#next(told, stale, nowMs);
  }

  #next(told: Told, stale: boolean, nowMs: number): State {
    const state = this.#state;
    switch (state.phase) {
      case "none":
        return told.any || stale ? this.#begun(told, nowMs) : { phase: "ended" };
      case "shutting":
        return nowMs < state.untilMs && told.established ? state : { phase: "over", withdrawnByMs: nowMs + withdrawMs };
      default:
        return state;
    }
  }

  #begun({ established, prefixes }: Told, nowMs: number): State {
    const announced = established ? prefixes() : new Set<string>();
    if (announced.size === 0) return { phase: "over", withdrawnByMs: nowMs + withdrawMs };
    return { phase: "shutting", shutdown: { phase: "shutting", announced }, untilMs: nowMs + this.#shutdownMs };
  }

  /** How far the node is, for its routes; the same object as long as that is so. */
  get shutdown(): Shutdown {
    const state = this.#state;
    if (state.phase === "none") return staying;
    return state.phase === "shutting" ? state.shutdown : over;
  }

  /** Whether the sessions are to be ended now; `withdrawn`: no peer has a route of this node left that a session told it. */
  endsSessions(withdrawn: boolean, stale: boolean, nowMs: number): boolean {
    const state = this.#state;
    return state.phase === "over" && !stale && (withdrawn || nowMs >= state.withdrawnByMs);
  }

  /** The sessions have been ended. */
  ended(): void {
    this.#state = { phase: "ended" };
  }

  /** Whether there is nothing left to do. */
  get isOver(): boolean {
    return this.#state.phase === "ended";
  }

  /** How long until time alone changes something; Infinity: nothing is to come. */
  lookInMs(nowMs: number): number {
    const state = this.#state;
    if (state.phase === "shutting") return Math.max(0, state.untilMs - nowMs);
    return state.phase === "over" && nowMs < state.withdrawnByMs
      ? state.withdrawnByMs - nowMs
      : Number.POSITIVE_INFINITY;
  }
}
