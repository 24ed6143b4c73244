import type { NetworkState } from "../linux/interfaces.ts";
import type { Address } from "../net/address.ts";
import type { BfdPath } from "../protocols/bfd/admission.ts";
import type { BfdLoss, BfdNews } from "../protocols/bfd/news.ts";
import type { BfdState } from "../protocols/bfd/packet.ts";
import type { BfdSettings } from "../protocols/bfd/settings.ts";
import type { BfdPaths } from "./bfd-paths.ts";
import { type BfdWatch, samePlace, type WatchPlace } from "./bfd-watch.ts";
import type { BgpBfd, BgpPeerCommand, BgpSessionReport } from "./bgp-messages.ts";
import { deviceIndex } from "./bgp-transport.ts";

const stateWords = { adminDown: "AdminDown", down: "Down", init: "Init", up: "Up" } as const satisfies Record<
  BfdState,
  string
>;

/** What became of a path; `unwatched`: the peer was told to stop or begins anew, which says nothing of the path. */
export type PathNews = "watched" | "unwatched" | "lost";

type Ports = { readonly paths: BfdPaths; readonly network: () => NetworkState; readonly now: () => number };

const never = Number.POSITIVE_INFINITY;
const RETRY_MS = 5_000;
const elsewhere = "BFD: this node's address or interface is another one; it begins anew";

/**
 * Watches the path of one session by BFD. It begins when the session is first Established, because then both addresses are
 * known, and goes on while the session is away.
 */
export class PathWatch {
  readonly #ports: Ports;
  readonly #onNews: (path: PathNews) => void;
  #watch: BfdWatch | undefined;
  #establishedAtMs = Number.NEGATIVE_INFINITY;
  #message: string | undefined;
  #retryAtMs = never;
  /** When the peer has heard of the end of the last one. */
  #overAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: Ports, onNews: (path: PathNews) => void) {
    this.#ports = ports;
    this.#onNews = onNews;
  }

  /** When `follow` is to be called at the latest; Infinity: once the session is Established, or the network changes. */
  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  /** The session has just become Established, which shows that the path is good. */
  established(): void {
    this.#establishedAtMs = this.#ports.now();
    this.#watch?.proven(this.#establishedAtMs);
  }

  /**
   * The session is Established from this node's address (undefined: it is not), and its path is to be watched. To be called also
   * when the network changes: a device that was made anew is another one, whatever its name.
   */
  follow(command: BgpPeerCommand, local: Address | undefined): void {
    this.#retryAtMs = never;
    const { bfd, transport } = command;
    if (bfd === undefined || local === undefined || transport.peer === undefined) return;
    const place = placeOf(command, bfd, { peer: transport.peer, local, network: this.#ports.network() });
    if ("problem" in place) this.#postpone(place.problem, RETRY_MS);
    else if (this.#watch === undefined || !samePlace(this.#watch.options, place)) this.#begin(command, bfd, place);
  }

  /** The session is to be watched so from now on. */
  configure(command: BgpPeerCommand, local: Address | undefined): void {
    const { bfd } = command;
    const watch = this.#watch;
    if (watch === undefined || bfd === undefined || watch.options.path.kind !== kindOf(bfd)) {
      this.stop();
      this.follow(command, local);
      return;
    }
    try {
      watch.configure(settingsOf(command, bfd));
    } catch (error) {
      this.#message = problemText(error);
    }
  }

  /** Ends it; the peer hears that this is no failure. */
  stop(): void {
    this.#watch?.stop(this.#ports.now());
    this.#watch = undefined;
    this.#message = undefined;
    this.#retryAtMs = never;
  }

  /** What there is to see of it, for a session that is to be watched. */
  report(): NonNullable<BgpSessionReport["bfd"]> {
    const state = stateWords[this.#watch?.describe().state ?? "down"];
    return { state, ...(this.#message !== undefined && { message: this.#message }) };
  }

  #begin(command: BgpPeerCommand, bfd: BgpBfd, place: WatchPlace): void {
    const nowMs = this.#ports.now();
    this.#overAtMs = this.#watch?.stop(nowMs) ?? this.#overAtMs;
    this.#watch = undefined;
    // Until then the peer hears of the end of the one before, and would take that for the end of this one too.
    if (nowMs < this.#overAtMs) this.#postpone(elsewhere, this.#overAtMs - nowMs);
    else this.#open(command, bfd, place);
  }

  #open(command: BgpPeerCommand, bfd: BgpBfd, place: WatchPlace): void {
    try {
      const settings = settingsOf(command, bfd);
      this.#watch = this.#ports.paths.watch({ ...place, settings, onNews: (news) => this.#hear(news) });
      this.#message = undefined;
    } catch (error) {
      this.#postpone(problemText(error), RETRY_MS);
    }
  }

  /** What is watched goes on meanwhile. */
  #postpone(why: string, byMs: number): void {
    this.#retryAtMs = this.#ports.now() + byMs;
    if (this.#watch === undefined) this.#message = why;
  }

  #hear(news: BfdNews): void {
    this.#message = news.kind === "up" ? undefined : news.message;
    if (news.kind === "up") this.#onNews("watched");
    else this.#onNews(this.#isLoss(news) ? "lost" : "unwatched");
  }

  /** A router that begins anew says that its BFD is down, and may say so after the session is back. */
  #isLoss({ cause }: BfdLoss): boolean {
    const heardUpAtMs = this.#watch?.describe().heardUpAtMs ?? never;
    return cause === "silence" || (cause === "signal" && heardUpAtMs >= this.#establishedAtMs);
  }
}

type Ends = { readonly peer: Address; readonly local: Address; readonly network: NetworkState };

function placeOf(
  { transport: { device, ttlSecurity } }: BgpPeerCommand,
  bfd: BgpBfd,
  { peer, local, network }: Ends,
): WatchPlace | { readonly problem: string } {
  const index = deviceIndex(device, network);
  if (device !== undefined && index === undefined) return { problem: `BFD: there is no device ${device}` };
  const ends = { peer, local, deviceIndex: index };
  const leastHops = ttlSecurity === undefined ? 1 : 256 - ttlSecurity;
  return { device, path: bfd.multihop ? { kind: "multihop", leastHops, ...ends } : { kind: "singleHop", ...ends } };
}

function kindOf({ multihop }: BgpBfd): BfdPath["kind"] {
  return multihop ? "multihop" : "singleHop";
}

function settingsOf({ settings }: BgpPeerCommand, { transmitMs, receiveMs, multiplier }: BgpBfd): BfdSettings {
  return { transmitMs, receiveMs, multiplier, controlPlaneIndependent: settings.gracefulRestart !== undefined };
}

function problemText(error: unknown): string {
  return `BFD: ${error instanceof Error ? error.message : String(error)}`;
}
