import { lonelyMembers } from "../announce/group-facts.ts";
import { loadOf } from "../announce/group-lans.ts";
import { respectNothing } from "../announce/standing.ts";
import type { Labels } from "../api/label-selector.ts";
import type { Namespace } from "../api/namespace.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import { memo } from "../runtime/memo.ts";
import { AddressStates } from "./address-states.ts";
import { Contests } from "./contests.ts";
import { clusterFamily, forbiddenRanges } from "./forbidden.ts";
import { type GroupSight, GroupSightings } from "./group-sightings.ts";
import { Handovers } from "./handovers.ts";
import { type NodeReport, nodeReport } from "./node-reports.ts";
import type { ControllerOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { PendingClaims } from "./pending-claims.ts";
import type { ClusterView } from "./ports.ts";
import { Resting } from "./resting.ts";
import { RightsBook } from "./route-rights.ts";
import { SessionBook } from "./session-book.ts";
import type { ControllerSnapshot } from "./snapshot.ts";
import { StartWindow } from "./start-window.ts";

/** Which options change what is planned. */
export type PlanOptions = Pick<
  ControllerOptions,
  "defaultClass" | "allowForeignAddresses" | "writeLoadBalancerIP" | "observe"
> &
  Partial<Pick<ControllerOptions, "rebalance" | "respect">>;

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
  readonly #restingPools = new Resting();
  readonly #restingPeers = new Resting();
  readonly #minorWrites = new Pace();
  readonly #sessions = new SessionBook();
  readonly #rights = new RightsBook();
  readonly #handovers = new Handovers();
  readonly #sightings = new GroupSightings();
  readonly #start: StartWindow;
  #reports: ReadonlyMap<string, NodeReport> = new Map();
  readonly #forbidden = memo(forbidden);
  readonly #seen = memo(servicesByKey);
  readonly #namespaces = memo(labelsByName);
  readonly #groups = memo(groupsByName);
  readonly #load = memo(loadOf);

  constructor(view: ClusterView, options: PlanOptions, clock: Clock) {
    this.#view = view;
    this.#options = options;
    this.#clock = clock;
    this.#start = new StartWindow(clock.monotonicMs());
  }

  /** Everything as it is now. */
  snapshot(): ControllerSnapshot {
    const view = this.#view;
    const monotonicMs = this.#clock.monotonicMs();
    const allocation = this.#allocation();
    const { announcing, conflicts, reports, changesInMs } = this.#announcing(allocation.advertisements, monotonicMs);
    const nodes = view.nodes();
    const startsInMs = this.#start.leftMs({ nodes, reports, advertisements: allocation.advertisements }, monotonicMs);
    const inMs = earliest([
      ...changesInMs,
      startsInMs,
      view.livenessChangesInMs(),
      this.#restingPools.endsInMs(monotonicMs),
      this.#restingPeers.endsInMs(monotonicMs),
      this.contests.restEndsInMs(monotonicMs),
    ]);
    return {
      allocation: conflicts.size === 0 ? allocation : { ...allocation, conflicts },
      seen: this.#seen(allocation.services),
      invalidPools: view.invalidPools(),
      peers: view.peers(),
      invalidPeers: view.invalidPeers(),
      groups: view.groups(),
      nodes,
      vipNodes: view.vipNodes(),
      endpointSlices: view.endpointSlices(),
      reports,
      ...announcing,
      witnesses: view.witnesses(),
      load: this.#load(allocation.pools, allocation.advertisements),
      mayRebalanceTo: this.#mayRebalanceTo(),
      respect: this.#options.respect ?? respectNothing,
      starting: startsInMs !== undefined,
      restingPools: this.#restingPools.names(),
      restingPeers: this.#restingPeers.names(),
      writeLoadBalancerIP: this.#options.writeLoadBalancerIP,
      contested: (write) => this.contests.contested(write, monotonicMs),
      ...(inMs === undefined ? {} : { changesInMs: inMs }),
      nowMs: this.#clock.wallMs(),
    };
  }

  /** Who answers for what, and what time tells of addresses and groups. */
  #announcing(advertisements: readonly Advertisement[], nowMs: number) {
    const view = this.#view;
    const reports = this.#nodeReports();
    const { states, awaited, moving, conflicts, ...silence } = this.#states.at(
      advertisements,
      {
        reports,
        groups: this.#groups(view.groups()),
        rights: this.#rights.at(view.nodes(), view.peers(), reports),
      },
      nowMs,
    );
    const sight = this.#groupSight(reports);
    const lonely = lonelyMembers(sight.groups, sight.nodes);
    const handovers = this.#handovers.at(moving, states, { reports, lonely }, nowMs);
    const sighted = this.#sightings.at(sight, nowMs);
    const { follow, waiting } = handovers;
    const held = { states, awaited, follow, waiting, moving: moving.length > 0 };
    const routed = this.#routed(reports, nowMs);
    return {
      reports,
      conflicts,
      announcing: { ...held, groupFacts: sighted.facts, ...routed.announcing },
      changesInMs: [silence.changesInMs, ...handovers.changesInMs, sighted.changesInMs, ...routed.changesInMs],
    };
  }

  /** What time tells of BGP. */
  #routed(reports: ReadonlyMap<string, NodeReport>, nowMs: number) {
    const view = this.#view;
    const sessions = this.#sessions.at({ reports, nodes: view.nodes(), peers: view.peers() }, nowMs);
    const minorWrites = this.#minorWrites.left(nowMs);
    const changesInMs = [...this.#sessions.changesInMs(nowMs), this.#minorWrites.changesInMs()];
    return { announcing: { sessions, minorWrites }, changesInMs };
  }

  #groupSight(reports: ReadonlyMap<string, NodeReport>): GroupSight {
    const view = this.#view;
    const liveness = new Map([...reports].map(([name, report]) => [name, report.liveness]));
    const vipNodes = new Map(view.vipNodes().map((node) => [node.name, node]));
    const forMs = (node: string): number => view.livenessForMs(node);
    return { groups: view.groups(), nodes: { vipNodes, liveness }, witnesses: view.witnesses(), forMs };
  }

  #mayRebalanceTo(): (node: string) => boolean {
    if (this.#options.rebalance === "Auto") return () => true;
    const nowMs = this.#clock.wallMs();
    const asked = this.#view.vipNodes().filter(({ rebalanceUntilMs = 0 }) => rebalanceUntilMs > nowMs);
    const names = new Set(asked.map(({ name }) => name));
    return (node) => names.has(node);
  }

  /** Notes that a pool's counters were written just now. */
  poolWritten(name: string): void {
    this.#restingPools.written(name, this.#clock.monotonicMs());
  }

  /** Notes that a BGPPeer's status was written just now. */
  peerWritten(name: string): void {
    this.#restingPeers.written(name, this.#clock.monotonicMs());
  }

  /** Notes that a status was written just now that could have waited. */
  minorWritten(): void {
    this.#minorWrites.spent(this.#clock.monotonicMs());
  }

  #allocation(): Snapshot {
    const view = this.#view;
    const services = view.services();
    return {
      services,
      pools: view.pools(),
      advertisements: this.claims.over(view.advertisements()),
      seenForMs: view.seenForMs,
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

function groupsByName(groups: readonly Group[]): ReadonlyMap<string, Group> {
  return new Map(groups.map((group) => [group.name, group]));
}
