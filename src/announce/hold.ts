/**
 * What one node does about one address that it is to hold on a LAN, as a pure state machine: the moment, what was heard
 * and what is wanted go in; frames to send and news come out.
 *
 * | phase | answers | leaves it when |
 * |---|---|---|
 * | Waiting | no | authority is fresh → Probing, or Held if there is nothing to ask |
 * | Probing | no | nobody answered two probes → Held; somebody did → Conflict (stale authority: Gone); authority goes stale → Waiting, unless it was held before |
 * | Conflict | no | time to probe again, and authority is fresh → Probing |
 * | Held | yes | asked to yield → Yielding; another station's claim while authority is stale → Gone |
 * | Yielding | yes | the heir's claim, or 250 ms → Gone; announced again → Held |
 * | Gone | no | never |
 *
 * Authority is fresh while the cluster is known to agree that this node holds the address. On stale authority a node keeps
 * what it holds, takes nothing that it did not hold before, announces nothing, probes each second, and gives way to the
 * first sign of another holder.
 */
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { type Held, heldNews, heldOnAuthority, heldOnClaim, heldOnTime, heldWakeAtMs, startHeld } from "./hold-held.ts";
import { type HoldOutput, send } from "./hold-output.ts";
import { PROBE_COUNT, PROBE_FAILED_MS, PROBE_INTERVAL_MS, PROBE_LOST_MS, RETRY_MS, YIELD_MS } from "./hold-schedule.ts";

/** How often probing found another station, and which at last. */
type Refused = { readonly times: number; readonly mac: Mac };
type Waiting = { readonly kind: "Waiting"; readonly probe: boolean; readonly refused: Refused | undefined };
type Probing = {
  readonly kind: "Probing";
  /** Whether it was held before, so that stale authority is no reason to wait. */
  readonly retake: boolean;
  /** How many probes are known to have left. */
  readonly sent: number;
  /** Whether one more was ordered and has not left yet. */
  readonly ordered: boolean;
  readonly nextAtMs: number;
  readonly refused: Refused | undefined;
};
type Conflict = { readonly kind: "Conflict"; readonly retryAtMs: number; readonly refused: Refused };
type Yielding = { readonly kind: "Yielding"; readonly untilMs: number; readonly held: Held };
type Gone = { readonly kind: "Gone" };

/** One held address. A value: each step gives a new one. */
export type Hold = {
  readonly address: Address;
  readonly fresh: boolean;
  readonly phase: Waiting | Probing | Conflict | Held | Yielding | Gone;
};

/**
 * What happens to a hold. `probeLeft`: a probe went out on the network; it may have waited. `probeFailed`: the operating
 * system did not take it. `claim`: another station said that it has the address. `keep`: it was asked for again.
 */
export type HoldEvent =
  | { readonly kind: "time" }
  | { readonly kind: "probeLeft" | "probeFailed" }
  | { readonly kind: "claim"; readonly mac: Mac }
  | { readonly kind: "yield" }
  | { readonly kind: "keep" }
  | { readonly kind: "authority"; readonly fresh: boolean };

/** A hold after an event, and what to do, in this order. */
export type HoldStep = { readonly hold: Hold; readonly outputs: readonly HoldOutput[] };

/**
 * What a hold begins with. `probe`: the network is asked first whether somebody has the address. `retake`: this node held
 * it before, so it asks only if authority is stale, and takes it again even then.
 */
export type HoldStart = {
  readonly address: Address;
  readonly probe: boolean;
  readonly retake: boolean;
  readonly fresh: boolean;
};

/** Begins to hold an address. */
export function startHold({ address, probe, retake, fresh }: HoldStart, nowMs: number): HoldStep {
  const hold: Hold = { address, fresh, phase: { kind: "Gone" } };
  if (!fresh && !retake) return wait(hold, probe, undefined);
  return (retake ? !fresh : probe)
    ? orderProbe(hold, { sent: 0, retake, refused: undefined }, nowMs)
    : take(hold, nowMs);
}

/** Whether requests for the address are to be answered. */
export function answers({ phase }: Hold): boolean {
  return phase.kind === "Held" || phase.kind === "Yielding";
}

/** When the next `time` event is due, in the clock of `nowMs`; Infinity if none is. */
export function wakeAtMs({ phase, fresh }: Hold): number {
  switch (phase.kind) {
    case "Probing":
      return phase.nextAtMs;
    case "Conflict":
      return fresh ? phase.retryAtMs : Number.POSITIVE_INFINITY;
    case "Held":
      return heldWakeAtMs(phase, fresh);
    case "Yielding":
      return phase.untilMs;
    case "Waiting":
    case "Gone":
      return Number.POSITIVE_INFINITY;
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
    case "yield":
      return onYield(hold, nowMs);
    case "keep":
      return onKeep(hold);
    case "authority":
      return event.fresh === hold.fresh ? unchanged(hold) : onAuthority({ ...hold, fresh: event.fresh }, nowMs);
  }
}

function unchanged(hold: Hold): HoldStep {
  return { hold, outputs: [] };
}

function wait(hold: Hold, probe: boolean, refused: Refused | undefined): HoldStep {
  return unchanged({ ...hold, phase: { kind: "Waiting", probe, refused } });
}

type ProbingSoFar = Pick<Probing, "sent" | "retake" | "refused">;

function firstUse(refused: Refused | undefined): ProbingSoFar {
  return { sent: 0, retake: false, refused };
}

