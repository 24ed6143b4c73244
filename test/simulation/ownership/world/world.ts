import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import type { News } from "../../../../src/announce/votes/member.ts";
import { type Address, formatAddress, parseAddress } from "../../../../src/net/address.ts";
import { Scheduler } from "../../scheduler.ts";
import type { Trace } from "../../trace.ts";
import { Followers } from "../oracles/followers.ts";
import { Gaps } from "../oracles/gaps.ts";
import { Moves } from "../oracles/moves.ts";
import { Overlaps } from "../oracles/overlaps.ts";
import { type Kind, Timeline } from "../oracles/timeline.ts";
import { invariants, type Violation } from "../oracles/violation.ts";
import type { Script } from "../script/step.ts";
import { ApiLink } from "./api-link.ts";
import { ApiServer } from "./api-server.ts";
import { Controller } from "./controller.ts";
import type { Report } from "./group-objects.ts";
import { heartbeatText } from "./heartbeat-text.ts";
import { Lan } from "./lan.ts";
import { Machine } from "./machine.ts";
import type { MemberSettings, Surroundings } from "./surroundings.ts";

const addressTexts = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.77", "2001:db8::1", "2001:db8::2"];
const planEachMs = 500;
const checkEachMs = 50;
const startWithinMs = 100;

/** The machines of a LAN, the API server, the controller, and those who watch them. */
export class World implements Surroundings {
  readonly seed: number;
  readonly options: MemberSettings;
  readonly scheduler = new Scheduler();
  readonly addresses: readonly Address[];
  readonly lan: Lan;
  readonly server: ApiServer;
  readonly controller: Controller;
  readonly machines: readonly Machine[];
  readonly links: readonly ApiLink[];
  readonly controllerLink: ApiLink;
  readonly timeline: Timeline;
  readonly overlaps: Overlaps;
  readonly gaps: Gaps;
  readonly moves: Moves;
  readonly followers: Followers;
  readonly violations: Violation[] = [];
  readonly trace: Trace;
  readonly #allowedAtMs: number[];
  /** How often anything changed in who answers for an address. */
  changes = 0;
  /** Of any process so far. */
  longestIntervalMs: number;
  #heartbeats = 0;
  #entries = 0;

  constructor({ seed, variant }: Script, trace: Trace, options: MemberSettings) {
    this.seed = seed;
    this.trace = trace;
    this.options = options;
    this.longestIntervalMs = options.intervalMs;
    this.addresses = addressTexts.map(addressOf);
    this.#allowedAtMs = this.addresses.map(() => 0);
    this.lan = new Lan(seed, this.scheduler, variant.machines);
    const members = Array.from({ length: variant.members }, (_, i) => `node${i + 1}`);
    const list = { epoch: 1, members, witness: variant.witness, forced: false };
    const places = this.addresses.map((_, i) => members[i % members.length] ?? "");
    this.server = new ApiServer(list, places, () => this.scheduler.nowMs);
    this.controller = new Controller(this.server, variant);
    this.links = Array.from({ length: variant.machines }, (_, i) => new ApiLink(seed, i, this.scheduler));
    this.controllerLink = new ApiLink(seed, variant.machines, this.scheduler);
    this.overlaps = new Overlaps(this);
    this.gaps = new Gaps(this, this.addresses.length);
    this.moves = new Moves(this);
    this.followers = new Followers(this);
    this.timeline = new Timeline(this.addresses.length, (...change) => this.#changed(...change));
    this.machines = Array.from({ length: variant.machines }, (_, i) => new Machine(i, this));
    for (const machine of this.machines)
      this.scheduler.silently((startWithinMs * ((machine.index * 5) % 7)) / 7, () => machine.start());
    this.#repeat(planEachMs, () => this.#plan());
    this.#repeat(checkEachMs, () => this.#check());
  }

  /** A list was forced in this run. */
  get forced(): boolean {
    return this.server.lists.some(({ forced }) => forced);
  }

  /** How many heartbeats were sent, and how many entries were in them. */
  get sent(): { readonly heartbeats: number; readonly entries: number } {
    return { heartbeats: this.#heartbeats, entries: this.#entries };
  }

  /** When somebody last changed who may hold the address, in true ms. */
  allowedAtMs(address: number): number {
    return this.#allowedAtMs[address] ?? 0;
  }

  /** Somebody says whether the machine may hold the address. */
  allow(machine: Machine, address: number, willing: boolean): void {
    this.server.allow(machine.name, address, willing);
    this.#allowedAtMs[address] = this.scheduler.nowMs;
    this.tellAgents();
  }

  /** The machine of this name. */
  machineOf(name: string): Machine | undefined {
    return this.machines.find((machine) => machine.name === name);
  }

  /** The watches tell those that can be told that there is something new. */
  tellAgents(): void {
    for (const { agent } of this.machines) this.scheduler.silently(2, () => agent.changed());
  }

  /** Something is wrong. */
  violate(invariant: string, message: string): void {
    this.trace.add(`VIOLATION ${invariant}: ${message}`);
    this.violations.push({ invariant, message: `at ${Math.round(this.scheduler.nowMs)} ms: ${message}` });
  }

  readonly linkOf = ({ index, name }: Machine): ApiLink => {
    const link = this.links[index];
    if (link === undefined) throw new Error(`${name} has no link`);
    return link;
  };

  started({ name, intervalMs }: Machine): void {
    this.longestIntervalMs = Math.max(this.longestIntervalMs, intervalMs);
    this.note(`${name} starts, ${intervalMs} ms`);
  }

  /** So many times longer than with the interval of all runs may take what is counted in intervals. */
  get slowness(): number {
    return this.longestIntervalMs / this.options.intervalMs;
  }

  send(from: Machine, to: string, heartbeat: Heartbeat): void {
    this.#count(from, to, heartbeat);
    if (heartbeat.table.entries.length > 0) this.#look(from, to, heartbeat);
    const receiver = this.machineOf(to);
    if (receiver === undefined) return;
    const take = (): void => receiver.process?.input((member, nowMs) => member.heard(from.name, heartbeat, nowMs));
    this.lan.send(from.index, receiver.index, take);
  }

  announce(from: Machine, address: number): void {
    this.lan.broadcast(from.index, (to) => this.hearForeign(to, address));
  }

  /** The machine hears that somebody else has the address. */
  hearForeign(machine: number, address: number): void {
    const known = this.addresses[address];
    if (known !== undefined) this.machines[machine]?.process?.input((member, nowMs) => member.foreign(known, nowMs));
  }

  probed(at: number, from: number, address: number): void {
    if (this.machines[at]?.answers(address) !== true) return;
    this.lan.broadcast(at, (to) => {
      if (to === from) this.hearForeign(from, address);
    });
  }

  told(machine: Machine, news: News): void {
    if (this.trace.keeps) this.trace.remark(`${this.#at()} ${machine.name} ${newsText(news)}`);
  }

  observed(machine: Machine): void {
    const { nowMs } = this.scheduler;
    for (let address = 0; address < this.addresses.length; address++) {
      const untilMs = machine.answersUntilMs(address);
      const answering = machine.runs && untilMs > nowMs ? { untilMs, kind: this.#kind(machine, address) } : undefined;
      this.timeline.set(machine.index, address, nowMs, answering);
    }
  }

  silenced(machine: Machine): void {
    this.note(`${machine.name} is silent`);
    machine.silentSinceMs = this.scheduler.nowMs;
    this.timeline.silence(machine.index, this.scheduler.nowMs);
  }

  ranWild(machine: Machine, what: string): void {
    this.violate(invariants.rest, `${machine.name} ${what}`);
  }

  /** A line of the trace. */
  note(text: string): void {
    this.trace.add(`${this.#at()} ${text}`);
  }

  /** Those among members: who has left the list is still told things for a while. */
  #count({ name }: Machine, to: string, { table }: Heartbeat): void {
    const { members } = this.server.list;
    if (!members.includes(name) || !members.includes(to)) return;
    this.#heartbeats++;
    this.#entries += table.entries.length;
  }

  #at(): string {
    return this.scheduler.nowMs.toFixed(1);
  }

  /** Who has given an address, and claims it anew since its heir does not take it, still answers because it gave it. */
  #kind(machine: Machine, address: number): Kind {
    const known = this.addresses[address];
    const stand = known === undefined ? undefined : machine.process?.member.stateOf(known);
    return stand === "keeps" || stand === "holds" ? stand : "gives";
  }

