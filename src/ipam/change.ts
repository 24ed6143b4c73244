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

/**
 * Why an address is taken from a Service: it is gone, it is another one of the same name, it is no longer a handled
 * Service or wants that family no more, it held more than it may, or it got the address that it asked for instead.
 */
export type ReleaseReason = "ServiceGone" | "ServiceReplaced" | "NotDemanded" | "Surplus" | "Moved";

/** What a handled Service has after the plan, and what its condition `herald.dev/Allocated` shall say. */
export type Outcome = {
  readonly service: Service;
  /** Held or claimed by this plan, in ipFamilies order. */
  readonly addresses: readonly Address[];
  readonly allocated: ConditionState;
};

/** What to write, and what to tell each handled Service. */
export type Plan = {
  readonly changes: readonly LedgerChange[];
  /** By `namespace/name`; handled Services only. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** When to plan again though nothing happened (milliseconds since the epoch); absent: never. */
  readonly wakeAtMs?: number;
};
