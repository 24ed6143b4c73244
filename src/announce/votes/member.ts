import type { Address } from "../../net/address.ts";
import type { Claim } from "./address-state.ts";
import { Addresses } from "./addresses.ts";
import { Authorities } from "./authority.ts";
import type { Looking } from "./hearing.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { GroupList, News, Wish, WitnessAnswer, WitnessRequest } from "./inputs.ts";
import { acquaintances, type Memory, recallInto, remembered, soundMemory } from "./memory.ts";
import { type Outgoing, saysSame } from "./outgoing.ts";
import type { Peer } from "./peer.ts";
import { type Rules, rules as rightRules } from "./rules.ts";
import { Sending } from "./sending.ts";
import type { Settling } from "./settling.ts";
import { Standing } from "./standing.ts";
import { Table } from "./table.ts";

export type { Heartbeat, TableEntry, TableUpdate } from "./heartbeat.ts";
export type { Cause, GroupList, News, Wish, WitnessAnswer, WitnessRequest } from "./inputs.ts";
export type { Memory } from "./memory.ts";
export type { Outgoing } from "./outgoing.ts";
export type { Rules } from "./rules.ts";

/**
 * `boot`: 64 random bits of this process, never 0n. `memory`: what the last process of this node left, if it is there. `uid`:
 * of the VIPGroup; lists that others send of another are not believed.
 */
export type MemberOptions = {
  readonly node: string;
  readonly uid?: string;
  readonly boot: bigint;
  readonly intervalMs: number;
  readonly withoutQuorum: "Keep" | "Yield";
  readonly memory: Memory | undefined;
  readonly rules?: Rules;
};

/**
 * What a member says of itself; `epoch` is the one that it shows the others, `held` counts what it answers for. `forced`: whom
 * a forced list left out may still answer, so that addresses are to be probed before they are taken. `mayEnd`: it was told to
 * leave, and nobody loses anything if its process ends now; 2 s after `leave` it may end anyway.
 */
export type MemberState = {
  readonly quorum: boolean;
  readonly linked: readonly string[];
  readonly heard: readonly string[];
  readonly epoch: number;
  readonly held: number;
  readonly forced: boolean;
  readonly mayEnd: boolean;
};

/** How this member stands to an address; `gives`: it votes for the heir and still answers; undefined: it does not claim it. */
export type Stand = "claims" | "holds" | "keeps" | "gives";

const before = Number.NEGATIVE_INFINITY;

/** How often the API is asked for the list while somebody goes by a newer one. */
const READ_LIST_MS = 1_000;

/**
 * One node's part in a group: it votes, claims and holds addresses by the rules that README.md beside this file lists. No
 * I/O, no randomness; all times are milliseconds of one monotonic clock that was read just before the call. After each call
 * of an input: `takeNews`, store `memory` if `memoryVersion` changed, send `outbox`, ask what `witnessRequest` gives, and
 * call `tick` at `wakeAtMs`.
 */
export class Member {
  readonly #standing: Standing;
  readonly #addresses = new Addresses();
  readonly #authorities: Authorities;
  readonly #table = new Table();
  readonly #sending = new Sending();
  #claims = 0;
  #listReadAtMs = before;
  #memoryVersion = 1;
  #news: News[] = [];

