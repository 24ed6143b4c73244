import type { Heartbeat } from "./heartbeat.ts";
import type { Peer, PeerTimes, PeerView } from "./peer.ts";
import type { Timing } from "./timing.ts";

/** What becomes of a heartbeat. `greeted`: its sender does not know this process yet, and is told that it was heard. */
export type Hearing = "ignored" | "greeted" | "adopted" | "taken";

/** What is known of its sender before it is taken in. */
export type KnownSender = {
  readonly boot: bigint;
  readonly seq: number;
  readonly retired: (boot: bigint) => boolean;
};

/**
 * Rule 1: which heartbeats count. Old ones do not, nor those meant for another process of this node. A new process of the
 * sender replaces the known one only with a heartbeat that acknowledges this very process: a replayed one cannot.
 */
export function hearing(known: KnownSender, myBoot: bigint, { boot, seq, ack }: Heartbeat): Hearing {
  if (boot === 0n || boot === myBoot) return "ignored";
  if (ack.boot !== 0n && ack.boot !== myBoot) return "ignored";
  if (boot === known.boot) return seq > known.seq ? "taken" : "ignored";
  if (known.retired(boot)) return "ignored";
  return ack.boot === myBoot ? "adopted" : "greeted";
}

/** What a view depends on besides the peer: the moment, and the epochs that this member counts by and shows. */
export type Looking = {
  readonly nowMs: number;
  readonly startedAtMs: number;
  /** Until when votes of the last process, which may have had a longer interval, may be counted. */
  readonly boundUntilMs: number;
  readonly intervalMs: number;
  readonly timing: Timing;
  readonly epoch: number;
  readonly shownEpoch: number;
  readonly epochCounts: (theirs: number, mine: number) => boolean;
};

/** The shorter of both members' intervals: by it authority that one gives and the other has is counted. */
export function paceMs(times: Pick<PeerTimes, "intervalMs">, intervalMs: number): number {
  return Math.min(times.intervalMs, intervalMs);
}

/** Rule 3: until when both ends hear each other, as far as is known now. */
export function linkedUntilMs(times: PeerTimes, timing: Timing, intervalMs: number): number {
  return Math.min(times.rxAtMs, times.linkAtMs) + timing.yieldIntervals * paceMs(times, intervalMs);
}

/**
 * Rule 5: from when a vote for the peer may go: 5 intervals without it. For one that was not heard since the start they
 * count from the start (rule 13), by the interval of the last process if that was longer; for one that left the list from
 * then on.
 */
export function silentFromMs({ rxAtMs, leftAtMs }: PeerTimes, looking: Looking): number {
  const { startedAtMs, boundUntilMs, timing, intervalMs } = looking;
  return Math.max(boundUntilMs, Math.max(rxAtMs, leftAtMs, startedAtMs) + timing.takeIntervals * intervalMs);
}

/** Rule 4: from when the peer is asked for an acknowledgement each quarter interval; Infinity while it is not heard. */
export function probedFromMs(times: PeerTimes, looking: Looking): number {
  const { timing, intervalMs, nowMs } = looking;
  if (nowMs >= times.rxAtMs + timing.takeIntervals * intervalMs) return Number.POSITIVE_INFINITY;
  return Math.max(times.linkAtMs, looking.startedAtMs) + timing.probeAfterIntervals * paceMs(times, intervalMs);
}

/** The peer at this moment. */
export function lookAt(peer: Peer, looking: Looking): PeerView {
  const { nowMs, timing, intervalMs } = looking;
  const { times } = peer;
  const listed = times.leftAtMs === Number.NEGATIVE_INFINITY;
  return {
    node: peer.node,
    boot: peer.boot,
    listed,
    linked:
      listed && nowMs < linkedUntilMs(times, timing, intervalMs) && looking.epochCounts(times.epoch, looking.epoch),
    heard: listed && nowMs < times.rxAtMs + timing.yieldIntervals * intervalMs,
    hearsMe: nowMs < times.linkAtMs + timing.yieldIntervals * paceMs(times, intervalMs),
    silent: nowMs >= silentFromMs(times, looking),
    quorum: peer.quorum,
    leaving: peer.leaving,
    whole: peer.replica.whole,
    countsMe: times.epoch >= looking.shownEpoch,
  };
}

/** Whether two views are alike for every address. `whole` is not looked at: it matters to those alone that wait for it. */
export function alike(a: PeerView, b: PeerView): boolean {
  return (
    a.boot === b.boot &&
    a.listed === b.listed &&
    a.linked === b.linked &&
    a.heard === b.heard &&
    a.hearsMe === b.hearsMe &&
    a.silent === b.silent &&
    a.quorum === b.quorum &&
    a.leaving === b.leaving &&
    a.countsMe === b.countsMe
  );
}

/** The next moments at which the view of the peer can change without a heartbeat of it. */
export function peerDeadlines({ times }: Peer, looking: Looking): readonly number[] {
  const { timing, intervalMs } = looking;
  const pace = paceMs(times, intervalMs);
  return [
    times.rxAtMs + timing.suspicionIntervals * pace,
    times.linkAtMs + timing.suspicionIntervals * pace,
    times.rxAtMs + timing.yieldIntervals * pace,
    times.linkAtMs + timing.yieldIntervals * pace,
    times.rxAtMs + timing.yieldIntervals * intervalMs,
    silentFromMs(times, looking),
    probedFromMs(times, looking),
  ];
}
