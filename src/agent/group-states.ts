import type { Group } from "../api/vip-group.ts";
import type { NodeGroup } from "../api/vip-node.ts";
import type { GroupReport } from "./ports.ts";

/** So long who hears whom must stay the same before it is said. */
export const stableMs = 1_000;

type Seen = { readonly state: GroupReport; readonly sinceMs: number };

/** The states of this node's groups: as they are, and as they are worth saying. All times are ms of one monotonic clock. */
export class GroupStates {
  readonly #seen = new Map<string, Seen>();
  readonly #said = new Map<string, GroupReport>();

  /** Takes in how the speaker sees a group. */
  note(state: GroupReport, nowMs: number): void {
    this.#seen.set(state.name, { state, sinceMs: nowMs });
  }

  /** The group is none of this node's any more. */
  forget(name: string): void {
    this.#seen.delete(name);
    this.#said.delete(name);
  }

  /** As the speaker sees it now. */
  now(name: string): GroupReport | undefined {
    return this.#seen.get(name)?.state;
  }

  /** Whether each group has a quorum at this moment, by name. */
  quorums(): ReadonlyMap<string, boolean> {
    return new Map([...this.#seen].map(([name, { state }]) => [name, state.quorum]));
  }

  /** Takes for settled what stayed so for a second; gives the groups whose settled quorum came or went by that. */
  settle(nowMs: number): readonly GroupReport[] {
    const changed: GroupReport[] = [];
    for (const [name, { state, sinceMs }] of this.#seen) {
      if (nowMs < sinceMs + stableMs) continue;
      if ((this.#said.get(name)?.quorum ?? false) !== state.quorum) changed.push(state);
      this.#said.set(name, state);
    }
    return changed;
  }

  /** What is worth saying of these groups: what has settled, the newest epoch at once, else what was `stored`; by name. */
  list(groups: readonly Pick<Group, "name">[], stored: readonly NodeGroup[]): readonly NodeGroup[] {
    const listed = groups.flatMap(({ name }) => {
      const said = this.#said.get(name) ?? stored.find((each) => each.name === name);
      const epoch = this.now(name)?.epoch ?? said?.epoch ?? 0;
      return said === undefined ? [] : [{ name, epoch, quorum: said.quorum, hears: said.hears }];
    });
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How long until `list` may say more; Infinity if nothing is to come. */
  lookInMs(nowMs: number): number {
    const due = [...this.#seen.values()].filter(({ state }) => this.#said.get(state.name) !== state);
    return Math.min(...due.map(({ sinceMs }) => Math.max(0, sinceMs + stableMs - nowMs)));
  }
}
