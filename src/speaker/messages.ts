import type { GroupList, WitnessAnswer, WitnessRequest } from "../announce/votes/inputs.ts";
import type { NetworkInterface } from "../linux/network-interface.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { BgpCommand, BgpSessionReport, BgpTrouble } from "./bgp-messages.ts";

/**
 * Who answers for an announced address. Responder: the speaker answers ARP and neighbour solicitations itself, nothing is
 * put on the interface. Address: the address is put on the interface for as long as the speaker lives, and the kernel answers.
 */
export type AnnounceMode = "Responder" | "Address";

/** What the speaker is asked to do. Every command may be repeated. */
export type SpeakerCommand =
  | VoteCommand
  | AnnounceCommand
  | BgpCommand
  /** All addresses that are to be on lo, in place of those before; they go when they are not refreshed, at most 3 s after the speaker. */
  | { readonly kind: "bgpLo"; readonly addresses: readonly Address[] }
  /** The address is of no group of this node any more; answered by `withdrawn` if it was answered for. */
  | { readonly kind: "withdraw"; readonly address: Address; readonly cause: string }
  /** Withdraws everything and ends the speaker. BGP peers that restart gracefully keep their routes, unless `bgpDrain` was said. */
  | { readonly kind: "close" };

/** What concerns the votes of one group or of all. */
export type VoteCommand =
  | GroupCommand
  /** All addresses of the group have been told by `announce`; until then, what is missing may only not be told yet. */
  | { readonly kind: "wished"; readonly group: string }
  /**
   * Ends this node's part in the group and forgets its votes: its addresses are not answered for any more. With the list that
   * left it out, the others are told so for ten intervals before.
   */
  | { readonly kind: "groupGone"; readonly name: string; readonly list?: GroupList }
  /** What became of a witness request; late answers are ignored by their id. */
  | { readonly kind: "witnessAnswer"; readonly group: string; readonly answer: WitnessAnswer }
  /** The API server gave a decisive answer to anything. */
  | { readonly kind: "apiAnswered" }
  /** When the last successful renewal of this node's Lease was begun, see `machineMs`; of use to groups by Lease. */
  | { readonly kind: "leaseRenewed"; readonly atMachineMs: number }
  /** The node is about to go: gives its addresses to other members, and takes none. */
  | { readonly kind: "leave" };

/** A group that this node votes in, or voted in: its list, and how its other members are reached. */
export type GroupCommand = {
  readonly kind: "group";
  /** A DNS name; with the uid of its VIPGroup it names the votes that are kept over restarts. */
  readonly name: string;
  readonly uid: string;
  readonly list: GroupList;
  /** What it holds lasts until four fifths of the duration of the node's Lease after its last renewal was begun. */
  readonly byLease: boolean;
  /** Where the members are heard, and this node's own address there; absent while there is none. */
  readonly place?: { readonly interface: string; readonly address: Address };
  /**
   * The other members of whom it is known how to reach them, and who left the list not long ago: it must be told so, if a
   * forced list left it out.
   */
  readonly peers: readonly GroupPeer[];
};

/** How another member is reached. */
export type GroupPeer = {
  readonly node: string;
  readonly address: Address;
  readonly port: number;
  /** Its public key, as its Lease shows it. */
  readonly key: string;
  /** Of its interfaces: what they say of the group's addresses is no conflict. */
  readonly macs: readonly Mac[];
};

/**
 * An address of a group: where it is wanted, and whether and how this node may hold it. It is answered for while the votes
 * give it to this node; without a target, never. A new interface or mode moves it; `probe` is read when a hold begins.
 */
export type AnnounceCommand = {
  readonly kind: "announce";
  readonly address: Address;
  readonly group: string;
  /** Where it is wanted, with the generation of that wish. */
  readonly node: string;
  readonly generation: number;
  readonly willing: boolean;
  /** Who may hold it; absent: every member. */
  readonly candidates?: readonly string[];
  readonly target?: AnnounceTarget;
};

