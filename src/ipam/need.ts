import type { Service } from "../api/service.ts";
import type { Family } from "../net/address.ts";
import type { Grant } from "./draft.ts";
import type { Refusal } from "./refusal.ts";

/** What has to be found for a Service that does not say which addresses. */
export type Need = {
  readonly service: Service;
  /** Each wants an address; in the order of the Service. */
  readonly families: readonly Family[];
  /** Pools that it has an address of already; they are tried first. */
  readonly preferred: readonly string[];
  /** What it gets by the same plan already. */
  readonly before: readonly Grant[];
};

/** What could be found, and why the rest could not. */
export type Choice = { readonly grants: readonly Grant[]; readonly lacking: ReadonlyMap<Family, Refusal> };
