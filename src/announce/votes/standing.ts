import type { Self } from "./address-state.ts";
import type { Looking } from "./hearing.ts";
import { sendable } from "./hearsay.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { GroupList } from "./inputs.ts";
import { Lists } from "./lists.ts";
import { silentStartMs } from "./memory.ts";
import { Outcasts } from "./outcasts.ts";
import type { Says } from "./outgoing.ts";
import type { Peer } from "./peer.ts";
import { Peers } from "./peers.ts";
import { isQuorum, voterCount } from "./quorum.ts";
import type { Rules } from "./rules.ts";
import { Witness, type WitnessNeed } from "./witness.ts";

const before = Number.NEGATIVE_INFINITY;

/** Who this member is, and since when. */
export type Identity = {
  readonly node: string;
  /** Of its VIPGroup. */
  readonly uid: string;
  readonly boot: bigint;
  readonly intervalMs: number;
  readonly keeps: boolean;
  readonly rules: Rules;
  readonly startedAtMs: number;
  /** Whether the votes of the last process are known. */
  readonly remembers: boolean;
};

/** What the last process left that matters to all addresses: its list, the newest forced one, whom that left out, and whom it knew, itself too. */
export type Recalled = {
  readonly list: GroupList | undefined;
  readonly intervalMs?: number;
  readonly forcedEpoch?: number;
  readonly outcasts?: readonly string[];
  readonly acquaintances: readonly string[];
};

/** How this member stands in its group: the list, the others, the witness, and what follows of them for every address. */
export class Standing {
  readonly identity: Identity;
  readonly lists: Lists;
  readonly peers = new Peers();
  readonly outcasts: Outcasts;
  readonly witness: Witness;
  readonly votesFromMs: number;
  /** The longest interval that the last process may have had. */
  readonly #lastIntervalMs: number;
  leaving = false;
  gateway = true;
  wishesKnown = false;
  apiAnsweredAtMs = before;
  /** How many addresses it answers for. */
  held = 0;
  #suspectSinceMs: number | undefined;
  #quorumLostAtMs: number;
  #listedUntilMs = before;
  #looking: Looking;
  #self: Self;

  constructor(identity: Identity, recalled: Recalled | undefined) {
    const { rules, startedAtMs, intervalMs, remembers } = identity;
    this.identity = identity;
    this.lists = new Lists(recalled?.list, recalled?.forcedEpoch);
    this.outcasts = new Outcasts(recalled?.outcasts ?? [], startedAtMs);
    this.witness = new Witness(rules);
    this.votesFromMs = rules.votesFromMs(remembers, startedAtMs, silentStartMs(rules.timing, intervalMs));
    this.#lastIntervalMs = recalled?.intervalMs ?? 0;
    this.#quorumLostAtMs = startedAtMs;
    const others = recalled?.acquaintances.filter((name) => name !== identity.node);
    this.peers.recall(others ?? [], startedAtMs);
    this.relist(startedAtMs);
    this.#looking = this.lookingAt(startedAtMs);
    this.#self = this.#selfAt({ quorum: false, stalled: false, overruled: false });
  }

  /** The moment of the last step, and what the others are looked at by. */
  get looking(): Looking {
    return this.#looking;
  }

  /** This member at that moment. */
  get self(): Self {
    return this.#self;
  }

