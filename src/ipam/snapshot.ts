import type { Pool } from "../api/ip-pool.ts";
import type { Labels } from "../api/label-selector.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Family } from "../net/address.ts";
import type { AddressRange } from "../net/range.ts";

/** Everything that an allocation is decided from; its lists may come in any order. */
export type Snapshot = {
  /** Every Service of the cluster, whatever its type: one that is missing here counts as deleted. */
  readonly services: readonly Service[];
  /** The valid pools only. */
  readonly pools: readonly Pool[];
  /** The ledger, claims that are still in flight included. */
  readonly advertisements: readonly Advertisement[];
  /** For how long, in ms, one of them has been seen as it is; absent: for ever. */
  readonly seenForMs?: (advertisement: Advertisement) => number;
  /** The labels of each namespace. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Addresses that the cluster itself uses: never given, whatever a pool or a Service says. */
  readonly forbidden: readonly ForbiddenRange[];
  /** By `addressKey`: held addresses that another station had before they were ever announced, and its words; absent: none. */
  readonly conflicts?: ReadonlyMap<string, string>;
  readonly options: AllocationOptions;
  /** Milliseconds since the epoch: what is remembered, and what rests, ends by it. */
  readonly nowMs: number;
};

/** Addresses that no Service may have, and what they are, as a message says it: `the address of node node2`. */
export type ForbiddenRange = { readonly range: AddressRange; readonly what: string };

/** The flags that change what is allocated. */
export type AllocationOptions = {
  /** Whether Services without a loadBalancerClass are handled. */
  readonly defaultClass: boolean;
  /** Whether a Service may ask for an address that lies in no pool (CVE-2020-8554 says why that is off by default). */
  readonly allowForeignAddresses: boolean;
  /** The family of a Service that lists none. */
  readonly clusterFamily: Family;
  /** Whether only what Services show already is written down, and nothing given. */
  readonly observe: boolean;
};
