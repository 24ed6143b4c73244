import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { AgentParts } from "./agent-parts.ts";
import type { BgpKnown } from "./bgp-ports.ts";
import { Keeper } from "./keeper.ts";
import { type KeptObject, type KeptView, parseKeptView } from "./kept-view.ts";
import { ownGroups } from "./plan.ts";
import type { Endpoint } from "./ports.ts";

/** After so long without the API server an agent that has just started goes by what the one before it kept. */
export const patienceMs = 500;

/** The name under which it is kept. */
export const keptName = "view";

/** What is planned from: the API server's own, or what was kept of it. */
export type Source = {
  readonly live: boolean;
  readonly drain: boolean;
  readonly groups: readonly Group[];
  readonly advertisements: readonly Advertisement[];
  /** Where members hear heartbeats, as it was known when it was kept. */
  readonly endpoints?: ReadonlyMap<string, Endpoint>;
  /** The peers and the own Node; absent: they have not been read. */
  readonly bgp?: Pick<BgpKnown, "node" | "peers">;
};

type Parts = Pick<AgentParts, "node" | "cluster" | "bgp" | "ownNode" | "kept" | "parseEndpoint" | "clock" | "log">;

/** Chooses what is planned from, and what is kept of it. All times are ms of the monotonic clock. */
export class SourceChoice {
  readonly #parts: Parts;
  readonly #keeper = new Keeper();
  readonly #patientUntilMs: number;
  readonly #kept: KeptView | undefined;
  #usesKept = false;
  #own:
    | { readonly from: Source; readonly groups: readonly Group[]; readonly advertisements: readonly Advertisement[] }
    | undefined;

  /** Reads what was kept. */
  constructor(parts: Parts) {
    this.#parts = parts;
    this.#patientUntilMs = parts.clock.monotonicMs() + patienceMs;
    this.#kept = parseKeptView(parts.kept.read(keptName), parts.parseEndpoint);
  }

  /** What to plan from at this moment; undefined: there is nothing yet. */
  at(nowMs: number): Source | undefined {
    const { cluster, ownNode, log } = this.#parts;
    if (cluster.synced()) {
      const drain = ownNode.read()?.drain ?? false;
      const bgp = this.#parts.bgp.read();
      const known = { groups: cluster.groups(), advertisements: cluster.advertisements(), ...(bgp && { bgp }) };
      return { live: true, drain, ...known };
    }
    if (this.#kept === undefined || nowMs < this.#patientUntilMs) return undefined;
    if (!this.#usesKept) log.warn({ addresses: this.#kept.advertisements.length }, "started from what was kept");
    this.#usesKept = true;
    return { live: false, ...this.#kept };
  }

  /** How long until `at` may give something else by time alone; Infinity: it will not. */
  lookInMs(nowMs: number): number {
    const waits = this.#kept !== undefined && nowMs < this.#patientUntilMs && !this.#parts.cluster.synced();
    return waits ? this.#patientUntilMs - nowMs : Number.POSITIVE_INFINITY;
  }

  /** What is to be kept now, if there is anything new, and how long until there may be. */
  toKeep(
    known: Pick<KeptView, "drain" | "endpoints" | "bgp">,
    nowMs: number,
  ): readonly [kept: KeptObject | undefined, inMs: number] {
    if (!this.#parts.cluster.synced()) return [undefined, Number.POSITIVE_INFINITY];
    const bgp = known.bgp ?? this.#kept?.bgp;
    const view = { ...known, ...this.#ofOwnGroups(), ...(bgp && { bgp }) };
    return [this.#keeper.take(view, nowMs), this.#keeper.lookInMs(view, nowMs)];
  }

  /** The same arrays until something changes. */
  #ofOwnGroups(): Pick<KeptView, "groups" | "advertisements"> {
    const { cluster, node } = this.#parts;
    const from = { live: true, drain: false, groups: cluster.groups(), advertisements: cluster.advertisements() };
    const before = this.#own;
    if (before?.from.groups === from.groups && before.from.advertisements === from.advertisements) return before;
    const groups = ownGroups({ groups: from.groups, node });
    const names = new Set(groups.map(({ name }) => name));
    const advertisements = from.advertisements.filter(
      ({ group, services, announcement }) =>
        services.length > 0 && (names.has(group) || announcement.bgp !== undefined),
    );
    this.#own = { from, groups, advertisements };
    return this.#own;
  }
}