  constructor({ memory: left, withoutQuorum, rules = rightRules, uid = "", ...own }: MemberOptions, nowMs: number) {
    const memory = soundMemory(left);
    const identity = {
      ...own,
      uid,
      rules,
      keeps: withoutQuorum === "Keep",
      startedAtMs: nowMs,
      remembers: memory !== undefined,
    };
    const recalled = memory && { ...memory, acquaintances: acquaintances(memory) };
    const standing = new Standing(identity, recalled);
    this.#standing = standing;
    this.#authorities = new Authorities((mask) => standing.authorityEndMs(mask));
    if (memory !== undefined) recallInto(memory, this.#addresses, this.#settling());
    this.#evaluate(nowMs);
  }

  /** Rule 20: the list from the API; an older one says nothing. */
  setList(list: GroupList, nowMs: number): void {
    if (this.#standing.lists.offer(list, nowMs)) this.#standing.relist(nowMs);
    this.#evaluate(nowMs);
  }

  /** All addresses of the group; one that is missing is dropped. */
  setWishes(wishes: readonly Wish[], nowMs: number): void {
    this.#standing.wishesKnown = true;
    this.#addresses.setWishes(wishes);
    this.#evaluate(nowMs);
  }

  /** A genuine heartbeat from a node, at the moment at which it is taken in, not when it arrived. */
  heard(from: string, heartbeat: Heartbeat, nowMs: number): void {
    const { peers, identity } = this.#standing;
    const peer = peers.get(from);
    if (peer === undefined || !peer.intake.admits(peer.turns(heartbeat), nowMs, identity.intervalMs)) return;
    const known = { boot: peer.boot, seq: peer.seq, retired: (boot: bigint) => peer.retired(boot) };
    const hearing = identity.rules.hearing(known, identity.boot, heartbeat);
    if (!peers.isActive(peer)) this.#standing.hearDeparted(peer, heartbeat);
    else if (hearing === "ignored") return;
    else if (hearing === "greeted") peer.meet(heartbeat);
    else this.#take(peer, heartbeat, { adopts: hearing === "adopted", nowMs });
    this.#evaluate(nowMs);
  }

  /** Rules 17, 21: an announcement or a probe answer for the address from another station, also of another member. */
  foreign(address: Address, nowMs: number): void {
    if (this.#addresses.find(address) !== undefined) this.#addresses.touch(address).foreign = true;
    this.#evaluate(nowMs);
  }

  /** Whether the gateway answers; so it is until told otherwise. */
  gateway(answers: boolean, nowMs: number): void {
    this.#standing.gateway = answers;
    this.#evaluate(nowMs);
  }

  /** Rule 16: the answer to a witness request; one that comes too late says nothing. Each but `failed` proves the API. */
  witnessAnswered(answer: WitnessAnswer, nowMs: number): void {
    const { witness } = this.#standing;
    const counts = witness.answered(answer, this.#standing.witnessNeed(nowMs));
    if (counts && answer.kind !== "failed") this.#standing.apiAnsweredAtMs = nowMs;
    this.#evaluate(nowMs);
  }

  /** Any decisive answer of the API server: not a timeout, not a 5xx. */
  apiAnswered(nowMs: number): void {
    this.#standing.apiAnsweredAtMs = nowMs;
    this.#evaluate(nowMs);
  }

  /** Rule 12: SIGTERM. It gives what it holds; `describe` says when the process may end. */
  leave(nowMs: number): void {
    this.#standing.leaving = true;
    this.#evaluate(nowMs);
  }

  /** Evaluates at a deadline. */
  tick(nowMs: number): void {
    this.#evaluate(nowMs);
  }

  /** When `tick` is to be called, and `outbox` after it; it may lie in the past. */
  wakeAtMs(): number {
    const { looking, peers } = this.#standing;
    let wakeMs = this.#sending.dueAtMs(peers, looking);
    for (const atMs of [...this.#standing.deadlines(), ...this.#authorities.ends(), this.#addresses.dueAtMs])
      if (atMs > looking.nowMs && atMs < wakeMs) wakeMs = atMs;
    return wakeMs;
  }

  /** Until when requests for the address may be answered; -Infinity: not at all. To be compared with the clock at each answer. */
  answersUntilMs(address: Address): number {
    const state = this.#addresses.find(address);
    if (!state?.answering) return before;
    return Math.max(state.overUntilMs, claimEndMs(state.claim, this.#standing.looking));
  }

  /** Rule 2: what is due to be sent, dated `nowMs`: to be read from the clock just before, to be sent just after. */
  outbox(nowMs: number): readonly Outgoing[] {
    const standing = this.#standing;
    const sayable = { table: this.#table, says: standing.says(), speaks: standing.speaks(nowMs) };
    return this.#sending.outbox(standing.peers, sayable, standing.lookingAt(nowMs));
  }

  /** Rule 13: what must be stored before that what `outbox` gives is sent. */
  memory(): Memory {
    const addresses = [...this.#addresses.all].flatMap((state) => remembered(state) ?? []);
    const { lists, peers, outcasts } = this.#standing;
    const { list, forcedEpoch } = lists;
    const intervalMs = this.#standing.boundIntervalMs();
    return { list, intervalMs, forcedEpoch, departed: peers.departed, outcasts: outcasts.names, addresses };
  }

  /** Another number whenever `memory` gives something else. */
  memoryVersion(): number {
    return this.#memoryVersion;
  }

  /** A request to be made now; each is given once, and given up after half a second without an answer. */
  witnessRequest(): WitnessRequest | undefined {
    return this.#standing.witness.request();
  }

  /** What happened since the last call. */
  takeNews(): readonly News[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /** How this member stands to an address; undefined: it neither claims it nor answers for it. */
  stateOf(address: Address): Stand | undefined {
    const state = this.#addresses.find(address);
    return state?.claim?.state ?? (state?.answering ? "gives" : undefined);
  }

  /** What is to be seen of it from outside, as of the last input or tick. */
  describe(_nowMs: number): MemberState {
    const { peers, self, lists, held } = this.#standing;
    return {
      quorum: self.quorum,
      linked: peers.listed.filter(({ view }) => view.linked).map(({ node }) => node),
      heard: peers.listed.filter(({ view }) => view.heard).map(({ node }) => node),
      epoch: lists.shownEpoch,
      held,
      forced: self.forced,
      mayEnd: this.#standing.mayEnd(),
    };
  }

  /** Rule 1: takes a heartbeat in, of a new process of the peer if it adopts it. */
  #take(peer: Peer, heartbeat: Heartbeat, { adopts, nowMs }: { adopts: boolean; nowMs: number }): void {
    if (adopts) this.#adopt(peer, heartbeat.boot);
    peer.take(heartbeat, this.#standing.identity.boot, nowMs);
    const { whole } = peer.replica;
    for (const { address } of peer.replica.apply(heartbeat.table)) this.#addresses.touch(address);
    if (peer.replica.whole && !whole) this.#addresses.touchUnsettled(peer.node);
    if (heartbeat.ack.boot === this.#standing.identity.boot) peer.confirm(heartbeat.ack.seq, nowMs);
    const goesOn = !this.#sending.pending && peer.acked >= peer.cursor && peer.acked < this.#table.version;
    if (heartbeat.answerMe || goesOn) peer.answerDue = true;
    if (heartbeat.list !== undefined) this.#standing.believe(nowMs);
    this.#noteEpoch(heartbeat, nowMs);
  }

  #adopt(peer: Peer, boot: bigint): void {
    this.#addresses.touchEach(this.#addresses.all);
    peer.adopt(boot);
    peer.answerDue = true;
  }

  /** Rules 20, 21: somebody goes by a newer list than any known here. */
  #noteEpoch(heartbeat: Heartbeat, nowMs: number): void {
    const { lists, identity, self } = this.#standing;
    if (heartbeat.epoch <= lists.newestEpoch) return;
    const stops = !self.overruled && identity.rules.overrules(heartbeat, lists.newestEpoch);
    if (!stops && nowMs - this.#listReadAtMs < READ_LIST_MS) return;
    this.#listReadAtMs = nowMs;
    this.#news.push({ kind: "readList" });
  }

  #evaluate(nowMs: number): void {
    const { lists, outcasts } = this.#standing;
    const says = this.#standing.says();
    const { list } = lists;
    const { names } = outcasts;
    const { quorum } = this.#standing.self;
    const { version } = this.#table;
    if (this.#standing.step(nowMs)) this.#addresses.touchEach(this.#addresses.all);
    this.#addresses.touchEach(this.#authorities.recount(nowMs));
    const { held } = this.#standing;
    const remembers = this.#addresses.settle(this.#settling());
    if (this.#standing.held === 0 && held > 0) this.#standing.witness.evaluate(this.#standing.witnessNeed(nowMs));
    if (remembers || list !== lists.list || names !== outcasts.names) this.#memoryVersion += 1;
    if (quorum !== this.#standing.self.quorum) this.#news.push({ kind: "quorum", has: !quorum });
    if (version !== this.#table.version || !saysSame(says, this.#standing.says()))
      this.#sending.changed(this.#standing.looking);
  }

  #tell(news: News): void {
    this.#news.push(news);
    if (news.kind === "began") this.#standing.held += 1;
    if (news.kind === "ended") this.#standing.held -= 1;
  }

  #settling(): Settling {
    const { self, peers, identity } = this.#standing;
    return {
      self,
      rules: identity.rules,
      authorities: this.#authorities,
      table: this.#table,
      sayings: (key) => peers.sayings(key),
      nextNumber: () => ++this.#claims,
      news: (news) => this.#tell(news),
    };
  }
}

/** Until when a claim answers: by its authority, or while it is kept and this member is awake. */
function claimEndMs(claim: Claim | undefined, { nowMs, timing, intervalMs }: Looking): number {
  if (claim?.state === "keeps") return nowMs + timing.yieldIntervals * intervalMs;
  return claim?.state === "holds" ? claim.authority.endMs : before;
}
