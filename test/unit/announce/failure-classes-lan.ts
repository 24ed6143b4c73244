/** A group on one LAN with a clock of its own: members by the real rules, heartbeats that take a millisecond, faults by hand. */
import assert from "node:assert/strict";
import type { Heartbeat, Memory, News, Wish, WitnessRequest } from "../../../src/announce/votes/member.ts";
import { Member } from "../../../src/announce/votes/member.ts";
import { type Address, formatAddress } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";

const DELAY_MS = 1;

/** What is different from three members without a witness that keep what they hold. */
export type LanOptions = {
  readonly names?: readonly string[];
  readonly witness?: boolean;
  readonly withoutQuorum?: "Keep" | "Yield";
};

type Running = { readonly member: Member; memory: Memory; memoryVersion: number; stoppedUntilMs: number };
type Flight = { readonly atMs: number; readonly from: string; readonly to: string; readonly heartbeat: Heartbeat };

/** A stretch of time in which these nodes answered for an address. */
export type Stretch = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly string[];
};

/** Who answers for what is looked at whenever anything happens: between, nobody begins or ends. */
export class Lan {
  nowMs = 0;
  /** How often members were woken, and what they asked of the API. */
  wakes = 0;
  readonly requests: WitnessRequest[] = [];
  /** To whom heartbeats were sent. */
  readonly addressees = new Set<string>();
  readonly news: (News & { readonly node: string })[] = [];
  /** Whether the API server can be reached; the witness Lease is there. */
  api = true;
  readonly #options: Required<LanOptions>;
  readonly #members = new Map<string, Running>();
  readonly #memories = new Map<string, Memory>();
  readonly #cut = new Set<string>();
  readonly #stretches = new Map<string, Stretch[]>();
  #flights: Flight[] = [];
  #wishes: readonly Wish[] = [];
  #boots = 0n;
  #lease = { holder: "", version: 1 };

