import type { PeerObject } from "../api/bgp-peer.ts";
import type { PoolObject } from "../api/ip-pool.ts";
import type { AdvertisementObject } from "../api/vip-advertisement.ts";
import type { GroupObject } from "../api/vip-group.ts";
import type { VipNodeObject } from "../api/vip-node.ts";
import type { Resource } from "../kube/resource.ts";
import { heraldResource } from "../kube/resources.ts";

/** IPPools. */
export const POOLS: Resource<PoolObject> = heraldResource("ippools", "IPPool");

/** VIPAdvertisements: the ledger. */
export const ADVERTISEMENTS: Resource<AdvertisementObject> = heraldResource("vipadvertisements", "VIPAdvertisement");

/** VIPGroups: who votes with whom. */
export const GROUPS: Resource<GroupObject> = heraldResource("vipgroups", "VIPGroup");

/** VIPNodes: what people want of the nodes, and what their agents say. */
export const VIP_NODES: Resource<VipNodeObject> = heraldResource("vipnodes", "VIPNode");

/** BGPPeers: the routers that addresses are announced to. */
export const BGP_PEERS: Resource<PeerObject> = heraldResource("bgppeers", "BGPPeer");
