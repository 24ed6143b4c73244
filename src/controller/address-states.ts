import type { Advertisement } from "../api/vip-advertisement.ts";
import { type AddressState, addressState, type NodeReport } from "./node-reports.ts";

/** How long an address may be silent before people are told, in ms: longer than a failover or a first announcement takes. */
const patienceMs = 3_000;

type Known = {
  readonly ofNode: NodeReport | undefined;
  readonly ofHolder: NodeReport | undefined;
  readonly state: AddressState;
};

type Last = {
  readonly advertisements: readonly Advertisement[];
  readonly reports: ReadonlyMap<string, NodeReport>;
  readonly states: ReadonlyMap<string, AddressState>;
};

/** The states of all addresses at one moment. */
export type StatesNow = {
  /** By the name of the address's object. */
  readonly states: ReadonlyMap<string, AddressState>;
  /** Silent, but not yet for long enough to say so. */
  readonly awaited: ReadonlySet<string>;
  /** How long until the first of them has been waited for long enough; undefined: there is none. */
  readonly changesInMs: number | undefined;
};

/** Works out who holds which address, anew only for addresses whose object or whose node's report changed. */
export class AddressStates {
  readonly #known = new WeakMap<Advertisement, Known>();
  #silentSinceMs: ReadonlyMap<string, number> = new Map();
  #last: Last | undefined;

  /** The states now; `nowMs` is on one monotonic clock. */
  at(advertisements: readonly Advertisement[], reports: ReadonlyMap<string, NodeReport>, nowMs: number): StatesNow {
    if (this.#last?.advertisements === advertisements && this.#last.reports === reports)
      return { states: this.#last.states, ...awaited(this.#silentSinceMs, nowMs) };
    const states = new Map<string, AddressState>();
    const silentSinceMs = new Map<string, number>();
    for (const advertisement of advertisements) {
      const { name } = advertisement;
      const state = this.#state(advertisement, reports);
      states.set(name, state);
      if (state.holder === "") silentSinceMs.set(name, this.#silentSinceMs.get(name) ?? nowMs);
    }
    this.#silentSinceMs = silentSinceMs;
    this.#last = { advertisements, reports, states };
    return { states, ...awaited(silentSinceMs, nowMs) };
  }

  #state(advertisement: Advertisement, reports: ReadonlyMap<string, NodeReport>): AddressState {
    const ofNode = reports.get(advertisement.node);
    const ofHolder = reports.get(advertisement.status.holder);
    const known = this.#known.get(advertisement);
    if (known !== undefined && known.ofNode === ofNode && known.ofHolder === ofHolder) return known.state;
    const state = addressState(advertisement, reports);
    this.#known.set(advertisement, { ofNode, ofHolder, state });
    return state;
  }
}

function awaited(
  silentSinceMs: ReadonlyMap<string, number>,
  nowMs: number,
): Pick<StatesNow, "awaited" | "changesInMs"> {
  const recent = [...silentSinceMs].filter(([, sinceMs]) => nowMs - sinceMs < patienceMs);
  const left = recent.map(([, sinceMs]) => sinceMs + patienceMs - nowMs);
  return {
    awaited: new Set(recent.map(([name]) => name)),
    changesInMs: left.length === 0 ? undefined : left.reduce((a, b) => Math.min(a, b)),
  };
}
