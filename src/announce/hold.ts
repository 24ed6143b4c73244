/**
 * What one node does on its LAN about one address that the votes gave it, as a pure state machine: the moment and what was
 * heard go in; frames to send and news come out. Who may hold an address, and until when, is the business of the votes
 * (`votes/`); a hold begins and ends when they say so.
 *
 * | phase | answers | leaves it when |
 * |---|---|---|
 * | Probing | no | nobody answered two probes → Held; somebody did → Conflict |
 * | Conflict | no | time to probe again → Probing |
 * | Held | yes | its owner drops it |
 *
 * Without a quorum a node keeps what it held: it announces nothing then, defends nothing, and asks each second whether
 * somebody else has the address; what follows from an answer, the votes decide.
 */
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import {
  type Held,
  heldAnew,
  heldOnClaim,
  heldOnQuorum,
  heldOnTime,
  heldWakeAtMs,
  remindSoon,
  startHeld,
} from "./hold-held.ts";
import { type HoldOutput, send } from "./hold-output.ts";
import { PROBE_COUNT, PROBE_FAILED_MS, PROBE_INTERVAL_MS, PROBE_LOST_MS, RETRY_MS } from "./hold-schedule.ts";

/** How often probing found another station, and which at last. */
type Refused = { readonly times: number; readonly mac: Mac };
type Probing = {
  readonly kind: "Probing";
  /** How many probes are known to have left. */
  readonly sent: number;
  /** Whether one more was ordered and has not left yet. */
  readonly ordered: boolean;
  readonly nextAtMs: number;
  readonly refused: Refused | undefined;
};
type Conflict = { readonly kind: "Conflict"; readonly retryAtMs: number; readonly refused: Refused };

/** One address that this node holds by votes. A value: each step gives a new one. */
export type Hold = {
  readonly address: Address;
  /** Whether the group agrees; without, the address is kept. */
  readonly quorum: boolean;
  readonly phase: Probing | Conflict | Held;
};

/**
 * What happens to a hold. `probeLeft`: a probe went out on the network; it may have waited. `probeFailed`: the operating
 * system did not take it. `claim`: a station that is no member of the group said that it has the address.
 * `announceAgain`: the way to this node has changed, and switches must learn it. `memberBack`: a member is heard again, whose
 * side of the LAN may have learned another way.
 */
export type HoldEvent =
  | { readonly kind: "time" }
  | { readonly kind: "probeLeft" | "probeFailed" }
  | { readonly kind: "claim"; readonly mac: Mac }
  | { readonly kind: "announceAgain" | "memberBack" }
  | { readonly kind: "quorum"; readonly has: boolean };

/** A hold after an event, and what to do, in this order. */
export type HoldStep = { readonly hold: Hold; readonly outputs: readonly HoldOutput[] };

/**
 * What a hold begins with. `probe`: the network is asked first whether somebody has the address. `retake`: this node held
 * it until its interface went, so it asks only without a quorum.
 */
export type HoldStart = {
  readonly address: Address;
  readonly probe: boolean;
  readonly retake: boolean;
  readonly quorum: boolean;
};

/** Begins to hold an address. */
export function startHold({ address, probe, retake, quorum }: HoldStart, nowMs: number): HoldStep {
  const begun = { address, quorum };
  return (retake ? !quorum : probe) ? orderProbe(begun, { sent: 0, refused: undefined }, nowMs) : take(begun, nowMs);
}

/** Whether requests for the address are to be answered while the votes last. */
export function answers({ phase }: Hold): boolean {
  return phase.kind === "Held";
}

/** When the next `time` event is due, in the clock of `nowMs`. */
export function wakeAtMs({ phase, quorum }: Hold): number {
  switch (phase.kind) {
    case "Probing":
      return phase.nextAtMs;
    case "Conflict":
      return phase.retryAtMs;
    case "Held":
      return heldWakeAtMs(phase, quorum);
  }
}

