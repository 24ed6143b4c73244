import type { Scheduler } from "../../scheduler.ts";
import { chanceOf } from "../chance.ts";

/** What happens to calls while the API server is away for a machine. */
export type Away = "silent" | "refused" | "slow";

const slowFactor = 60;

/** The way of one machine to the API server: calls take 1 to 15 ms there and back, one in fifty ten times as long. */
export class ApiLink {
  readonly #seed: number;
  readonly #who: number;
  readonly #scheduler: Scheduler;
  readonly #untilMs = { silent: 0, refused: 0, slow: 0 };

  constructor(seed: number, who: number, scheduler: Scheduler) {
    this.#seed = seed;
    this.#who = who;
    this.#scheduler = scheduler;
  }

  /** Whether calls are answered. */
  get there(): boolean {
    const { nowMs } = this.#scheduler;
    return nowMs >= this.#untilMs.silent && nowMs >= this.#untilMs.refused;
  }

  /** Since when calls have been answered soon; infinite: they are not. */
  quickSinceMs(): number {
    const untilMs = Math.max(...Object.values(this.#untilMs));
    return untilMs <= this.#scheduler.nowMs ? untilMs : Number.POSITIVE_INFINITY;
  }

  /** From now on, for so long. */
  befall(how: Away, forMs: number): void {
    this.#untilMs[how] = Math.max(this.#untilMs[how], this.#scheduler.nowMs + forMs);
  }

  /** All is well again. */
  becomeCalm(): void {
    for (const how of ["silent", "refused", "slow"] as const) {
      this.#untilMs[how] = Math.min(this.#untilMs[how], this.#scheduler.nowMs);
    }
  }

  /** Has the call served, and then its answer heard; `undefined` is heard if nobody serves it, or nothing ever. */
  call<Answer>(serve: () => Answer, hear: (answer: Answer | undefined) => void): void {
    const chance = chanceOf(this.#seed, 900 + this.#who, this.#scheduler.nowMs);
    const slow = this.#scheduler.nowMs < this.#untilMs.slow;
    const factor = slow ? chance.between(10, slowFactor) : chance.chance(0.02) ? 10 : 1;
    const wayMs = (): number => chance.between(0.5, 7.5) * factor;
    if (this.#refuses) return void this.#scheduler.silently(wayMs(), () => hear(undefined));
    const backMs = wayMs();
    this.#scheduler.silently(wayMs(), () => {
      if (!this.there) return;
      const answer = serve();
      this.#scheduler.silently(backMs, () => {
        if (!this.#isSilent) hear(answer);
      });
    });
  }

  get #refuses(): boolean {
    return this.#scheduler.nowMs < this.#untilMs.refused;
  }

  get #isSilent(): boolean {
    return this.#scheduler.nowMs < this.#untilMs.silent;
  }
}
