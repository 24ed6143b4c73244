/** How long an unrest is asked about often. */
const URGENT_MS = 1_000;
const PATIENT_INTERVAL_MS = 1_000;
/** So many questions must be unanswered, and the first of them for one heartbeat interval. */
const UNANSWERED = 2;

/**
 * Whether the gateway of a LAN answers, asked only while there is unrest: a member is not heard, or the quorum is gone. A
 * node that hears neither members nor gateway is cut off itself. All times are ms of one monotonic clock.
 */
export class GatewayWatch {
  readonly #intervalMs: number;
  #urgentUntilMs = Number.NEGATIVE_INFINITY;
  #uneasy = false;
  #nextMs = Number.POSITIVE_INFINITY;
  /** When the questions since the last answer were asked. */
  #asked: number[] = [];

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
  }

  /** Whether there is unrest. */
  get uneasy(): boolean {
    return this.#uneasy;
  }

  /** When the next question is due, and the last one's lack of an answer counts; Infinity while there is no unrest. */
  wakeAtMs(): number {
    return this.#nextMs;
  }

  /** Whether to ask now; then it counts as asked. */
  ask(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + (nowMs < this.#urgentUntilMs ? this.#intervalMs / 2 : PATIENT_INTERVAL_MS);
    this.#asked = [...this.#asked, nowMs].slice(0, UNANSWERED);
    return true;
  }

  /** The gateway was heard. */
  heard(): void {
    this.#asked = [];
  }

  /** False once it leaves questions unanswered. */
  answers(nowMs: number): boolean {
    const [first] = this.#asked;
    return first === undefined || this.#asked.length < UNANSWERED || nowMs < first + this.#intervalMs;
  }
}
