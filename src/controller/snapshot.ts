import type { SessionTimes } from "../announce/bgp-standing.ts";
import type { GroupFacts } from "../announce/group-facts.ts";
import type { Load } from "../announce/group-lans.ts";
import type { Respect } from "../announce/standing.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import type { EndpointSlice } from "../api/endpoint-slice.ts";
import type { Pool } from "../api/ip-pool.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Group } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Snapshot } from "../ipam/snapshot.ts";
import type { SeenServices } from "./change.ts";
import type { FieldWrite } from "./contests.ts";
import type { AddressState, NodeReport } from "./node-reports.ts";
import type { Invalid, WitnessLease } from "./ports.ts";

/** Everything that the controller decides from, at one moment. */
export type ControllerSnapshot = {
  readonly allocation: Snapshot & { readonly pools: readonly Pool[] };
  /** All Services by `namespace/name`. */
  readonly seen: SeenServices;
  readonly invalidPools: readonly Invalid<Pool>[];
  readonly peers: readonly BgpPeer[];
  readonly invalidPeers: readonly Invalid<BgpPeer>[];
  /** What time has told of BGP sessions. */
  readonly sessions: SessionTimes;
  readonly groups: readonly Group[];
  readonly nodes: readonly ClusterNode[];
  readonly vipNodes: readonly VipNode[];
  readonly endpointSlices: readonly EndpointSlice[];
  /** Of each node that has a VIPNode. */
  readonly reports: ReadonlyMap<string, NodeReport>;
  /** Of each address in the ledger, by the name of its object. */
  readonly states: ReadonlyMap<string, AddressState>;
  /** Addresses that nobody announces but not for long enough to say so. */
  readonly awaited: ReadonlySet<string>;
  /** What time has told of the groups. */
  readonly groupFacts: GroupFacts;
  /** What groups are for: the very same while pools and ledger are. */
  readonly load: Load;
  readonly witnesses: readonly WitnessLease[];
  /** By the key of an address: the node that votes have brought it to. */
  readonly follow: ReadonlyMap<string, string>;
  /** Nodes that failed just now: the votes are given time. */
  readonly waiting: ReadonlySet<string>;
  /** Some address is held, but not where it is wanted. */
  readonly moving: boolean;
  /** Whether a node may get addresses for the sake of balance alone. */
  readonly mayRebalanceTo: (node: string) => boolean;
  readonly respect: Respect;
  /** Just started, and not all agents were heard yet: nothing is given and nothing placed. */
  readonly starting: boolean;
  /** Pools whose counters were written a moment ago. */
  readonly restingPools: ReadonlySet<string>;
  /** BGPPeers whose status was written a moment ago. */
  readonly restingPeers: ReadonlySet<string>;
  /** How many statuses of addresses may be written now of which only the words or the announcers change. */
  readonly minorWrites: number;
  readonly writeLoadBalancerIP: boolean;
  readonly contested: (write: FieldWrite) => boolean;
  /** How long until time alone changes something of this, in ms; absent: never. */
  readonly changesInMs?: number;
  /** Milliseconds since the epoch, for what people read. */
  readonly nowMs: number;
};
