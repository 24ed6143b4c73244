import { answers, type Hold, type HoldEvent, type HoldStep, startHold, stepHold, wakeAtMs } from "../announce/hold.ts";
import type { HoldOutput } from "../announce/hold-output.ts";
import { type Address, addressKey } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import type { HoldingLan, HoldingPorts, LanEvent, OnLan } from "./holding-ports.ts";
import type { AnnounceCommand, AnnounceTarget } from "./messages.ts";

/** Whose votes gave an address to this node, and why. */
export type Given = { readonly group: string; readonly cause: string };

type Holding = {
  command: AnnounceCommand;
  /** Absent while the votes do not give it. */
  given: Given | undefined;
  /** Whether it was answered for since the votes gave it. */
  held: boolean;
  /** Whether its owner was told something of it that its end takes back. */
  told: boolean;
  /** What was last reported as the reason why it is not active. */
  failure: string | undefined;
  /** Absent while the votes do not give it, or it waits for its interface. */
  active: { readonly lan: HoldingLan; hold: Hold } | undefined;
};

/** All addresses that the speaker may come to hold; carries out what the votes and the holds say. */
export class Holdings {
  readonly #ports: HoldingPorts;
  readonly #holdings = new Map<string, Holding>();
  /** Those that the votes gave, by address: the others need no time. */
  readonly #given = new Map<string, Holding>();
  /**
   * What the votes gave before it could be held: addresses that nobody has announced yet, as after a restart, or not anew, and
   * such that another group has yet to end.
   */
  readonly #early = new Map<string, Given>();

  constructor(ports: HoldingPorts) {
    this.#ports = ports;
  }

  /** Takes note of how to hold an address; one that is held moves to a new interface or mode. */
  announce(command: AnnounceCommand, nowMs: number): void {
    const key = addressKey(command.address);
    const known = this.#holdings.get(key);
    if (known === undefined) {
      const unheld = { given: undefined, held: false, told: false, failure: undefined, active: undefined };
      this.#holdings.set(key, { command, ...unheld });
      this.#beginEarly(command.address, nowMs);
      return;
    }
    const moves = !sameTarget(known.command.target, command.target);
    if (moves) this.#deactivate(known);
    known.command = command;
    if (!moves) return;
    known.failure = undefined;
    if (command.target === undefined) this.#tellWithdrawn(known, "interface");
    else if (known.given !== undefined) this.#activate(known, nowMs);
  }

  /** Ends and forgets the address; what the votes gave of it is given again if it is announced again before they take it. */
  withdraw(address: Address, cause: string): void {
    const key = addressKey(address);
    const holding = this.#given.get(key);
    if (holding?.given !== undefined) {
      this.#early.set(key, this.#early.get(key) ?? holding.given);
      this.#release(holding, cause);
    }
    this.#holdings.delete(key);
  }

  /** Withdraws everything. */
  close(): void {
    for (const { command } of this.#all()) this.withdraw(command.address, "stopped");
  }

  /** A group's votes give the address to this node. */
  begin(address: Address, given: Given, nowMs: number): void {
    const key = addressKey(address);
    const holding = this.#holdings.get(key);
    if (holding?.given?.group === given.group) return;
    if (holding === undefined || holding.given !== undefined) {
      this.#early.set(key, given);
      return;
    }
    holding.given = given;
    this.#given.set(key, holding);
    this.#activate(holding, nowMs);
  }

  /** A group's votes do not give the address to this node any more. */
  end(address: Address, { group, cause }: Given, nowMs: number): void {
    const key = addressKey(address);
    if (this.#early.get(key)?.group === group) this.#early.delete(key);
    const holding = this.#given.get(key);
    if (holding?.given?.group !== group) return;
    this.#release(holding, cause);
    this.#beginEarly(address, nowMs);
  }

  #beginEarly(address: Address, nowMs: number): void {
    const given = this.#early.get(addressKey(address));
    this.#early.delete(addressKey(address));
    if (given !== undefined) this.begin(address, given, nowMs);
  }

  #release(holding: Holding, cause: string): void {
    this.#given.delete(addressKey(holding.command.address));
    this.#deactivate(holding);
    holding.given = undefined;
    holding.held = false;
    holding.failure = undefined;
    this.#tellWithdrawn(holding, cause);
  }

