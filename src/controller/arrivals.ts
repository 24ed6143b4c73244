import type { Clock } from "../runtime/clock.ts";

/** When objects came, each as it is, by the clock of this process. */
export class Arrivals<Seen extends object> {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #cameMs = new WeakMap<Seen, number>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** Notes that it has come, and gives it back; undefined comes from nowhere. */
  note<Value extends Seen | undefined>(value: Value): Value {
    if (value !== undefined) this.#cameMs.set(value, this.#clock.monotonicMs());
    return value;
  }

  /** For how long it has been there, in ms; Infinity: it never came, so it was made here. */
  forMs(value: Seen): number {
    const cameMs = this.#cameMs.get(value);
    return cameMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - cameMs;
  }
}
