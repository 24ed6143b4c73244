import type { NetworkInterface } from "../linux/network-interface.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";

/**
 * Who answers for an announced address. Responder: the speaker answers ARP and neighbour solicitations itself, nothing is
 * put on the interface. Address: the address is put on the interface for as long as the speaker lives, and the kernel answers.
 */
export type AnnounceMode = "Responder" | "Address";

/** What the speaker is asked to do. Every command may be repeated. */
export type SpeakerCommand =
  | AnnounceCommand
  /** Stops at once; answered by `withdrawn`, also if the address was not announced. */
  | { readonly kind: "withdraw"; readonly address: Address }
  /** A planned move: goes on answering until the heir is heard, or 250 ms; then `withdrawn` as above. An `announce` before that takes it back. */
  | { readonly kind: "yield"; readonly address: Address }
  /** Whether this node's right to its addresses is known to hold (at start: yes). See src/announce/hold.ts. */
  | { readonly kind: "authority"; readonly fresh: boolean }
  /** Withdraws everything and ends the speaker. */
  | { readonly kind: "close" };

/**
 * Holds an address on the interface of this name; answered by `announced`, `conflict` or `failed`. With `probe`, the
 * network is asked first whether somebody has the address; without, the address is taken at once. An announce that
 * differs from the last in interface or mode moves the address; `probe` alone makes no difference.
 */
export type AnnounceCommand = {
  readonly kind: "announce";
  readonly address: Address;
  readonly interface: string;
  readonly mode: AnnounceMode;
  readonly probe: boolean;
};

/** What the speaker says. Reports about one address come in the order in which things happened. */
export type SpeakerReport =
  /** Answered for on the network from now on; again after an outage of the interface, and after each repeated `announce`. */
  | { readonly kind: "announced"; readonly address: Address; readonly interface: string }
  /** Not answered for any more, as asked. */
  | { readonly kind: "withdrawn"; readonly address: Address }
  /**
   * Another station has the address: not announced if a probe found that, else still announced. A claim on an announced
   * address is told when it lasts a second. Said once; ended by `conflictOver`, `failed`, `withdrawn` or `superseded`.
   */
  | { readonly kind: "conflict"; readonly address: Address; readonly mac: Mac }
  /** The other station is gone; if the address was not announced, `announced` follows. */
  | { readonly kind: "conflictOver"; readonly address: Address }
  /** Another station has the address while this node's authority is stale: given up; announce again to take it back. */
  | { readonly kind: "superseded"; readonly address: Address; readonly mac: Mac }
  /** Not answered for at present (interface absent or down, or an operating system error); tried again by itself. */
  | { readonly kind: "failed"; readonly address: Address; readonly message: string }
  /** All interfaces: at the start, and whenever one of them changed. */
  | { readonly kind: "interfaces"; readonly interfaces: readonly NetworkInterface[] }
  /** Totals since the start; at most every 10 s, and only when one changed. */
  | { readonly kind: "counters"; readonly counters: SpeakerCounters };

/** Monotonic totals since the speaker's start. */
export type SpeakerCounters = {
  readonly arpAnswers: number;
  readonly ndpAnswers: number;
  readonly announcementFrames: number;
  readonly probeFrames: number;
  readonly defenceFrames: number;
  /** Received frames that no decoder accepted; dropped. */
  readonly malformedFrames: number;
  /** Frames that the operating system did not take. */
  readonly sendFailures: number;
  /** Times that the kernel said events were lost; everything is read again then. */
  readonly netlinkOverruns: number;
};
