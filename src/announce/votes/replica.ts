import { addressKey } from "../../net/address.ts";
import type { TableEntry, TableUpdate } from "./heartbeat.ts";
import { saysNothing } from "./table.ts";

/** Entries of one peer beyond this are dropped: twice as many as a cluster has addresses. */
export const MOST_ENTRIES = 20_000;

/** What this member has of one peer's table. One that is too large is never whole. */
export class Replica {
  readonly #entries = new Map<string, TableEntry>();
  #known = 0;
  #whole = false;
  #overflowed = false;

  /** The version up to which it is complete. */
  get known(): number {
    return this.#known;
  }

  /** Whether it was the peer's whole table when the newest heartbeat was sent. If not, a missing entry means nothing. */
  get whole(): boolean {
    return this.#whole;
  }

  /** The peer's entry, or undefined: the peer says nothing of the address, or that is not known yet. */
  entry(key: string): TableEntry | undefined {
    return this.#entries.get(key);
  }

  /** The keys of all addresses of which the peer says something. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** Takes an update in, unless one before it is missing; gives what of it is new to be looked at. */
  apply({ version, from, upTo, entries }: TableUpdate): readonly TableEntry[] {
    const fits = from <= this.#known;
    const gone = from === 0 && this.#entries.size > 0 ? this.#restart(entries) : [];
    if (fits) this.#known = from === 0 ? upTo : Math.max(this.#known, upTo);
    this.#whole = this.#known === version && !this.#overflowed;
    if (fits) for (const entry of entries) this.#put(entry);
    return fits ? [...gone, ...entries] : [];
  }

  /** While the replica is not whole, a tombstone says more than a missing entry. */
  #put(entry: TableEntry): void {
    const key = addressKey(entry.address);
    if (this.#whole && saysNothing(entry)) this.#entries.delete(key);
    else if (this.#entries.size < MOST_ENTRIES || this.#entries.has(key)) this.#entries.set(key, entry);
    else this.#overflow();
  }

  #overflow(): void {
    this.#overflowed = true;
    this.#whole = false;
  }

  #restart(next: readonly TableEntry[]): TableEntry[] {
    const stays = new Set(next.map(({ address }) => addressKey(address)));
    const gone = [...this.#entries].filter(([key]) => !stays.has(key)).map(([, { address }]) => ({ address }));
    this.#entries.clear();
    this.#overflowed = false;
    return gone;
  }
}