/** If nothing is heard of the probe by `nextAtMs`, it is ordered again. */
function orderProbe(hold: Hold, { sent, retake, refused }: ProbingSoFar, nowMs: number): HoldStep {
  const phase: Probing = { kind: "Probing", sent, retake, ordered: true, nextAtMs: nowMs + PROBE_LOST_MS, refused };
  return { hold: { ...hold, phase }, outputs: [send("probe")] };
}

function onProbe(hold: Hold, { sent, nextAtMs }: Pick<Probing, "sent" | "nextAtMs">): HoldStep {
  const { phase } = hold;
  if (phase.kind !== "Probing" || !phase.ordered) return unchanged(hold);
  return unchanged({ ...hold, phase: { ...phase, sent: phase.sent + sent, ordered: false, nextAtMs } });
}

function take(hold: Hold, nowMs: number, before: readonly HoldOutput[] = []): HoldStep {
  return {
    hold: { ...hold, phase: startHeld(hold, nowMs) },
    outputs: [...before, send("takeOver"), { kind: "announced" }],
  };
}

function gone(hold: Hold, output: HoldOutput): HoldStep {
  return { hold: { ...hold, phase: { kind: "Gone" } }, outputs: [output] };
}

function inPhase(hold: Hold, { held, outputs }: ReturnType<typeof heldOnTime>): HoldStep {
  return { hold: { ...hold, phase: held }, outputs };
}

function onTime(hold: Hold, nowMs: number): HoldStep {
  const { phase } = hold;
  switch (phase.kind) {
    case "Probing":
      return onProbeTime(hold, phase, nowMs);
    case "Conflict":
      return orderProbe(hold, firstUse(phase.refused), nowMs);
    case "Held":
      return inPhase(hold, heldOnTime(phase, hold, nowMs));
    case "Yielding":
      return gone(hold, { kind: "withdrawn" });
    case "Waiting":
    case "Gone":
      return unchanged(hold);
  }
}

function onProbeTime(hold: Hold, phase: Probing, nowMs: number): HoldStep {
  if (phase.sent < PROBE_COUNT) return orderProbe(hold, phase, nowMs);
  return take(hold, nowMs, phase.refused === undefined ? [] : [{ kind: "conflictOver" }]);
}

function onClaim(hold: Hold, mac: Mac, nowMs: number): HoldStep {
  const { phase, fresh } = hold;
  switch (phase.kind) {
    case "Probing":
      return fresh
        ? refuse(hold, { times: (phase.refused?.times ?? 0) + 1, mac }, nowMs)
        : gone(hold, { kind: "superseded", mac });
    case "Held":
      return fresh ? inPhase(hold, heldOnClaim(phase, mac, nowMs)) : gone(hold, { kind: "superseded", mac });
    case "Yielding":
      return gone(hold, { kind: "withdrawn" });
    case "Waiting":
    case "Conflict":
    case "Gone":
      return unchanged(hold);
  }
}

function refuse(hold: Hold, refused: Refused, nowMs: number): HoldStep {
  const waitMs = refused.times <= RETRY_MS.firstCount ? RETRY_MS.first : RETRY_MS.later;
  const phase: Conflict = { kind: "Conflict", retryAtMs: nowMs + waitMs, refused };
  return { hold: { ...hold, phase }, outputs: refused.times === 1 ? [{ kind: "conflict", mac: refused.mac }] : [] };
}

function onYield(hold: Hold, nowMs: number): HoldStep {
  switch (hold.phase.kind) {
    case "Held": {
      const phase: Yielding = { kind: "Yielding", untilMs: nowMs + YIELD_MS, held: hold.phase };
      return { hold: { ...hold, phase }, outputs: [] };
    }
    case "Waiting":
    case "Probing":
    case "Conflict":
      return gone(hold, { kind: "withdrawn" });
    case "Yielding":
    case "Gone":
      return unchanged(hold);
  }
}

/** Who asks again is told again. */
function onKeep(hold: Hold): HoldStep {
  const { phase } = hold;
  switch (phase.kind) {
    case "Held":
      return { hold, outputs: heldNews(phase) };
    case "Yielding":
      return { hold: { ...hold, phase: phase.held }, outputs: heldNews(phase.held) };
    case "Waiting":
    case "Probing":
    case "Conflict":
      return { hold, outputs: phase.refused === undefined ? [] : [{ kind: "conflict", mac: phase.refused.mac }] };
    case "Gone":
      return unchanged(hold);
  }
}

function onAuthority(hold: Hold, nowMs: number): HoldStep {
  const { phase, fresh } = hold;
  switch (phase.kind) {
    case "Waiting":
      return fresh ? endWait(hold, phase, nowMs) : unchanged(hold);
    case "Probing":
      return fresh || phase.retake ? unchanged(hold) : wait(hold, true, phase.refused);
    case "Held":
      return unchanged({ ...hold, phase: heldOnAuthority(phase, hold, nowMs) });
    case "Yielding":
      return unchanged({ ...hold, phase: { ...phase, held: heldOnAuthority(phase.held, hold, nowMs) } });
    case "Conflict":
    case "Gone":
      return unchanged(hold);
  }
}

function endWait(hold: Hold, { probe, refused }: Waiting, nowMs: number): HoldStep {
  return probe ? orderProbe(hold, firstUse(refused), nowMs) : take(hold, nowMs);
}
