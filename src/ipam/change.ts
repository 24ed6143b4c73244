import type { ConditionState } from "../api/condition.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, AdvertisementSpec, Member } from "../api/vip-advertisement.ts";
import type { Address } from "../net/address.ts";

/** What an advertisement shall say; where it is announced is added by placement. */
export type LedgerSpec = Pick<
  AdvertisementSpec,
  "address" | "pool" | "services" | "released" | "trafficPolicy" | "announcement"
>;

/** A Service that gives up an address. */
export type Departure = { readonly member: Member; readonly reason: ReleaseReason };

/** One write to the ledger, at most one an address; each is safe to repeat, and each may fail alone. */
export type LedgerChange =
  /**
   * POST if there is no advertisement before, else PUT over the very one that was planned from. Nobody is taken out before a
   * quorum GET of his Service has confirmed the reason.
   */
  | {
      readonly kind: "write";
      readonly before?: Advertisement;
      readonly spec: LedgerSpec;
      /** The Services that get the address by this. */
      readonly joined: readonly Service[];
      readonly left: readonly Departure[];
    }
  /** DELETE of an advertisement that belongs to nobody and is not remembered. */
  | { readonly kind: "forget"; readonly advertisement: Advertisement };

/** The write among the changes. */
export type LedgerWrite = Extract<LedgerChange, { kind: "write" }>;

/** Every reason why an address is taken from a Service, as `docs/reasons.md` explains them. */
export const releaseReasons = [
  "ServiceGone",
  "ServiceReplaced",
  "NotDemanded",
  "Surplus",
  "Moved",
  "SharingEnded",
  "AddressInUse",
] as const;

/** One of `releaseReasons`. */
export type ReleaseReason = (typeof releaseReasons)[number];

/** What is known of the advertisement of an address: its version, or that there is none. */
export type Unverified = { readonly address: Address; readonly resourceVersion?: string };

/** What a handled Service has after the plan, and what its condition `herald.dev/Allocated` shall say. */
export type Outcome = {
  readonly service: Service;
  /** Held or claimed by this plan, in ipFamilies order. */
  readonly addresses: readonly Address[];
  readonly allocated: ConditionState;
  /**
   * What is known of claims that the Service says and the ledger does not, or the ledger and the Service does not yet; present
   * if there are any. Another controller may know better: the API server must confirm it before the Service is written.
   */
  readonly unverified?: readonly Unverified[];
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
  /** When time alone changes something of this, in ms since the epoch; absent: never. */
  readonly wakeAtMs?: number;
};
