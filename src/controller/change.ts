import type { GroupSpec } from "../announce/groups.ts";
import type { PoolStatus } from "../api/ip-pool.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec, AdvertisementStatus } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Notice, Seen } from "./ports.ts";
import type { ServiceFields } from "./service-fields.ts";
import type { ServiceStatusPatch } from "./service-status.ts";

/** What one change does. */
export type Action =
  /** Claims each address, then writes the Service's fields: one chain, any prefix of which the next plan completes or undoes. */
  | {
      readonly kind: "allocate";
      readonly service: Service;
      readonly claims: readonly AdvertisementSpec[];
      readonly fields: ServiceFields | undefined;
    }
  | { readonly kind: "writeServiceFields"; readonly service: Service; readonly fields: ServiceFields }
  | { readonly kind: "writeServiceStatus"; readonly service: Service; readonly patch: ServiceStatusPatch }
  | { readonly kind: "replaceAdvertisement"; readonly advertisement: Advertisement; readonly spec: AdvertisementSpec }
  | {
      readonly kind: "writeAdvertisementStatus";
      readonly advertisement: Advertisement;
      readonly status: AdvertisementStatus;
    }
  /** Confirms by quorum reads that its Services are as the plan saw them (absent: gone), empties `services`, then deletes. */
  | {
      readonly kind: "release";
      readonly advertisement: Advertisement;
      readonly reason: string;
      readonly seen: ReadonlyMap<string, Service>;
    }
  | { readonly kind: "forget"; readonly advertisement: Advertisement }
  | { readonly kind: "writePoolStatus"; readonly pool: Seen; readonly status: PoolStatus }
  | { readonly kind: "createGroup"; readonly group: GroupSpec }
  | { readonly kind: "replaceGroup"; readonly before: Group; readonly group: GroupSpec }
  | { readonly kind: "deleteGroup"; readonly group: Group }
  | { readonly kind: "createVipNode"; readonly node: ClusterNode }
  | { readonly kind: "deleteVipNode"; readonly vipNode: VipNode };

/** One thing to do, the objects that it writes (`service/ns/name`, `vip/203-0-113-7`), and what people are told once it is done. */
export type Change = Action & { readonly keys: readonly string[]; readonly notices: readonly Notice[] };
