/** Two ends of a BFD session over a link with delay and loss, on a virtual clock. */
import type { BfdNews } from "../../../../src/protocols/bfd/news.ts";
import { type BfdPacket, decodeBfd, encodeBfd } from "../../../../src/protocols/bfd/packet.ts";
import { BfdSession } from "../../../../src/protocols/bfd/session.ts";
import type { BfdSettings } from "../../../../src/protocols/bfd/settings.ts";
import { type Random, randomFrom } from "../../../fuzz/mutation.ts";

/** What a test does not care about: 100 ms × 3, without the C bit. */
export const settings: BfdSettings = {
  transmitMs: 100,
  receiveMs: 100,
  multiplier: 3,
  controlPlaneIndependent: false,
};

export type End = "a" | "b";
export const otherEnd = { a: "b", b: "a" } as const;

/** A packet that an end sent; `lost` if the link did not deliver it. */
export type Sent = { readonly atMs: number; readonly from: End; readonly packet: BfdPacket; readonly lost: boolean };
export type Told = { readonly atMs: number; readonly end: End; readonly news: BfdNews };

/** `loses` says which packets are lost. */
export type LinkOptions = {
  readonly a?: BfdSettings;
  readonly b?: BfdSettings;
  readonly delayMs?: number;
  readonly seed?: number;
  readonly loses?: (from: End, random: Random) => boolean;
};

type Arrival = { readonly atMs: number; readonly to: End; readonly bytes: Uint8Array };

/** Runs both ends; time goes on only in `run`. */
export class Link {
  readonly ends: { readonly a: BfdSession; readonly b: BfdSession };
  readonly sent: Sent[] = [];
  readonly told: Told[] = [];
  nowMs = 1_000;
  cut = false;
  readonly #random: Random;
  readonly #options: LinkOptions;
  #flying: Arrival[] = [];

  constructor(options: LinkOptions = {}) {
    this.#options = options;
    this.#random = randomFrom(options.seed ?? 1);
    const random = (): number => this.#random(1_000_000) / 1_000_000;
    this.ends = {
      a: new BfdSession({ settings: options.a ?? settings, discriminator: 0xa, random }),
      b: new BfdSession({ settings: options.b ?? settings, discriminator: 0xb, random }),
    };
  }

  /** Lets so much time go by. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    this.#settle();
    for (;;) {
      const nextMs = this.#nextMs();
      if (nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#step();
    }
    this.nowMs = endMs;
  }

  /** Lets time go by until both ends are up. @throws {Error} if they are not within so much */
  runUntilUp(withinMs = 10_000): void {
    const endMs = this.nowMs + withinMs;
    while (this.states().join() !== "up,up") {
      if (this.nowMs >= endMs) throw new Error(`not up: ${this.states()}`);
      this.run(10);
    }
  }

  states(): readonly string[] {
    return [this.ends.a.describe().state, this.ends.b.describe().state];
  }

  /** What an end was told that it is down for. */
  downs(end: End): readonly Told[] {
    return this.told.filter((told) => told.end === end && told.news.kind === "down");
  }

  /** What came from an end since. */
  since(atMs: number, from: End): readonly Sent[] {
    return this.sent.filter((sent) => sent.from === from && sent.atMs >= atMs);
  }

  #nextMs(): number {
    const arrivals = this.#flying.map(({ atMs }) => atMs);
    return Math.min(this.ends.a.wakeAtMs(), this.ends.b.wakeAtMs(), ...arrivals);
  }

  /** What has arrived is read before time is told, as the session asks for. */
  #step(): void {
    const arrived = this.#flying.filter(({ atMs }) => atMs <= this.nowMs);
    this.#flying = this.#flying.filter(({ atMs }) => atMs > this.nowMs);
    for (const { to, bytes } of arrived) this.ends[to].received(decodeBfd(bytes), this.nowMs);
    for (const end of [this.ends.a, this.ends.b]) end.tick(this.nowMs);
    this.#settle();
  }

  #settle(): void {
    for (const from of ["a", "b"] as const) {
      for (const news of this.ends[from].takeNews()) this.told.push({ atMs: this.nowMs, end: from, news });
      for (const packet of this.ends[from].outbox(this.nowMs)) this.#send(from, packet);
    }
  }

  #send(from: End, packet: BfdPacket): void {
    const lost = this.cut || (this.#options.loses?.(from, this.#random) ?? false);
    this.sent.push({ atMs: this.nowMs, from, packet, lost });
    const atMs = this.nowMs + (this.#options.delayMs ?? 1);
    if (!lost) this.#flying.push({ atMs, to: otherEnd[from], bytes: encodeBfd(packet) });
  }
}
