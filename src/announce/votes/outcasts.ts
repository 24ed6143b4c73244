import type { GroupList } from "./inputs.ts";
import { DEPARTED_MS } from "./peers.ts";

/** Stands for the members of a list that was never known here; no node has this name. */
const UNKNOWN = "";

/**
 * Rule 21: the members whom a forced list left out and who, for all that is known here, still answer for addresses. Each is
 * one until it was heard to go by that list or a newer one, and all are for 10 minutes at most after the last forced list
 * was followed by another.
 */
export class Outcasts {
  #names: readonly string[];
  #forcedAtMs: number;

  /** Those whom the last process knew: for how long is not known any more, so that their time begins anew. */
  constructor(recalled: readonly string[], nowMs: number) {
    this.#names = recalled;
    this.#forcedAtMs = recalled.length > 0 ? nowMs : Number.NEGATIVE_INFINITY;
  }

  /** Who they are; the same array until that changes. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** When a forced list counted last; -Infinity: never, as far as is known. */
  get forcedAtMs(): number {
    return this.#forcedAtMs;
  }

  /** Until when there are some, if none of them is heard. */
  get untilMs(): number {
    return this.#names.length === 0 ? Number.NEGATIVE_INFINITY : this.#forcedAtMs + DEPARTED_MS;
  }

  /** This is the list that counts. */
  note(list: GroupList | undefined, nowMs: number): void {
    if (list?.forced) this.#forcedAtMs = nowMs;
    else if (nowMs >= this.untilMs) this.#set([]);
  }

  /** The list that counted was followed by another; `node` is this member. */
  relisted(before: GroupList | undefined, list: GroupList, node: string): void {
    if (!list.forced) return;
    const left = (before?.members ?? []).filter((name) => name !== node && !list.members.includes(name));
    const unseen = before?.epoch === list.epoch - 1 ? [] : [UNKNOWN];
    this.#set([...new Set([...this.#names, ...left, ...unseen])]);
  }

  /** Only those of whom this is true still are. */
  keep(isOne: (name: string) => boolean): void {
    this.#set(this.#names.filter(isOne));
  }

  #set(names: readonly string[]): void {
    if (JSON.stringify(names) !== JSON.stringify(this.#names)) this.#names = names;
  }
}
