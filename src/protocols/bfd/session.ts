import { diagnostic, diagnosticWords } from "./diagnostic.ts";
import { Intervals, jitter, saidTiming } from "./intervals.ts";
import { type BfdLoss, type BfdNews, lossBySignal, lossBySilence } from "./news.ts";
import type { BfdPacket, BfdState } from "./packet.ts";
import { type Remote, remoteOf, unknownRemote } from "./remote.ts";
import { type BfdSettings, bfdProblems } from "./settings.ts";
import { stateAfter } from "./transition.ts";

/** `discriminator`: 1 to 2^32 - 1, of this session alone. `random` gives numbers in [0, 1). */
export type BfdOptions = {
  readonly settings: BfdSettings;
  readonly discriminator: number;
  readonly random: () => number;
};

/** What is to be seen of a session. `transmitMs` 0: nothing is sent. `detectionMs` 0: nothing was heard. */
export type BfdDescription = {
  readonly state: BfdState;
  readonly diagnostic: string;
  readonly discriminator: number;
  readonly remote: Remote;
  readonly polling: boolean;
  readonly transmitMs: number;
  readonly detectionMs: number;
  /** When a packet last showed that the session is up; -Infinity: never. */
  readonly heardUpAtMs: number;
};

const never = Number.POSITIVE_INFINITY;
const before = Number.NEGATIVE_INFINITY;

/**
 * One end of a session in asynchronous mode, in the active role (RFC 5880, 6.8). No I/O; all times are milliseconds of one
 * monotonic clock that was read just before the call. After each call of an input: `takeNews`, send what `outbox` gives, and
 * call `tick` at `wakeAtMs`. What waits in the socket is to be read before `tick`, else a pause of this thread looks like
 * silence of the other end.
 */
export class BfdSession {
  readonly #discriminator: number;
  readonly #random: () => number;
  readonly #intervals: Intervals;
  #settings: BfdSettings;
  #state: BfdState = "down";
  #diagnostic: number = diagnostic.none;
  #remote: Remote = unknownRemote;
  #receivedAtMs = before;
  #heardUpAtMs = before;
  #sentAtMs = before;
  #part = 1;
  #finalDue = false;
  #news: BfdNews[] = [];

  /** @throws {RangeError} if the settings have problems (`bfdProblems`) */
  constructor({ settings, discriminator, random }: BfdOptions) {
    this.#settings = sound(settings);
    this.#discriminator = discriminator;
    this.#random = random;
    this.#intervals = new Intervals(saidTiming(settings, "down"));
  }

