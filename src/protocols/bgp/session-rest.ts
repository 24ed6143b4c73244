import { Damping, type DampingTimes } from "./session-damping.ts";
import { jittered } from "./timers.ts";

const never = Number.POSITIVE_INFINITY;

/** The idle hold timer of a session (RFC 4271, 8.1.1): how long it does nothing after a failure. */
export class Rest {
  readonly #damping: Damping;
  readonly #times: DampingTimes;
  readonly #random: () => number;
  #untilMs = never;

  constructor(times: DampingTimes, random: () => number) {
    this.#damping = new Damping(times);
    this.#times = times;
    this.#random = random;
  }

  /** When it is over; Infinity: it does not rest. */
  get untilMs(): number {
    return this.#untilMs;
  }

  get rests(): boolean {
    return this.#untilMs !== never;
  }

  get failures(): number {
    return this.#damping.failures;
  }

  /** Whether connections of the peer are refused meanwhile: after a first failure the peer may be quicker than this side. */
  get refuses(): boolean {
    return this.rests && this.#damping.failures > 1;
  }

  /** A failure is counted; what it gives back is how long to rest, before jitter. */
  count(cause: "other" | "prefixLimit"): number {
    return this.#damping.failed(cause);
  }

  /** The session was Established for so long: what failed before may be forgotten. */
  wasEstablished(forMs: number): void {
    this.#damping.wasEstablished(forMs);
  }

  begin(nowMs: number, forMs: number): void {
    this.#untilMs = nowMs + jittered(forMs, this.#random());
  }

  /** The shortest rest, of which nobody is guilty. */
  briefly(nowMs: number): void {
    this.begin(nowMs, this.#times.firstMs);
  }

  end(): void {
    this.#untilMs = never;
  }

  /** As if the session had never failed. */
  forget(): void {
    this.end();
    this.#damping.forget();
  }
}
