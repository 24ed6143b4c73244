import type { GroupList } from "./inputs.ts";
import type { Timing } from "./timing.ts";

/** Rule 20: whether what a member says counts for one that goes by the list of epoch `mine`: not if it knows a newer one. */
export function epochCounts(theirs: number, mine: number): boolean {
  return theirs <= mine;
}

/** Rule 21: whether a member goes by a forced list, or by one that followed it, that is newer than any known here. */
export function overrules(theirs: { readonly epoch: number; readonly forced: boolean }, newestEpoch: number): boolean {
  return theirs.forced && theirs.epoch > newestEpoch;
}

type Next = { readonly list: GroupList; readonly sinceMs: number; linkedSinceMs: number | undefined };

/**
 * Rule 20: the lists that a member goes by. A newer one counts once its members are linked, or after 10 intervals: a voter
 * that joins is needed for the majority at once. Its epoch is shown later still, when the others can be expected to have
 * the list too: of a member with a newer epoch they count no votes. Both waits are as if the API were slow.
 */
export class Lists {
  #list: GroupList | undefined;
  #next: Next | undefined;
  #shown = 0;
  #forcedEpoch: number;
  #showAtMs = Number.POSITIVE_INFINITY;

  /** What the last process went by, and the newest forced list that it knew of. */
  constructor(list: GroupList | undefined, forcedEpoch = 0) {
    this.#list = list && plain(list);
    this.#forcedEpoch = list?.forced ? list.epoch : forcedEpoch;
    this.#shown = list?.epoch ?? 0;
  }

  /** What the member counts by; undefined before the first. */
  get list(): GroupList | undefined {
    return this.#list;
  }

  /** The epoch that goes into the heartbeats. */
  get shownEpoch(): number {
    return this.#shown;
  }

  /** The epoch of the newest forced list that counted here, 0 for none: who goes by an older one is overruled (rule 21). */
  get forcedEpoch(): number {
    return this.#forcedEpoch;
  }

  /** The newest epoch that is known here. */
  get newestEpoch(): number {
    return this.#next?.list.epoch ?? this.#list?.epoch ?? 0;
  }

  /** All whom this member sends to: also who is to join. */
  get members(): ReadonlySet<string> {
    return new Set([...(this.#list?.members ?? []), ...(this.#next?.list.members ?? [])]);
  }

  /** Takes a list in; an older one, or the same, says nothing. */
  offer(list: GroupList, nowMs: number): boolean {
    if (list.epoch <= this.newestEpoch) return false;
    this.#next = { list: plain(list), sinceMs: nowMs, linkedSinceMs: undefined };
    return true;
  }

  /** Goes by the newest list if it is time; `linked` says whether a node hears this one and is heard. True: it changed. */
  step(
    node: string,
    linked: (node: string) => boolean,
    at: { nowMs: number; intervalMs: number; timing: Timing },
  ): boolean {
    const { nowMs, intervalMs, timing } = at;
    if (nowMs >= this.#showAtMs) this.#show();
    const next = this.#next;
    if (next === undefined) return false;
    const ready = next.list.members.every((member) => member === node || linked(member));
    next.linkedSinceMs = ready ? (next.linkedSinceMs ?? nowMs) : undefined;
    if (!this.#atOnce(next.list, node) && nowMs < this.#adoptAtMs(next, timing, intervalMs)) return false;
    const first = this.#list === undefined;
    this.#list = next.list;
    this.#next = undefined;
    if (next.list.forced) this.#forcedEpoch = next.list.epoch;
    this.#showAtMs = nowMs + timing.showEpochIntervals * intervalMs;
    if (first || next.list.forced) this.#show();
    return true;
  }

  /** When `step` may have something to do. */
  deadlines(timing: Timing, intervalMs: number): readonly number[] {
    return this.#next === undefined
      ? [this.#showAtMs]
      : [this.#showAtMs, this.#adoptAtMs(this.#next, timing, intervalMs)];
  }

  #adoptAtMs({ sinceMs, linkedSinceMs }: Next, timing: Timing, intervalMs: number): number {
    const latestMs = sinceMs + timing.joinIntervals * intervalMs;
    return Math.min(latestMs, (linkedSinceMs ?? Number.POSITIVE_INFINITY) + timing.joinedIntervals * intervalMs);
  }

  /** Forced lists, the first one, and those that this node joins or leaves cannot wait. */
  #atOnce(list: GroupList, node: string): boolean {
    return list.forced || this.#list?.members.includes(node) !== true || !list.members.includes(node);
  }

  #show(): void {
    this.#shown = this.#list?.epoch ?? 0;
    this.#showAtMs = Number.POSITIVE_INFINITY;
  }
}

/** A member that is named twice has one vote. */
function plain({ epoch, members, witness, forced }: GroupList): GroupList {
  return { epoch, members: [...new Set(members)], witness, forced };
}
