import type { LooseArp } from "../announce/strict-arp.ts";
import type { Address } from "../net/address.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { BgpCluster } from "./bgp-ports.ts";
import type { AgentMetrics } from "./metrics.ts";
import type {
  AgentLease,
  AgentSpeaker,
  ClusterView,
  Electorate,
  Endpoint,
  Kept,
  OwnNode,
  SpeakerReport,
} from "./ports.ts";

/** What an agent is made of. */
export type AgentParts = {
  readonly node: string;
  /** Of this node's heartbeats. */
  readonly heartbeatPort: number;
  readonly leaseDurationMs: number;
  readonly cluster: ClusterView;
  readonly ownNode: OwnNode;
  readonly lease: AgentLease;
  readonly electorate: Electorate;
  readonly bgp: BgpCluster & BgpOptions;
  readonly kept: Kept;
  /** Why the kernel would answer on these interfaces for addresses that another node holds; undefined: it would not. */
  readonly looseArp: (interfaces: readonly string[]) => LooseArp | undefined;
  /** The endpoint in a text that was kept, or undefined if it is none. */
  readonly parseEndpoint: (text: string) => Endpoint | undefined;
  /** `onFailure`: the speaker has ended by itself; nothing is answered for any more. */
  readonly openSpeaker: (onReport: (report: SpeakerReport) => void, onFailure: (error: Error) => void) => AgentSpeaker;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
};

/** How a node takes part in BGP. */
export type BgpOptions = {
  /** Of the annotations of its Node that may name routers; empty: none does. */
  readonly annotationPrefix: string;
  /** How long routers get to turn to other nodes before a drained one withdraws its routes. */
  readonly drainWaitMs: number;
  /** Every address of the machine, those of its loopback interface too. */
  readonly localAddresses: () => readonly Address[];
};
