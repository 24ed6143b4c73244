/** How long an unrest is asked about often. */
const URGENT_MS = 1_000;
const PATIENT_INTERVAL_MS = 1_000;
/** So many questions in a row must be unanswered, and the first of them for one heartbeat interval. */
const UNANSWERED = 2;
/** As many when the unrest has lasted: whoever goes on without a quorum must not give up for a few lost packets in hours. */
const UNANSWERED_PATIENT = 4;

/**
 * Whether the gateway of a LAN answers, asked only while there is unrest: a member is not heard, or the quorum is gone. A
 * node that hears neither members nor gateway is cut off itself. All times are ms of one monotonic clock.
 */
export class GatewayWatch {
  readonly #intervalMs: number;
  #urgentUntilMs = Number.NEGATIVE_INFINITY;
  #uneasy = false;
  #nextMs = Number.POSITIVE_INFINITY;
  /** When the questions since the last answer were asked: the first of them, as many as matter. */
  #asked: readonly number[] = [];
  #lastAskedMs = Number.NEGATIVE_INFINITY;
  #silent = false;

  /** `intervalMs`: of the heartbeats. At first there is no unrest. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Something new is wrong: asks often from now on. */
  alarm(nowMs: number): void {
    this.#uneasy = true;
    this.#urgentUntilMs = nowMs + URGENT_MS;
    this.#nextMs = Math.min(this.#nextMs, nowMs);
  }

  /** All is well: nothing is asked, and the gateway counts as there. */
  calm(): void {
    this.#uneasy = false;
    this.#nextMs = Number.POSITIVE_INFINITY;
    this.#asked = [];
    this.#silent = false;
  }

  /** Whether there is unrest. */
  get uneasy(): boolean {
    return this.#uneasy;
  }

  /** When the next question is due, and the last one's lack of an answer counts; Infinity while there is no unrest. */
  wakeAtMs(): number {
    return this.#nextMs;
  }

  /** Whether to ask now; then it counts as asked. An unanswered question is asked again soon, until that says enough. */
  ask(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    const soon = nowMs < this.#urgentUntilMs || this.answers(nowMs);
    this.#nextMs = nowMs + (soon ? this.#intervalMs / 2 : PATIENT_INTERVAL_MS);
    this.#lastAskedMs = nowMs;
    if (this.#asked.length < UNANSWERED_PATIENT) this.#asked = [...this.#asked, nowMs];
    return true;
  }

  /** The gateway was heard. */
  heard(): void {
    this.#asked = [];
    this.#silent = false;
    if (this.#uneasy && this.#lastAskedMs >= this.#urgentUntilMs)
      this.#nextMs = this.#lastAskedMs + PATIENT_INTERVAL_MS;
  }

  /** False once it leaves questions unanswered. */
  answers(nowMs: number): boolean {
    const [first = nowMs] = this.#asked;
    const last = this.#asked[(nowMs < this.#urgentUntilMs ? UNANSWERED : UNANSWERED_PATIENT) - 1];
    if (last !== undefined && nowMs >= Math.max(first + this.#intervalMs, last + this.#intervalMs / 2))
      this.#silent = true;
    return !this.#silent;
  }
}
