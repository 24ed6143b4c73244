import type { Heartbeat } from "../announce/votes/heartbeat.ts";
import type { PeerCounters } from "./messages.ts";

/** RFC 3550, 6.4.1: a sixteenth of each new deviation goes into the smoothed one. */
const SMOOTHING = 1 / 16;

/** What began longer after the last heartbeat of a lost member than this did not begin because of it. */
const TAKE_OVER_WITHIN_MS = 5_000;

type Measured = {
  sent: number;
  received: number;
  lost: number;
  jitterMs: number;
  boot: bigint;
  seq: number;
  heardMs: number;
};

/** Counts the heartbeats of each member of a group. */
export class HeartbeatMeter {
  readonly #intervalMs: number;
  readonly #peers = new Map<string, Measured>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** From now on these are the members; what was counted of others is forgotten. */
  setMembers(members: readonly string[]): void {
    for (const node of this.#peers.keys()) if (!members.includes(node)) this.#peers.delete(node);
  }

  sent(to: string): void {
    this.#of(to).sent++;
  }

  heard(from: string, { boot, seq }: Heartbeat, nowMs: number): void {
    const peer = this.#of(from);
    peer.received++;
    if (peer.boot === boot) {
      peer.lost += Math.max(0, seq - peer.seq - 1);
      const deviationMs = Math.abs(nowMs - peer.heardMs - this.#intervalMs);
      peer.jitterMs += (deviationMs - peer.jitterMs) * SMOOTHING;
    }
    if (peer.boot !== boot || seq > peer.seq) peer.seq = seq;
    peer.boot = boot;
    peer.heardMs = nowMs;
  }

  /** When a member was last heard, in the clock of `heard`; -Infinity if never. */
  heardMs(node: string): number {
    return this.#peers.get(node)?.heardMs ?? Number.NEGATIVE_INFINITY;
  }

  /** How long after the last heartbeat of these members, who are lost, this is; undefined if what begins now has another cause. */
  takeOverMs(lost: readonly { readonly node: string }[], nowMs: number): number | undefined {
    const afterMs = nowMs - Math.max(...lost.map(({ node }) => this.heardMs(node)));
    return afterMs < TAKE_OVER_WITHIN_MS ? Math.round(afterMs) : undefined;
  }

  /** Everything that was counted, for the group of this name. */
  counters(group: string): readonly PeerCounters[] {
    return [...this.#peers].map(([node, { sent, received, lost, jitterMs }]) => {
      return { group, node, sent, received, lost, jitterMs: Math.round(jitterMs * 10) / 10 };
    });
  }

  #of(node: string): Measured {
    const known = this.#peers.get(node);
    if (known !== undefined) return known;
    const fresh = { sent: 0, received: 0, lost: 0, jitterMs: 0, boot: 0n, seq: 0, heardMs: Number.NEGATIVE_INFINITY };
    this.#peers.set(node, fresh);
    return fresh;
  }
}
