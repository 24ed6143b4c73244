import type { GroupList, WitnessAnswer, WitnessRequest } from "../announce/votes/inputs.ts";
import type { ArpMode } from "../api/announcement.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { Group } from "../api/vip-group.ts";
import type { VipNode, VipNodeStatus } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { Prefix } from "../net/prefix.ts";
import type { BgpCommand, BgpTrouble, SessionReport } from "./bgp-ports.ts";

/** What the agent follows of the API server; whoever follows it opens new watches after each outage. */
export type ClusterView = {
  /** Whether the first lists are all in. */
  synced(): boolean;
  /** All advertisements, as last seen; the same array until one changes. */
  advertisements(): readonly Advertisement[];
  /** All groups, as last seen; the same array until one changes. */
  groups(): readonly Group[];
  /** Reads the group of this name anew, past every watch; never rejects. */
  readGroup(name: string): Promise<void>;
};

/** The agent's own VIPNode; its status is the only thing besides Leases that an agent writes. */
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
  /** Says in the Lease, at once if it is new, where this node hears heartbeats. */
  sayEndpoint(endpoint: Endpoint): void;
  /** Says in the Lease, at once, that the agent is about to go, so that its addresses are wanted elsewhere. */
  leave(): void;
  /** Ends renewing and empties the Lease, and says there whether routers keep the node's routes; never rejects. */
  release(routesStay: boolean): Promise<void>;
};

/** Where a node hears heartbeats, and by which hardware addresses it is known on its LANs. */
export type Endpoint = {
  readonly addresses: readonly Address[];
  readonly port: number;
  /** Its public key, base64. */
  readonly key: string;
  readonly macs: readonly Mac[];
};

/** What is read of the API server when it is needed, and written into a group's witness Lease. */
export type Electorate = {
  /** What the Lease of a node's agent says; undefined if it says nothing, or cannot be read now. Never rejects. */
  readEndpoint(node: string): Promise<Endpoint | undefined>;
  /** Carries out a request at once; `failed` if there is no decisive answer soon. Never rejects. */
  askWitness(group: string, request: WitnessRequest): Promise<WitnessAnswer>;
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
  | GroupWish
  /** The node is none of its members; `list`: by the list that left it out, if the group is still there. */
  | { readonly kind: "groupGone"; readonly name: string; readonly list?: GroupList }
  /** All addresses of the group have been wished for. */
  | { readonly kind: "wished"; readonly group: string }
  | AddressWish
  | { readonly kind: "withdraw"; readonly address: Address; readonly cause: string }
  | { readonly kind: "witnessAnswer"; readonly group: string; readonly answer: WitnessAnswer }
  | { readonly kind: "apiAnswered" }
  /** In ms of the agent's monotonic clock. */
  | { readonly kind: "leaseRenewed"; readonly atMs: number }
  | { readonly kind: "leave" }
  | BgpCommand;

/** A group of this node: who votes in it, and how they, and those who left it not long ago, are reached. */
export type GroupWish = {
  readonly kind: "group";
  readonly name: string;
  readonly uid: string;
  readonly list: GroupList;
  readonly byLease: boolean;
  readonly place?: { readonly interface: string; readonly address: Address };
  readonly peers: readonly GroupPeer[];
};

/** Another member, or one that was, by what its Lease says. */
export type GroupPeer = {
  readonly node: string;
  readonly address: Address;
  readonly port: number;
  readonly key: string;
  readonly macs: readonly Mac[];
};

/** An address of a group of this node: where it is wanted, and whether and how this node may hold it. */
export type AddressWish = {
  readonly kind: "announce";
  readonly address: Address;
  readonly group: string;
  readonly node: string;
  readonly generation: number;
  readonly willing: boolean;
  /** Who may hold it; absent: every member. */
  readonly candidates?: readonly string[];
  readonly target?: Target;
};

/** Where and how to answer; `probe`: the network is asked first whether somebody has the address. */
export type Target = { readonly interface: string; readonly mode: ArpMode; readonly probe: boolean };

/** What the speaker says about one address. */
export type AddressReport =
  | { readonly kind: "announced"; readonly address: Address; readonly interface: string; readonly cause: string }
  | { readonly kind: "withdrawn"; readonly address: Address; readonly cause: string }
  | { readonly kind: "conflict"; readonly address: Address; readonly mac: Mac }
  | { readonly kind: "conflictOver"; readonly address: Address }
  | { readonly kind: "failed"; readonly address: Address; readonly message: string };

/** How the speaker sees a group. */
export type GroupReport = {
  readonly kind: "groupState";
  readonly name: string;
  readonly epoch: number;
  readonly quorum: boolean;
  /** The other members whose heartbeats come in, and those of them that hear this node too. */
  readonly hears: readonly string[];
  readonly linked: readonly string[];
  /** Its addresses are to be probed before they are taken: whom a forced list left out may still answer. */
  readonly forced: boolean;
};

/** Totals of the heartbeats of one other member. */
export type PeerCounters = {
  readonly group: string;
  readonly node: string;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly jitterMs: number;
};

/** What the speaker says. */
export type SpeakerReport =
  | AddressReport
  | SessionReport
  | BgpTrouble
  | GroupReport
  /** The answer to `leave`: nothing is held any more. */
  | { readonly kind: "left" }
  | { readonly kind: "key"; readonly publicKey: string }
  | { readonly kind: "readList"; readonly group: string }
  | { readonly kind: "witness"; readonly group: string; readonly request: WitnessRequest }
  | { readonly kind: "takeOver"; readonly afterMs: number }
  | { readonly kind: "trouble"; readonly about: string; readonly message: string }
  | { readonly kind: "interfaces"; readonly interfaces: readonly SpeakerInterface[] }
  | {
      readonly kind: "counters";
      readonly counters: Readonly<Record<string, number>>;
      readonly peers: readonly PeerCounters[];
    };

/** The running speaker. */
export type AgentSpeaker = {
  send(command: SpeakerCommand): void;
  /** Withdraws everything and resolves once the speaker has ended. */
  close(): Promise<void>;
};

/** What outlives the process, by name; neither throws. */
export type Kept = { read(name: string): unknown; write(name: string, value: unknown): void };
