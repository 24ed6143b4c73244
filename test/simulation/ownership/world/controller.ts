import type { GroupList } from "../../../../src/announce/votes/member.ts";
import type { ApiServer } from "./api-server.ts";

/** What the controller reads of a node: its Lease moved, the epoch that it goes by, whom it hears, what it holds. */
export type Report = {
  readonly node: string;
  readonly epoch: number;
  readonly hears: readonly string[];
  readonly holds: readonly number[];
};

/** What the controller goes by. */
export type ControllerOptions = { readonly leaseMs: number; readonly forcing: boolean; readonly mostMembers: number };

const seenForMs = 1_000;
const witnessFreeMs = 3_500;
const followsAfterMs = 1_500;
const moveWithinMs = 4_000;

/**
 * The controller's part in it: one voter a write and only once most go by the last one (rule 19), forced lists (21), the order
 * in which members and the witness come and go (22); and it writes down where an address has gone.
 */
export class Controller {
  readonly #server: ApiServer;
  readonly #options: ControllerOptions;
  /** Who shall be a member, apart from those that are dead. */
  readonly wanted: Set<string>;
  /** Whether an odd group, too, shall be without or with a witness; undefined: even groups have one. */
  witnessWanted: boolean | undefined;
  readonly #aliveAtMs = new Map<string, number>();
  readonly #heardAtMs = new Map<string, number>();
  readonly #seenSinceMs = new Map<string, number>();
  readonly #elsewhere = new Map<number, { readonly node: string; readonly sinceMs: number }>();
  readonly #placedAtMs = new Map<number, number>();
  #fewSinceMs: number | undefined;
  #epoch = 0;
  #writtenAtMs = 0;

  constructor(server: ApiServer, options: ControllerOptions) {
    this.#server = server;
    this.#options = options;
    this.wanted = new Set(server.list.members);
  }

  /** Somebody asks for the address to be moved. */
  move(address: number, node: string, nowMs: number): void {
    this.#server.place(address, node);
    this.#placedAtMs.set(address, nowMs);
  }

  /** Reads the reports of the nodes whose Leases move, and writes what is due. */
  plan(reports: readonly Report[], nowMs: number): void {
    this.#read(reports, nowMs);
    const forced = this.#forcedList(reports, nowMs);
    const next = forced ?? (this.#maySet(nowMs) ? this.#nextList(nowMs) : undefined);
    if (next !== undefined) this.#server.writeList(next);
    for (const report of reports) for (const address of report.holds) this.#follow(address, report.node, nowMs);
  }

  #read(reports: readonly Report[], nowMs: number): void {
    const { epoch } = this.#server.list;
    if (epoch !== this.#epoch) {
      this.#seenSinceMs.clear();
      this.#writtenAtMs = nowMs;
    }
    this.#epoch = epoch;
    for (const { node, epoch: its, hears } of reports) {
      this.#aliveAtMs.set(node, nowMs);
      if (its === epoch && !this.#seenSinceMs.has(node)) this.#seenSinceMs.set(node, nowMs);
      for (const heard of hears) this.#heardAtMs.set(`${node} ${heard}`, nowMs);
    }
  }

  /**
   * Rule 19: more than half of the voters were seen with this list a while ago. The witness is seen when all members are, and
   * nobody who went before can have it any more: else a member alone with the witness could never be freed of it.
   */
  #maySet(nowMs: number): boolean {
    const { members, witness } = this.#server.list;
    const seen = members.filter((node) => nowMs - (this.#seenSinceMs.get(node) ?? nowMs) >= seenForMs);
    const all = seen.length === members.length && nowMs - this.#writtenAtMs >= witnessFreeMs;
    return all || 2 * seen.length > members.length + (witness ? 1 : 0);
  }

  /** Rules 19 and 22: a member comes before its witness and goes before it. */
  #nextList(nowMs: number): Omit<GroupList, "epoch"> | undefined {
    const { members, witness } = this.#server.list;
    const out = members.find((node) => !this.wanted.has(node)) ?? members.find((node) => this.#isDead(node, nowMs));
    const even = members.length % 2 === 0;
    const wantsWitness = this.witnessWanted ?? even;
    if (witness !== wantsWitness) return { members, witness: wantsWitness, forced: false };
    if (out !== undefined && members.length > 1) {
      return { members: members.filter((node) => node !== out), witness, forced: false };
    }
    const come = [...this.wanted].find((node) => !members.includes(node) && !this.#isDead(node, nowMs));
    if (come === undefined || members.length >= this.#options.mostMembers) return undefined;
    return { members: [...members, come], witness, forced: false };
  }

  /** Rule 21. */
  #forcedList(reports: readonly Report[], nowMs: number): Omit<GroupList, "epoch"> | undefined {
    const { members } = this.#server.list;
    const live = members.filter((node) => this.#isAlive(node, nowMs));
    const few = this.#options.forcing && live.length > 0 && 2 * live.length < members.length;
    this.#fewSinceMs = few ? (this.#fewSinceMs ?? nowMs) : undefined;
    if (this.#fewSinceMs === undefined || reports.length === 0) return undefined;
    this.#fewSinceMs = undefined;
    return { members: live, witness: false, forced: true };
  }

  #isAlive(node: string, nowMs: number): boolean {
    return nowMs - (this.#aliveAtMs.get(node) ?? 0) < this.#options.leaseMs;
  }

  /** No Lease, and heard by no majority of the others, for twice as long. */
  #isDead(node: string, nowMs: number): boolean {
    const deadMs = 2 * this.#options.leaseMs;
    const others = this.#server.list.members.filter((each) => each !== node);
    const hear = others.filter((each) => nowMs - (this.#heardAtMs.get(`${each} ${node}`) ?? 0) < deadMs);
    return nowMs - (this.#aliveAtMs.get(node) ?? 0) >= deadMs && 2 * hear.length <= others.length;
  }

  /** Where an address has been for a while, and nobody has asked for another place, is where it is wanted from now on. */
  #follow(address: number, node: string, nowMs: number): void {
    const { node: placed } = this.#server.placement(address);
    const before = this.#elsewhere.get(address);
    if (placed === node || nowMs - (this.#placedAtMs.get(address) ?? 0) < moveWithinMs) {
      if (before?.node === node) this.#elsewhere.delete(address);
      return;
    }
    if (before?.node !== node) this.#elsewhere.set(address, { node, sinceMs: nowMs });
    else if (nowMs - before.sinceMs >= followsAfterMs) this.#server.place(address, node);
  }
}
