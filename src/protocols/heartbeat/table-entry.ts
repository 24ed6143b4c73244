import { type Address, addressBytes, addressFromBytes, type Family } from "../../net/address.ts";
import { MalformedPacketError } from "../malformed-packet.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** What the sender says of one address: which claim it votes for, how its own claim stands, whether it asks for the address. */
export type TableEntry = {
  readonly address: Address;
  /** `boot` names the claimant's process and is never 0n; the numbers are at most 2^53 - 1, as are all here. */
  readonly vote?: { readonly boot: bigint; readonly claim: number; readonly priority: number };
  readonly claim?: {
    readonly state: "claims" | "holds" | "keeps";
    /** Written as 2^53 - 1 if it is more. */
    readonly term: number;
    readonly generation: number;
    readonly gives: boolean;
  };
  readonly wants?: number;
};

const bit = { ipv6: 0x01, vote: 0x02, claim: 0x04, gives: 0x08, wants: 0x40 } as const;
const STATE_SHIFT = 4;
const STATE_MASK = 0x3;
const states = ["claims", "holds", "keeps"] as const;

/** Length, flags, shared bytes; the longest address; 8 bytes each for the boot's place and the numbers. */
export const LARGEST_ENTRY_LENGTH: number = 3 + 16 + 8 + 5 * 8;

/** What entries leave out because it was said before: processes by their place in a list, the first bytes of addresses. */
export class EntryContext {
  /** The processes that entries name, in the order of their place. */
  readonly boots: readonly bigint[];
  readonly #previous: Record<Family, Uint8Array> = { 4: new Uint8Array(4), 6: new Uint8Array(16) };

  constructor(boots: readonly bigint[]) {
    this.boots = boots;
  }

  /** The address in bytes of the last entry of this family; zeros before the first. */
  previous(family: Family): Uint8Array {
    return this.#previous[family];
  }

  remember(family: Family, bytes: Uint8Array): void {
    this.#previous[family] = bytes;
  }
}

/** Writes an entry with its length in front. Every process that it names must be in the context. @throws {RangeError} for a number out of range */
export function writeEntry(to: ByteWriter, entry: TableEntry, context: EntryContext): void {
  const { address, vote, claim, wants } = entry;
  const entryBytes = new ByteWriter(LARGEST_ENTRY_LENGTH);
  entryBytes.uint8(flagsOf(entry));
  writeAddress(entryBytes, address, context);
  if (vote !== undefined) {
    entryBytes.varint(context.boots.indexOf(vote.boot));
    entryBytes.varint(vote.claim);
    entryBytes.varint(vote.priority);
  }
  if (claim !== undefined) {
    // One more than what a lying member says is the highest possible must not end this process.
    entryBytes.varint(Math.min(claim.term, Number.MAX_SAFE_INTEGER));
    entryBytes.varint(claim.generation);
  }
  if (wants !== undefined) entryBytes.varint(wants);
  to.sized(entryBytes.written());
}

function flagsOf({ address, vote, claim, wants }: TableEntry): number {
  return (
    (address.family === 6 ? bit.ipv6 : 0) |
    (vote === undefined ? 0 : bit.vote) |
    (claim === undefined ? 0 : bit.claim | (states.indexOf(claim.state) << STATE_SHIFT)) |
    (claim?.gives ? bit.gives : 0) |
    (wants === undefined ? 0 : bit.wants)
  );
}

function writeAddress(to: ByteWriter, address: Address, context: EntryContext): void {
  const bytes = addressBytes(address);
  const previous = context.previous(address.family);
  const differs = bytes.findIndex((byte, i) => byte !== previous[i]);
  const shared = differs === -1 ? bytes.length : differs;
  to.uint8(shared);
  to.bytes(bytes.subarray(shared));
  context.remember(address.family, bytes);
}

/** Reads what writeEntry wrote; what follows the known fields within its length is of a later version. @throws {MalformedPacketError} */
export function readEntry(from: ByteReader, context: EntryContext): TableEntry {
  const reader = new ByteReader(from.bytes(from.uint8()));
  const flags = reader.uint8();
  return {
    address: readAddress(reader, (flags & bit.ipv6) === 0 ? 4 : 6, context),
    ...((flags & bit.vote) === 0 ? undefined : { vote: readVote(reader, context.boots) }),
    ...((flags & bit.claim) === 0 ? undefined : { claim: readClaim(reader, flags) }),
    ...((flags & bit.wants) === 0 ? undefined : { wants: reader.varint() }),
  };
}

function readAddress(from: ByteReader, family: Family, context: EntryContext): Address {
  const bytes = context.previous(family).slice();
  const shared = from.uint8();
  if (shared > bytes.length) throw new MalformedPacketError(`heartbeat: ${shared} bytes of an address are shared`);
  bytes.set(from.bytes(bytes.length - shared), shared);
  context.remember(family, bytes);
  return addressFromBytes(bytes);
}

function readVote(from: ByteReader, boots: readonly bigint[]): NonNullable<TableEntry["vote"]> {
  const place = from.varint();
  const boot = boots[place];
  if (boot === undefined) throw new MalformedPacketError(`heartbeat: process ${place} of ${boots.length}`);
  return { boot, claim: from.varint(), priority: from.varint() };
}

function readClaim(from: ByteReader, flags: number): NonNullable<TableEntry["claim"]> {
  const code = (flags >> STATE_SHIFT) & STATE_MASK;
  const state = states[code];
  if (state === undefined) throw new MalformedPacketError(`heartbeat: state ${code} of a claim`);
  return { state, term: from.varint(), generation: from.varint(), gives: (flags & bit.gives) !== 0 };
}
