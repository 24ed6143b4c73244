import type { PoolObject } from "../api/ip-pool.ts";
import type { AdvertisementObject } from "../api/vip-advertisement.ts";
import type { Resource } from "../kube/resource.ts";
import { heraldResource } from "../kube/resources.ts";

/** IPPools. */
export const POOLS: Resource<PoolObject> = heraldResource("ippools", "IPPool");

/** VIPAdvertisements: the ledger. */
export const ADVERTISEMENTS: Resource<AdvertisementObject> = heraldResource("vipadvertisements", "VIPAdvertisement");
