import type { Saying } from "./address-state.ts";
import { alike, type Looking, linkedUntilMs, lookAt, paceMs, peerDeadlines } from "./hearing.ts";
import type { SentList } from "./heartbeat.ts";
import type { Voter } from "./holding.ts";
import type { Lists } from "./lists.ts";
import { Peer } from "./peer.ts";

/** How long after it left the list a peer is known, and told of the newer list when it speaks. */
export const DEPARTED_MS = 600_000;

/** All others of the group: those in the list that counts, those of the next one, and for a while those who left. */
export class Peers {
  readonly #byNode = new Map<string, Peer>();
  #listed: readonly Peer[] = [];
  #active: readonly Peer[] = [];
  #relevant: readonly Peer[] = [];

  /** The members of the list that counts. */
  get listed(): readonly Peer[] {
    return this.#listed;
  }

  /** All who are to be sent heartbeats. */
  get active(): readonly Peer[] {
    return this.#active;
  }

  /** Everybody, also who left. */
  get all(): Iterable<Peer> {
    return this.#byNode.values();
  }

  get(node: string): Peer | undefined {
    return this.#byNode.get(node);
  }

  /** Whether the peer is sent heartbeats, and its own are taken in. */
  isActive(peer: Peer): boolean {
    return peer.times.leftAtMs === Number.NEGATIVE_INFINITY || peer.times.leftAtMs === Number.POSITIVE_INFINITY;
  }

  /** Who left the list, and is known still. */
  get departed(): readonly string[] {
    return [...this.#byNode.values()].filter((peer) => !this.isActive(peer)).map(({ node }) => node);
  }

  /** These were known to the last process: who is in no list any more left it no earlier than now. */
  recall(nodes: readonly string[], nowMs: number): void {
    for (const node of nodes) {
      if (this.#byNode.has(node)) continue;
      const peer = new Peer(node);
      peer.times.leftAtMs = nowMs;
      this.#byNode.set(node, peer);
    }
  }

  /** Goes by these lists; `node` is this member. Nobody is forgotten while a forced list counts, nor soon after `forcedAtMs`. */
  relist({ list, members }: Lists, node: string, nowMs: number, forcedAtMs: number): void {
    for (const name of members) if (name !== node && !this.#byNode.has(name)) this.#byNode.set(name, new Peer(name));
    const counted = new Set(list?.members);
    for (const peer of this.#byNode.values()) {
      peer.times.leftAtMs = this.#leftAtMs(peer, {
        counted: counted.has(peer.node),
        joins: members.has(peer.node),
        nowMs,
      });
      if (isLongGone(peer, nowMs, forcedAtMs)) this.#byNode.delete(peer.node);
    }
    const all = [...this.#byNode.values()];
    this.#listed = all.filter(({ times }) => times.leftAtMs === Number.NEGATIVE_INFINITY);
    this.#active = all.filter((peer) => this.isActive(peer));
    this.#relevant = [...this.#listed, ...all.filter((peer) => !this.#listed.includes(peer))];
  }

  /** -Infinity: it is in the list that counts. Infinity: in the next. Else when it left. */
  #leftAtMs(peer: Peer, now: { readonly counted: boolean; readonly joins: boolean; readonly nowMs: number }): number {
    if (now.counted) return Number.NEGATIVE_INFINITY;
    if (now.joins) return Number.POSITIVE_INFINITY;
    return this.isActive(peer) ? now.nowMs : peer.times.leftAtMs;
  }

  /** Looks at all of them anew; whether anything about them changed. */
  look(looking: Looking): boolean {
    let changed = false;
    for (const peer of this.#relevant) {
      const view = lookAt(peer, looking);
      changed ||= !alike(view, peer.view);
      peer.view = view;
    }
    return changed;
  }

  /** Whether a node hears this one and is heard, whatever the list. */
  isLinked(node: string, { nowMs, timing, intervalMs }: Looking): boolean {
    const peer = this.#byNode.get(node);
    return peer !== undefined && nowMs < linkedUntilMs(peer.times, timing, intervalMs);
  }

  /** What everybody says of an address, the members of the list first, in a fixed order. */
  sayings(key: string): readonly Saying[] {
    return this.#relevant.map((peer) => ({ peer: peer.view, entry: peer.replica.entry(key) }));
  }

  /** The members of the list as voters of the claims whose voters these bits name. */
  voters(mask: number, { epochCounts, epoch, intervalMs }: Looking): readonly Voter[] {
    return this.#listed.map(({ times }, i) => ({
      times,
      votes: (mask & (1 << i)) !== 0,
      pace: paceMs(times, intervalMs) / intervalMs,
      counts: epochCounts(times.epoch, epoch),
    }));
  }

  /** The lists that the members of the list who are heard send, of the VIPGroup of this uid. */
  sentLists(uid: string): readonly SentList[] {
    return this.#listed.flatMap(({ view, list }) => (view.heard && list?.uid === uid ? [list] : []));
  }

  /** Whether such a member of the list is heard. */
  someHeard(which: (shown: { readonly epoch: number; readonly forced: boolean }) => boolean): boolean {
    return this.#listed.some(({ view, times, forced }) => view.heard && which({ epoch: times.epoch, forced }));
  }

  /** How often heartbeats are sent: as often as the quickest of those who hear them. */
  beatMs({ intervalMs }: Looking): number {
    return Math.min(intervalMs, ...this.#active.map(({ times }) => paceMs(times, intervalMs)));
  }

  /** When something about them changes unless they are heard. */
  deadlines(looking: Looking): readonly number[] {
    return this.#relevant.flatMap((peer) => peerDeadlines(peer, looking));
  }
}

function isLongGone({ times }: Peer, nowMs: number, forcedAtMs: number): boolean {
  return Number.isFinite(times.leftAtMs) && nowMs - Math.max(times.leftAtMs, forcedAtMs) > DEPARTED_MS;
}