  /** A packet that was admitted to this session, at the moment at which it is taken in. */
  received(packet: BfdPacket, nowMs: number): void {
    this.#remote = remoteOf(packet);
    this.#receivedAtMs = nowMs;
    if (packet.final) this.#intervals.answered();
    if (packet.poll && this.#state !== "adminDown") this.#finalDue = true;
    const next = stateAfter(this.#state, packet.state);
    if (next === "up") this.#heardUpAtMs = nowMs;
    if (next === "down" && this.#state !== "down")
      this.#fall(diagnostic.neighbourSignalledDown, lossBySignal(this.#remote));
    else if (next !== this.#state) this.#enter(next, diagnostic.none);
  }

  /** The path was seen to be good by other means than BFD: silence counts from now on. */
  proven(nowMs: number): void {
    if (this.#state === "up") this.#receivedAtMs = nowMs;
  }

  /** Other settings, by a poll sequence and without an interruption. @throws {RangeError} if they have problems */
  configure(settings: BfdSettings): void {
    this.#settings = sound(settings);
    this.#say();
  }

  /**
   * Stops the session for good, without a failure at the other end. Gives from when on it may be dropped: the other end has had
   * its detection time to hear of it (RFC 5880, 6.8.16), and until it answers is told in every interval.
   */
  stop(nowMs: number): number {
    const { inForce } = this.#intervals;
    const wasUp = this.#state === "up";
    if (this.#state !== "adminDown") this.#enter("adminDown", diagnostic.administrativelyDown);
    if (!wasUp) return nowMs;
    // At the slow rate it would be said once in that time, and a datagram can be lost. The answer to the poll ends it.
    this.#intervals.inForce = inForce;
    return nowMs + this.describe().transmitMs * this.#settings.multiplier;
  }

  /** To be called at a deadline. */
  tick(nowMs: number): void {
    if (nowMs < this.#detectionAtMs()) return;
    const loss = lossBySilence(this.#detectionMs());
    const relied = this.#state === "init" || this.#state === "up";
    this.#remote = unknownRemote;
    if (relied) this.#fall(diagnostic.detectionTimeExpired, loss);
    this.#intervals.forget();
  }

  /** When `tick` is to be called, and `outbox` after it; it may lie in the past. */
  wakeAtMs(): number {
    return this.#finalDue ? before : Math.min(this.#detectionAtMs(), this.#sendAtMs());
  }

  /** What is due to be sent now; it counts as sent. */
  outbox(nowMs: number): readonly BfdPacket[] {
    const final = this.#finalDue ? [this.#packet({ poll: false, final: true })] : [];
    this.#finalDue = false;
    if (nowMs < this.#sendAtMs()) return final;
    this.#sentAtMs = nowMs;
    this.#part = jitter(this.#settings.multiplier, this.#random());
    return [...final, this.#packet({ poll: this.#intervals.polling, final: false })];
  }

  /** What happened since the last call. */
  takeNews(): readonly BfdNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /** What is to be seen of it from outside. */
  describe(): BfdDescription {
    const transmitMs = this.#transmitMs();
    return {
      state: this.#state,
      diagnostic: diagnosticWords(this.#diagnostic),
      discriminator: this.#discriminator,
      remote: this.#remote,
      polling: this.#intervals.polling,
      transmitMs: transmitMs === never ? 0 : transmitMs,
      detectionMs: this.#detectionMs(),
      heardUpAtMs: this.#heardUpAtMs,
    };
  }

  #packet(bits: { readonly poll: boolean; readonly final: boolean }): BfdPacket {
    return {
      ...bits,
      diagnostic: this.#diagnostic,
      state: this.#state,
      controlPlaneIndependent: this.#settings.controlPlaneIndependent,
      demand: false,
      multiplier: this.#settings.multiplier,
      myDiscriminator: this.#discriminator,
      yourDiscriminator: this.#remote.discriminator,
      desiredMinTxUs: this.#intervals.said.transmitUs,
      requiredMinRxUs: this.#intervals.said.receiveUs,
      requiredMinEchoRxUs: 0,
    };
  }

  #enter(state: BfdState, code: number): void {
    this.#state = state;
    this.#diagnostic = code;
    // What changed is said at once, not at the end of a slow interval (RFC 5880, 6.8.7).
    this.#sentAtMs = before;
    this.#say();
    if (state === "up") this.#news.push({ kind: "up" });
  }

  #fall(code: number, loss: BfdLoss): void {
    if (this.#state === "up") this.#news.push(loss);
    this.#enter("down", code);
  }

  #say(): void {
    const known = this.#remote.discriminator !== 0;
    this.#intervals.say(saidTiming(this.#settings, this.#state), { up: this.#state === "up", known });
  }

  /** Between two packets before jitter; never if the other end wants none (RFC 5880, 6.8.7). */
  #transmitMs(): number {
    const { receiveUs, demand, state } = this.#remote;
    const atRest = demand && this.#state === "up" && state === "up" && !this.#intervals.polling;
    if (receiveUs === 0 || atRest) return never;
    return Math.max(this.#intervals.inForce.transmitUs, receiveUs) / 1000;
  }

  #sendAtMs(): number {
    const transmitMs = this.#transmitMs();
    return transmitMs === never ? never : this.#sentAtMs + transmitMs * this.#part;
  }

  /** RFC 5880, 6.8.4: as many of the other end's intervals as it says. 0: nothing was heard. */
  #detectionMs(): number {
    const { multiplier, transmitUs } = this.#remote;
    return (multiplier * Math.max(this.#intervals.inForce.receiveUs, transmitUs)) / 1000;
  }

  #detectionAtMs(): number {
    return this.#remote.discriminator === 0 ? never : this.#receivedAtMs + this.#detectionMs();
  }
}

function sound(settings: BfdSettings): BfdSettings {
  const problems = bfdProblems(settings);
  if (problems.length > 0) throw new RangeError(`BFD: ${problems.join("; ")}`);
  return settings;
}
