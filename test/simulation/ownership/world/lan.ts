import type { Scheduler } from "../../scheduler.ts";
import { chanceOf } from "../chance.ts";
import type { LanAct } from "../script/step.ts";

/** More machines than any run has. */
const most = 16;
const beats = 0;
const frames = 1;
const leastDelayMs = 0.05;

type Weather = { readonly loss: number; readonly delayMs: number; readonly duplicate: number };

const fair: Weather = { loss: 0, delayMs: 0.3, duplicate: 0 };

/** The LAN: who reaches whom with heartbeats, and with any frame; each fault is a time until which it lasts. */
export class Lan {
  readonly #seed: number;
  readonly #scheduler: Scheduler;
  readonly #machines: number;
  readonly #cutUntilMs = [new Float64Array(most * most), new Float64Array(most * most)] as const;
  readonly #gatewayUntilMs = new Float64Array(most);
  #base: Weather = fair;
  #weather: Weather = fair;
  #weatherUntilMs = 0;

  constructor(seed: number, scheduler: Scheduler, machines: number) {
    this.#seed = seed;
    this.#scheduler = scheduler;
    this.#machines = machines;
  }

  /** The weather between the faults; at first nothing is lost. */
  setBase(weather: Weather): void {
    this.#base = weather;
  }

  /** Carries a heartbeat over, maybe twice, maybe never. */
  send(from: number, to: number, deliver: () => void): void {
    if (this.#isCut(beats, from, to) || this.#isCut(frames, from, to)) return;
    this.#carry(from * most + to, deliver);
  }

  /** Carries a frame to all machines that can hear the sender. */
  broadcast(from: number, deliver: (to: number) => void): void {
    for (let to = 0; to < this.#machines; to++) {
      if (to !== from && !this.#isCut(frames, from, to)) this.#carry(most * most + from * most + to, () => deliver(to));
    }
  }

  /** Since when heartbeats get from the one to the other; infinite: they do not. */
  carriesSinceMs(from: number, to: number): number {
    const at = from * most + to;
    return past(Math.max(this.#cutUntilMs[beats][at] ?? 0, this.#cutUntilMs[frames][at] ?? 0), this.#scheduler.nowMs);
  }

  /** Since when any frame gets from the one to the other; infinite: none does. */
  hearsSinceMs(from: number, to: number): number {
    return past(this.#cutUntilMs[frames][from * most + to] ?? 0, this.#scheduler.nowMs);
  }

  /** Whether the gateway answers this machine. */
  gatewayAnswers(node: number): boolean {
    return this.#scheduler.nowMs >= (this.#gatewayUntilMs[node] ?? 0);
  }

  /** Since when it has; infinite: it does not. */
  gatewaySinceMs(node: number): number {
    return past(this.#gatewayUntilMs[node] ?? 0, this.#scheduler.nowMs);
  }

  /** The weather now. */
  weather(): Weather {
    return this.#scheduler.nowMs < this.#weatherUntilMs ? this.#weather : this.#base;
  }

  /** Since when it has been this weather, at least. */
  weatherSinceMs(): number {
    return past(this.#weatherUntilMs, this.#scheduler.nowMs);
  }

  /** Has it happen. */
  befall(act: LanAct): void {
    const untilMs = this.#scheduler.nowMs + act.forMs;
    if (act.act === "weather") this.#setWeather(act, untilMs);
    else if (act.act === "cut") this.#cut(act.what === "heartbeats" ? beats : frames, act, untilMs);
    else if (act.act === "partition") this.#partition(act, untilMs);
    else this.#alone(act, untilMs);
  }

  /** Ends all faults. */
  becomeCalm(): void {
    const { nowMs } = this.#scheduler;
    for (const list of [...this.#cutUntilMs, this.#gatewayUntilMs]) {
      for (let i = 0; i < list.length; i++) list[i] = Math.min(list[i] ?? 0, nowMs);
    }
    this.#weatherUntilMs = Math.min(this.#weatherUntilMs, nowMs);
    this.#base = fair;
  }

  #setWeather(weather: Weather, untilMs: number): void {
    this.#weather = weather;
    this.#weatherUntilMs = untilMs;
  }

  #alone({ act, node }: Extract<LanAct, { act: "port" | "gateway" }>, untilMs: number): void {
    later(this.#gatewayUntilMs, node, untilMs);
    if (act === "gateway") return;
    for (let other = 0; other < this.#machines; other++) this.#cutBoth(node, other, untilMs);
  }

  #cut(kind: 0 | 1, { from, to, both }: Extract<LanAct, { act: "cut" }>, untilMs: number): void {
    later(this.#cutUntilMs[kind], from * most + to, untilMs);
    if (both) later(this.#cutUntilMs[kind], to * most + from, untilMs);
  }

  #cutBoth(one: number, other: number, untilMs: number): void {
    this.#cut(frames, { act: "cut", from: one, to: other, both: true, what: "layer2", forMs: 0 }, untilMs);
  }

  #partition({ side, gateway }: Extract<LanAct, { act: "partition" }>, untilMs: number): void {
    for (let one = 0; one < this.#machines; one++) {
      const inside = side.includes(one);
      for (const other of side) if (!inside) this.#cutBoth(one, other, untilMs);
      if (gateway !== "both" && inside !== (gateway === "side")) later(this.#gatewayUntilMs, one, untilMs);
    }
  }

  #carry(link: number, deliver: () => void): void {
    const { loss, delayMs, duplicate } = this.weather();
    const chance = chanceOf(this.#seed, link, this.#scheduler.nowMs);
    const times = duplicate > 0 && chance.chance(duplicate) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      if (loss > 0 && chance.chance(loss)) continue;
      this.#scheduler.silently(leastDelayMs + chance.next() * delayMs, deliver);
    }
  }

  #isCut(kind: 0 | 1, from: number, to: number): boolean {
    return this.#scheduler.nowMs < (this.#cutUntilMs[kind][from * most + to] ?? 0);
  }
}

function later(list: Float64Array, at: number, untilMs: number): void {
  list[at] = Math.max(list[at] ?? 0, untilMs);
}

function past(untilMs: number, nowMs: number): number {
  return untilMs <= nowMs ? untilMs : Number.POSITIVE_INFINITY;
}
