import type { Witness } from "../announce/group-facts.ts";
import type { BgpPeer, PeerStatus } from "../api/bgp-peer.ts";
import type { PoolStatus } from "../api/ip-pool.ts";
import type { ClusterNode } from "../api/node.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec, AdvertisementStatus } from "../api/vip-advertisement.ts";
import type { Group, GroupSpec } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Departure, Unverified } from "../ipam/change.ts";
import type { Notice, Seen, WitnessLease } from "./ports.ts";
import type { ServiceFields } from "./service-fields.ts";
import type { ServiceStatusPatch } from "./service-status.ts";

/** The Services as the plan saw them, by `namespace/name`; absent: gone. */
export type SeenServices = ReadonlyMap<string, Service>;

/** An address for a Service: a new advertisement, or one that is there already and says something else from now on. */
export type Claim = {
  readonly spec: AdvertisementSpec;
  readonly before?: Advertisement;
  /** Whom it is taken from by the same write. */
  readonly left: readonly Departure[];
};

/** What one change does. What is `unverified` must be confirmed by a quorum read first. */
export type Action =
  /** Claims each address, then writes the Service's fields: one chain, any prefix of which the next plan completes or undoes. */
  | {
      readonly kind: "allocate";
      readonly service: Service;
      readonly claims: readonly Claim[];
      readonly fields: ServiceFields | undefined;
      readonly seen: SeenServices;
      readonly unverified: readonly Unverified[];
    }
  | {
      readonly kind: "writeServiceFields";
      readonly service: Service;
      readonly fields: ServiceFields;
      readonly unverified: readonly Unverified[];
    }
  | {
      readonly kind: "writeServiceStatus";
      readonly service: Service;
      readonly patch: ServiceStatusPatch;
      readonly unverified: readonly Unverified[];
    }
  | { readonly kind: "replaceAdvertisement"; readonly advertisement: Advertisement; readonly spec: AdvertisementSpec }
  | {
      readonly kind: "writeAdvertisementStatus";
      readonly advertisement: Advertisement;
      readonly status: AdvertisementStatus;
      /** The address stays announced, only who announces it by BGP, or the words, are others: such writes are few at a time. */
      readonly minor?: true;
    }
  /**
   * Takes the address from Services, after quorum reads have confirmed that these are as the plan saw them. What belongs to
   * nobody then, and is not remembered, is deleted too.
   */
  | {
      readonly kind: "release";
      readonly advertisement: Advertisement;
      readonly spec: AdvertisementSpec;
      readonly left: readonly Departure[];
      readonly seen: SeenServices;
    }
  | { readonly kind: "forget"; readonly advertisement: Advertisement }
  | { readonly kind: "writePoolStatus"; readonly pool: Seen; readonly status: PoolStatus }
  | { readonly kind: "writePeerStatus"; readonly peer: Seen & Pick<BgpPeer, "status">; readonly status: PeerStatus }
  | { readonly kind: "createGroup"; readonly group: GroupSpec }
  | { readonly kind: "replaceGroup"; readonly before: Group; readonly group: GroupSpec }
  | { readonly kind: "deleteGroup"; readonly group: Group }
  | { readonly kind: "writeWitness"; readonly witness: Witness; readonly before?: WitnessLease }
  | { readonly kind: "deleteWitness"; readonly before: WitnessLease }
  | { readonly kind: "createVipNode"; readonly node: ClusterNode }
  | { readonly kind: "deleteVipNode"; readonly vipNode: VipNode };

/** One thing to do, the objects that it writes (`service/ns/name`, `vip/203-0-113-7`), and what people are told once it is done. */
export type Change = Action & { readonly keys: readonly string[]; readonly notices: readonly Notice[] };
