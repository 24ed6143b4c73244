import type { Heartbeat, SentList, TableUpdate } from "./heartbeat.ts";
import type { Peer } from "./peer.ts";
import type { Table } from "./table.ts";

/** How many entries of the table a heartbeat carries at most, so that it fits a packet. */
export const ENTRIES_PER_HEARTBEAT = 80;

/** How many heartbeats are sent to one peer at once at most, if the table needs more than one. */
export const HEARTBEATS_AT_ONCE = 32;

/** One heartbeat that is due. */
export type Outgoing = { readonly to: string; readonly heartbeat: Heartbeat };

/** What all heartbeats of this moment say. */
export type Says = Pick<Heartbeat, "boot" | "epoch" | "quorum" | "leaving" | "witness" | "intervalMs"> & {
  /** The newest forced list that the sender knows of: who goes by an older one is told. */
  readonly forcedEpoch: number;
  /** The list that the sender goes by: who goes by an older one is sent it. */
  readonly list: SentList | undefined;
};

/** Whether two moments have the same to say to all. */
export function saysSame(a: Says, b: Says): boolean {
  return a.epoch === b.epoch && a.quorum === b.quorum && a.leaving === b.leaving && a.witness === b.witness;
}

/** The table, and whether this is a regular heartbeat, which repeats what was not acknowledged. */
export type TableNow = { readonly table: Table; readonly repeats: boolean };

type Part = Omit<TableUpdate, "known">;

/**
 * The parts of the table that a peer is to be sent now; one without entries if it has all. A change is repeated with each
 * heartbeat until it is acknowledged if all such fit into one, else with each regular one. Who is not heard may hear all
 * the same: it is sent the table part by part, and so is who acknowledged nothing of the last batch.
 */
export function partsFor(peer: Peer, heard: boolean, { table, repeats }: TableNow): readonly Part[] {
  const { version } = table;
  if (peer.boot === 0n) return [{ version, from: version, upTo: version, entries: [] }];
  if (peer.acked === 0) peer.basedOn = table.forgotten;
  if (peer.acked < table.forgotten && peer.basedOn < table.forgotten)
    return [{ version, from: 0, upTo: 0, entries: [] }];
  const inFlight = peer.cursor > peer.acked;
  const fitsOne = table.countAfter(peer.acked) <= ENTRIES_PER_HEARTBEAT;
  if (heard && !fitsOne && inFlight && !repeats)
    return [{ version, from: peer.cursor, upTo: peer.cursor, entries: [] }];
  const goesOn = !heard && !fitsOne && inFlight && peer.cursor < version;
  const parts = partsAfter(goesOn ? peer.cursor : peer.acked, table, atOnce(peer, heard));
  peer.sentFrom = peer.acked;
  peer.cursor = parts.at(-1)?.upTo ?? version;
  return parts;
}

function atOnce({ cursor, acked, sentFrom }: Peer, heard: boolean): number {
  const unanswered = cursor > acked && sentFrom === acked;
  return heard && !unanswered ? HEARTBEATS_AT_ONCE : 1;
}

function partsAfter(first: number, table: Table, most: number): readonly Part[] {
  const { version } = table;
  const parts: Part[] = [];
  let from = first;
  do {
    const { entries, upTo } = table.changesAfter(from, ENTRIES_PER_HEARTBEAT);
    parts.push({ version, from, upTo, entries });
    from = upTo;
  } while (from < version && parts.length < most);
  return parts;
}

/**
 * Rule 2: the heartbeats for one peer, dated before they are made: authority counts from then. The last of a batch that is
 * not the whole table asks for an answer, and so does one that leaves out what changed since, so that the rest follows at once.
 */
export function heartbeatsFor(peer: Peer, says: Says, parts: readonly Part[], asked: Asked): readonly Outgoing[] {
  const ack = { boot: peer.boot, seq: peer.seq };
  return parts.map((part, i) => {
    const more = i === parts.length - 1 && part.upTo < part.version && part.upTo > 0;
    const table = { ...part, known: peer.replica.known };
    const number = numbered(peer, asked.nowMs);
    if (part.entries.length > 0) peer.partSeq = number.seq;
    return {
      to: peer.node,
      heartbeat: {
        ...said(says, peer.times.epoch),
        ...number,
        ack,
        answerMe: asked.answerMe || more,
        table,
      },
    };
  });
}

/** When, and whether the peer is to answer at once. */
export type Asked = { readonly nowMs: number; readonly answerMe: boolean };

/** Rule 1: tells a process that does not know this one yet that it was heard; it says nothing of the table. */
export function greeting(peer: Peer, says: Says, version: number, nowMs: number): readonly Outgoing[] {
  if (peer.greet === undefined) return [];
  const { epoch, ...ack } = peer.greet;
  peer.greet = undefined;
  peer.greetedAtMs = nowMs;
  const table = { version, from: version, upTo: version, known: 0, entries: [] };
  return [
    { to: peer.node, heartbeat: { ...said(says, epoch), ...numbered(peer, nowMs), ack, answerMe: false, table } },
  ];
}

/** Who shows no epoch has no list, by whose members it could count who sends it one. */
function said({ forcedEpoch, list, ...says }: Says, theirEpoch: number): Omit<Heartbeat, OfOne> {
  const forced = theirEpoch < forcedEpoch;
  const older = theirEpoch > 0 && theirEpoch < says.epoch;
  return older && list !== undefined ? { ...says, forced, list } : { ...says, forced };
}

/** What is different from receiver to receiver whatever they know. */
type OfOne = "seq" | "ack" | "answerMe" | "table";

function numbered(peer: Peer, nowMs: number): { readonly seq: number } {
  peer.sentSeq += 1;
  peer.sentAtMs = nowMs;
  peer.sent.note(peer.sentSeq, nowMs);
  return { seq: peer.sentSeq };
}
