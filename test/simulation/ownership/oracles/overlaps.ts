import type { World } from "../world/world.ts";
import type { Kind } from "./timeline.ts";
import { invariants } from "./violation.ts";

/** Why two may answer at one time. */
export type Cause = "planned" | "keep" | "halted" | "forced";

type Kinds = ReadonlyMap<number, Kind>;
type Pair = { readonly address: number; readonly one: number; readonly other: number };
type Open = Pair & { readonly cause: Cause; readonly sinceMs: number };

const clocks = 1.011;
const lateMs = 25;
const overlapIntervals = 3;
const yieldIntervals = 4;
const witnessMs = 2_400;
/** A loss as rare as this is no finding. */
const rare = 1e-7;

/** Judges every time at which two answer for an address: each needs a cause, and each cause has an end. */
export class Overlaps {
  /** How long they were, in ms, by cause. */
  readonly lengthsMs: Record<Cause, number[]> = { planned: [], keep: [], halted: [], forced: [] };
  readonly #world: World;
  readonly #open = new Map<string, Open>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody began or ceased to answer. */
  changed(address: number, after: Kinds, atMs: number): void {
    const pairs = pairsOf(address, after);
    for (const [key, open] of this.#open) {
      if (open.address !== address) continue;
      const still = pairs.get(key);
      if (still === undefined || this.#cause(still, after) !== open.cause) this.#close(key, open, atMs);
    }
    for (const [key, pair] of pairs) if (!this.#open.has(key)) this.#begin(key, pair, after, atMs);
  }

  /** Looks at those that last. */
  check(nowMs: number): void {
    for (const open of this.#open.values()) this.#judge(open, nowMs);
  }

  #begin(key: string, pair: Pair, kinds: Kinds, atMs: number): void {
    const cause = this.#cause(pair, kinds);
    if (cause !== undefined) this.#open.set(key, { ...pair, cause, sinceMs: atMs });
    else this.#world.violate(invariants.holders, this.#text(pair, `both since ${Math.round(atMs)}`));
  }

  #close(key: string, open: Open, atMs: number): void {
    this.#open.delete(key);
    this.lengthsMs[open.cause].push(atMs - open.sinceMs);
    this.#judge(open, atMs);
  }

  #cause({ one, other }: Pair, kinds: Kinds): Cause | undefined {
    const both = [kinds.get(one), kinds.get(other)];
    if (both.includes("keeps")) return "keep";
    if (both.includes("gives")) return "planned";
    if ([one, other].some((machine) => this.#wokeLately(machine))) return "halted";
    return this.#partedByForce(one, other) ? "forced" : undefined;
  }

  /** Whether one goes by a forced list, or by one that followed it, and the other by an older one. */
  #partedByForce(one: number, other: number): boolean {
    const { machines, server } = this.#world;
    const epochs = [one, other].map((each) => machines[each]?.listed.epoch ?? 0);
    return server.lists.some(
      ({ forced, epoch }) => forced && Math.min(...epochs) < epoch && epoch <= Math.max(...epochs),
    );
  }

  /** Who was forced out is told so by those who remember it. */
  #tellSinceMs({ one, other }: Open): number {
    const { machines, server } = this.#world;
    const forgotMs = Math.max(...[one, other].map((each) => machines[each]?.forgotAtMs ?? 0));
    return forgotMs > server.firstForcedAtMs ? Number.POSITIVE_INFINITY : 0;
  }

  #intervalMs(machine: number): number {
    return this.#world.machines[machine]?.intervalMs ?? this.#world.longestIntervalMs;
  }

  /** So long a machine whose clock stood still may not know that others have taken what it held. */
  #wokeLately(machine: number): boolean {
    const { machines, scheduler, server } = this.#world;
    const intervals = yieldIntervals * this.#intervalMs(machine);
    const mostMs = (server.lists.some(({ witness }) => witness) ? witnessMs + intervals : intervals) * clocks;
    return scheduler.nowMs - (machines[machine]?.wokenAtMs ?? 0) <= mostMs;
  }

  #judge(open: Open, atMs: number): void {
    const forMs = atMs - open.sinceMs;
    const text = (why: string): string =>
      this.#text(open, `${open.cause}, ${Math.round(forMs)} ms until ${Math.round(atMs)}${why}`);
    const longestMs = Math.max(this.#intervalMs(open.one), this.#intervalMs(open.other));
    if (open.cause === "planned" && forMs > overlapIntervals * longestMs * clocks) this.#violate(text(""));
    if (open.cause === "halted" && !this.#wokeLately(open.one) && !this.#wokeLately(open.other))
      this.#violate(text(""));
    if (open.cause !== "keep" && open.cause !== "forced") return;
    const heardMs = atMs - Math.max(this.#hearSinceMs(open), open.cause === "forced" ? this.#tellSinceMs(open) : 0);
    if (heardMs > this.#keepEndsMs(longestMs))
      this.#violate(text(`, though they hear each other for ${Math.round(heardMs)} ms`));
  }

  #violate(message: string): void {
    this.#world.violate(invariants.overlap, message);
  }

  /** Since when the two have heard each other's heartbeats both ways, and both have run. */
  #hearSinceMs({ one, other, sinceMs }: Open): number {
    const { lan, machines } = this.#world;
    const links = [lan.carriesSinceMs(one, other), lan.carriesSinceMs(other, one), lan.weatherSinceMs()];
    const sound = [one, other].map((each) => machines[each]?.soundSinceMs ?? Number.POSITIVE_INFINITY);
    return Math.max(sinceMs, ...links, ...sound);
  }

  /** Some heartbeats there and back, in case one of them does not know the other's process yet. */
  #keepEndsMs(intervalMs: number): number {
    const { loss, delayMs } = this.#world.lan.weather();
    const lost = loss === 0 ? 0 : Math.ceil(Math.log(rare) / Math.log(1 - (1 - loss) ** 2));
    return (4 + lost) * (intervalMs * clocks + 2 * delayMs) + lateMs;
  }

  #text({ address, one, other }: Pair, rest: string): string {
    const names = [one, other].map((each) => `${this.#world.machines[each]?.name}`);
    return `address ${address}: ${names.join(" and ")}, ${rest}`;
  }
}

function pairsOf(address: number, kinds: Kinds): ReadonlyMap<string, Pair> {
  const machines = [...kinds.keys()].sort((a, b) => a - b);
  const pairs = new Map<string, Pair>();
  for (const one of machines) {
    for (const other of machines) if (one < other) pairs.set(`${address} ${one} ${other}`, { address, one, other });
  }
  return pairs;
}
