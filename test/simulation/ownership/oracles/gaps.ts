import type { Machine } from "../world/machine.ts";
import type { World } from "../world/world.ts";
import { majoritySinceMs, startsUntilMs } from "./sound.ts";
import type { Kind } from "./timeline.ts";
import { invariants } from "./violation.ts";

type Kinds = ReadonlyMap<number, Kind>;

/** With overlapping faults, if no interval is longer than that of all runs; a single one has less, which the windows show. */
const mostMs = 800;
/** Whoever falls silent, or waits itself, while others wait for its vote or its claim is waited for 4 intervals more. */
const mostWithSecondMs = 1_000;

/** Judges every time at which nobody answers for an address. */
export class Gaps {
  /** How long they were while a majority was linked, in ms. */
  readonly lengthsMs: number[] = [];
  readonly #world: World;
  readonly #sinceMs: (number | undefined)[];
  /** Who answered last. */
  readonly #lost = new Map<number, readonly number[]>();

  constructor(world: World, addresses: number) {
    this.#world = world;
    this.#sinceMs = Array.from({ length: addresses }, () => 0);
  }

  /** Somebody began or ceased to answer. */
  changed(address: number, before: Kinds, after: Kinds, atMs: number): void {
    const sinceMs = this.#sinceMs[address];
    if (after.size === 0) {
      this.#sinceMs[address] = atMs;
      this.#lost.set(address, [...before.keys()]);
      return;
    }
    this.#sinceMs[address] = undefined;
    if (sinceMs === undefined) return;
    const forMs = this.#lastsMs(address, sinceMs, atMs);
    if (forMs > 0) this.lengthsMs.push(forMs);
    this.#judge(address, forMs, atMs);
  }

  /** Looks at those that last. */
  check(nowMs: number): void {
    for (const [address, sinceMs] of this.#sinceMs.entries()) {
      if (sinceMs === undefined || nowMs - sinceMs <= mostMs * this.#world.slowness) continue;
      this.#judge(address, this.#lastsMs(address, sinceMs, nowMs), nowMs);
    }
  }

  #lastsMs(address: number, sinceMs: number, nowMs: number): number {
    const majorityMs = majoritySinceMs(this.#world, address);
    return nowMs - Math.max(sinceMs, majorityMs, this.#world.allowedAtMs(address), ...this.#disturbances(address));
  }

  /**
   * Who was lost and comes back for a moment, without answering, is lost anew. Who went on after a stop takes in what was sent
   * to it meanwhile: for 5 intervals from then on it votes for those whom it has heard only now.
   */
  #disturbances(address: number): readonly number[] {
    const { machines } = this.#world;
    const lost = this.#lost.get(address) ?? [];
    const back = machines.map(({ backSinceMs }) => backSinceMs);
    return [...lost.map((index) => machines[index]?.silentSinceMs ?? 0), ...back];
  }

  #judge(address: number, forMs: number, nowMs: number): void {
    const isSecond = (machine: Machine): boolean =>
      Math.max(machine.silentSinceMs, startsUntilMs(machine)) > nowMs - forMs;
    const second = this.#world.machines.some(isSecond);
    if (forMs <= (second ? mostWithSecondMs : mostMs) * this.#world.slowness) return;
    const message = `address ${address}: nobody for ${Math.round(forMs)} ms until ${Math.round(nowMs)}`;
    this.#world.violate(invariants.gap, message);
  }
}
