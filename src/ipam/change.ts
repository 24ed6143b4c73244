import type { Announcement } from "../api/announcement.ts";
import type { ConditionState } from "../api/condition.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { Address } from "../net/address.ts";

/** One write to the ledger; each is safe to repeat, and each may fail alone. */
export type LedgerChange =
  /** POST: the address becomes the Service's. Group and node are added by placement. */
  | {
      readonly kind: "claim";
      readonly service: Service;
      readonly address: Address;
      /** Empty: outside every pool. */
      readonly pool: string;
      readonly announcement: Announcement;
    }
  /** PUT: what is copied from the pool and the Service is brought up to date. */
  | { readonly kind: "refresh"; readonly advertisement: Advertisement; readonly spec: Partial<AdvertisementSpec> }
  /** PUT with empty `services`, after a quorum GET of the Service has confirmed the reason. */
  | { readonly kind: "release"; readonly advertisement: Advertisement; readonly reason: ReleaseReason }
  /** DELETE of an advertisement that belongs to nobody. */
  | { readonly kind: "forget"; readonly advertisement: Advertisement };

/** The claim among the changes: an allocation that does not exist yet. */
export type Claim = Extract<LedgerChange, { kind: "claim" }>;

/** Every reason why an address is taken from a Service, as `docs/reasons.md` explains them. */
export const releaseReasons = ["ServiceGone", "ServiceReplaced", "NotDemanded", "Surplus", "Moved"] as const;

/** One of `releaseReasons`. */
export type ReleaseReason = (typeof releaseReasons)[number];

/** What a handled Service has after the plan, and what its condition `herald.dev/Allocated` shall say. */
export type Outcome = {
  readonly service: Service;
  /** Held or claimed by this plan, in ipFamilies order. */
  readonly addresses: readonly Address[];
  readonly allocated: ConditionState;
};

/**
 * Whether what the Service says of its addresses, fields and ingress, stays as it is: it shows one that Herald cannot vouch
 * for, something may answer for it, and what it says may be the only memory of it.
 */
export function staysAsShown({ allocated }: Outcome): boolean {
  return allocated.reason === "AdoptionRefused";
}

/** What to write, and what to tell each handled Service. */
export type Plan = {
  readonly changes: readonly LedgerChange[];
  /** By `namespace/name`; handled Services only. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
};
