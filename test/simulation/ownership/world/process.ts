import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import type { Member } from "../../../../src/announce/votes/member.ts";
import type { Moment } from "../script/step.ts";
import type { Host } from "./host.ts";

type Input = (member: Member, nowMs: number) => void;
type Trap = { readonly at: Moment; readonly spring: () => void };

/** What a socket keeps for a process that does not run. */
const mostWaiting = 400;
const gatewayEachMs = 500;
const probeEachMs = 1_000;
const leavesWithinMs = 2_000;
/** A process that wakes more often than this in a second of its own has gone mad. */
const mostTurns = 4_000;

/** One life of a member: gives it what comes in, sends what goes out, wakes it when it asks for it. */
export class Process {
  readonly member: Member;
  readonly boot: bigint;
  readonly #host: Host;
  #alive = true;
  #stopped = false;
  readonly #waiting: Input[] = [];
  #rest: (() => void) | undefined;
  #trap: Trap | undefined;
  #storedVersion = -1;
  #asked = -1;
  #wake: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #leavingSinceMs: number | undefined;
  #turns = { sinceMs: 0, count: 0 };

  constructor(member: Member, boot: bigint, host: Host) {
    this.member = member;
    this.boot = boot;
    this.#host = host;
    this.#repeat(gatewayEachMs, () => this.#askGateway());
    this.#repeat(probeEachMs, () => this.#probe());
    this.#afterTurn();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Alive, and neither stopped nor on a halted machine. */
  get runs(): boolean {
    return this.#alive && !this.#stopped;
  }

  get leaving(): boolean {
    return this.#leavingSinceMs !== undefined;
  }

  /** Something comes in; a stopped process takes it in later. */
  input(run: Input): void {
    if (!this.#alive) return;
    if (this.#stopped) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(run);
      return;
    }
    run(this.member, this.#host.nowMs());
    this.#afterTurn();
  }

  /** SIGTERM: it gives away what it holds and ends. */
  terminate(): void {
    this.input((member, nowMs) => {
      this.#leavingSinceMs ??= nowMs;
      member.leave(nowMs);
    });
  }

  /** Nothing of it runs until `goOn`. */
  stop(): void {
    this.#stopped = true;
  }

  /** First what it was about to do, then what came meanwhile; timers before that or after it. */
  goOn(timersFirst: boolean): void {
    if (!this.#alive || !this.#stopped) return;
    this.#stopped = false;
    this.#host.observed(this);
    const rest = this.#rest;
    this.#rest = undefined;
    rest?.();
    const waiting = this.#waiting.splice(0);
    if (timersFirst) this.input((member, nowMs) => member.tick(nowMs));
    for (const each of waiting) this.input(each);
    if (rest === undefined && waiting.length === 0) this.input((member, nowMs) => member.tick(nowMs));
  }

  /** Nothing of it ever runs again. */
  die(): void {
    this.#alive = false;
    this.#wake?.cancel();
  }

  /** Springs at that moment of a turn. */
  setTrap(at: Moment, spring: () => void): void {
    if (at === "now") spring();
    else this.#trap = { at, spring };
  }

  /** Nothing springs any more. */
  removeTrap(): void {
    this.#trap = undefined;
  }

  #afterTurn(): void {
    const { member } = this;
    for (const news of member.takeNews()) this.#host.told(news, this);
    const outgoing = member.outbox(this.#host.nowMs());
    this.#inOrder([
      () => this.#spring("beforeStore", outgoing.length > 0),
      () => this.#store(),
      () => this.#spring("beforeSend", outgoing.length > 0),
      () => this.#send(outgoing),
    ]);
  }

  /** One after the other; those that are left when the process stops come when it goes on. */
  #inOrder(parts: readonly (() => void)[]): void {
    for (const [i, part] of parts.entries()) {
      part();
      if (!this.#alive) return;
      if (this.#stopped) {
        this.#rest = () => this.#inOrder(parts.slice(i + 1));
        return;
      }
    }
  }

  #spring(at: Moment, sends: boolean): void {
    const trap = this.#trap;
    if (trap?.at !== at || !sends) return;
    this.#trap = undefined;
    trap.spring();
  }

  #store(): void {
    const version = this.member.memoryVersion();
    if (version === this.#storedVersion) return;
    this.#storedVersion = version;
    this.#host.store(this.member.memory());
  }

  #send(outgoing: readonly { readonly to: string; readonly heartbeat: Heartbeat }[]): void {
    for (const { to, heartbeat } of outgoing) this.#host.send(to, heartbeat, this);
    const request = this.member.witnessRequest();
    if (request !== undefined && request.id !== this.#asked) {
      this.#asked = request.id;
      this.#host.ask(request, this);
    }
    this.#host.observed(this);
    this.#setWake();
    if (this.#hasLeft()) this.#host.exited(this);
  }

  #hasLeft(): boolean {
    if (this.#leavingSinceMs === undefined) return false;
    const nowMs = this.#host.nowMs();
    if (nowMs - this.#leavingSinceMs >= leavesWithinMs) return true;
    return this.member.describe(nowMs).mayEnd;
  }

  #setWake(): void {
    const atMs = Math.max(this.member.wakeAtMs(), this.#host.nowMs());
    if (this.#wake !== undefined && this.#wake.atMs <= atMs) return;
    this.#wake?.cancel();
    this.#wake = { atMs, cancel: this.#host.at(atMs, () => this.#woken()) };
  }

  #woken(): void {
    this.#wake = undefined;
    if (!this.#alive || this.#stopped) return;
    if (this.member.wakeAtMs() > this.#host.nowMs()) {
      this.#setWake();
      return;
    }
    this.#countTurn();
    this.input((member, nowMs) => member.tick(nowMs));
  }

  #countTurn(): void {
    const nowMs = this.#host.nowMs();
    if (nowMs - this.#turns.sinceMs > 1_000) this.#turns = { sinceMs: nowMs, count: 0 };
    if (++this.#turns.count === mostTurns) this.#host.ranWild(this);
  }

  #askGateway(): void {
    const answers = this.#host.gatewayAnswers();
    this.input((member, nowMs) => member.gateway(answers, nowMs));
  }

  #probe(): void {
    if (this.#stopped) return;
    this.#host.probe(this);
  }

  #repeat(eachMs: number, run: () => void): void {
    const again = (): void => {
      if (!this.#alive) return;
      run();
      this.#host.in(eachMs, again);
    };
    this.#host.in(eachMs, again);
  }
}
