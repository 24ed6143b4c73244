/**
 * What the members of a group say to each other, as bytes; README.md beside this file has the format as a table. Left out
 * here: who sent it and whether it is genuine (seal.ts), and protection against replay, which is the receiver's: it goes by
 * `boot`, `seq` and `ack.boot`.
 */
import { MalformedPacketError } from "../malformed-packet.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { LARGEST_LIST_LENGTH, type MemberList, readMemberList, writeMemberList } from "./member-list.ts";
import { EntryContext, LARGEST_ENTRY_LENGTH, readEntry, type TableEntry, writeEntry } from "./table-entry.ts";

export type { TableEntry } from "./table-entry.ts";

/** One heartbeat. `seq` and `ack.seq` are of 32 bits, all other numbers at most 2^53 - 1. */
export type Heartbeat = {
  /** Of the sender's process: 64 random bits, never 0n. */
  readonly boot: bigint;
  readonly seq: number;
  /** The newest heartbeat of the receiver that the sender has; boot 0n: none yet. */
  readonly ack: { readonly boot: bigint; readonly seq: number };
  readonly epoch: number;
  readonly quorum: boolean;
  readonly leaving: boolean;
  readonly answerMe: boolean;
  readonly witness: boolean;
  /** A list that the sender goes by, or went by, is newer than the receiver's and was forced. */
  readonly forced: boolean;
  /** How often the sender sends at least, in milliseconds. */
  readonly intervalMs: number;
  readonly table: TableUpdate;
  /** The list that the sender goes by, for a receiver that goes by an older one. */
  readonly list?: MemberList;
};

/** Which changes of the sender's table it carries, by versions of that table, and the version of the receiver's that the sender has. */
export type TableUpdate = {
  readonly version: number;
  readonly from: number;
  readonly upTo: number;
  readonly known: number;
  /** At most LARGEST_ENTRY_COUNT. */
  readonly entries: readonly TableEntry[];
};

/** More entries are not encoded. That many of one pool are less than 1,400 bytes; of the strangest content less than 6,000. */
export const LARGEST_ENTRY_COUNT = 80;

/** Of the versions of this format, the one that is written; others of the same major version are read. */
const formatVersion = { major: 1, minor: 1 } as const;

/** There are more entries than one heartbeat carries. */
export class TooManyEntriesError extends Error {
  override readonly name = "TooManyEntriesError";

  constructor(count: number) {
    super(`heartbeat: ${count} entries, not at most ${LARGEST_ENTRY_COUNT}`);
  }
}

/** A heartbeat of a format that this Herald does not know, perhaps a later one. */
export class OtherVersionError extends MalformedPacketError {
  readonly major: number;

  constructor(major: number) {
    super(`heartbeat: format ${major}, not ${formatVersion.major}`);
    this.major = major;
  }
}

const bit = { quorum: 0x01, leaving: 0x02, answerMe: 0x04, witness: 0x08, forced: 0x10, list: 0x20 } as const;
const LARGEST_HEADER_LENGTH = 1 + 8 + 4 + 8 + 4 + 6 * 8;
const LARGEST_LENGTH = 2 + LARGEST_HEADER_LENGTH + 2 * 8 + LARGEST_ENTRY_COUNT * (8 + LARGEST_ENTRY_LENGTH);

/**
 * The bytes of a heartbeat: without entries 35 to 77, always the same number while its numbers keep their size.
 * @throws {TooManyEntriesError}
 * @throws {RangeError} if a number is out of range, or the list is none
 */
export function encodeHeartbeat(heartbeat: Heartbeat): Uint8Array {
  const { entries } = heartbeat.table;
  if (entries.length > LARGEST_ENTRY_COUNT) throw new TooManyEntriesError(entries.length);
  const { list } = heartbeat;
  const writer = new ByteWriter(LARGEST_LENGTH + (list === undefined ? 0 : LARGEST_LIST_LENGTH));
  writer.uint8((formatVersion.major << 4) | formatVersion.minor);
  writer.sized(headerBytes(heartbeat));
  const boots = [...new Set(entries.flatMap(({ vote }) => (vote === undefined ? [] : [vote.boot])))];
  const context = new EntryContext(boots);
  writer.varint(boots.length);
  for (const boot of boots) writer.uint64(boot);
  writer.varint(entries.length);
  for (const entry of entries) writeEntry(writer, entry, context);
  if (list !== undefined) writeMemberList(writer, list);
  return writer.written().slice();
}

function headerBytes(heartbeat: Heartbeat): Uint8Array {
  const { boot, seq, ack, epoch, intervalMs, table } = heartbeat;
  const header = new ByteWriter(LARGEST_HEADER_LENGTH);
  header.uint8(flagsOf(heartbeat));
  header.uint64(boot);
  header.uint32(seq);
  header.uint64(ack.boot);
  header.uint32(ack.seq);
  const { version, from, upTo, known } = table;
  for (const number of [epoch, version, from, upTo, known, intervalMs]) header.varint(number);
  return header.written();
}

function flagsOf({ quorum, leaving, answerMe, witness, forced, list }: Heartbeat): number {
  return (
    (quorum ? bit.quorum : 0) |
    (leaving ? bit.leaving : 0) |
    (answerMe ? bit.answerMe : 0) |
    (witness ? bit.witness : 0) |
    (forced ? bit.forced : 0) |
    (list === undefined ? 0 : bit.list)
  );
}

/**
 * The heartbeat that bytes hold; fields of a later minor version are skipped, and nothing of it refers to the bytes.
 * @throws {OtherVersionError} if it is of another major version
 * @throws {MalformedPacketError} if it is cut, or holds what none can hold
 */
export function decodeHeartbeat(bytes: Uint8Array): Heartbeat {
  const reader = new ByteReader(bytes);
  const major = reader.uint8() >> 4;
  if (major !== formatVersion.major) throw new OtherVersionError(major);
  const { carriesList, ...header } = readHeader(new ByteReader(reader.bytes(reader.uint8())));
  const boots = readList(reader, () => nonZero(reader.uint64()));
  const context = new EntryContext(boots);
  const entries = readList(reader, () => readEntry(reader, context));
  const heartbeat = { ...header, table: { ...header.table, entries } };
  return carriesList ? { ...heartbeat, list: readMemberList(reader) } : heartbeat;
}

type Header = Omit<Heartbeat, "table" | "list"> & {
  readonly carriesList: boolean;
  readonly table: Omit<TableUpdate, "entries">;
};

function readHeader(from: ByteReader): Header {
  const flags = from.uint8();
  return {
    quorum: (flags & bit.quorum) !== 0,
    leaving: (flags & bit.leaving) !== 0,
    answerMe: (flags & bit.answerMe) !== 0,
    witness: (flags & bit.witness) !== 0,
    forced: (flags & bit.forced) !== 0,
    carriesList: (flags & bit.list) !== 0,
    boot: nonZero(from.uint64()),
    seq: from.uint32(),
    ack: { boot: from.uint64(), seq: from.uint32() },
    epoch: from.varint(),
    table: { version: from.varint(), from: from.varint(), upTo: from.varint(), known: from.varint() },
    intervalMs: from.varint(),
  };
}

/** No longer than the bytes are: each item reads at least one of them, or throws. */
function readList<T>(from: ByteReader, readItem: () => T): readonly T[] {
  const items: T[] = [];
  for (let left = from.varint(); left > 0; left--) items.push(readItem());
  return items;
}

function nonZero(boot: bigint): bigint {
  if (boot === 0n) throw new MalformedPacketError("heartbeat: process 0");
  return boot;
}