  #changed(address: number, before: ReadonlyMap<number, Kind>, after: ReadonlyMap<number, Kind>, atMs: number): void {
    this.changes++;
    const now = [...after].map(([machine, kind]) => `${this.machines[machine]?.name} ${kind}`).join(", ");
    this.trace.add(`${atMs.toFixed(1)} address ${address}: ${now || "nobody"}`);
    this.overlaps.changed(address, after, atMs);
    this.gaps.changed(address, before, after, atMs);
    this.moves.changed(address, before, after, atMs);
  }

  /** What is said of votes: a member that has forgotten its own says nothing for a while. */
  #look(from: Machine, to: string, heartbeat: Heartbeat): void {
    const { table } = heartbeat;
    for (const entry of table.entries) {
      const address = this.addresses.findIndex(({ value }) => value === entry.address.value);
      this.moves.said(from.index, address, entry);
    }
    if (this.trace.keeps) this.trace.remark(`${this.#at()} ${heartbeatText(this, from.name, to, heartbeat)}`);
    const votes = table.entries.some(({ vote }) => vote !== undefined);
    if (!votes || from.nowMs() >= from.silentUntilMs) return;
    this.violate(
      invariants.silence,
      `${from.name} votes ${Math.round(from.silentUntilMs - from.nowMs())} ms too early`,
    );
  }

  #plan(): void {
    if (!this.controllerLink.there) return;
    const { version: before, lease } = this.server;
    const named = lease?.members;
    this.controller.plan(
      this.machines.flatMap((machine) => this.#report(machine) ?? []),
      this.scheduler.nowMs,
    );
    if (this.server.lease !== lease || this.server.lease?.members !== named)
      this.note(`the controller writes the witness Lease: ${this.server.lease?.members.join() ?? "none"}`);
    if (this.server.version === before) return;
    this.note(`the controller writes ${JSON.stringify(this.server.list)}`);
    this.tellAgents();
  }

  #report(machine: Machine): Report | undefined {
    if (!machine.runs || !this.linkOf(machine).there) return undefined;
    const stand = machine.process?.member.describe(machine.nowMs());
    if (stand === undefined) return undefined;
    const holds = [...this.addresses.keys()].filter((address) => machine.answers(address));
    return { node: machine.name, epoch: stand.epoch, quorum: stand.quorum, hears: stand.heard, holds };
  }

  #check(): void {
    const { nowMs } = this.scheduler;
    this.overlaps.check(nowMs);
    this.gaps.check(nowMs);
    this.followers.check(nowMs);
  }

  #repeat(eachMs: number, run: () => void): void {
    const again = (): void => {
      run();
      this.scheduler.silently(eachMs, again);
    };
    this.scheduler.silently(eachMs, again);
  }
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function newsText(news: News): string {
  return "address" in news ? `${news.kind} ${formatAddress(news.address)}: ${news.cause}` : JSON.stringify(news);
}
