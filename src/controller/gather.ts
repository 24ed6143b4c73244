import type { Pool } from "../api/ip-pool.ts";
import type { Labels } from "../api/label-selector.ts";
import type { Namespace } from "../api/namespace.ts";
import type { Service } from "../api/service.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { AddressStates } from "./address-states.ts";
import { Contests } from "./contests.ts";
import { clusterFamily, forbiddenRanges } from "./forbidden.ts";
import { memo } from "./memo.ts";
import { type NodeReport, nodeReport } from "./node-reports.ts";
import type { ControllerOptions } from "./options.ts";
import { PendingClaims } from "./pending-claims.ts";
import type { ClusterView, InvalidPool, PoolObject } from "./ports.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

/** Counters of a pool are written at most so often; what else changes is written at once. */
const poolRestMs = 1_000;

/** After a start, so long at most for the agents' first signs of life, so that not the first one heard gets everything. */
const startUpMs = 2_000;

/** Which options change what is planned. */
export type PlanOptions = Pick<
  ControllerOptions,
  "defaultClass" | "allowForeignAddresses" | "writeLoadBalancerIP" | "observe"
>;

/**
 * Makes the snapshot of a plan from the stores and from the little that Herald must remember between two plans: which of
 * its claims are on their way, since when an address is silent, which fields others change back, which pools were just written.
 */
export class Gatherer {
  readonly contests = new Contests();
  readonly claims = new PendingClaims();
  readonly #view: ClusterView;
  readonly #options: PlanOptions;
  readonly #clock: Clock;
  readonly #states = new AddressStates();
  readonly #poolsWrittenMs = new Map<string, number>();
  readonly #startedMs: number;
  #reports: ReadonlyMap<string, NodeReport> = new Map();
  readonly #forbidden = memo(forbidden);
  readonly #seen = memo(servicesByKey);
  readonly #namespaces = memo(labelsByName);
  readonly #pools = memo(validPools);
  readonly #invalidPools = memo(invalidPools);

  constructor(view: ClusterView, options: PlanOptions, clock: Clock) {
    this.#view = view;
    this.#options = options;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** Everything as it is now. */
  snapshot(): ControllerSnapshot {
    const view = this.#view;
    const monotonicMs = this.#clock.monotonicMs();
    const reports = this.#nodeReports();
    const allocation = this.#allocation();
    const { states, awaited, changesInMs } = this.#states.at(allocation.advertisements, reports, monotonicMs);
    const startsInMs = this.#startsInMs(reports, monotonicMs);
    const inMs = earliest([
      changesInMs,
      startsInMs,
      view.livenessChangesInMs(),
      this.#poolsRestEndsInMs(monotonicMs),
      this.contests.restEndsInMs(monotonicMs),
    ]);
    return {
      allocation,
      seen: this.#seen(allocation.services),
      invalidPools: this.#invalidPools(view.pools()),
      groups: view.groups(),
      nodes: view.nodes(),
      vipNodes: view.vipNodes(),
      endpointSlices: view.endpointSlices(),
      reports,
      states,
      awaited,
      starting: startsInMs !== undefined,
      restingPools: new Set(this.#poolsWrittenMs.keys()),
      writeLoadBalancerIP: this.#options.writeLoadBalancerIP,
      contested: (write) => this.contests.contested(write, monotonicMs),
      ...(inMs === undefined ? {} : { changesInMs: inMs }),
      nowMs: this.#clock.wallMs(),
    };
  }

  /** Notes that a pool's counters were written just now. */
  poolWritten(name: string): void {
    this.#poolsWrittenMs.set(name, this.#clock.monotonicMs());
  }

  #allocation(): Snapshot {
    const view = this.#view;
    const services = view.services();
    return {
      services,
      pools: this.#pools(view.pools()),
      advertisements: this.claims.over(view.advertisements()),
      namespaces: this.#namespaces(view.namespaces()),
      forbidden: this.#forbidden(view.nodes(), view.vipNodes(), view.serviceNetworks(), view.apiServers()),
      options: {
        defaultClass: this.#options.defaultClass,
        allowForeignAddresses: this.#options.allowForeignAddresses,
        clusterFamily: clusterFamily(services),
        observe: this.#options.observe,
      },
      nowMs: this.#clock.wallMs(),
    };
  }

  /** The same map as long as no report is another. */
  #nodeReports(): ReadonlyMap<string, NodeReport> {
    const reports = new Map(this.#view.vipNodes().map((node) => [node.name, this.#reportOf(node)]));
    const same =
      reports.size === this.#reports.size && [...reports].every(([name, each]) => each === this.#reports.get(name));
    if (!same) this.#reports = reports;
    return this.#reports;
  }

  #reportOf(node: VipNode): NodeReport {
    const liveness = this.#view.liveness(node.name);
    const known = this.#reports.get(node.name);
    return known?.of === node && known.liveness === liveness ? known : nodeReport(node, liveness);
  }

  /** How long to wait yet for agents that were not heard so far; undefined: not at all. */
  #startsInMs(reports: ReadonlyMap<string, NodeReport>, nowMs: number): number | undefined {
    const leftMs = this.#startedMs + startUpMs - nowMs;
    return leftMs > 0 && [...reports.values()].some(({ liveness }) => liveness === "unknown") ? leftMs : undefined;
  }

  #poolsRestEndsInMs(nowMs: number): number | undefined {
    for (const [name, writtenMs] of this.#poolsWrittenMs)
      if (nowMs - writtenMs >= poolRestMs) this.#poolsWrittenMs.delete(name);
    return earliest([...this.#poolsWrittenMs.values()].map((writtenMs) => writtenMs + poolRestMs - nowMs));
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function forbidden(
  nodes: ReturnType<ClusterView["nodes"]>,
  vipNodes: ReturnType<ClusterView["vipNodes"]>,
  serviceNetworks: ReturnType<ClusterView["serviceNetworks"]>,
  apiServers: ReturnType<ClusterView["apiServers"]>,
): Snapshot["forbidden"] {
  return forbiddenRanges({ nodes, vipNodes, serviceNetworks, apiServers });
}

function labelsByName(namespaces: readonly Namespace[]): ReadonlyMap<string, Labels> {
  return new Map(namespaces.map(({ name, labels }) => [name, labels]));
}

function servicesByKey(services: readonly Service[]): ReadonlyMap<string, Service> {
  return new Map(services.map((service) => [service.key, service]));
}

function validPools(pools: readonly PoolObject[]): readonly Pool[] {
  return pools.flatMap((each) => ("pool" in each ? [each.pool] : []));
}

function invalidPools(pools: readonly PoolObject[]): readonly InvalidPool[] {
  return pools.flatMap((each) => ("invalid" in each ? [each.invalid] : []));
}
