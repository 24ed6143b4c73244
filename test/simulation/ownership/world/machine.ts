import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import {
  Member,
  type Memory,
  type News,
  type Rules,
  type WitnessRequest,
} from "../../../../src/announce/votes/member.ts";
import type { Address } from "../../../../src/net/address.ts";
import { chanceOf } from "../chance.ts";
import type { MachineAct } from "../script/step.ts";
import { Agent } from "./agent.ts";
import type { Host } from "./host.ts";
import { Process } from "./process.ts";
import type { Surroundings } from "./surroundings.ts";
import { VirtualClock } from "./virtual-clock.ts";

const maxDrift = 0.01;
const announceAfterMs = [0, 50, 250, 1_000, 3_500];
const leastLateMs = 0.02;

/** A node: its clock, what it has stored, and at most one process. */
export class Machine implements Host {
  readonly index: number;
  readonly name: string;
  clock: VirtualClock;
  process: Process | undefined;
  /** In true ms; since when the process has run without a stop, and with the votes of the one before. */
  soundSinceMs = Number.POSITIVE_INFINITY;
  /** When its process last began. */
  startedAtMs = 0;
  /** When it last began to run, or went on. */
  backSinceMs = 0;
  /** When it last ceased to run. */
  silentSinceMs = 0;
  /** When the machine last went on with a clock that had stood still. */
  wokenAtMs = Number.NEGATIVE_INFINITY;
  /** The epoch that its heartbeats name, and since when. */
  epoch = { value: 0, sinceMs: 0 };
  /** Until when its own clock says that it must not vote, being without memory. */
  silentUntilMs = Number.NEGATIVE_INFINITY;
  /** When its process last began without the memory of the one before, in true ms. */
  forgotAtMs = 0;
  /** The list that its process goes by, and since when, in true ms. */
  listed = { epoch: 0, sinceMs: 0 };
  intervalMs: number;
  readonly agent: Agent;
  readonly #around: Surroundings;
  #relist: Extract<MachineAct, { act: "relist" }> | undefined;
  #disk: string | undefined;
  #lives = 0;
  #resumeAtMs = 0;
  #restartInMs = 0;

  constructor(index: number, around: Surroundings) {
    this.index = index;
    this.name = `node${index + 1}`;
    this.#around = around;
    this.intervalMs = around.options.intervalMs;
    this.clock = this.#anyClock();
    this.agent = new Agent(this, around);
  }

  /** Starts a process, with what the last one stored. */
  start(): void {
    if (this.process?.alive === true || this.clock.isHalted) return;
    const { options, scheduler } = this.#around;
    const { nowMs: trueMs } = scheduler;
    const memory = this.#disk === undefined ? undefined : (JSON.parse(this.#disk) as Memory);
    const boot = this.#anyBoot();
    const rules: Rules | undefined = options.rules;
    const { withoutQuorum } = options;
    const { intervalMs } = this;
    const nowMs = this.nowMs();
    const settings = {
      node: this.name,
      uid: "group",
      boot,
      intervalMs,
      withoutQuorum,
      memory,
      ...(rules === undefined ? {} : { rules }),
    };
    this.silentUntilMs = memory === undefined ? nowMs + 5 * intervalMs : Number.NEGATIVE_INFINITY;
    this.soundSinceMs = trueMs + (memory === undefined ? 6 * intervalMs : 0);
    this.startedAtMs = this.backSinceMs = trueMs;
    this.epoch = { value: 0, sinceMs: trueMs };
    this.listed = { epoch: memory?.list?.epoch ?? 0, sinceMs: trueMs };
    if (memory === undefined) this.forgotAtMs = trueMs;
    this.#around.started(this);
    this.process = new Process(new Member(settings, nowMs), boot, this);
    this.agent.began();
  }

  /** Whether a process of it runs now. */
  get runs(): boolean {
    return this.process?.runs === true;
  }

