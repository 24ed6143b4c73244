import { formatAddress, parseAddress } from "../../net/address.ts";
import type { AddressState } from "./address-state.ts";
import type { Addresses } from "./addresses.ts";
import { renewClaim } from "./claiming.ts";
import type { GroupList } from "./inputs.ts";
import type { Settling } from "./settling.ts";
import type { Timing } from "./timing.ts";

/** What must outlive the process, as JSON: to be stored before the heartbeat that shows it is sent. */
export type Memory = {
  readonly list: GroupList | undefined;
  /** The longest interval that others may still count votes by that it gave; absent: unknown. */
  readonly intervalMs?: number;
  /** The epoch of the newest forced list that counted; absent: there was none. */
  readonly forcedEpoch?: number;
  /** Who left the list not long ago and may have to be told so (rule 21). */
  readonly departed?: readonly string[];
  /** Whom a forced list left out, and who may still answer for all that is known. */
  readonly outcasts?: readonly string[];
  readonly addresses: readonly RememberedAddress[];
};

/** `address` as text; `vote` absent: for nobody; `boot` of it in hexadecimal. */
export type RememberedAddress = {
  readonly address: string;
  readonly term: number;
  readonly generation: number;
  readonly vote?: { readonly node: string; readonly boot: string; readonly claim: number; readonly priority: number };
};

/**
 * What the last process left, if all of it can be understood: else its votes are as good as lost, and nobody may vote before
 * they are over.
 */
export function soundMemory(memory: Memory | undefined): Memory | undefined {
  if (memory === undefined || !isList(memory.list)) return undefined;
  if (![memory.forcedEpoch, memory.intervalMs].every((count = 0) => isCount(count))) return undefined;
  if (!Array.isArray(memory.departed ?? []) || !Array.isArray(memory.outcasts ?? [])) return undefined;
  return Array.isArray(memory.addresses) && memory.addresses.every(isSound) ? memory : undefined;
}

function isList(list: GroupList | undefined): boolean {
  return list === undefined || (isCount(list.epoch) && Array.isArray(list.members));
}

function isSound({ address, term, generation, vote }: RememberedAddress): boolean {
  if (typeof address !== "string" || parseAddress(address) === undefined || !isCount(term) || !isCount(generation))
    return false;
  return vote === undefined || (isBoot(vote.boot) && isCount(vote.claim) && isCount(vote.priority));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isBoot(boot: string): boolean {
  return /^[0-9a-f]{1,16}$/.test(boot);
}

/** All nodes that it speaks of. */
export function acquaintances({ addresses, departed = [] }: Memory): readonly string[] {
  return [...new Set([...departed, ...addresses.flatMap(({ vote }) => vote?.node ?? [])])];
}

/** Rule 13: from when a member may vote: who remembers its votes at once, who lost them after 5 intervals. */
export function votesFromMs(remembers: boolean, startedAtMs: number, silentMs: number): number {
  return remembers ? startedAtMs : startedAtMs + silentMs;
}

/** How long a member that remembers nothing is silent. */
export function silentStartMs(timing: Timing, intervalMs: number): number {
  return timing.silentStartIntervals * intervalMs;
}

type Kept = Pick<AddressState, "term" | "generation" | "vote"> & { readonly entry: RememberedAddress };

/** What was last made of each address: all are stored whenever one changes. */
const made = new WeakMap<AddressState, Kept>();

/** What is to be remembered of an address, the same object while that is the same; undefined: nothing. */
export function remembered(state: AddressState): RememberedAddress | undefined {
  const { address, term, generation, vote } = state;
  if (vote === undefined && term === 0 && generation === 0) return undefined;
  const last = made.get(state);
  if (last?.vote === vote && last?.term === term && last.generation === generation) return last.entry;
  const kept = vote && { vote: { ...vote, boot: vote.boot.toString(16) } };
  const entry = { address: formatAddress(address), term, generation, ...kept };
  made.set(state, { term, generation, vote, entry });
  return entry;
}

/** Rule 13: takes up what the last process left: its votes go on, its own claims by new names. */
export function recallInto({ addresses: entries }: Memory, addresses: Addresses, settling: Settling): void {
  for (const entry of entries) {
    const address = parseAddress(entry.address);
    if (address === undefined) continue;
    const state = addresses.touch(address);
    state.term = entry.term;
    state.generation = entry.generation;
    state.recalled = true;
    if (entry.vote === undefined) continue;
    const view = { self: settling.self, state, sayings: settling.sayings(state.key) };
    if (entry.vote.node === settling.self.node) renewClaim(view, state, settling, entry.vote.priority);
    else state.vote = { ...entry.vote, boot: BigInt(`0x${entry.vote.boot}`) };
  }
}