/** The hold after an event at `nowMs`, which never runs backwards. An event that means nothing in its phase changes nothing. */
export function stepHold(hold: Hold, event: HoldEvent, nowMs: number): HoldStep {
  switch (event.kind) {
    case "time":
      return nowMs < wakeAtMs(hold) ? unchanged(hold) : onTime(hold, nowMs);
    case "probeLeft":
      return onProbe(hold, { sent: 1, nextAtMs: nowMs + PROBE_INTERVAL_MS });
    case "probeFailed":
      return onProbe(hold, { sent: 0, nextAtMs: nowMs + PROBE_FAILED_MS });
    case "claim":
      return onClaim(hold, event.mac, nowMs);
    case "announceAgain":
      return onAnnounceAgain(hold, nowMs);
    case "memberBack":
      return hold.phase.kind === "Held" ? held(hold, remindSoon(hold.phase, hold.address, nowMs)) : unchanged(hold);
    case "quorum":
      return event.has === hold.quorum ? unchanged(hold) : onQuorum({ ...hold, quorum: event.has }, nowMs);
  }
}

function unchanged(hold: Hold): HoldStep {
  return { hold, outputs: [] };
}

type Begun = Pick<Hold, "address" | "quorum">;

/** If nothing is heard of the probe by `nextAtMs`, it is ordered again. */
function orderProbe(
  { address, quorum }: Begun,
  { sent, refused }: Pick<Probing, "sent" | "refused">,
  nowMs: number,
): HoldStep {
  const phase: Probing = { kind: "Probing", sent, ordered: true, nextAtMs: nowMs + PROBE_LOST_MS, refused };
  return { hold: { address, quorum, phase }, outputs: [send("probe")] };
}

function onProbe(hold: Hold, { sent, nextAtMs }: Pick<Probing, "sent" | "nextAtMs">): HoldStep {
  const { phase } = hold;
  if (phase.kind !== "Probing" || !phase.ordered) return unchanged(hold);
  return unchanged({ ...hold, phase: { ...phase, sent: phase.sent + sent, ordered: false, nextAtMs } });
}

function take({ address, quorum }: Begun, nowMs: number, before: readonly HoldOutput[] = []): HoldStep {
  const phase = startHeld({ address, quorum }, nowMs);
  return { hold: { address, quorum, phase }, outputs: [...before, send("takeOver"), { kind: "announced" }] };
}

function onTime(hold: Hold, nowMs: number): HoldStep {
  const { phase } = hold;
  switch (phase.kind) {
    case "Probing":
      return onProbeTime(hold, phase, nowMs);
    case "Conflict":
      return orderProbe(hold, { sent: 0, refused: phase.refused }, nowMs);
    case "Held": {
      const { held, outputs } = heldOnTime(phase, hold, nowMs);
      return { hold: { ...hold, phase: held }, outputs };
    }
  }
}

function onProbeTime(hold: Hold, phase: Probing, nowMs: number): HoldStep {
  if (phase.sent < PROBE_COUNT) return orderProbe(hold, phase, nowMs);
  return take(hold, nowMs, phase.refused === undefined ? [] : [{ kind: "conflictOver" }]);
}

function onClaim(hold: Hold, mac: Mac, nowMs: number): HoldStep {
  const { phase } = hold;
  switch (phase.kind) {
    case "Probing":
      return refuse(hold, { times: (phase.refused?.times ?? 0) + 1, mac }, nowMs);
    case "Held": {
      if (!hold.quorum) return unchanged(hold);
      const { held, outputs } = heldOnClaim(phase, mac, nowMs);
      return { hold: { ...hold, phase: held }, outputs };
    }
    case "Conflict":
      return unchanged(hold);
  }
}

function refuse(hold: Hold, refused: Refused, nowMs: number): HoldStep {
  const waitMs = refused.times <= RETRY_MS.firstCount ? RETRY_MS.first : RETRY_MS.later;
  const phase: Conflict = { kind: "Conflict", retryAtMs: nowMs + waitMs, refused };
  return { hold: { ...hold, phase }, outputs: refused.times === 1 ? [{ kind: "conflict", mac: refused.mac }] : [] };
}

function onAnnounceAgain(hold: Hold, nowMs: number): HoldStep {
  if (hold.phase.kind !== "Held") return unchanged(hold);
  const { held, outputs } = heldAnew(hold.phase, hold, nowMs);
  return { hold: { ...hold, phase: held }, outputs };
}

function onQuorum(hold: Hold, nowMs: number): HoldStep {
  return hold.phase.kind === "Held" ? held(hold, heldOnQuorum(hold.phase, hold, nowMs)) : unchanged(hold);
}

function held(hold: Hold, phase: Held): HoldStep {
  return unchanged({ ...hold, phase });
}
