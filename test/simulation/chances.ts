import { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Chance that depends on who asks and when, not on what was drawn before: if something is left out of a run, all that it has
 * no part in happens as before. Without that no failing run could be shortened.
 */
export class Chances {
  readonly #seed: number;
  readonly #scheduler: Scheduler;
  readonly #last = new Map<string, { readonly atMs: number; count: number }>();

  constructor(seed: number, scheduler: Scheduler) {
    this.#seed = seed;
    this.#scheduler = scheduler;
  }

  /** The chance of somebody at this moment; another one each time that he asks in it. */
  of(who: string): Random {
    const { nowMs } = this.#scheduler;
    const last = this.#last.get(who);
    const again = last?.atMs === nowMs ? last : { atMs: nowMs, count: 0 };
    again.count += 1;
    this.#last.set(who, again);
    return new Random(hashOf(`${this.#seed} ${who} ${again.atMs} ${again.count}`));
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
