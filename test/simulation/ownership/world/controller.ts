import { isHeard, isInUse, isShort, lives, type Nodes, usesList } from "../../../../src/announce/group-facts.ts";
import { forcedList, nextList } from "../../../../src/announce/group-list.ts";
import type { Group, GroupSpec } from "../../../../src/api/vip-group.ts";
import { Lasting } from "../../../../src/controller/lasting.ts";
import type { ApiServer } from "./api-server.ts";
import { groupOf, nodesOf, type Report } from "./group-objects.ts";

/** What the controller goes by: a Lease that stood still for so long is dead, after twice the time a voter no more. */
export type ControllerOptions = { readonly leaseMs: number; readonly forcing: boolean };

const followsAfterMs = 1_500;
const moveWithinMs = 4_000;

/**
 * The controller's part in it. What the lists are to be is decided by its own rules (19, 21, 22), with shorter times for the
 * dead; as it does, it names the members in the witness Lease only after it has written their list, and makes the Lease
 * before. And it writes down where an address has gone.
 */
export class Controller {
  readonly #server: ApiServer;
  readonly #options: ControllerOptions;
  /** Who shall be a member, apart from those that are dead. */
  readonly wanted: Set<string>;
  /** Whether an odd group, too, shall be without or with a witness; undefined: even groups have one. */
  witnessWanted: boolean | undefined;
  /** The last of each node: it stays when the node is gone. */
  readonly #reports = new Map<string, Report>();
  readonly #aliveAtMs = new Map<string, number>();
  readonly #used = new Lasting(0);
  readonly #lost: Lasting;
  readonly #elsewhere = new Map<number, { readonly node: string; readonly sinceMs: number }>();
  readonly #placedAtMs = new Map<number, number>();

  constructor(server: ApiServer, options: ControllerOptions) {
    this.#server = server;
    this.#options = options;
    this.#lost = new Lasting(options.leaseMs);
    this.wanted = new Set(server.list.members);
  }

  /** Somebody asks for the address to be moved. */
  move(address: number, node: string, nowMs: number): void {
    this.#server.place(address, node);
    this.#placedAtMs.set(address, nowMs);
  }

  /** Reads the reports of the nodes whose Leases move, and writes what is due. */
  plan(reports: readonly Report[], nowMs: number): void {
    for (const report of reports) {
      this.#reports.set(report.node, report);
      this.#aliveAtMs.set(report.node, nowMs);
    }
    const group = groupOf(this.#server.list);
    const nodes = nodesOf([...this.#reports.values()], (node) => this.#isAlive(node, nowMs));
    this.#write(group, this.#nextList(group, nodes, nowMs));
    for (const report of reports) for (const address of report.holds) this.#follow(address, report.node, nowMs);
  }

  #write(group: Group, next: GroupSpec | undefined): void {
    const server = this.#server;
    if (next?.witness && server.lease === undefined) server.makeLease(next.members);
    else if (next !== undefined) server.writeList(next);
    else if (!group.witness) server.deleteLease();
    else if (server.lease?.members.join() !== group.members.join()) server.nameInLease(group.members);
  }

  #nextList(group: Group, nodes: Nodes, nowMs: number): GroupSpec | undefined {
    const use = (name: string): string => `${group.epoch} ${name}`;
    const using = group.members.filter((name) => usesList(group, nodes.vipNodes.get(name)));
    this.#used.at(using.map(use), nowMs);
    const dead = group.members.filter((name) => !lives(name, nodes) && !isHeard(group, name, nodes));
    const lost = this.#lost.at(dead, nowMs);
    if (this.#options.forcing && isShort(group, nodes))
      return forcedList(
        group,
        group.members.filter((name) => lives(name, nodes)),
      );
    const usedSinceMs = new Map(using.map((name) => [name, this.#used.sinceMs(use(name)) ?? nowMs]));
    const { lease } = this.#server;
    const witnessSinceMs = lease?.members.join() === group.members.join() ? lease.namedAtMs : undefined;
    return isInUse(group, { usedSinceMs, witnessSinceMs }, nowMs) ? this.#changed(group, nodes, lost) : undefined;
  }

  #changed(group: Group, nodes: Nodes, lost: ReadonlySet<string>): GroupSpec | undefined {
    const { members } = group;
    const leaving = members.filter((node) => !this.wanted.has(node) || lost.has(node));
    const joining = [...this.wanted].filter((node) => !members.includes(node) && nodes.liveness.get(node) === "alive");
    const next = nextList(group, { leaving: leaving.length < members.length ? leaving : [], joining });
    const witness = this.witnessWanted;
    if (witness === undefined || (next !== undefined && next.members !== members)) return next;
    return witness === group.witness ? undefined : { ...group, witness, forced: false };
  }

  #isAlive(node: string, nowMs: number): boolean {
    return nowMs - (this.#aliveAtMs.get(node) ?? 0) < this.#options.leaseMs;
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
