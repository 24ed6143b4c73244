import { addressKey } from "../../net/address.ts";
import type { TableEntry } from "./heartbeat.ts";

type Row = { readonly entry: TableEntry; readonly version: number };

/**
 * What this member says of each address, by versions: each change makes the next one. An entry that says nothing any more
 * stays as a tombstone until every receiver has it, so that a receiver who has an older version learns of it.
 */
export class Table {
  #version = 0;
  readonly #rows = new Map<string, Row>();
  /** Each change in order; outdated where the row has a newer version. */
  #log: Row[] = [];
  #forgotten = 0;

  get version(): number {
    return this.#version;
  }

  /** Takes an entry in, and says whether it differs from what stood there. */
  put(entry: TableEntry): boolean {
    const key = addressKey(entry.address);
    const present = this.#rows.get(key)?.entry;
    if (present === undefined ? saysNothing(entry) : sameEntry(present, entry)) return false;
    this.#version += 1;
    const row = { entry, version: this.#version };
    this.#rows.set(key, row);
    this.#log.push(row);
    return true;
  }

  /** About how many entries changed after a version: outdated ones are counted too. */
  countAfter(version: number): number {
    return this.#log.length - this.#firstAfter(version);
  }

  /** The version of the newest tombstone that was thrown away: who has an older table keeps what is no more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The first `limit` entries that changed after a version, and the version that whoever has them has. */
  changesAfter(version: number, limit: number): { readonly entries: readonly TableEntry[]; readonly upTo: number } {
    const entries: TableEntry[] = [];
    let upTo = version;
    for (let i = this.#firstAfter(version); i < this.#log.length; i++) {
      const row = this.#log[i];
      if (row === undefined || this.#rows.get(addressKey(row.entry.address)) !== row) continue;
      if (entries.length === limit) return { entries, upTo };
      entries.push(row.entry);
      upTo = row.version;
    }
    return { entries, upTo: this.#version };
  }

  /** Throws away what no receiver needs: outdated changes, and tombstones up to the version that all of them have. */
  compact(knownToAll: number): void {
    if (this.#log.length < 2 * this.#rows.size + 64) return;
    for (const [key, { entry, version }] of this.#rows) {
      if (version > knownToAll || !saysNothing(entry)) continue;
      this.#rows.delete(key);
      this.#forgotten = Math.max(this.#forgotten, version);
    }
    this.#log = [...this.#rows.values()].sort((a, b) => a.version - b.version);
  }

  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#log[middle]?.version ?? 0) > version) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Whether it is a tombstone: no vote, no wish. */
export function saysNothing({ vote, wants }: TableEntry): boolean {
  return vote === undefined && wants === undefined;
}

function sameEntry(a: TableEntry, b: TableEntry): boolean {
  return a.wants === b.wants && sameVote(a, b) && sameClaim(a, b);
}

function sameVote({ vote: a }: TableEntry, { vote: b }: TableEntry): boolean {
  return a?.boot === b?.boot && a?.claim === b?.claim && a?.priority === b?.priority;
}

function sameClaim({ claim: a }: TableEntry, { claim: b }: TableEntry): boolean {
  return a?.state === b?.state && a?.term === b?.term && a?.generation === b?.generation && a?.gives === b?.gives;
}
