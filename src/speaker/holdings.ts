import { answers, type Hold, type HoldEvent, type HoldStep, startHold, stepHold, wakeAtMs } from "../announce/hold.ts";
import type { HoldOutput } from "../announce/hold-output.ts";
import { type Address, addressKey } from "../net/address.ts";
import type { HoldingLan, HoldingPorts, LanEvent, OnLan } from "./holding-ports.ts";
import type { AnnounceCommand, SpeakerCommand } from "./messages.ts";

type Holding = {
  readonly command: AnnounceCommand;
  /** Whether it was answered for since the command. */
  held: boolean;
  /** What was last reported as the reason why it is not active. */
  failure: string | undefined;
  /** Absent while the address waits for its interface. */
  active: { readonly lan: HoldingLan; hold: Hold } | undefined;
};

/** All addresses that the speaker was asked to hold; carries out what their holds say. Authority is fresh at first. */
export class Holdings {
  readonly #ports: HoldingPorts;
  readonly #holdings = new Map<string, Holding>();
  #fresh = true;

  constructor(ports: HoldingPorts) {
    this.#ports = ports;
  }

  /** Does what a command asks; `close` withdraws everything. */
  apply(command: SpeakerCommand, nowMs: number): void {
    switch (command.kind) {
      case "announce":
        this.#announce(command, nowMs);
        break;
      case "withdraw":
        this.#withdraw(command.address);
        break;
      case "yield":
        this.#yield(command.address, nowMs);
        break;
      case "authority":
        this.#fresh = command.fresh;
        for (const holding of this.#all()) this.#step(holding, command, nowMs);
        break;
      case "close":
        for (const { command: announced } of this.#all()) this.#withdraw(announced.address);
        break;
    }
  }

  /** Something was heard or done on a LAN about the address. On another LAN than the address's it means nothing. */
  happened(where: OnLan, event: LanEvent, nowMs: number): void {
    const holding = this.#heldOn(where);
    if (holding !== undefined) this.#step(holding, event, nowMs);
  }

  /** Whether the speaker itself, and not the kernel, is to answer for the address on the LAN. */
  answersFor(where: OnLan): boolean {
    const holding = this.#heldOn(where);
    return holding?.active !== undefined && holding.command.mode === "Responder" && answers(holding.active.hold);
  }

  /** These LANs ended: their addresses wait until `retry` finds the interface again. A planned move ends with them. */
  lost(lans: ReadonlySet<HoldingLan>): void {
    for (const holding of this.#all()) {
      if (holding.active === undefined || !lans.has(holding.active.lan)) continue;
      if (holding.active.hold.phase.kind === "Yielding") this.#withdraw(holding.command.address);
      else this.#fail(holding, `interface ${holding.command.interface} went down or changed`);
    }
  }

  /** Gives the address up until the next `retry`, for this reason. */
  failed(address: Address, message: string): void {
    const holding = this.#holdings.get(addressKey(address));
    if (holding !== undefined) this.#fail(holding, message);
  }

  /** Takes up the addresses that wait, where it is possible by now. */
  retry(nowMs: number): void {
    for (const holding of this.#all()) if (holding.active === undefined) this.#activate(holding, nowMs);
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    for (const holding of this.#all()) this.#step(holding, { kind: "time" }, nowMs);
  }

  /** When more will be due; Infinity for never. */
  wakeAtMs(): number {
    let wake = Number.POSITIVE_INFINITY;
    for (const { active } of this.#holdings.values())
      if (active !== undefined) wake = Math.min(wake, wakeAtMs(active.hold));
    return wake;
  }

  #heldOn({ address, lanIndex }: OnLan): Holding | undefined {
    const holding = this.#holdings.get(addressKey(address));
    return holding?.active?.lan.index === lanIndex ? holding : undefined;
  }

  /** A copy, because steps end holdings. */
  #all(): readonly Holding[] {
    return [...this.#holdings.values()];
  }

  #announce(command: AnnounceCommand, nowMs: number): void {
    const known = this.#holdings.get(addressKey(command.address));
    if (known !== undefined && sameHolding(known.command, command)) {
      this.#keep(known, nowMs);
      return;
    }
    if (known !== undefined) this.#deactivate(known);
    const holding: Holding = { command, held: false, failure: undefined, active: undefined };
    this.#holdings.set(addressKey(command.address), holding);
    this.#activate(holding, nowMs);
  }

  /** Who asks again is told again, also why it is not yet. */
  #keep(holding: Holding, nowMs: number): void {
    holding.failure = undefined;
    if (holding.active === undefined) this.#activate(holding, nowMs);
    else this.#step(holding, { kind: "keep" }, nowMs);
  }

  #withdraw(address: Address): void {
    const holding = this.#holdings.get(addressKey(address));
    if (holding !== undefined) this.#remove(holding);
    this.#ports.report({ kind: "withdrawn", address });
  }

  #yield(address: Address, nowMs: number): void {
    const holding = this.#holdings.get(addressKey(address));
    if (holding?.active === undefined) this.#withdraw(address);
    else this.#step(holding, { kind: "yield" }, nowMs);
  }

