import type { Liveness } from "../announce/eligibility.ts";
import type { Witness } from "../announce/group-facts.ts";
import type { BgpPeer, PeerStatus } from "../api/bgp-peer.ts";
import type { EndpointSlice } from "../api/endpoint-slice.ts";
import type { Pool, PoolStatus } from "../api/ip-pool.ts";
import type { Namespace } from "../api/namespace.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Problem } from "../api/problem.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec, AdvertisementStatus } from "../api/vip-advertisement.ts";
import type { Group, GroupSpec } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Prefix } from "../net/prefix.ts";
import type { JobResult } from "../runtime/loop.ts";
import type { ServiceFields } from "./service-fields.ts";
import type { ServiceStatusPatch } from "./service-status.ts";

/** What is known of an IPPool or a BGPPeer that cannot be read: it counts as absent but for its status. */
export type Invalid<Value extends Pool | BgpPeer> = Seen &
  Pick<Value, "generation" | "status"> & { readonly problems: readonly Problem[] };

/**
 * The cluster as last seen, Herald's own writes included. Each list is the same array until something in it changes, and each
 * object the same until it changes.
 */
export type ClusterView = {
  services(): readonly Service[];
  pools(): readonly Pool[];
  invalidPools(): readonly Invalid<Pool>[];
  advertisements(): readonly Advertisement[];
  /** For how long, in ms, this process has seen an advertisement as it is. */
  seenForMs(advertisement: Advertisement): number;
  peers(): readonly BgpPeer[];
  invalidPeers(): readonly Invalid<BgpPeer>[];
  groups(): readonly Group[];
  vipNodes(): readonly VipNode[];
  nodes(): readonly ClusterNode[];
  namespaces(): readonly Namespace[];
  endpointSlices(): readonly EndpointSlice[];
  /** The prefixes of all ServiceCIDR objects. */
  serviceNetworks(): readonly Prefix[];
  /** Where the API servers listen, and the cluster IPs of the Service `kubernetes`. */
  apiServers(): readonly Address[];
  /** Of the agent on a node, judged now. */
  liveness(node: string): Liveness;
  /** For how long, in ms, the Lease of a node's agent has been seen to move, or, of a dead one, to be still or absent. */
  livenessForMs(node: string): number;
  /** How long until some agent's liveness changes by time alone, in ms; undefined: never. */
  livenessChangesInMs(): number | undefined;
  /** The Leases that are voters of groups. */
  witnesses(): readonly WitnessLease[];
};

/** A Lease that is one more voter of a group. */
export type WitnessLease = Seen & Witness;

/** An object as it was when it was planned: a guarded write fails if it is another now. */
export type Seen = { readonly name: string; readonly uid: string; readonly resourceVersion: string };

/** What an Event says about which object. */
export type Notice = {
  readonly object: NoticeObject;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
};

/** The object of an Event. */
export type NoticeObject = {
  readonly kind: "Service" | "IPPool" | "VIPAdvertisement" | "VIPGroup" | "VIPNode" | "BGPPeer";
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
};

/**
 * Guarded writes, each safe to repeat. "stale": the object is not what was planned from, or the name is taken; what is there
 * now is in the view by then. Whatever else goes wrong throws. After "done" the view has what was written.
 */
export type ClusterWrites = {
  createAdvertisement(spec: AdvertisementSpec): Promise<JobResult>;
  replaceAdvertisement(seen: Seen, spec: AdvertisementSpec): Promise<JobResult>;
  writeAdvertisementStatus(seen: Seen, status: AdvertisementStatus): Promise<JobResult>;
  deleteAdvertisement(seen: Seen): Promise<JobResult>;
  /** The advertisement as the view has it now, this process's last write included. */
  seenAdvertisement(name: string): Advertisement | undefined;
  patchServiceFields(service: Service, fields: ServiceFields): Promise<JobResult>;
  patchServiceStatus(service: Service, patch: ServiceStatusPatch): Promise<JobResult>;
  writePoolStatus(seen: Seen, status: PoolStatus): Promise<JobResult>;
  writePeerStatus(seen: Seen, status: PeerStatus): Promise<JobResult>;
  createGroup(group: GroupSpec): Promise<JobResult>;
  replaceGroup(seen: Seen, group: GroupSpec): Promise<JobResult>;
  deleteGroup(seen: Seen): Promise<JobResult>;
  /** Makes the witness Lease of a group, held by nobody, or says in the one that was seen who may hold it. */
  writeWitness(witness: Witness, seen?: Seen): Promise<JobResult>;
  deleteWitness(seen: Seen): Promise<JobResult>;
  /** Owned by the Node, so that it goes with it. */
  createVipNode(node: ClusterNode): Promise<JobResult>;
  deleteVipNode(seen: Seen): Promise<JobResult>;
  /** The advertisement as the API server's quorum has it now; undefined: there is none. The view has the answer too. */
  readAdvertisement(name: string): Promise<Advertisement | undefined>;
  /** The Service as the API server's quorum has it now; undefined: there is none. The view has the answer too. */
  readService(namespace: string, name: string): Promise<Service | undefined>;
  /** Asks for an Event; repeated ones are counted, not repeated. Never fails. */
  publish(notice: Notice): void;
};
