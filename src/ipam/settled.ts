import type { Pool } from "../api/ip-pool.ts";
import type { Labels } from "../api/label-selector.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Family } from "../net/address.ts";
import type { Outcome } from "./change.ts";
import type { Claimant } from "./claimant.ts";
import type { Draft } from "./draft.ts";
import { poolGives } from "./pool-selection.ts";

/** Everything that the outcome of a Service with nothing to do was decided from. */
type Settled = {
  readonly held: readonly Advertisement[];
  /** The pool of each held address. */
  readonly homes: readonly Pool[];
  readonly namespaceLabels: Labels | undefined;
  readonly clusterFamily: Family;
  readonly outcome: Outcome;
};

/** The outcomes of earlier plans in which there was nothing to do for a Service; they change nothing but the time that a plan takes. */
export class SettledOutcomes {
  /** By `namespace/name`. Not a WeakMap: filling one with 10,000 Services takes longer than planning for them. */
  readonly #settled = new Map<string, Settled>();

  /** The outcome that was remembered for a Service, if it was decided from the very objects that are there now. */
  of(draft: Draft, service: Service, held: readonly Advertisement[]): Outcome | undefined {
    const before = this.#settled.get(service.key);
    if (before === undefined || before.outcome.service !== service || before.held.length !== held.length)
      return undefined;
    for (let i = 0; i < held.length; i++) {
      const advertisement = held[i];
      if (advertisement !== before.held[i]) return undefined;
      if (advertisement === undefined || draft.poolNamed.get(advertisement.pool) !== before.homes[i]) return undefined;
    }
    if (before.namespaceLabels !== draft.snapshot.namespaces.get(service.namespace)) return undefined;
    return before.clusterFamily === draft.snapshot.options.clusterFamily ? before.outcome : undefined;
  }

  /**
   * Remembers an outcome for which nothing had to be written, if it depends on nothing but the Service, what it holds, the
   * pools of that, and the labels of its namespace; nobody else who shares it.
   */
  remember(draft: Draft, { service, demand, held }: Claimant, outcome: Outcome): void {
    const { addresses, allocated } = outcome;
    if (outcome.unverified !== undefined) return;
    if (allocated.reason !== "Allocated" || addresses.length !== held.length) return;
    if (held.some(({ services }) => services.length > 1) || draft.reservedFor.has(service.key)) return;
    if (!demand.families.every((wanted) => addresses.some(({ family }) => family === wanted))) return;
    const homes = held.flatMap(({ pool, address }) => {
      const home = draft.poolNamed.get(pool);
      return home !== undefined && poolGives(home, address) ? [home] : [];
    });
    if (homes.length !== held.length) return;
    if (this.#settled.size > 2 * draft.snapshot.services.length) this.#settled.clear();
    const { clusterFamily } = draft.snapshot.options;
    const namespaceLabels = draft.snapshot.namespaces.get(service.namespace);
    this.#settled.set(service.key, { held, homes, namespaceLabels, clusterFamily, outcome });
  }
}
