import type { Heartbeat, SentList } from "./heartbeat.ts";
import { Intake } from "./intake.ts";
import { Replica } from "./replica.ts";
import { SentTimes } from "./sent-times.ts";

const never = Number.NEGATIVE_INFINITY;

/** No interval is shorter, whatever a peer says. */
const SHORTEST_INTERVAL_MS = 50;
/** So many of its former processes are known. */
const MOST_RETIRED = 256;

/** A peer at one moment, as the decisions about addresses see it. */
export type PeerView = {
  readonly node: string;
  /** 0n: not heard since this member started. */
  readonly boot: bigint;
  readonly listed: boolean;
  /** Rule 3: both ends hear each other, and it goes by no newer list. */
  readonly linked: boolean;
  /** Heard within 4 intervals. */
  readonly heard: boolean;
  /** Its newest acknowledgement is of what was sent within 4 intervals: what it says is no older than that. */
  readonly hearsMe: boolean;
  /** Rule 5: not heard for 5 intervals, so that a vote for it may go. */
  readonly silent: boolean;
  readonly quorum: boolean;
  readonly leaving: boolean;
  /** Whether its whole table is here; if not, a missing entry means nothing. */
  readonly whole: boolean;
  /** Whether it counts this member's votes: it goes by no older list than this member shows. */
  readonly countsMe: boolean;
};

/** The moments of one peer, by this member's clock; -Infinity: not yet. */
export type PeerTimes = {
  /** When its newest heartbeat was taken in. */
  rxAtMs: number;
  /** When the newest heartbeat that it acknowledges was sent … */
  linkAtMs: number;
  /** … and the newest that it acknowledged with its whole table at hand: this confirms its votes. */
  ackAtMs: number;
  /** When that acknowledgement was taken in: nothing right may be dated by it. */
  ackRxAtMs: number;
  /** `ackAtMs`, but only of heartbeats that said that the peer counts the witness. */
  witnessAtMs: number;
  /** When it left the list; -Infinity while it is in it. */
  leftAtMs: number;
  /** Its interval: it waits for so many of these, not of this member's, before it votes anew. */
  intervalMs: number;
  epoch: number;
};

/** What this member knows of one other, and what it has sent to it. */
export class Peer {
  readonly node: string;
  boot = 0n;
  seq = 0;
  readonly times: PeerTimes;
  quorum = false;
  leaving = false;
  witness = false;
  forced = false;
  /** The list in its newest heartbeat. */
  list: SentList | undefined;
  readonly intake = new Intake();
  replica = new Replica();
  readonly sent = new SentTimes();
  sentSeq = 0;
  sentAtMs = never;
  /** A heartbeat that is to be sent at once. */
  answerDue = false;
  /** The process that does not know this one yet and is to be told that it was heard. */
  greet: { readonly boot: bigint; readonly seq: number; readonly epoch: number } | undefined;
  greetedAtMs = never;
  /** The version of this member's table that the peer has, and the one that it will have if nothing gets lost. */
  acked = 0;
  cursor = 0;
  /** The number of the last heartbeat to it that carried a part of the table. */
  partSeq = 0;
  /** From which version on it was sent the table last. */
  sentFrom = -1;
  /** The newest tombstone that was thrown away before the peer began to take the table from its beginning. */
  basedOn = 0;
  view: PeerView;
  readonly #retired = new Set<bigint>();

  constructor(node: string) {
    this.node = node;
    this.times = {
      rxAtMs: never,
      linkAtMs: never,
      ackAtMs: never,
      ackRxAtMs: never,
      witnessAtMs: never,
      leftAtMs: never,
      intervalMs: Number.POSITIVE_INFINITY,
      epoch: 0,
    };
    this.view = unknownPeer(node);
  }

  /** Whether it is one of its former processes, which never comes back. */
  retired(boot: bigint): boolean {
    return this.#retired.has(boot);
  }

  /** Whether a heartbeat says something else of the peer than the one before: every address may fare otherwise then. */
  turns({ boot, epoch, quorum, leaving, witness, forced, table }: Heartbeat): boolean {
    const whole = table.upTo === table.version;
    if (boot !== this.boot || epoch !== this.times.epoch || whole !== this.replica.whole) return true;
    return quorum !== this.quorum || leaving !== this.leaving || witness !== this.witness || forced !== this.forced;
  }

  /** It is to be told that it was heard. */
  meet({ boot, seq, epoch }: Heartbeat): void {
    this.greet = { boot, seq, epoch };
  }

  /** Takes its new process for the peer, and forgets what the old one said and had. */
  adopt(boot: bigint): void {
    if (this.boot !== 0n) this.#retire(this.boot);
    this.boot = boot;
    this.seq = 0;
    this.acked = 0;
    this.cursor = 0;
    this.partSeq = 0;
    this.sentFrom = -1;
    this.replica = new Replica();
    this.greet = undefined;
    this.list = undefined;
    this.times.linkAtMs = this.times.ackAtMs = this.times.ackRxAtMs = this.times.witnessAtMs = never;
  }

  /** Takes in what a heartbeat says of the peer itself, and what it acknowledges. */
  take(heartbeat: Heartbeat, myBoot: bigint, nowMs: number): void {
    const { seq, ack, epoch, quorum, leaving, witness, forced, intervalMs, table, list } = heartbeat;
    this.seq = seq;
    this.times.rxAtMs = nowMs;
    this.times.epoch = epoch;
    this.quorum = quorum;
    this.leaving = leaving;
    this.witness = witness;
    this.forced = forced;
    this.list = list;
    this.times.intervalMs = Math.max(SHORTEST_INTERVAL_MS, intervalMs);
    if (ack.boot !== myBoot) return;
    this.times.linkAtMs = Math.max(this.times.linkAtMs, this.sent.at(ack.seq));
    this.acked = table.known;
    // It had all that was sent, and lacks some of it: that was lost.
    this.cursor = this.partSeq > 0 && ack.seq >= this.partSeq ? table.known : Math.max(this.cursor, table.known);
  }

  /** Rule 9: with the whole table at hand, what was acknowledged confirms the votes in it. */
  confirm(ackSeq: number, nowMs: number): void {
    const sentAtMs = this.sent.at(ackSeq);
    if (!this.replica.whole || sentAtMs <= this.times.ackAtMs) return;
    this.times.ackAtMs = sentAtMs;
    this.times.ackRxAtMs = nowMs;
    if (this.witness) this.times.witnessAtMs = sentAtMs;
  }

  #retire(boot: bigint): void {
    this.#retired.add(boot);
    for (const oldest of this.#retired) if (this.#retired.size > MOST_RETIRED) this.#retired.delete(oldest);
  }
}

function unknownPeer(node: string): PeerView {
  return {
    node,
    boot: 0n,
    listed: false,
    linked: false,
    heard: false,
    hearsMe: false,
    silent: false,
    quorum: false,
    leaving: false,
    whole: false,
    countsMe: false,
  };
}