  /** A group's quorum was lost or is back. */
  quorum(group: string, has: boolean, nowMs: number): void {
    this.#stepGroup(group, { kind: "quorum", has }, nowMs);
  }

  /** Something was heard or done on a LAN about the address. False: it means nothing, for no such address is held there. */
  happened(where: OnLan, event: LanEvent, nowMs: number): boolean {
    const holding = this.#heldOn(where);
    if (holding === undefined) return false;
    const isVoted = event.kind === "claim" && this.#isVoted(holding.command, event.mac);
    if (!isVoted) this.#step(holding, event, nowMs);
    return true;
  }

  /** Which member has it is decided by votes, and the frames of one that has just given it up are no conflict. */
  #isVoted({ group, address }: AnnounceCommand, mac: Mac): boolean {
    const { votes } = this.#ports;
    votes.foreign(group, address);
    return votes.isMember(group, mac);
  }

  /** Whether the speaker itself, and not the kernel, is to answer for the address on the LAN at this moment. */
  answersFor(where: OnLan, nowMs: number): boolean {
    const holding = this.#heldOn(where);
    if (holding?.active === undefined || holding.command.target?.mode !== "Responder") return false;
    const { group, address } = holding.command;
    return answers(holding.active.hold) && nowMs < this.#ports.votes.answersUntilMs(group, address);
  }

  /** Whether the kernel may go on answering for the address of mode Address. */
  lasts(address: Address, nowMs: number): boolean {
    const holding = this.#given.get(addressKey(address));
    return holding !== undefined && nowMs < this.#ports.votes.answersUntilMs(holding.command.group, address);
  }

  /** These LANs ended: their addresses wait until `retry` finds the interface again. */
  lost(lans: ReadonlySet<HoldingLan>): void {
    for (const holding of this.#all())
      if (holding.active !== undefined && lans.has(holding.active.lan))
        this.#fail(holding, `interface ${holding.command.target?.interface} went down or changed`);
  }

  /** The LAN of the interface of this index is to be told anew where its addresses are. */
  announceAgain(lanIndex: number, nowMs: number): void {
    for (const holding of this.#all())
      if (holding.active?.lan.index === lanIndex) this.#step(holding, { kind: "announceAgain" }, nowMs);
  }

  /** A member of the group is heard again: its side of the LAN may have gone by announcements of its own. */
  memberBack(group: string, nowMs: number): void {
    this.#stepGroup(group, { kind: "memberBack" }, nowMs);
  }

  /** Gives the address up until the next `retry`, for this reason. */
  failed(address: Address, message: string): void {
    const holding = this.#given.get(addressKey(address));
    if (holding !== undefined) this.#fail(holding, message);
  }

  /** Takes up the addresses that wait, where it is possible by now. */
  retry(nowMs: number): void {
    for (const holding of this.#all()) if (holding.active === undefined) this.#activate(holding, nowMs);
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    const isDue = ({ active }: Holding): boolean => active !== undefined && wakeAtMs(active.hold) <= nowMs;
    for (const holding of this.#all().filter(isDue)) this.#step(holding, { kind: "time" }, nowMs);
  }

  /** When more will be due; Infinity for never. */
  wakeAtMs(): number {
    let wake = Number.POSITIVE_INFINITY;
    for (const { active } of this.#given.values())
      if (active !== undefined) wake = Math.min(wake, wakeAtMs(active.hold));
    return wake;
  }

  #heldOn({ address, lanIndex }: OnLan): Holding | undefined {
    const holding = this.#given.get(addressKey(address));
    return holding?.active?.lan.index === lanIndex ? holding : undefined;
  }

  /** Those that the votes gave; a copy, because steps end holdings. */
  #all(): readonly Holding[] {
    return [...this.#given.values()];
  }

  #activate(holding: Holding, nowMs: number): void {
    const { command, held } = holding;
    const { address, target, group } = command;
    if (target === undefined) return;
    const joined = this.#join(address, target);
    if ("failure" in joined) {
      this.#fail(holding, joined.failure);
      return;
    }
    const quorum = this.#ports.votes.hasQuorum(group);
    this.#perform(holding, joined.lan, startHold({ address, probe: target.probe, retake: held, quorum }, nowMs));
  }

  #join(address: Address, { interface: name }: AnnounceTarget): ReturnType<HoldingPorts["lanOf"]> {
    const found = this.#ports.lanOf(name);
    if ("failure" in found) return found;
    try {
      found.lan.join(address);
      return found;
    } catch (error) {
      return { failure: `join solicited-node group on ${name}: ${error instanceof Error ? error.message : error}` };
    }
  }

  #step(holding: Holding, event: HoldEvent, nowMs: number): void {
    if (holding.active === undefined) return;
    this.#perform(holding, holding.active.lan, stepHold(holding.active.hold, event, nowMs));
  }

  #stepGroup(group: string, event: HoldEvent, nowMs: number): void {
    for (const holding of this.#all()) if (holding.command.group === group) this.#step(holding, event, nowMs);
  }

  #perform(holding: Holding, lan: HoldingLan, { hold, outputs }: HoldStep): void {
    const begins = answers(hold) && !(holding.active !== undefined && answers(holding.active.hold));
    holding.active = { lan, hold };
    const failure = begins ? this.#install(holding, lan) : undefined;
    if (failure === undefined) for (const output of outputs) this.#output(holding, lan, output);
    else this.#fail(holding, failure);
  }

  /** Makes the network find the address here; gives why it could not, or undefined. */
  #install(holding: Holding, { index }: HoldingLan): string | undefined {
    const { address, target } = holding.command;
    const failure = target?.mode === "Address" ? this.#ports.kernelAddresses.put({ index, address }) : undefined;
    if (failure !== undefined) return failure;
    holding.held = true;
    holding.failure = undefined;
    return undefined;
  }

  #output(holding: Holding, lan: HoldingLan, output: HoldOutput): void {
    const { address, target } = holding.command;
    const { cause = "" } = holding.given ?? {};
    switch (output.kind) {
      case "send":
        lan.send(address, output.frame);
        break;
      case "announced":
        holding.told = true;
        this.#ports.report({ kind: "announced", address, interface: target?.interface ?? "", cause });
        break;
      case "conflict":
      case "conflictOver":
        holding.told = true;
        this.#ports.report({ ...output, address });
        break;
    }
  }

  #fail(holding: Holding, message: string): void {
    this.#deactivate(holding);
    if (holding.failure === message) return;
    holding.failure = message;
    holding.told = true;
    this.#ports.report({ kind: "failed", address: holding.command.address, message });
  }

  #tellWithdrawn(holding: Holding, cause: string): void {
    if (!holding.told) return;
    holding.told = false;
    this.#ports.report({ kind: "withdrawn", address: holding.command.address, cause });
  }

  /** Ends what the network sees of a holding. */
  #deactivate(holding: Holding): void {
    const { active, command } = holding;
    if (active === undefined) return;
    holding.active = undefined;
    active.lan.leave(command.address);
    if (command.target?.mode === "Address") this.#ports.kernelAddresses.remove(command.address);
  }
}

function sameTarget(a: AnnounceTarget | undefined, b: AnnounceTarget | undefined): boolean {
  return a?.interface === b?.interface && a?.mode === b?.mode;
}
