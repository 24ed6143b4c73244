import { hasReported, isGone } from "../announce/eligibility.ts";
import { votes } from "../announce/group-facts.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeReport } from "./node-reports.ts";

/** So long at most for agents that start together, so that not the first one heard gets everything. */
const windowMs = 2_000;

/** The cluster as far as it tells who is still to be heard. */
export type StartView = {
  readonly nodes: readonly ClusterNode[];
  readonly reports: ReadonlyMap<string, NodeReport>;
  readonly advertisements: readonly Advertisement[];
};

/** Waits for the agents of a cluster that starts; times are ms of one monotonic clock. */
export class StartWindow {
  readonly #startedMs: number;
  #firstReportMs: number | undefined;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  /**
   * How long to wait yet before anything is placed; undefined: not at all. Agents that do not vote are waited for until they
   * were judged, after our own start; others until each Node has been heard, after the first one was, and only while nothing
   * is placed: what is placed stays anyway.
   */
  leftMs({ nodes, reports, advertisements }: StartView, nowMs: number): number | undefined {
    const all = [...reports.values()];
    const known = all.filter(({ of, liveness }) => hasReported(of) && !isGone(liveness));
    if (known.length > 0) this.#firstReportMs ??= nowMs;
    const unjudged = all.some(({ of, liveness }) => liveness === "unknown" && !votes(of));
    const ends = [unjudged ? this.#startedMs : undefined, this.#unheardSinceMs(nodes, reports, advertisements)];
    const leftMs = Math.max(...ends.map((sinceMs) => (sinceMs ?? Number.NEGATIVE_INFINITY) + windowMs - nowMs));
    return leftMs > 0 ? leftMs : undefined;
  }

  #unheardSinceMs(
    nodes: StartView["nodes"],
    reports: StartView["reports"],
    advertisements: StartView["advertisements"],
  ): number | undefined {
    if (this.#firstReportMs === undefined || advertisements.some(isPlaced)) return undefined;
    const heard = (name: string): boolean => {
      const report = reports.get(name);
      return report !== undefined && hasReported(report.of);
    };
    return nodes.every(({ name }) => heard(name)) ? undefined : this.#firstReportMs;
  }
}

function isPlaced({ node, status: { holders = [] } }: Advertisement): boolean {
  return node !== "" || holders.length > 0;
}