  /** Until when a claim holds for which those members vote whose bits are set. */
  authorityEndMs(mask: number): number {
    const { rules, intervalMs } = this.identity;
    return rules.authorityEndMs({
      voters: this.peers.voters(mask, this.#looking),
      needed: this.#needed(),
      witness: this.lists.list?.witness === true,
      witnessUntilMs: this.#witnessUntilMs(),
      validMs: rules.timing.yieldIntervals * intervalMs,
      witnessSharedMs: rules.timing.witnessSharedMs,
    });
  }

  /** What is to be seen of it in each heartbeat. */
  says(): Says {
    const { boot, intervalMs, uid } = this.identity;
    const { shownEpoch: epoch, forcedEpoch } = this.lists;
    const list = sendable(this.lists.list, uid);
    const witness = this.#looking.nowMs < this.#witnessUntilMs();
    return { boot, intervalMs, epoch, forcedEpoch, list, quorum: this.#self.quorum, leaving: this.leaving, witness };
  }

  /** Whether it sends heartbeats: who is in the list, and for a while who just left it, so that the others hear what it gave up. */
  speaks(nowMs: number): boolean {
    const { intervalMs, rules } = this.identity;
    return this.#listed() || nowMs < this.#listedUntilMs + rules.timing.farewellIntervals * intervalMs;
  }

  /** The lists as they are now; the others by them. */
  relist(nowMs: number): void {
    this.outcasts.note(this.lists.list, nowMs);
    this.peers.relist(this.lists, this.identity.node, nowMs, this.outcasts.forcedAtMs);
  }

  /** Rule 20: takes in the newer list that more than half of the present one send, of whom this member is none. */
  believe(nowMs: number): void {
    const { rules, uid } = this.identity;
    const { list: present } = this.lists;
    if (present === undefined) return;
    const list = rules.listOfMost(this.peers.sentLists(uid), rules.majority(present.members.length));
    if (list !== undefined && this.lists.offer(list, nowMs)) this.relist(nowMs);
  }

  /** Rules 20, 21: who left the list and does not know it is shown the epoch, also if it knows this node's last process. */
  hearDeparted(peer: Peer, heartbeat: Heartbeat): void {
    if (heartbeat.epoch < this.lists.shownEpoch) peer.meet(heartbeat);
    if (heartbeat.epoch >= this.lists.forcedEpoch) this.outcasts.keep((name) => name !== peer.node);
  }

  /** Looks at everything anew. True: something changed that may matter to every address. */
  step(nowMs: number): boolean {
    const last = this.#self;
    const { intervalMs, rules } = this.identity;
    const stalled = nowMs - last.nowMs > rules.timing.keepGraceIntervals * intervalMs;
    this.#looking = this.lookingAt(nowMs);
    const linked = (node: string): boolean => this.peers.isLinked(node, this.#looking);
    const relisted = this.#stepLists(linked);
    this.#looking = this.lookingAt(nowMs);
    const seen = this.peers.look(this.#looking);
    const overruled = this.#isOverruled();
    const suspicion = this.#listed() && rules.suspicious(this.peers.listed, this.#needed(), this.#looking);
    this.#suspectSinceMs = suspicion ? (this.#suspectSinceMs ?? nowMs) : undefined;
    this.witness.evaluate(this.witnessNeed(nowMs));
    const witness = { listed: this.lists.list?.witness === true, own: nowMs < this.#witnessUntilMs() };
    const quorum = this.#listed() && !overruled && isQuorum(this.peers.listed, witness, this.#needed());
    if (this.#listed()) this.#listedUntilMs = nowMs;
    if (last.quorum && !quorum) this.#quorumLostAtMs = nowMs;
    this.#self = this.#selfAt({ quorum, stalled, overruled });
    return relisted || seen || !sameSelf(last, this.#self);
  }

  /** Whether this member, which leaves, may end: nothing is held, and the witness is given up and known to be. */
  mayEnd(): boolean {
    const { nowMs, timing } = this.#looking;
    if (!this.leaving || this.held > 0) return false;
    const watched = this.peers.listed.some(({ view }) => view.heard);
    return this.witness.isGivenUp(nowMs, watched ? timing.witnessHeirMs : 0);
  }

  /** What the witness depends on now. */
  witnessNeed(nowMs: number): WitnessNeed {
    const { node, intervalMs, rules } = this.identity;
    const suspicion = this.#suspectSinceMs !== undefined;
    const { list } = this.lists;
    const counts = list?.witness === true && this.#listed() && this.gateway;
    const wanted = counts && !this.leaving && !this.#isOverruled();
    const hurries = this.leaving && this.held === 0 && this.peers.listed.length <= 1;
    return { node, nowMs, intervalMs, timing: rules.timing, suspicion, wanted, hurries };
  }

  /** What the others are looked at by at a moment. */
  lookingAt(nowMs: number): Looking {
    const { intervalMs, startedAtMs, rules } = this.identity;
    const { list, shownEpoch } = this.lists;
    const { timing, epochCounts } = rules;
    const boundUntilMs = this.#boundUntilMs();
    return { nowMs, startedAtMs, boundUntilMs, intervalMs, timing, epoch: list?.epoch ?? 0, shownEpoch, epochCounts };
  }

  /** When something changes without any input. */
  deadlines(): readonly number[] {
    const { nowMs, timing, intervalMs } = this.#looking;
    return [
      ...this.peers.deadlines(this.#looking),
      ...this.witness.deadlines(this.witnessNeed(nowMs)),
      ...this.lists.deadlines(timing, intervalMs),
      this.outcasts.untilMs,
      this.votesFromMs,
      this.#startsUntilMs(),
    ];
  }

  #stepLists(linked: (node: string) => boolean): boolean {
    const { lists, outcasts, peers, identity } = this;
    const { nowMs } = this.#looking;
    const { list: before } = lists;
    outcasts.note(before, nowMs);
    const relisted = lists.step(identity.node, linked, this.#looking);
    if (relisted && lists.list !== undefined) outcasts.relisted(before, lists.list, identity.node);
    if (relisted) this.relist(nowMs);
    outcasts.keep((name) => (peers.get(name)?.times.epoch ?? 0) < lists.forcedEpoch);
    return relisted;
  }

  #isOverruled(): boolean {
    const { newestEpoch } = this.lists;
    return this.peers.someHeard((shown) => this.identity.rules.overrules(shown, newestEpoch));
  }

  #listed(): boolean {
    return this.lists.list?.members.includes(this.identity.node) === true;
  }

  /** The longest interval that others may still count votes of this node by. */
  boundIntervalMs(): number {
    const { intervalMs } = this.identity;
    return this.#looking.nowMs < this.#boundUntilMs() ? Math.max(intervalMs, this.#lastIntervalMs) : intervalMs;
  }

  #boundUntilMs(): number {
    const { startedAtMs, rules } = this.identity;
    return startedAtMs + rules.timing.takeIntervals * this.#lastIntervalMs;
  }

  #startsUntilMs(): number {
    const { startedAtMs, intervalMs, rules } = this.identity;
    return startedAtMs + rules.timing.recallIntervals * intervalMs;
  }

  #needed(): number {
    const { list } = this.lists;
    if (list === undefined || !this.#listed()) return Number.POSITIVE_INFINITY;
    return this.identity.rules.majority(voterCount(list));
  }

  #witnessUntilMs(): number {
    return this.lists.list?.witness && this.gateway && !this.#isOverruled() ? this.witness.untilMs : before;
  }

  #selfAt({ quorum, stalled, overruled }: Pick<Self, "quorum" | "stalled" | "overruled">): Self {
    const { node, boot, intervalMs, rules, keeps } = this.identity;
    const { nowMs } = this.#looking;
    return {
      node,
      boot,
      nowMs,
      intervalMs,
      timing: rules.timing,
      quorum,
      quorumLostAtMs: this.#quorumLostAtMs,
      leaving: this.leaving,
      listed: this.#listed(),
      forced: this.lists.list?.forced === true || this.outcasts.names.length > 0,
      overruled,
      mayVote: nowMs >= this.votesFromMs,
      wishesKnown: this.wishesKnown,
      starting: nowMs < this.#startsUntilMs(),
      stalled,
      keeping: {
        allowed: keeps,
        quorum,
        suspectSinceMs: this.#suspectSinceMs,
        apiAnsweredAtMs: this.apiAnsweredAtMs,
        gateway: this.gateway,
        newerList: this.peers.someHeard(({ epoch }) => epoch > this.lists.newestEpoch),
      },
    };
  }
}

/** Whether no address can fare otherwise for it. What the API server said matters only while there is no quorum. */
function sameSelf(a: Self, b: Self): boolean {
  return (
    a.quorum === b.quorum &&
    a.leaving === b.leaving &&
    a.listed === b.listed &&
    a.forced === b.forced &&
    a.overruled === b.overruled &&
    a.mayVote === b.mayVote &&
    a.wishesKnown === b.wishesKnown &&
    a.starting === b.starting &&
    a.keeping.gateway === b.keeping.gateway &&
    a.keeping.newerList === b.keeping.newerList &&
    (a.quorum || a.keeping.apiAnsweredAtMs === b.keeping.apiAnsweredAtMs)
  );
}
