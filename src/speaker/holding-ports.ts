import type { HoldEvent } from "../announce/hold.ts";
import type { HoldFrame } from "../announce/hold-output.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { SpeakerReport } from "./messages.ts";

/** An address as seen on the LAN of the interface of this index. */
export type OnLan = { readonly address: Address; readonly lanIndex: number };

/** What LANs tell of an address: another station's claim, and what became of a probe. */
export type LanEvent = Extract<HoldEvent, { readonly kind: "claim" | "probeLeft" | "probeFailed" }>;

/** What holding an address asks of a LAN. */
export type HoldingLan = {
  readonly index: number;
  /** Receives what is sent about the address. @throws if the operating system does not let it */
  join(address: Address): void;
  /** The opposite of join; frames that wait are dropped. */
  leave(address: Address): void;
  /** Puts a frame in the LAN's queue. */
  send(address: Address, frame: HoldFrame): void;
};

/** What holdings need of the votes of the group that an address belongs to. */
export type HoldingVotes = {
  /** Until when requests for the address may be answered, in ms of the thread's clock; -Infinity: not at all. */
  answersUntilMs(group: string, address: Address): number;
  /** Whether the group agrees with what this node holds; without, it is kept. */
  hasQuorum(group: string): boolean;
  /** Whether a hardware address is a member's. */
  isMember(group: string, mac: Mac): boolean;
  /** Another station says that it has an address of the group. */
  foreign(group: string, address: Address): void;
};

/** What holdings need of the world. */
export type HoldingPorts = {
  /** The LAN of the interface of this name, or why there is none now. */
  readonly lanOf: (name: string) => { readonly lan: HoldingLan } | { readonly failure: string };
  /** The addresses of mode Address: `put` gives why it could not, or undefined. */
  readonly kernelAddresses: {
    put(entry: { readonly index: number; readonly address: Address }): string | undefined;
    remove(address: Address): void;
  };
  readonly votes: HoldingVotes;
  readonly report: (report: SpeakerReport) => void;
};
