import type { Address } from "../../net/address.ts";

/** The group as its VIPGroup has it; `epoch` is its generation. Members are node names, the order means nothing. */
export type GroupList = {
  readonly epoch: number;
  readonly members: readonly string[];
  readonly witness: boolean;
  readonly forced: boolean;
};

/**
 * What this node knows of an address of the group from the API: where it is wanted, and whether this node may hold it.
 * `candidates`: who may hold it as far as this node knows; absent: every member. It saves the wait for those who may not.
 */
export type Wish = {
  readonly address: Address;
  readonly node: string;
  readonly generation: number;
  readonly willing: boolean;
  readonly candidates?: readonly string[];
};

/** One call to the API server for the witness Lease; each is answered once, or never. */
export type WitnessRequest = { readonly id: number } & (
  | { readonly kind: "get" }
  | { readonly kind: "take" | "renew" | "empty"; readonly resourceVersion: string }
);

/** `written` gives the version that this very write made. `failed`: no decisive answer. */
export type WitnessAnswer = { readonly id: number } & (
  | { readonly kind: "found"; readonly holder: string; readonly resourceVersion: string }
  | { readonly kind: "written"; readonly resourceVersion: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "failed" }
);

/**
 * Why this node began to answer for an address (the first line), or ended.
 * `Free`: nobody had it. `Failover`: its holder fell silent or started anew. `Restart`: this node had it before its restart.
 * `Regained`: the claim stood, the majority came back.
 */
export type Cause =
  | "Free"
  | "Failover"
  | "PlannedMove"
  | "HolderGives"
  | "Restart"
  | "Regained"
  | "Given"
  | "Withdrawn"
  | "Unwilling"
  | "NotAMember"
  | "VotesLost"
  | "QuorumLost"
  | "HigherTerm"
  | "OtherHolder"
  | "BetterClaim"
  | "ForeignStation"
  | "GatewaySilent"
  | "ApiAnswered"
  | "NewerList";

/** What changed for this node; `readList`: somebody goes by a newer list, GET the VIPGroup. */
export type News =
  | { readonly kind: "began" | "ended"; readonly address: Address; readonly cause: Cause }
  | { readonly kind: "readList" }
  | { readonly kind: "quorum"; readonly has: boolean };
