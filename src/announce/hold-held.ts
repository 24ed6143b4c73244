/** The phase Held of a hold: announcing, and what is done while another station claims the address too. */
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { type HoldOutput, send } from "./hold-output.ts";
import {
  CLAIM_DOUBT_MS,
  CLAIM_OVER_MS,
  CLAIM_PROBE_MS,
  DEFENCE_INTERVAL_MS,
  KEEP_PROBE_MS,
  nextSpread,
  REFRESH_MS,
  REMIND_AFTER_MS,
  REMIND_INTERVAL_MS,
  REMIND_SPREAD_MS,
  REPEATS_MS,
} from "./hold-schedule.ts";

/** The address is answered for. */
export type Held = {
  readonly kind: "Held";
  readonly sinceMs: number;
  readonly announceAtMs: number;
  /** When it was last announced, or is going to be, to who may have learned another way. */
  readonly remindedAtMs: number;
  /** When to ask whether another station has the address; Infinity if there is no reason to. */
  readonly probeAtMs: number;
  readonly claim: ForeignClaim | undefined;
};

/** Another station said, while the group agreed that this node holds it, that it has the address. */
type ForeignClaim = {
  readonly mac: Mac;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Infinity while no defence is due. */
  readonly defendAtMs: number;
  /** Whether it lasted long enough to be told. */
  readonly told: boolean;
};

/** A phase and what to do. */
export type HeldStep = { readonly held: Held; readonly outputs: readonly HoldOutput[] };

/** What the phase needs to know of its hold. */
export type HeldContext = { readonly address: Address; readonly quorum: boolean };

const never = Number.POSITIVE_INFINITY;

/** The phase as it begins. */
export function startHeld({ address, quorum }: HeldContext, nowMs: number): Held {
  return {
    kind: "Held",
    sinceMs: nowMs,
    announceAtMs: nowMs + (REPEATS_MS[0] ?? REFRESH_MS),
    remindedAtMs: Number.NEGATIVE_INFINITY,
    probeAtMs: quorum ? never : nextSpread(address, KEEP_PROBE_MS, nowMs),
    claim: undefined,
  };
}

/** The phase with its announcements begun anew, because the way to this node has changed; without a quorum none is sent. */
export function heldAnew(held: Held, { quorum }: HeldContext, nowMs: number): HeldStep {
  const begun = { ...held, sinceMs: nowMs, announceAtMs: nowMs + (REPEATS_MS[0] ?? REFRESH_MS) };
  return { held: begun, outputs: quorum ? [send("takeOver")] : [] };
}

/** When something is due. Without a quorum only probes are. */
export function heldWakeAtMs({ announceAtMs, probeAtMs, claim }: Held, quorum: boolean): number {
  if (!quorum) return probeAtMs;
  if (claim === undefined) return Math.min(announceAtMs, probeAtMs);
  return Math.min(announceAtMs, probeAtMs, claim.defendAtMs, claim.lastAtMs + CLAIM_OVER_MS);
}

/** Does what is due. */
export function heldOnTime(held: Held, context: HeldContext, nowMs: number): HeldStep {
  const probed = probeWhenDue(held, context, nowMs);
  if (!context.quorum) return probed;
  const claimed = seeToClaim(probed.held, nowMs);
  const announced = announceWhenDue(claimed.held, context, nowMs);
  return { held: announced.held, outputs: [...probed.outputs, ...claimed.outputs, ...announced.outputs] };
}

function probeWhenDue(held: Held, { address, quorum }: HeldContext, nowMs: number): HeldStep {
  if (nowMs < held.probeAtMs) return { held, outputs: [] };
  const probeAtMs = quorum ? nowMs + CLAIM_PROBE_MS : nextSpread(address, KEEP_PROBE_MS, nowMs);
  return { held: { ...held, probeAtMs }, outputs: [send("probe")] };
}

function seeToClaim(held: Held, nowMs: number): HeldStep {
  const { claim } = held;
  if (claim === undefined) return { held, outputs: [] };
  if (nowMs >= claim.lastAtMs + CLAIM_OVER_MS) {
    const unclaimed = { ...held, claim: undefined, probeAtMs: never };
    return { held: unclaimed, outputs: claim.told ? [{ kind: "conflictOver" }] : [] };
  }
  if (nowMs < claim.defendAtMs) return { held, outputs: [] };
  return { held: { ...held, claim: { ...claim, defendAtMs: never } }, outputs: [send("defence")] };
}

/** Repeats that were slept over are left out. */
function announceWhenDue(held: Held, { address }: HeldContext, nowMs: number): HeldStep {
  if (nowMs < held.announceAtMs) return { held, outputs: [] };
  const next = REPEATS_MS.map((ms) => held.sinceMs + ms).find((atMs) => atMs > nowMs);
  return {
    held: { ...held, announceAtMs: next ?? nextSpread(address, REFRESH_MS, nowMs) },
    outputs: [send("repeat")],
  };
}

/**
 * Another station claims the address, and the group agrees that this node holds it. The first claim is defended against after a while, and one more
 * after that while makes it a conflict.
 */
export function heldOnClaim(held: Held, mac: Mac, nowMs: number): HeldStep {
  const before = held.claim;
  if (before === undefined) {
    const dueMs = nowMs + CLAIM_DOUBT_MS;
    const claim = { mac, firstAtMs: nowMs, lastAtMs: nowMs, defendAtMs: dueMs, told: false };
    return { held: { ...held, claim, probeAtMs: dueMs }, outputs: [] };
  }
  const told = before.told || nowMs >= before.firstAtMs + CLAIM_DOUBT_MS;
  const defendAtMs = before.defendAtMs === never ? nextDefence(before, nowMs) : before.defendAtMs;
  const claim = { ...before, mac, lastAtMs: nowMs, defendAtMs, told };
  return { held: { ...held, claim }, outputs: told && !before.told ? [{ kind: "conflict", mac }] : [] };
}

/** Defences are sent at the first claim's rhythm, so that no two are nearer than the interval. */
function nextDefence({ firstAtMs }: ForeignClaim, nowMs: number): number {
  const first = firstAtMs + CLAIM_DOUBT_MS;
  return first + DEFENCE_INTERVAL_MS * (Math.floor((nowMs - first) / DEFENCE_INTERVAL_MS) + 1);
}

/** The phase after the quorum was lost or regained; who was out of reach until then may have learned another way. */
export function heldOnQuorum(held: Held, { address, quorum }: HeldContext, nowMs: number): Held {
  if (!quorum) return { ...held, probeAtMs: nextSpread(address, KEEP_PROBE_MS, nowMs) };
  const probeAtMs = held.claim === undefined ? never : nowMs + CLAIM_PROBE_MS;
  const announceAtMs = held.announceAtMs > nowMs ? held.announceAtMs : nextSpread(address, REFRESH_MS, nowMs);
  return remindSoon({ ...held, probeAtMs, announceAtMs }, address, nowMs);
}

/**
 * The phase with an announcement soon for who may have learned another way. Not at once: it may be this node that has to
 * give the address up, which it hears within an interval; and not often: a bad cable can come and go for hours.
 */
export function remindSoon(held: Held, address: Address, nowMs: number): Held {
  const earliestMs = Math.max(nowMs + REMIND_AFTER_MS, held.remindedAtMs + REMIND_INTERVAL_MS);
  const remindedAtMs = nextSpread(address, REMIND_SPREAD_MS, earliestMs);
  if (held.remindedAtMs > nowMs || held.announceAtMs <= remindedAtMs) return held;
  return { ...held, announceAtMs: remindedAtMs, remindedAtMs };
}