  /** Has it happen. */
  befall(act: MachineAct): void {
    const { process } = this;
    switch (act.act) {
      case "stop":
        process?.setTrap(act.at, () => this.#stop(act.forMs, false));
        return;
      case "halt":
        this.#stop(act.forMs, true);
        return;
      case "kill":
        process?.setTrap(act.at, () => this.#kill(act.memory, act.restartInMs));
        return;
      case "replace":
        this.#kill(false, act.inMs);
        this.clock = this.#anyClock();
        return;
      case "terminate":
        this.soundSinceMs = Number.POSITIVE_INFINITY;
        this.#restartInMs = act.restartInMs;
        process?.terminate();
        return;
      case "relist":
        this.#relist = act;
        return;
      case "pace":
        this.intervalMs = act.intervalMs;
        if (process?.alive === true) this.#kill(act.memory, act.restartInMs);
    }
  }

  /** Whatever stops ends, whoever is dead starts again. */
  becomeCalm(): void {
    this.process?.removeTrap();
    this.#relist = undefined;
    this.#restartInMs = 0;
    this.#goOn();
    this.start();
  }

  nowMs(): number {
    return this.clock.shows(this.#around.scheduler.nowMs);
  }

  at(ms: number, run: () => void): () => void {
    const { scheduler, seed } = this.#around;
    const chance = chanceOf(seed, 500 + this.index, scheduler.nowMs);
    const lateMs = chance.chance(0.01) ? chance.between(0, 20) : chance.between(leastLateMs, 3);
    const inMs = this.clock.trueMs(ms) - this.clock.trueMs(this.nowMs());
    return scheduler.silently(Math.max(0, inMs) + lateMs, run);
  }

  in(ms: number, run: () => void): () => void {
    return this.at(this.nowMs() + ms, run);
  }

  store(memory: Memory): void {
    this.#disk = JSON.stringify(memory);
    const { epoch = 0 } = memory.list ?? {};
    if (epoch <= this.listed.epoch) return;
    const another = this.listed.epoch > 0;
    this.listed = { epoch, sinceMs: this.#around.scheduler.nowMs };
    if (another) this.#dieOfList();
  }

  send(to: string, heartbeat: Heartbeat, by: Process): void {
    if (by !== this.process) return;
    if (heartbeat.epoch !== this.epoch.value)
      this.epoch = { value: heartbeat.epoch, sinceMs: this.#around.scheduler.nowMs };
    this.#around.send(this, to, heartbeat);
  }

  ask(request: WitnessRequest, by: Process): void {
    this.agent.ask(request, by);
  }

  told(news: News, by: Process): void {
    this.#around.told(this, news);
    if (news.kind === "readList") this.agent.read();
    if (news.kind !== "began") return;
    for (const ms of announceAfterMs) this.in(ms, () => this.#announce(news.address, by));
  }

  gatewayAnswers(): boolean {
    return this.#around.lan.gatewayAnswers(this.index);
  }

  probe(by: Process): void {
    const { addresses, lan } = this.#around;
    const { quorum, forced } = by.member.describe(this.nowMs());
    if (quorum && !forced) return;
    for (const address of addresses.keys()) {
      if (!this.answers(address)) continue;
      lan.broadcast(this.index, (to) => this.#around.probed(to, this.index, address));
    }
  }

  observed(_by: Process): void {
    this.#around.observed(this);
  }

  exited(by: Process): void {
    by.die();
    this.soundSinceMs = Number.POSITIVE_INFINITY;
    this.#around.silenced(this);
    this.#around.scheduler.silently(this.#restartInMs, () => this.start());
  }

  ranWild(_by: Process): void {
    this.#around.ranWild(this, "asks to be woken without end");
  }

  /** Whether a request for the address would be answered at this moment. */
  answers(address: number): boolean {
    return this.runs && this.answersUntilMs(address) > this.#around.scheduler.nowMs;
  }

  /** Until when, in true ms. */
  answersUntilMs(address: number): number {
    const known = this.#around.addresses[address];
    const untilMs = known === undefined ? undefined : this.process?.member.answersUntilMs(known);
    return untilMs === undefined ? Number.NEGATIVE_INFINITY : this.clock.trueMs(untilMs);
  }

  #announce(address: Address, by: Process): void {
    const number = this.#around.addresses.findIndex(({ value }) => value === address.value);
    if (by === this.process && this.answers(number)) this.#around.announce(this, number);
  }

  #dieOfList(): void {
    const { process } = this;
    const relist = this.#relist;
    if (relist === undefined) return;
    this.#around.scheduler.silently(relist.inMs, () => {
      if (relist !== this.#relist || process !== this.process || process?.alive !== true) return;
      this.#relist = undefined;
      this.#kill(true, relist.restartInMs);
    });
  }

  #stop(forMs: number, halts: boolean): void {
    const { scheduler } = this.#around;
    if (halts) this.clock.halt(scheduler.nowMs);
    this.process?.stop();
    this.soundSinceMs = Number.POSITIVE_INFINITY;
    this.#around.silenced(this);
    this.#resumeAtMs = Math.max(this.#resumeAtMs, scheduler.nowMs + forMs);
    scheduler.silently(forMs, () => {
      if (scheduler.nowMs >= this.#resumeAtMs) this.#goOn();
    });
  }

  #goOn(): void {
    const { scheduler, seed } = this.#around;
    const halted = this.clock.isHalted;
    this.clock.resume(scheduler.nowMs);
    this.#resumeAtMs = scheduler.nowMs;
    const { process } = this;
    if (halted && process?.alive !== true) this.start();
    if (process?.alive !== true || process.runs) return;
    if (halted) this.wokenAtMs = scheduler.nowMs;
    this.soundSinceMs = this.backSinceMs = scheduler.nowMs;
    process.goOn(chanceOf(seed, 600 + this.index, scheduler.nowMs).chance(0.5));
  }

  #kill(memory: boolean, restartInMs: number): void {
    this.process?.die();
    if (!memory) this.#disk = undefined;
    this.soundSinceMs = Number.POSITIVE_INFINITY;
    this.#around.silenced(this);
    this.#around.scheduler.silently(restartInMs, () => this.start());
  }

  #anyClock(): VirtualClock {
    const chance = chanceOf(this.#around.seed, 700 + this.index, this.#around.scheduler.nowMs);
    return new VirtualClock(chance.between(1e3, 1e8), chance.between(1 - maxDrift, 1 + maxDrift));
  }

  #anyBoot(): bigint {
    const chance = chanceOf(this.#around.seed, 800 + this.index, ++this.#lives);
    return (BigInt(chance.below(2 ** 32)) << 32n) | BigInt(chance.below(2 ** 32) || 1);
  }
}