  #activate(holding: Holding, nowMs: number): void {
    const { command, held } = holding;
    const joined = this.#join(command);
    if ("failure" in joined) {
      this.#fail(holding, joined.failure);
      return;
    }
    const { address, probe } = command;
    this.#perform(holding, joined.lan, startHold({ address, probe, retake: held, fresh: this.#fresh }, nowMs));
  }

  #join({ address, interface: name }: AnnounceCommand): ReturnType<HoldingPorts["lanOf"]> {
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

  #perform(holding: Holding, lan: HoldingLan, { hold, outputs }: HoldStep): void {
    const begins = answers(hold) && !(holding.active !== undefined && answers(holding.active.hold));
    holding.active = { lan, hold };
    const failure = begins ? this.#install(holding, lan) : undefined;
    if (failure === undefined) for (const output of outputs) this.#output(holding, lan, output);
    else this.#fail(holding, failure);
  }

  /** Makes the network find the address here; gives why it could not, or undefined. */
  #install(holding: Holding, { index }: HoldingLan): string | undefined {
    const { address, mode } = holding.command;
    const failure = mode === "Address" ? this.#ports.kernelAddresses.put({ index, address }) : undefined;
    if (failure !== undefined) return failure;
    holding.held = true;
    holding.failure = undefined;
    return undefined;
  }

  #output(holding: Holding, lan: HoldingLan, output: HoldOutput): void {
    const { address, interface: name } = holding.command;
    switch (output.kind) {
      case "send":
        lan.send(address, output.frame);
        break;
      case "announced":
        this.#ports.report({ kind: "announced", address, interface: name });
        break;
      case "conflict":
      case "conflictOver":
        this.#ports.report({ ...output, address });
        break;
      case "withdrawn":
      case "superseded":
        this.#remove(holding);
        this.#ports.report({ ...output, address });
        break;
    }
  }

  #fail(holding: Holding, message: string): void {
    this.#deactivate(holding);
    if (holding.failure === message) return;
    holding.failure = message;
    this.#ports.report({ kind: "failed", address: holding.command.address, message });
  }

  #remove(holding: Holding): void {
    this.#deactivate(holding);
    this.#holdings.delete(addressKey(holding.command.address));
  }

  /** Ends what the network sees of a holding. */
  #deactivate(holding: Holding): void {
    const { active, command } = holding;
    if (active === undefined) return;
    holding.active = undefined;
    active.lan.leave(command.address);
    if (command.mode === "Address") this.#ports.kernelAddresses.remove(command.address);
  }
}

function sameHolding(a: AnnounceCommand, b: AnnounceCommand): boolean {
  return a.interface === b.interface && a.mode === b.mode;
}
