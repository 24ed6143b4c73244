import type { Service } from "../api/service.ts";
import type { Address, Family } from "../net/address.ts";
import type { AllocationOptions } from "./snapshot.ts";

/** The value of `spec.loadBalancerClass` that is Herald's. */
const heraldClass = "herald.dev/vip";

/** The families that a Service wants an address of, in order, and whether one of two will not do. */
export type Demand = {
  readonly families: readonly Family[];
  /** RequireDualStack: both families or nothing new. */
  readonly allOrNothing: boolean;
};

const demands = {
  4: { families: [4], allOrNothing: false },
  6: { families: [6], allOrNothing: false },
} satisfies Record<Family, Demand>;

/** Whether Herald gives addresses to it: type LoadBalancer, of Herald's class, or of none where that is the default. */
export function isHandled(service: Service, { defaultClass }: AllocationOptions): boolean {
  if (service.type !== "LoadBalancer") return false;
  return service.loadBalancerClass === undefined ? defaultClass : service.loadBalancerClass === heraldClass;
}

/** What a handled Service wants. None listed: the cluster's family. RequireDualStack wants both, also if one is listed. */
export function demandOf({ ipFamilies, ipFamilyPolicy }: Service, clusterFamily: Family): Demand {
  const primary = ipFamilies[0] ?? clusterFamily;
  switch (ipFamilyPolicy) {
    case "SingleStack":
      return demands[primary];
    case "PreferDualStack":
      return ipFamilies.length > 1 ? { families: ipFamilies, allOrNothing: false } : demands[primary];
    case "RequireDualStack":
      return { families: primary === 4 ? [4, 6] : [6, 4], allOrNothing: true };
  }
}

/** What a Service on its way out wants: what it has, in the order in which it says so, whatever is changed in it meanwhile. */
export function heldDemand({ allocated = [] }: Service, held: readonly { readonly address: Address }[]): Demand {
  const families = [...allocated, ...held.map(({ address }) => address)].map(({ family }) => family);
  return { families: [...new Set(families)], allOrNothing: false };
}
