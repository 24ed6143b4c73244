import type { ArpMode } from "../api/announcement.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { VipNode, VipNodeStatus } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { Prefix } from "../net/prefix.ts";

/** The advertisements as the API server has them, followed by a watch. */
export type AdvertisementView = {
  /** Whether the first list is in, and that of the node's own VIPNode too. */
  synced(): boolean;
  /** All of them, as last seen. */
  list(): readonly Advertisement[];
  /** When the watch that is open now last heard the server, in ms of the monotonic clock; undefined while none is open. */
  heardMs(): number | undefined;
  /** Opens a new watch at once, from where the old one was: an open connection may have been dead for long. */
  reopen(): void;
};

/** The agent's own VIPNode; its status is the only thing besides the Lease that an agent writes. */
export type OwnNode = {
  /** As last seen or written; undefined while the controller has not made it. */
  read(): VipNode | undefined;
  /**
   * Replaces the status of exactly the object that was read.
   * @throws {Error} if the API server did not take it; nothing is known about the object then
   */
  write(read: VipNode, status: VipNodeStatus): Promise<"written" | "stale">;
};

/** The Lease by which the controller knows that this agent lives; renewed by itself from the start. */
export type AgentLease = {
  /** When the last successful renewal was begun, in ms of the monotonic clock; undefined before the first. */
  renewedMs(): number | undefined;
  /** Says in the Lease, at once, that the agent is about to go, so that its addresses are moved. */
  leave(): void;
  /** Ends renewing and empties the Lease; never rejects. */
  release(): Promise<void>;
};

/** An Ethernet interface as the speaker sees it. */
export type SpeakerInterface = {
  readonly name: string;
  readonly mac: Mac;
  readonly up: boolean;
  readonly subnets: readonly Prefix[];
  readonly carriesDefaultRoute: boolean;
  readonly gateways: readonly Address[];
};

/** What the agent asks of the speaker. */
export type SpeakerCommand =
  | {
      readonly kind: "announce";
      readonly address: Address;
      readonly interface: string;
      readonly mode: ArpMode;
      readonly probe: boolean;
    }
  | { readonly kind: "withdraw"; readonly address: Address }
  | { readonly kind: "yield"; readonly address: Address }
  | { readonly kind: "authority"; readonly fresh: boolean };

/** What the speaker says about one address. */
export type AddressReport =
  | { readonly kind: "announced"; readonly address: Address; readonly interface: string }
  | { readonly kind: "withdrawn"; readonly address: Address }
  | { readonly kind: "conflict"; readonly address: Address; readonly mac: Mac }
  | { readonly kind: "conflictOver"; readonly address: Address }
  | { readonly kind: "superseded"; readonly address: Address; readonly mac: Mac }
  | { readonly kind: "failed"; readonly address: Address; readonly message: string };

/** What the speaker says. */
export type SpeakerReport =
  | AddressReport
  | { readonly kind: "interfaces"; readonly interfaces: readonly SpeakerInterface[] }
  | { readonly kind: "counters"; readonly counters: Readonly<Record<string, number>> };

/** The running speaker. */
export type AgentSpeaker = {
  send(command: SpeakerCommand): void;
  /** Withdraws everything and resolves once the speaker has ended. */
  close(): Promise<void>;
};
