import type { Address } from "../../net/address.ts";
import type { GroupList } from "./inputs.ts";

/** What one member of a group says to another: each interval, and at once when something changes. */
export type Heartbeat = {
  /** Of the sender's process: 64 random bits, never 0n. */
  readonly boot: bigint;
  /** Counts what the sender's process has sent to this receiver, from 1; 32 bits. */
  readonly seq: number;
  /** The newest heartbeat of the receiver that the sender has taken in; boot 0n: none yet. */
  readonly ack: { readonly boot: bigint; readonly seq: number };
  /** The generation of the VIPGroup that the sender goes by. */
  readonly epoch: number;
  readonly quorum: boolean;
  readonly leaving: boolean;
  /** Asks for a heartbeat in return, at once. */
  readonly answerMe: boolean;
  /** Counts the witness as its own vote. */
  readonly witness: boolean;
  /** The list that the sender goes by, or one before it that is newer than the receiver's, was forced. */
  readonly forced: boolean;
  /** How often the sender's process sends at least; the same for all of its life. */
  readonly intervalMs: number;
  readonly table: TableUpdate;
  /** Rule 20: the list that the sender goes by, for a receiver that goes by an older one. */
  readonly list?: SentList;
};

/** A list with the uid of its VIPGroup: of another object, perhaps of the same name, it says nothing. */
export type SentList = GroupList & { readonly uid: string };

/** The sender's votes, claims and wants: what changed since what the receiver is known to have. At rest there is no entry. */
export type TableUpdate = {
  /** Of the sender's table as it is now. */
  readonly version: number;
  /** The entries are those that changed after this version of it; 0: they are all there are, what the receiver has is dropped. */
  readonly from: number;
  /** With these entries the receiver has the table as of this version; less than `version`: more is to come. */
  readonly upTo: number;
  /** The version of the receiver's table that the sender has, of the process `ack.boot`. */
  readonly known: number;
  readonly entries: readonly TableEntry[];
};

/** What a member says of one address. */
export type TableEntry = {
  readonly address: Address;
  /** Which claim it votes for, its own included; absent: for nobody. `boot` names the claimant's process. */
  readonly vote?: VoteFor;
  /** Only beside a vote for itself. `gives`: it is leaving or not willing, and waits for an heir. */
  readonly claim?: ClaimState;
  /** It asks the holder for the address: the spec's generation, 0 because the holder gives it. */
  readonly wants?: number;
};

/** Names one claim: the claimant's process, its own count of claims, and the priority that it claimed with. */
export type VoteFor = { readonly boot: bigint; readonly claim: number; readonly priority: number };

/** What a claimant says of its claim: `claims` it has no majority yet, `keeps` it goes on without one. */
export type ClaimState = {
  readonly state: "claims" | "holds" | "keeps";
  readonly term: number;
  readonly generation: number;
  readonly gives: boolean;
};
