import { timing } from "../announce/votes/timing.ts";
import { type Address, addressKey } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { samePlace } from "./group-link.ts";
import { GroupPart } from "./group-part.ts";
import type { GroupPorts } from "./group-ports.ts";
import type { AnnounceCommand, GroupCommand, PeerCounters, VoteCommand } from "./messages.ts";

/** This node's parts in all its groups, and which address belongs to which. */
export class Groups {
  readonly #ports: GroupPorts;
  readonly #parts = new Map<string, GroupPart>();
  /** Until when the parts last that lists left out, by name. */
  readonly #departing = new Map<string, number>();
  readonly #commands = new Map<string, AnnounceCommand>();
  /** When the last renewal of the Lease was begun, in the thread's clock. */
  #renewedMs = Number.NEGATIVE_INFINITY;
  #leaving = false;

  constructor(ports: GroupPorts) {
    this.#ports = ports;
  }

  /** Does what a command asks. `leaseRenewed` comes in the thread's own clock here. */
  apply(command: VoteCommand, nowMs: number): void {
    switch (command.kind) {
      case "group":
        this.#update(command, nowMs);
        break;
      case "groupGone":
        this.#leave(command, nowMs);
        break;
      case "wished":
        this.#parts.get(command.group)?.wished();
        break;
      case "witnessAnswer":
        this.#parts.get(command.group)?.witnessAnswered(command.answer, nowMs);
        break;
      case "apiAnswered":
        this.#each((part) => part.apiAnswered(nowMs));
        break;
      case "leaseRenewed":
        this.#renewedMs = command.atMachineMs;
        this.#each((part) => part.leaseRenewed(this.#renewedMs));
        break;
      case "leave":
        this.#leaving = true;
        this.#each((part) => part.leave(nowMs));
        break;
    }
  }

  /** The address belongs to this group from now on, and may be held as the command says. */
  announce(command: AnnounceCommand): void {
    const before = this.#commands.get(addressKey(command.address));
    if (before !== undefined && before.group !== command.group) this.withdraw(command.address);
    this.#commands.set(addressKey(command.address), command);
    this.#parts.get(command.group)?.wish(command);
  }

  /** The address belongs to no group. */
  withdraw(address: Address): void {
    const before = this.#commands.get(addressKey(address));
    if (before === undefined) return;
    this.#parts.get(before.group)?.unwish(address);
    this.#commands.delete(addressKey(address));
  }

  /** See HoldingVotes. */
  answersUntilMs(group: string, address: Address): number {
    return this.#parts.get(group)?.answersUntilMs(address) ?? Number.NEGATIVE_INFINITY;
  }

  hasQuorum(group: string): boolean {
    return this.#parts.get(group)?.hasQuorum ?? false;
  }

  isMember(group: string, mac: Mac): boolean {
    return this.#parts.get(group)?.isMember(mac) ?? false;
  }

  foreign(group: string, address: Address): void {
    this.#parts.get(group)?.foreign(address, this.#ports.now());
  }

  /** A station was heard on the LAN of the interface of this name. */
  heardStation(interfaceName: string | undefined, address: Address): void {
    for (const part of this.#parts.values()) if (part.place?.interface === interfaceName) part.heardStation(address);
  }

  /** Interfaces changed: what used `changed` is opened anew, and what waits for one is tried. */
  reconnect(changed: ReadonlySet<string>): void {
    this.#each((part) => {
      if (part.place !== undefined && changed.has(part.place.interface)) part.disconnect();
      part.connect();
    });
  }

  /** Whether the node has left: it was told to, and nobody loses anything if its process ends. */
  hasLeft(nowMs: number): boolean {
    return this.#leaving && [...this.#parts.values()].every((part) => part.mayEnd(nowMs));
  }

  /** Says what is new about each group. */
  tellStates(nowMs: number): void {
    this.#each((part) => part.tellState(nowMs));
  }

  /** Does everything that is due. */
  turn(nowMs: number): void {
    this.#each((part) => part.turn(nowMs));
    for (const [name, untilMs] of this.#departing) if (untilMs <= nowMs) this.#end(name);
  }

  /** When `turn` has more to do; Infinity for never. */
  wakeAtMs(): number {
    return Math.min(...this.#departing.values(), ...[...this.#parts.values()].map((part) => part.wakeAtMs()));
  }

  counters(): readonly PeerCounters[] {
    return [...this.#parts.values()].flatMap((part) => part.counters());
  }

  /** Ends all parts; what is kept of those that are not about to go stays. */
  close(): void {
    this.#each((part) => part.close(this.#departing.has(part.name)));
    this.#parts.clear();
    this.#departing.clear();
  }

  #leave({ name, list }: Extract<VoteCommand, { kind: "groupGone" }>, nowMs: number): void {
    const part = this.#parts.get(name);
    if (part === undefined || list === undefined) {
      this.#end(name);
      return;
    }
    part.depart(list, nowMs);
    this.#departing.set(name, nowMs + timing.farewellIntervals * this.#ports.settings.intervalMs);
  }

  #end(name: string): void {
    this.#parts.get(name)?.close(true);
    this.#parts.delete(name);
    this.#departing.delete(name);
  }

  #update(command: GroupCommand, nowMs: number): void {
    this.#departing.delete(command.name);
    // Two groups cannot listen at one place.
    for (const name of this.#departing.keys())
      if (command.place !== undefined && samePlace(this.#parts.get(name)?.place, command.place)) this.#end(name);
    const known = this.#parts.get(command.name);
    if (known?.isOf(command.uid)) {
      known.update(command, nowMs);
      return;
    }
    known?.close(true);
    const part = new GroupPart(command, this.#ports);
    part.leaseRenewed(this.#renewedMs);
    for (const each of this.#commands.values()) if (each.group === command.name) part.wish(each);
    if (this.#leaving) part.leave(nowMs);
    this.#parts.set(command.name, part);
  }

  #each(work: (part: GroupPart) => void): void {
    for (const part of this.#parts.values()) work(part);
  }
}
