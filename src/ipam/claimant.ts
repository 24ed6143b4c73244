import type { Service } from "../api/service.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Address } from "../net/address.ts";
import type { Demand } from "./demand.ts";
import type { Refusal } from "./refusal.ts";

/**
 * An address that a Service shows without a claim. `ingress`: in its status, which tenants cannot write. `annotation`: only
 * where Herald writes down what it gave, which whoever may write the Service can forge.
 */
export type ShownAddress = { readonly address: Address; readonly origin: "ingress" | "annotation" };

/** A handled Service with what it wants, what the ledger says it holds, and what it shows of the families that it holds none of. */
export type Claimant = {
  readonly service: Service;
  readonly demand: Demand;
  readonly held: readonly Advertisement[];
  /** Those of `held` that others share and that it must leave, because it says now what they did not agree to. */
  readonly evicted: readonly Advertisement[];
  readonly shown: readonly ShownAddress[];
  /** Why what it shows cannot become its own. */
  readonly unadopted?: Refusal;
};

/** The older first; of the same age, by `namespace/name`. */
export function byAge({ service: a }: Pick<Claimant, "service">, { service: b }: Pick<Claimant, "service">): number {
  return a.createdMs - b.createdMs || (a.key < b.key ? -1 : Number(a.key > b.key));
}