/** Where and how to answer. `probe`: the network is asked first whether somebody has the address. */
export type AnnounceTarget = { readonly interface: string; readonly mode: AnnounceMode; readonly probe: boolean };

/** What the speaker says. Reports about one address come in the order in which things happened. */
export type SpeakerReport =
  /** The speaker's public key, as others need it; at the start. */
  | { readonly kind: "key"; readonly publicKey: string }
  /** Answered for on the network from now on; again after an outage or a change of the interface. */
  | { readonly kind: "announced"; readonly address: Address; readonly interface: string; readonly cause: string }
  /** Not answered for any more. */
  | { readonly kind: "withdrawn"; readonly address: Address; readonly cause: string }
  /**
   * A station that is no member has the address: not announced if a probe found that, else still announced. A claim on an
   * announced address is told when it lasts a second. Said once; ended by `conflictOver`, `failed` or `withdrawn`.
   */
  | { readonly kind: "conflict"; readonly address: Address; readonly mac: Mac }
  /** The other station is gone; if the address was not announced, `announced` follows. */
  | { readonly kind: "conflictOver"; readonly address: Address }
  /** Not answered for at present (interface absent or down, or an operating system error); tried again by itself. */
  | { readonly kind: "failed"; readonly address: Address; readonly message: string }
  | GroupReport
  | BgpSessionReport
  | BgpTrouble
  /** The answer to `leave`: nothing is held any more, and nobody is waited for. */
  | { readonly kind: "left" }
  /** Somebody goes by a newer list: the VIPGroup must be read. */
  | { readonly kind: "readList"; readonly group: string }
  | { readonly kind: "witness"; readonly group: string; readonly request: WitnessRequest }
  /** How long after the last heartbeat of the member that was lost the first announcement left, in ms. */
  | { readonly kind: "takeOver"; readonly afterMs: number }
  /** Something is wrong that is no address's: the state folder, a heartbeat socket (once each time that it changes), a long pause. */
  | { readonly kind: "trouble"; readonly about: string; readonly message: string }
  /** All interfaces: at the start, and whenever one of them changed. */
  | { readonly kind: "interfaces"; readonly interfaces: readonly NetworkInterface[] }
  /** Totals since the start; at most every 10 s, and only when one changed. */
  | { readonly kind: "counters"; readonly counters: SpeakerCounters; readonly peers: readonly PeerCounters[] };

/** A group as this node sees it: soon after each change. */
export type GroupReport = {
  readonly kind: "groupState";
  readonly name: string;
  readonly epoch: number;
  readonly quorum: boolean;
  /** The other members whose heartbeats come in. */
  readonly hears: readonly string[];
  /** Those that hear this node too. */
  readonly linked: readonly string[];
  /** Whom a forced list left out may still answer for addresses: they are to be probed before they are taken. */
  readonly forced: boolean;
};

/** Monotonic totals of the heartbeats of one member of a group since this node knows it. */
export type PeerCounters = {
  readonly group: string;
  readonly node: string;
  readonly sent: number;
  readonly received: number;
  /** Gaps in its numbers. */
  readonly lost: number;
  /** How far the time between two differs from the interval, smoothed (RFC 3550, 6.4.1), in ms. */
  readonly jitterMs: number;
};

/** Monotonic totals since the speaker's start. */
export type SpeakerCounters = {
  readonly arpAnswers: number;
  readonly ndpAnswers: number;
  readonly announcementFrames: number;
  readonly probeFrames: number;
  readonly defenceFrames: number;
  /** Asks whether the gateway answers, while a member is not heard. */
  readonly gatewayFrames: number;
  /** Received frames that no decoder accepted; dropped. */
  readonly malformedFrames: number;
  /** Frames that the operating system did not take. */
  readonly sendFailures: number;
  /** Times that the kernel said events were lost; everything is read again then. */
  readonly netlinkOverruns: number;
  readonly heartbeatsSent: number;
  readonly heartbeatsReceived: number;
  /** Packets on the heartbeats' port that were not what a member sends: wrong code, wrong format. */
  readonly heartbeatsRefused: number;
};
