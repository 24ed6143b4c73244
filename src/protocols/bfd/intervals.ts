import type { BfdState } from "./packet.ts";
import type { BfdSettings } from "./settings.ts";

/** What one end says of its timing, in microseconds. */
export type Timing = { readonly transmitUs: number; readonly receiveUs: number };

/** While a session is not up, nobody sends faster (RFC 5880, 6.8.3). */
const SLOW_US = 1_000_000;

/** What an end with these settings says in this state. */
export function saidTiming({ transmitMs, receiveMs }: BfdSettings, state: BfdState): Timing {
  const transmitUs = transmitMs * 1000;
  return { transmitUs: state === "up" ? transmitUs : Math.max(transmitUs, SLOW_US), receiveUs: receiveMs * 1000 };
}

/**
 * Of a periodic packet, the part of the interval after which it is sent: 75 to 100 %, with multiplier 1 at most 90 %, so that
 * one late packet is not a failure (RFC 5880, 6.8.7). `random` is in [0, 1).
 */
export function jitter(multiplier: number, random: number): number {
  return multiplier === 1 ? 0.9 - 0.15 * random : 1 - 0.25 * random;
}

/**
 * The local end's timing, and the poll sequences by which the other end learns of changes (RFC 5880, 6.5, 6.8.3): what would
 * make it call this end down is not done before it has answered.
 */
export class Intervals {
  /** What packets say: `bfd.DesiredMinTxInterval` and `bfd.RequiredMinRxInterval`. */
  said: Timing;
  /** What this end keeps to. */
  inForce: Timing;
  #poll: "none" | "running" | "outdated" = "none";

  constructor(timing: Timing) {
    this.said = timing;
    this.inForce = timing;
  }

  /** Whether periodic packets have the poll bit set. */
  get polling(): boolean {
    return this.#poll !== "none";
  }

  /** Says another timing from now on. `up`: the other end relies on the one before. `known`: there is another end to ask. */
  say(timing: Timing, { up, known }: { readonly up: boolean; readonly known: boolean }): void {
    const { transmitUs, receiveUs } = this.said;
    const changes = transmitUs !== timing.transmitUs || receiveUs !== timing.receiveUs;
    this.said = timing;
    this.inForce = up && known ? cautious(this.inForce, timing) : timing;
    if (changes && known) this.#poll = this.#poll === "none" ? "running" : "outdated";
  }

  /** The other end has seen a poll. If it may have been one of a timing before the last, another sequence follows. */
  answered(): void {
    if (this.#poll === "running") this.inForce = this.said;
    this.#poll = this.#poll === "outdated" ? "running" : "none";
  }

  /** There is no other end any more. */
  forget(): void {
    this.#poll = "none";
    this.inForce = this.said;
  }
}

/** Until the other end knows: as often as it expects packets, and as patient as with what it sends. */
function cautious(inForce: Timing, said: Timing): Timing {
  return {
    transmitUs: Math.min(inForce.transmitUs, said.transmitUs),
    receiveUs: Math.max(inForce.receiveUs, said.receiveUs),
  };
}
