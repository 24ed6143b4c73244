import type { Address } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import type { AgentChange } from "./plan.ts";
import type { AddressReport, AddressWish } from "./ports.ts";

/** What the speaker was last asked about an address, and what it said since. */
export type HeldAddress = {
  readonly address: Address;
  /** Undefined once it was asked to withdraw. */
  readonly wish: AddressWish | undefined;
  /** The interface on which it answers; empty while it does not. */
  readonly interface: string;
  /** Whether the speaker answers for it on the network. */
  readonly answering: boolean;
  readonly trouble?: Trouble;
};

/** What is wrong with an address. Conflict: a foreign station has it too. SpeakerFailed: the operating system refused something. */
export type Trouble = { readonly reason: "Conflict" | "SpeakerFailed"; readonly message: string };

/** All addresses that the speaker was asked for and that it has not withdrawn yet, by the name of the advertisement. */
export type Held = ReadonlyMap<string, HeldAddress>;

/** The entry after a change was sent to the speaker; undefined: nothing is left to hear about it. */
export function heldAfterChange(before: HeldAddress | undefined, change: AgentChange): HeldAddress | undefined {
  if (change.kind === "withdraw") return before?.answering === true ? { ...before, wish: undefined } : undefined;
  const { address } = change;
  return { ...(before ?? { address, interface: "", answering: false }), wish: change };
}

/** The entry after a report; undefined: no longer held. A `withdrawn` that crossed with a new wish on its way leaves the entry. */
export function heldAfterReport(before: HeldAddress, report: AddressReport): HeldAddress | undefined {
  const { trouble, ...untroubled } = before;
  const silent = { interface: "", answering: false };
  switch (report.kind) {
    case "announced":
      return { ...untroubled, interface: report.interface, answering: true };
    case "withdrawn":
      return before.wish === undefined ? undefined : { ...untroubled, ...silent };
    case "conflict":
      return { ...before, trouble: { reason: "Conflict", message: `${formatMac(report.mac)} has the address too` } };
    case "conflictOver":
      return trouble?.reason === "Conflict" ? untroubled : before;
    case "failed":
      return { ...before, ...silent, trouble: { reason: "SpeakerFailed", message: report.message } };
  }
}
