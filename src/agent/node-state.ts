import type { Group } from "../api/vip-group.ts";
import { type Address, objectName } from "../net/address.ts";
import { Failures } from "./failures.ts";
import type { GroupChange } from "./group-plan.ts";
import { GroupStates } from "./group-states.ts";
import { type HeldAddress, heldAfterChange, heldAfterReport } from "./held.ts";
import { type News, newsOf } from "./news.ts";
import { type NodeLinks, nodeLinks } from "./node-status.ts";
import { PeerBook } from "./peer-book.ts";
import type { AgentChange } from "./plan.ts";
import type { AddressReport, GroupReport, GroupWish, SpeakerInterface } from "./ports.ts";

/** What the speaker was told and what it said since. All times are ms of one monotonic clock. */
export class NodeState {
  readonly held = new Map<string, HeldAddress>();
  readonly told = new Map<string, GroupWish>();
  /** The groups of which the speaker knows that it has been told all addresses, by name, with the uid. */
  readonly wished = new Map<string, string>();
  readonly states = new GroupStates();
  readonly peers = new PeerBook();
  readonly failures = new Failures();
  /** Undefined until the speaker has said it. */
  links: NodeLinks | undefined;
  publicKey: string | undefined;

  /** How many addresses the speaker answers for. */
  answering(): number {
    let count = 0;
    for (const { answering } of this.held.values()) if (answering) count++;
    return count;
  }

  setInterfaces(interfaces: readonly SpeakerInterface[]): void {
    this.links = nodeLinks(interfaces);
  }

  /** From now on these are the groups of which `node` is a member. */
  setGroups(groups: readonly Group[], node: string, nowMs: number): void {
    this.peers.setGroups(groups, node, nowMs);
  }

  /** The speaker was asked this. */
  asked(change: AgentChange | GroupChange): void {
    if ("address" in change) this.#hold(change.address, heldAfterChange(this.#heldOf(change.address), change));
    else if (change.kind === "group") this.told.set(change.name, change);
    else {
      this.told.delete(change.name);
      this.wished.delete(change.name);
      this.states.forget(change.name);
    }
  }

  /** Takes in what became of an address, and gives what is new about it. */
  hearOfAddress(report: AddressReport, nowMs: number): readonly News[] {
    const before = this.#heldOf(report.address);
    if (before === undefined) return [];
    if (report.kind === "failed") this.failures.note(objectName(report.address), nowMs);
    if (report.kind === "announced") this.failures.forget(objectName(report.address));
    const after = heldAfterReport(before, report);
    this.#hold(report.address, after);
    return newsOf(before, after, report);
  }

  /** Takes in how a group is seen; of a group that is gone it is old news. */
  hearOfGroup(report: GroupReport, nowMs: number): void {
    const wish = this.told.get(report.name);
    if (wish === undefined) return;
    this.states.note(report, nowMs);
    this.peers.note(report, wish.list.members, nowMs);
  }

  #heldOf(address: Address): HeldAddress | undefined {
    return this.held.get(objectName(address));
  }

  #hold(address: Address, entry: HeldAddress | undefined): void {
    const name = objectName(address);
    if (entry !== undefined) this.held.set(name, entry);
    else {
      this.held.delete(name);
      this.failures.forget(name);
    }
  }
}
