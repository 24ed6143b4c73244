import type { Heartbeat } from "../../../../src/announce/votes/heartbeat.ts";
import {
  type GroupList,
  Member,
  type Memory,
  type News,
  type Rules,
  type Wish,
} from "../../../../src/announce/votes/member.ts";
import type { Address } from "../../../../src/net/address.ts";

/** The heartbeats' interval in these tests. */
export const INTERVAL_MS = 100;

const DELAY_MS = 1;

type Packet = { readonly from: string; readonly to: string; readonly heartbeat: Heartbeat; readonly atMs: number };
type Lease = { holder: string; version: number };

/** What a test reads of one member. */
export type Node = {
  readonly name: string;
  member: Member;
  memory: Memory | undefined;
  storedVersion: number;
  running: boolean;
  /** When it is to be looked at again. */
  wakeMs: number;
  stopped: boolean;
  readonly waiting: Packet[];
  list: GroupList;
  wishes: readonly Wish[];
  readonly news: (News & { readonly atMs: number })[];
};

/** How a network of members begins. */
export type NetworkOptions = {
  readonly names: readonly string[];
  readonly witness?: boolean;
  readonly withoutQuorum?: "Keep" | "Yield";
  readonly rules?: Rules;
  /** Whose interval is another one than INTERVAL_MS. */
  readonly intervals?: Readonly<Record<string, number>>;
  /** The list at first; else it has all names. */
  readonly list?: GroupList;
};

/** Members that hear each other, under one clock that goes by milliseconds; whatever may be cut. */
export class Network {
  nowMs = 1_000;
  apiAway = false;
  /** Whether a heartbeat arrives. */
  passes: (from: string, to: string) => boolean = () => true;
  /** Is told of each heartbeat that arrives. */
  heard: (heartbeat: Heartbeat, to: string) => void = () => {};
  /** Who was sent heartbeats, by sender. */
  readonly receivers = new Map<string, Set<string>>();
  readonly lease: Lease = { holder: "", version: 1 };
  readonly nodes = new Map<string, Node>();
  readonly #options: NetworkOptions;
  #packets: Packet[] = [];
  #boots = 0n;

  constructor(options: NetworkOptions) {
    this.#options = options;
    const { names, witness = false } = options;
    const list: GroupList = options.list ?? { epoch: 1, members: names, witness, forced: false };
    for (const name of names)
      this.nodes.set(name, {
        name,
        member: this.#member(name, undefined),
        memory: undefined,
        storedVersion: 0,
        running: true,
        wakeMs: this.nowMs,
        stopped: false,
        waiting: [],
        list,
        wishes: [],
        news: [],
      });
    for (const node of this.nodes.values()) node.member.setList(list, this.nowMs);
  }

  node(name: string): Node {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    node.wakeMs = this.nowMs;
    return node;
  }

  /** The API's addresses, for everybody. */
  wish(wishes: readonly Wish[]): void {
    for (const node of this.nodes.values()) {
      node.wishes = wishes;
      if (node.running) this.#wake(node).setWishes(wishes, this.nowMs);
    }
  }

  /** The list, for everybody, or for these. */
  list(list: GroupList, names: readonly string[] = [...this.nodes.keys()]): void {
    for (const node of names.map((name) => this.node(name))) {
      node.list = list;
      if (node.running) this.#wake(node).setList(list, this.nowMs);
    }
  }

  /** The process hears that it is to end. */
  leave(name: string): void {
    this.#wake(this.node(name)).leave(this.nowMs);
  }

  /** The process stands still; what comes waits. */
  stop(name: string): void {
    this.node(name).stopped = true;
  }

  /** It goes on: first it takes in what waited. */
  resume(name: string): void {
    const node = this.node(name);
    node.stopped = false;
    for (const { from, heartbeat } of node.waiting.splice(0)) node.member.heard(from, heartbeat, this.nowMs);
  }

  /** The process is gone, without a word. */
  kill(name: string): void {
    this.node(name).running = false;
  }

  /** A new process; `forgets`: without what the last one stored. */
  start(name: string, { forgets = false } = {}): void {
    const node = this.node(name);
    node.member = this.#member(name, forgets ? undefined : node.memory);
    node.running = true;
    node.member.setList(node.list, this.nowMs);
    node.member.setWishes(node.wishes, this.nowMs);
  }

  /** Lets this much time go by. `each` is called after each millisecond. */
  run(ms: number, each?: () => void): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs++) {
      this.#deliver();
      for (const node of this.nodes.values()) if (node.running && !node.stopped) this.#step(node);
      each?.();
    }
  }

  /** Who would answer for the address now. */
  answering(address: Address): readonly string[] {
    return [...this.nodes.values()]
      .filter(({ running, member }) => running && this.nowMs < member.answersUntilMs(address))
      .map(({ name }) => name);
  }

  #wake(node: Node): Member {
    node.wakeMs = this.nowMs;
    return node.member;
  }

  #member(node: string, memory: Memory | undefined): Member {
    this.#boots += 1n;
    const { withoutQuorum = "Keep", rules, intervals } = this.#options;
    const intervalMs = intervals?.[node] ?? INTERVAL_MS;
    const options = { node, boot: this.#boots, intervalMs, withoutQuorum, memory };
    return new Member(rules === undefined ? options : { ...options, rules }, this.nowMs);
  }

  #step(node: Node): void {
    if (this.nowMs < node.wakeMs) return;
    const { member } = node;
    if (this.nowMs >= member.wakeAtMs()) member.tick(this.nowMs);
    this.#read(node);
    for (const { to, heartbeat } of member.outbox(this.nowMs)) {
      this.receivers.set(node.name, (this.receivers.get(node.name) ?? new Set()).add(to));
      if (this.passes(node.name, to))
        this.#packets.push({ from: node.name, to, heartbeat, atMs: this.nowMs + DELAY_MS });
    }
    if (node.storedVersion !== member.memoryVersion()) node.memory = member.memory();
    node.storedVersion = member.memoryVersion();
    node.wakeMs = member.wakeAtMs();
  }

  #read(node: Node): void {
    for (const news of node.member.takeNews()) node.news.push({ ...news, atMs: this.nowMs });
    const request = node.member.witnessRequest();
    if (request === undefined || this.apiAway) return;
    this.#wake(node).witnessAnswered(this.#answer(node.name, request), this.nowMs);
  }

  #answer(name: string, request: NonNullable<ReturnType<Member["witnessRequest"]>>) {
    const { id } = request;
    const { lease } = this;
    if (request.kind === "get")
      return { id, kind: "found", holder: lease.holder, resourceVersion: String(lease.version) } as const;
    if (request.resourceVersion !== String(lease.version)) return { id, kind: "conflict" } as const;
    lease.version += 1;
    lease.holder = request.kind === "empty" ? "" : name;
    return { id, kind: "written", resourceVersion: String(lease.version) } as const;
  }

  #arrive(node: Node | undefined, packet: Packet): void {
    if (!node?.running) return;
    this.heard(packet.heartbeat, node.name);
    if (node.stopped) node.waiting.push(packet);
    else this.#wake(node).heard(packet.from, packet.heartbeat, this.nowMs);
  }

  #deliver(): void {
    const due = this.#packets.filter(({ atMs }) => atMs <= this.nowMs);
    this.#packets = this.#packets.filter(({ atMs }) => atMs > this.nowMs);
    for (const { from, to, heartbeat } of due) {
      const node = this.nodes.get(to);
      this.#arrive(node, { from, to, heartbeat, atMs: this.nowMs });
    }
  }
}