  constructor(options: LanOptions = {}) {
    this.#options = { names: ["node1", "node2", "node3"], witness: false, withoutQuorum: "Keep", ...options };
    for (const name of this.#options.names) this.start(name);
  }

  /** Starts a member, with what its last process remembered unless that is lost. */
  start(name: string, remembers = true): this {
    const { names: members, witness, withoutQuorum } = this.#options;
    const memory = remembers ? this.#memories.get(name) : undefined;
    const member = new Member({ node: name, boot: ++this.#boots, intervalMs: 100, withoutQuorum, memory }, this.nowMs);
    this.#members.set(name, { member, memory: member.memory(), memoryVersion: -1, stoppedUntilMs: 0 });
    member.setList({ epoch: 1, members, witness, forced: false }, this.nowMs);
    member.setWishes(this.#wishes, this.nowMs);
    return this;
  }

  /** SIGKILL: it says and answers nothing from now on. */
  kill(name: string): this {
    this.#members.delete(name);
    return this;
  }

  /** SIGSTOP for so long; what arrives meanwhile waits for it. */
  stop(name: string, forMs: number): this {
    this.#of(name).stoppedUntilMs = this.nowMs + forMs;
    return this;
  }

  /** SIGTERM. */
  leave(name: string): this {
    this.#of(name).member.leave(this.nowMs);
    return this;
  }

  /** Nothing goes between the node and the others any more. */
  cutOff(name: string): this {
    for (const other of this.#options.names)
      for (const link of [`${name} ${other}`, `${other} ${name}`]) this.#cut.add(link);
    return this;
  }

  /** Everything goes again. */
  heal(): this {
    this.#cut.clear();
    return this;
  }

  /** Where the addresses are wanted from now on, by `address: node`; all of a generation. */
  want(nodes: Readonly<Record<string, string>>, generation = 1): this {
    this.#wishes = Object.entries(nodes).map(([vip, node]) => ({
      address: address(vip),
      node,
      generation,
      willing: true,
    }));
    for (const { member } of this.#members.values()) member.setWishes(this.#wishes, this.nowMs);
    return this;
  }

  /** Lets so much time pass. */
  pass(ms: number): this {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
      this.nowMs = Math.min(untilMs, Math.max(this.nowMs + 1, Math.ceil(this.#nextMs())));
      // Also before anything is taken in: who stood still answers by what it believes when it wakes.
      this.#look();
      this.#deliver();
      for (const [name, running] of this.#members) if (this.nowMs >= running.stoppedUntilMs) this.#run(name, running);
      this.#look();
    }
    return this;
  }

  /** When something happens next. */
  #nextMs(): number {
    const wakes = [...this.#members.values()].map((each) => Math.max(each.member.wakeAtMs(), each.stoppedUntilMs));
    const stopped = (to: string): number => this.#members.get(to)?.stoppedUntilMs ?? 0;
    return Math.min(...wakes, ...this.#flights.map(({ atMs, to }) => Math.max(atMs, stopped(to))));
  }

  /** The nodes that answer for an address now. */
  holders(vip: string): readonly string[] {
    return this.#holders(address(vip));
  }

  /** All that was seen of an address since the time. */
  since(fromMs: number, vip: string): readonly Stretch[] {
    return (this.#stretches.get(vip) ?? []).filter(({ toMs }) => toMs > fromMs);
  }

  /** Lets time pass until every address is answered for by one of these nodes; gives how long that took, in ms. */
  msUntilHeldBy(...nodes: readonly string[]): number {
    const fromMs = this.nowMs;
    const held = (): boolean =>
      this.#wishes.every(({ address: vip }) => this.#holders(vip).some((name) => nodes.includes(name)));
    while (!held()) {
      assert.ok(this.nowMs < fromMs + 60_000, `not all addresses are held by ${nodes} within a minute`);
      this.pass(1);
    }
    return this.nowMs - fromMs;
  }

  /** The longest time in which two answered for an address, since the time; in ms. */
  longestOverlap(fromMs: number): number {
    const all = [...this.#stretches.keys()].flatMap((vip) =>
      this.since(fromMs, vip).filter(({ nodes }) => nodes.length > 1),
    );
    return Math.max(0, ...all.map((each) => each.toMs - Math.max(each.fromMs, fromMs)));
  }

  #of(name: string): Running {
    return this.#members.get(name) ?? assert.fail(`no member ${name}`);
  }

  #deliver(): void {
    const due = this.#flights.filter(
      ({ atMs, to }) => atMs <= this.nowMs && this.nowMs >= (this.#members.get(to)?.stoppedUntilMs ?? 0),
    );
    if (due.length === 0) return;
    this.#flights = this.#flights.filter((flight) => !due.includes(flight));
    for (const { from, to, heartbeat } of due) this.#members.get(to)?.member.heard(from, heartbeat, this.nowMs);
  }

  #run(name: string, running: Running): void {
    const { member } = running;
    if (member.wakeAtMs() <= this.nowMs) {
      this.wakes += 1;
      member.tick(this.nowMs);
    }
    this.news.push(...member.takeNews().map((each) => ({ ...each, node: name })));
    if (member.memoryVersion() !== running.memoryVersion) {
      running.memoryVersion = member.memoryVersion();
      this.#memories.set(name, JSON.parse(JSON.stringify(member.memory())));
    }
    for (const { to, heartbeat } of member.outbox(this.nowMs)) {
      this.addressees.add(to);
      if (!this.#cut.has(`${name} ${to}`))
        this.#flights.push({ atMs: this.nowMs + DELAY_MS, from: name, to, heartbeat });
    }
    this.#ask(name, member);
  }

  #ask(name: string, member: Member): void {
    const request = member.witnessRequest();
    if (request === undefined) return;
    this.requests.push(request);
    if (!this.api) return;
    const { id } = request;
    const found = { holder: this.#lease.holder, resourceVersion: String(this.#lease.version) };
    if (request.kind === "get") member.witnessAnswered({ id, kind: "found", ...found }, this.nowMs);
    else if (request.resourceVersion !== found.resourceVersion)
      member.witnessAnswered({ id, kind: "conflict" }, this.nowMs);
    else {
      this.#lease = { holder: request.kind === "empty" ? "" : name, version: this.#lease.version + 1 };
      member.witnessAnswered({ id, kind: "written", resourceVersion: String(this.#lease.version) }, this.nowMs);
    }
  }

  #holders(vip: Address): readonly string[] {
    const answering = [...this.#members].filter(
      ([, { member, stoppedUntilMs }]) => this.nowMs >= stoppedUntilMs && this.nowMs < member.answersUntilMs(vip),
    );
    return answering.map(([name]) => name).sort();
  }

  #look(): void {
    for (const { address: vip } of this.#wishes) this.#note(vip);
  }

  #note(vip: Address): void {
    const name = formatAddress(vip);
    const all = this.#stretches.get(name) ?? [];
    this.#stretches.set(name, all);
    const nodes = this.#holders(vip);
    const last = all.pop();
    if (last !== undefined) all.push({ ...last, toMs: this.nowMs });
    if ((last?.nodes ?? []).join() !== nodes.join()) all.push({ fromMs: this.nowMs, toMs: this.nowMs, nodes });
  }
}
