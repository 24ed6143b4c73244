import type { PeerObject } from "../../api/bgp-peer.ts";
import type { PoolObject } from "../../api/ip-pool.ts";
import type { ServiceObject } from "../../api/service.ts";
import type { AdvertisementObject } from "../../api/vip-advertisement.ts";
import type { GroupObject } from "../../api/vip-group.ts";
import type { VipNodeObject } from "../../api/vip-node.ts";

/** Where a kind lives in the API; `example` is never set, it carries the type of the objects. */
export type ResourceOf<Raw> = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly example?: Raw;
};

/** What every object may carry besides what Herald reads of it. */
type Typed<Raw> = Raw & { readonly apiVersion?: string; readonly kind?: string };

const herald = { group: "herald.dev", version: "v1beta1", namespaced: false } as const;

/** IPPools. */
export const POOLS: ResourceOf<Typed<PoolObject>> = { ...herald, plural: "ippools", kind: "IPPool" };

/** VIPAdvertisements, the ledger. */
export const ADVERTISEMENTS: ResourceOf<Typed<AdvertisementObject>> = {
  ...herald,
  plural: "vipadvertisements",
  kind: "VIPAdvertisement",
};

/** BGPPeers. */
export const PEERS: ResourceOf<Typed<PeerObject>> = { ...herald, plural: "bgppeers", kind: "BGPPeer" };

/** VIPGroups. */
export const GROUPS: ResourceOf<Typed<GroupObject>> = { ...herald, plural: "vipgroups", kind: "VIPGroup" };

/** VIPNodes. */
export const VIP_NODES: ResourceOf<Typed<VipNodeObject>> = { ...herald, plural: "vipnodes", kind: "VIPNode" };

/** Kubernetes' Services, as far as Herald reads them. */
export const SERVICES: ResourceOf<Typed<ServiceObject & ClusterIPs>> = {
  group: "",
  version: "v1",
  plural: "services",
  kind: "Service",
  namespaced: true,
};

type ClusterIPs = { readonly spec?: { readonly clusterIPs?: readonly string[] } };

/** Kubernetes' ServiceCIDRs: where cluster IPs come from. */
export const SERVICE_CIDRS: ResourceOf<Typed<ServiceCidrObject>> = {
  group: "networking.k8s.io",
  version: "v1",
  plural: "servicecidrs",
  kind: "ServiceCIDR",
  namespaced: false,
};

/** A ServiceCIDR as the API server has it, as far as Herald reads it. */
export type ServiceCidrObject = { readonly spec?: { readonly cidrs?: readonly string[] } };
