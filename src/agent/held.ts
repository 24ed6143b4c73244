import type { ArpMode } from "../api/announcement.ts";
import type { Address } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import type { AgentChange } from "./plan.ts";
import type { AddressReport } from "./ports.ts";

/** What the speaker was last asked about an address, and what it said since. */
export type HeldAddress = {
  readonly address: Address;
  readonly interface: string;
  readonly mode: ArpMode;
  readonly asked: AgentChange["kind"];
  /** Why it was asked; for the log and the metrics. */
  readonly cause: string;
  /** Whether the speaker answers for it on the network. */
  readonly answering: boolean;
  readonly trouble?: Trouble;
};

/**
 * What is wrong with an address. Conflict: another station has it too. Superseded: given up to another station while
 * nobody could say whose it was. SpeakerFailed: the operating system refused something.
 */
export type Trouble = {
  readonly reason: "Conflict" | "Superseded" | "SpeakerFailed";
  readonly message: string;
};

/** All addresses that the speaker was asked for and that it has not withdrawn yet, by the name of the advertisement. */
export type Held = ReadonlyMap<string, HeldAddress>;

/** Whether the speaker has yet to say what became of the wish to announce it. */
export function isPending({ asked, answering, trouble }: HeldAddress): boolean {
  return asked === "announce" && !answering && trouble === undefined;
}

/** The entry after a change was sent to the speaker; undefined: nothing is left to hear about it. */
export function heldAfterChange(before: HeldAddress | undefined, change: AgentChange): HeldAddress | undefined {
  const { kind, address, cause } = change;
  if (kind === "announce") {
    const { interface: name, mode } = change;
    return { address, interface: name, mode, asked: kind, cause, answering: before?.answering ?? false };
  }
  return before === undefined || before.trouble?.reason === "Superseded"
    ? undefined
    : { ...before, asked: kind, cause };
}

/**
 * The entry after a report; undefined: no longer held. A `withdrawn` that crossed with a new `announce` on its way
 * leaves the entry: `announced` follows.
 */
export function heldAfterReport(before: HeldAddress, report: AddressReport): HeldAddress | undefined {
  const { trouble, ...untroubled } = before;
  switch (report.kind) {
    case "announced":
      return { ...untroubled, interface: report.interface, answering: true };
    case "withdrawn":
      return before.asked === "announce" ? { ...before, answering: false } : undefined;
    case "conflict":
      return { ...before, trouble: { reason: "Conflict", message: `${formatMac(report.mac)} has the address too` } };
    case "conflictOver":
      return trouble?.reason === "Conflict" ? untroubled : before;
    case "superseded":
      return { ...before, answering: false, trouble: supersededBy(formatMac(report.mac)) };
    case "failed":
      return { ...before, answering: false, trouble: { reason: "SpeakerFailed", message: report.message } };
  }
}

function supersededBy(mac: string): Trouble {
  return { reason: "Superseded", message: `given up to ${mac} while the API server was away` };
}
