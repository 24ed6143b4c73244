import type { Heartbeat } from "../announce/votes/heartbeat.ts";
import type { Address } from "../net/address.ts";
import type { HeartbeatPeer } from "./heartbeats.ts";
import type { Given } from "./holdings.ts";
import type { GroupCommand, SpeakerReport } from "./messages.ts";
import type { StateFolder } from "./state-folder.ts";

/** What stays the same for all groups of a node. */
export type VoteSettings = {
  readonly node: string;
  /** Of the heartbeats, 50 to 1,000. */
  readonly intervalMs: number;
  /** UDP, of this node's heartbeats. */
  readonly port: number;
  /** What a node does with the addresses that it holds when there is neither a quorum nor an API server. */
  readonly withoutQuorum: "Keep" | "Yield";
  /** Of the node's Lease. */
  readonly leaseDurationMs: number;
};

/** Where the members of a group are heard, and this node's own address there. */
export type GroupPlace = NonNullable<GroupCommand["place"]>;

/** The way to the other members. */
export type HeartbeatLink = {
  /** @throws {Error} for a key that is none */
  setPeers(peers: readonly HeartbeatPeer[]): void;
  send(to: string, heartbeat: Heartbeat): void;
  close(): void;
};

/** Who opens a link, and what for. */
export type LinkOptions = {
  readonly group: string;
  readonly place: GroupPlace;
  readonly onHeartbeat: (from: string, heartbeat: Heartbeat) => void;
};

/** What the part of a node in a group needs of the world. */
export type GroupPorts = {
  readonly settings: VoteSettings;
  /** 64 random bits, never 0n: each part has its own, for its numbers begin anew when a node comes back to a group. */
  readonly newBoot: () => bigint;
  /** Keeps what must outlive the process. */
  readonly state: StateFolder;
  /** @throws {SystemCallError} if there is no such interface or address now */
  readonly openLink: (options: LinkOptions) => HeartbeatLink;
  readonly gateway: {
    /** The router by which this interface leads out, `none`, or `down` if the interface is. */
    of(place: GroupPlace): Address | "none" | "down";
    /** Asks for it; what could not leave is as good as unanswered. */
    ask(place: GroupPlace, gateway: Address): void;
  };
  /** In ms of the thread's clock. */
  readonly now: () => number;
  /** There may be something to do. */
  readonly wake: () => void;
  readonly report: (report: SpeakerReport) => void;
  /** Whom to tell what the votes say of addresses. */
  readonly holdings: {
    begin(address: Address, given: Given, nowMs: number): void;
    end(address: Address, given: Given, nowMs: number): void;
    quorum(group: string, has: boolean, nowMs: number): void;
    memberBack(group: string, nowMs: number): void;
  };
};
