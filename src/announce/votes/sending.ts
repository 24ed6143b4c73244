import { type Looking, paceMs, probedFromMs } from "./hearing.ts";
import { greeting, heartbeatsFor, type Outgoing, partsFor, type Says } from "./outgoing.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peers.ts";
import type { Table } from "./table.ts";

const never = Number.POSITIVE_INFINITY;

/** What there is to say. `speaks`: to all; who left the list only answers those who have not heard of it. */
export type Sayable = { readonly table: Table; readonly says: Says; readonly speaks: boolean };

/** Why something is sent now: to all, and whether as the regular heartbeat. */
type Occasion = { readonly looking: Looking; readonly toAll: boolean; readonly repeats: boolean };

/** When this member sends what to whom: to all each interval and at a change, to one when it asks or falls silent. */
export class Sending {
  #beatAtMs = Number.NEGATIVE_INFINITY;
  #changeAtMs = never;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** Something changed that the others must know: at once, but soon after the last change with what else changes until then. */
  changed({ nowMs, timing }: Looking): void {
    this.#changeAtMs = Math.min(this.#changeAtMs, Math.max(nowMs, this.#toldAtMs + timing.coalesceMs));
  }

  /** Whether a change waits to be sent. */
  get pending(): boolean {
    return this.#changeAtMs !== never;
  }

  /** What is due now. */
  outbox(peers: Peers, sayable: Sayable, looking: Looking): readonly Outgoing[] {
    const { nowMs } = looking;
    const { table, says, speaks } = sayable;
    const repeats = nowMs >= this.#beatAtMs;
    const toAll = repeats || nowMs >= this.#changeAtMs;
    if (toAll) this.#told(nowMs, nowMs + peers.beatMs(looking));
    const out: Outgoing[] = [];
    for (const peer of peers.all) {
      if (this.#greetAtMs(peer, looking) <= nowMs) out.push(...greeting(peer, says, table.version, nowMs));
      if (speaks && peers.isActive(peer)) out.push(...this.#toOne(peer, sayable, { looking, toAll, repeats }));
    }
    if (repeats) table.compact(knownToAll(peers, table));
    return out;
  }

  #told(nowMs: number, beatAtMs: number): void {
    if (this.pending) this.#toldAtMs = nowMs;
    this.#changeAtMs = never;
    this.#beatAtMs = beatAtMs;
  }

  #toOne(peer: Peer, { table, says }: Sayable, { looking, toAll, repeats }: Occasion): readonly Outgoing[] {
    const { nowMs } = looking;
    const late = nowMs >= probedFromMs(peer.times, looking);
    const probes = late && nowMs >= this.#probeAtMs(peer, looking);
    if (!toAll && !probes && !peer.answerDue) return [];
    peer.answerDue = false;
    const parts = partsFor(peer, peer.view.heard, { table, repeats: repeats || probes });
    return heartbeatsFor(peer, says, parts, { nowMs, answerMe: late && (toAll || probes) });
  }

  /** When `outbox` has something next, as far as is known now. */
  dueAtMs(peers: Peers, looking: Looking): number {
    let dueMs = peers.active.length === 0 ? never : Math.min(this.#beatAtMs, this.#changeAtMs);
    for (const peer of peers.all) dueMs = Math.min(dueMs, this.#greetAtMs(peer, looking));
    for (const peer of peers.active) {
      if (peer.answerDue) return looking.nowMs;
      dueMs = Math.min(dueMs, Math.max(probedFromMs(peer.times, looking), this.#probeAtMs(peer, looking)));
    }
    return dueMs;
  }

  /** Rule 4: one each quarter interval. */
  #probeAtMs({ sentAtMs, times }: Peer, { timing, intervalMs }: Looking): number {
    return sentAtMs + timing.probeEachIntervals * paceMs(times, intervalMs);
  }

  #greetAtMs({ greet, greetedAtMs }: Peer, { timing, intervalMs }: Looking): number {
    return greet === undefined ? never : greetedAtMs + timing.probeEachIntervals * intervalMs;
  }
}

/** How many versions who is heard may lag behind before nobody waits for it any more. */
const MOST_BEHIND = 20_000;

/** The version that everybody who is heard has; the others begin anew when they are heard again, or acknowledge something. */
function knownToAll(peers: Peers, table: Table): number {
  const heard = peers.active.filter(({ view, acked }) => view.heard && table.version - acked < MOST_BEHIND);
  return Math.min(table.version, ...heard.map(({ acked }) => acked));
}
