import { type Looking, paceMs } from "./hearing.ts";
import type { GroupList } from "./inputs.ts";
import type { Peer } from "./peer.ts";

/** How many voters a list has: its members, and the witness. */
export function voterCount({ members, witness }: GroupList): number {
  return members.length + (witness ? 1 : 0);
}

/** The witness at a moment: whether the list has one, and whether this member counts it itself. */
export type WitnessNow = { readonly listed: boolean; readonly own: boolean };

/**
 * Rule 3: whether the linked members and this one, with the witness if one of them has it, are as many as needed. Who still
 * counts a witness that the list has no more counts once.
 */
export function isQuorum(peers: readonly Peer[], witness: WitnessNow, needed: number): boolean {
  const linked = peers.filter(({ view }) => view.linked);
  const withWitness = witness.own || linked.some((peer) => peer.witness);
  return 1 + linked.length + (witness.listed && withWitness ? 1 : 0) >= needed;
}

/**
 * Rule 15: whether the members that were heard, and heard this one, within 3 intervals, and do not leave, are no more than
 * half of all voters. For 3 intervals after the start everybody counts as heard.
 */
export function suspicious(peers: readonly Peer[], needed: number, looking: Looking): boolean {
  const { nowMs, startedAtMs, timing, intervalMs } = looking;
  let fresh = 1;
  for (const { times, leaving } of peers) {
    const seenAtMs = Math.max(startedAtMs, Math.min(times.rxAtMs, times.linkAtMs));
    if (!leaving && nowMs < seenAtMs + timing.suspicionIntervals * paceMs(times, intervalMs)) fresh += 1;
  }
  return fresh < needed;
}
