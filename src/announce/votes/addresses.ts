import { type Address, addressKey } from "../../net/address.ts";
import { type AddressState, isIdle, newAddressState } from "./address-state.ts";
import type { Wish } from "./inputs.ts";
import { type Settling, settle } from "./settling.ts";

const never = Number.POSITIVE_INFINITY;

/** All addresses of the group, and which of them are to be looked at: at rest none, however many there are. */
export class Addresses {
  readonly #states = new Map<string, AddressState>();
  readonly #touched = new Set<AddressState>();
  readonly #waiting = new Set<AddressState>();
  #dueAtMs = never;

  /** When the first of those that wait for a time is due. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** All that are known. */
  get all(): Iterable<AddressState> {
    return this.#states.values();
  }

  /** What is known of an address. */
  find(address: Address): AddressState | undefined {
    return this.#states.get(addressKey(address));
  }

  /** The same; it is known from now on, and will be looked at. */
  touch(address: Address): AddressState {
    const key = addressKey(address);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = newAddressState(address);
      this.#states.set(key, state);
    }
    this.#touched.add(state);
    return state;
  }

  /** These will be looked at. */
  touchEach(states: Iterable<AddressState>): void {
    for (const state of states) this.#touched.add(state);
  }

  /** Those will be looked at that may wait for this peer's whole table: free ones, and those that it is voted for. */
  touchUnsettled(node: string): void {
    for (const state of this.#states.values())
      if (state.claim === undefined && (state.vote === undefined || state.vote.node === node)) this.#touched.add(state);
  }

  /**
   * Takes the API's addresses in; one that is missing is wished for no more. A generation that went back is that of a new
   * object of the same address: what was consumed of the old one counts no more.
   */
  setWishes(wishes: readonly Wish[]): void {
    const wished = new Set(wishes.map((wish) => this.#wish(wish)));
    for (const state of this.#states.values()) {
      if (state.wish === undefined || wished.has(state)) continue;
      state.wish = undefined;
      this.#touched.add(state);
    }
  }

  #wish(wish: Wish): AddressState {
    const state = this.find(wish.address) ?? this.touch(wish.address);
    if (state.wish !== undefined && sameWish(state.wish, wish)) return state;
    if (wish.generation < (state.wish?.generation ?? 0)) beginAnew(state, wish.generation);
    state.wish = wish;
    state.recalled = false;
    this.#touched.add(state);
    return state;
  }

  /** Looks at those that are to be; whether what is to be remembered changed. */
  settle(settling: Settling): boolean {
    this.#touchDue(settling.self.nowMs);
    if (this.#touched.size === 0) return false;
    let changed = false;
    for (const state of this.#touched) {
      if (settle(state, settling)) changed = true;
      this.#schedule(state);
      if (settling.self.wishesKnown && isIdle(state, settling.sayings(state.key))) this.#forget(state);
    }
    this.#touched.clear();
    this.#dueAtMs = never;
    for (const { dueAtMs } of this.#waiting) this.#dueAtMs = Math.min(this.#dueAtMs, dueAtMs);
    return changed;
  }

  #schedule(state: AddressState): void {
    if (state.dueAtMs === never) this.#waiting.delete(state);
    else this.#waiting.add(state);
  }

  #forget(state: AddressState): void {
    this.#states.delete(state.key);
    this.#waiting.delete(state);
  }

  #touchDue(nowMs: number): void {
    if (nowMs < this.#dueAtMs) return;
    for (const state of this.#waiting) if (nowMs >= state.dueAtMs) this.#touched.add(state);
  }
}

function sameWish(a: Wish, b: Wish): boolean {
  return (
    a.node === b.node &&
    a.generation === b.generation &&
    a.willing === b.willing &&
    String(a.candidates) === String(b.candidates)
  );
}

function beginAnew(state: AddressState, generation: number): void {
  state.generation = 0;
  if (state.claim !== undefined) state.claim.generation = Math.min(state.claim.generation, generation);
}
