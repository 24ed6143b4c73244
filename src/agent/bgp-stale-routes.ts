import type { BgpPeer } from "../api/bgp-peer.ts";
import type { NodeBgpSession } from "../api/vip-node.ts";
import { withdrawMs } from "./bgp-departure.ts";
import { restartTimeSeconds } from "./bgp-peer-plan.ts";
import type { SessionNews, Times } from "./bgp-sessions.ts";

/** When a peer's session was lost, or that it came back: then it takes the peer a moment to forget what it kept. */
type Change = { readonly kind: "lost" | "back"; readonly atMs: number };

/**
 * Which peers may keep routes of this node that no session tells them any more, because they were asked to keep them over a
 * restart: since the session was lost for the restart time, and for the hold time within which they notice the loss; or until
 * the session is back and has told what is still true. All times are ms of one monotonic clock.
 */
export class StaleRoutes {
  readonly #changes = new Map<string, Change>();
  /** As long as nobody knows what the agent before this one told: since when this one runs. */
  #unknownSinceMs: number | undefined;

  constructor(nowMs: number) {
    this.#unknownSinceMs = nowMs;
  }

  /** What the node said of its sessions when this agent began; all but the first call are ignored. */
  recall(sessions: readonly Pick<NodeBgpSession, "peer" | "state" | "since">[], { monotonicMs, wallMs }: Times): void {
    const startedMs = this.#unknownSinceMs;
    if (startedMs === undefined) return;
    this.#unknownSinceMs = undefined;
    for (const { peer, state, since } of sessions) {
      if (this.#changes.has(peer)) continue;
      const lostMs = state === "Established" ? startedMs : monotonicMs - (wallMs - Date.parse(since));
      this.#changes.set(peer, { kind: "lost", atMs: Math.min(lostMs, monotonicMs) });
    }
  }

  /** What became of a session. */
  note(peer: string, { kind }: SessionNews, nowMs: number): void {
    if (kind === "lost") this.#changes.set(peer, { kind: "lost", atMs: nowMs });
    if (kind === "established") this.#changes.set(peer, { kind: "back", atMs: nowMs });
  }

  /** Every peer was told that nothing is left. */
  clear(): void {
    this.#unknownSinceMs = undefined;
    this.#changes.clear();
  }

  /** The names of those of the peers that may keep some. */
  of(peers: readonly BgpPeer[], nowMs: number): ReadonlySet<string> {
    return new Set(peers.filter((peer) => nowMs < this.#untilMs(peer)).map(({ name }) => name));
  }

  /** How long until there may be fewer by time alone; Infinity: there are none. */
  lookInMs(peers: readonly BgpPeer[], nowMs: number): number {
    const left = peers.map((peer) => this.#untilMs(peer) - nowMs).filter((ms) => ms > 0);
    return Math.min(...left);
  }

  #untilMs({ name, gracefulRestart, holdTimeSeconds }: BgpPeer): number {
    const { kind = "lost", atMs = this.#unknownSinceMs } = this.#changes.get(name) ?? {};
    if (!gracefulRestart || atMs === undefined) return Number.NEGATIVE_INFINITY;
    return atMs + (kind === "back" ? withdrawMs : (restartTimeSeconds + holdTimeSeconds) * 1000);
  }
}
