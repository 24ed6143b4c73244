import type { UdpSource } from "../linux/udp-source.ts";
import { type BfdPath, bfdPort, samePath } from "../protocols/bfd/admission.ts";
import type { BfdNews } from "../protocols/bfd/news.ts";
import { type BfdPacket, encodeBfd } from "../protocols/bfd/packet.ts";
import type { BfdDescription, BfdSession } from "../protocols/bfd/session.ts";
import type { BfdSettings } from "../protocols/bfd/settings.ts";

/** Between where and where a path is watched. */
export type WatchPlace = {
  readonly path: BfdPath;
  /** The name of the path's device. */
  readonly device?: string | undefined;
};

/** Which path is watched, and how. */
export type WatchOptions = WatchPlace & {
  readonly settings: BfdSettings;
  readonly onNews: (news: BfdNews) => void;
};

/** Whether two are one: sockets stay with the device that they were opened on, though another takes its name. */
export function samePlace(a: WatchPlace, b: WatchPlace): boolean {
  return a.device === b.device && samePath(a.path, b.path);
}

type Parts = { readonly session: BfdSession; readonly discriminator: number; readonly source: UdpSource };

/** One path that is watched. */
export class BfdWatch {
  readonly options: WatchOptions;
  readonly discriminator: number;
  readonly #session: BfdSession;
  readonly #source: UdpSource;
  #overAtMs = Number.POSITIVE_INFINITY;

  constructor({ session, discriminator, source }: Parts, options: WatchOptions) {
    this.options = options;
    this.discriminator = discriminator;
    this.#session = session;
    this.#source = source;
  }

  /** A packet that was admitted to it. */
  received(packet: BfdPacket, nowMs: number): void {
    this.#session.received(packet, nowMs);
  }

  /** The path was seen to be good by other means: silence counts from now on. */
  proven(nowMs: number): void {
    this.#session.proven(nowMs);
  }

  /** Other intervals, without an interruption. @throws {RangeError} if they have problems */
  configure(settings: BfdSettings): void {
    this.#session.configure(settings);
  }

  /** Does what is due; gives the number of packets that the kernel did not take. */
  turn(nowMs: number): number {
    if (nowMs >= this.#session.wakeAtMs()) this.#session.tick(nowMs);
    const { peer, kind } = this.options.path;
    const to = { address: peer, port: bfdPort[kind] };
    const results = this.#session.outbox(nowMs).map((packet) => this.#source.send(encodeBfd(packet), to));
    // Once it was stopped, what becomes of it means nothing.
    const news = this.#session.takeNews();
    if (!this.isStopped) for (const each of news) this.options.onNews(each);
    return results.filter((failure) => failure !== undefined).length;
  }

  wakeAtMs(): number {
    return Math.min(this.#session.wakeAtMs(), this.#overAtMs);
  }

  /** Ends it without a failure at the other end; gives until when that is told, for then it must have heard. */
  stop(nowMs: number): number {
    this.#overAtMs = this.#session.stop(nowMs);
    return this.#overAtMs;
  }

  get isStopped(): boolean {
    return this.#overAtMs !== Number.POSITIVE_INFINITY;
  }

  /** Whether it was stopped and the peer knows. */
  isOver(nowMs: number): boolean {
    return nowMs >= this.#overAtMs;
  }

  closeSource(): void {
    this.#source.close();
  }

  describe(): BfdDescription {
    return this.#session.describe();
  }
}
