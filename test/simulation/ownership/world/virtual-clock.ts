/** The monotonic clock of a machine: it begins anywhere, runs up to 1 % too fast or too slow, and may be halted. */
export class VirtualClock {
  readonly #offsetMs: number;
  readonly #rate: number;
  #haltedMs = 0;
  #haltedSinceMs: number | undefined;

  constructor(offsetMs: number, rate: number) {
    this.#offsetMs = offsetMs;
    this.#rate = rate;
  }

  /** What it shows at a true time. */
  shows(trueMs: number): number {
    const running = (this.#haltedSinceMs ?? trueMs) - this.#haltedMs;
    return this.#offsetMs + this.#rate * running;
  }

  /** The true time at which it shows this, if it is not halted until then. */
  trueMs(shownMs: number): number {
    return (shownMs - this.#offsetMs) / this.#rate + this.#haltedMs;
  }

  get isHalted(): boolean {
    return this.#haltedSinceMs !== undefined;
  }

  /** From now on it stands still. */
  halt(trueMs: number): void {
    this.#haltedSinceMs ??= trueMs;
  }

  /** It goes on from where it stood. */
  resume(trueMs: number): void {
    if (this.#haltedSinceMs !== undefined) this.#haltedMs += trueMs - this.#haltedSinceMs;
    this.#haltedSinceMs = undefined;
  }
}
