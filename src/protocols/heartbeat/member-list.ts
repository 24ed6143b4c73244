import { MalformedPacketError } from "../malformed-packet.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** The list of a group's voters, for who goes by an older one. */
export type MemberList = {
  /** Of the group's object: an epoch means nothing beside another one's. At most 64 printable ASCII characters, perhaps none. */
  readonly uid: string;
  readonly epoch: number;
  /** At most 7, each of 1 to 253 printable ASCII characters. */
  readonly members: readonly string[];
  readonly witness: boolean;
  readonly forced: boolean;
};

const MOST_MEMBERS = 7;
const LONGEST_NAME = 253;
const LONGEST_UID = 64;
const bit = { witness: 0x01, forced: 0x02 } as const;

/** Epoch, flags, uid, number of members, members. */
export const LARGEST_LIST_LENGTH: number = 8 + 1 + (1 + LONGEST_UID) + 1 + MOST_MEMBERS * (1 + LONGEST_NAME);

/** Writes a list. @throws {RangeError} if it has more members, or longer or other names, than a list can have */
export function writeMemberList(to: ByteWriter, { uid, epoch, members, witness, forced }: MemberList): void {
  const problem = uidProblem(uid) ?? countProblem(members.length) ?? members.map(nameProblem).find(Boolean);
  if (problem !== undefined) throw new RangeError(problem);
  to.varint(epoch);
  to.uint8((witness ? bit.witness : 0) | (forced ? bit.forced : 0));
  to.sized(Buffer.from(uid, "latin1"));
  to.uint8(members.length);
  for (const name of members) to.sized(Buffer.from(name, "latin1"));
}

/** Reads what writeMemberList wrote; unknown flags are of a later version and left alone. @throws {MalformedPacketError} */
export function readMemberList(from: ByteReader): MemberList {
  const epoch = from.varint();
  const flags = from.uint8();
  const uid = readText(from, uidProblem);
  const count = from.uint8();
  refuse(countProblem(count));
  const members = Array.from({ length: count }, () => readText(from, nameProblem));
  return { uid, epoch, members, witness: (flags & bit.witness) !== 0, forced: (flags & bit.forced) !== 0 };
}

function readText(from: ByteReader, problemOf: (text: string) => string | undefined): string {
  const text = Buffer.from(from.bytes(from.uint8())).toString("latin1");
  refuse(problemOf(text));
  return text;
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new MalformedPacketError(problem);
}

function countProblem(count: number): string | undefined {
  return count > MOST_MEMBERS ? `heartbeat: list of ${count} members, not at most ${MOST_MEMBERS}` : undefined;
}

function nameProblem(name: string): string | undefined {
  const fits = name.length >= 1 && name.length <= LONGEST_NAME && isPrintable(name);
  return fits ? undefined : `heartbeat: member's name, expected 1 to ${LONGEST_NAME} printable ASCII characters`;
}

function uidProblem(uid: string): string | undefined {
  const fits = uid.length <= LONGEST_UID && isPrintable(uid);
  return fits ? undefined : `heartbeat: uid of a list, expected at most ${LONGEST_UID} printable ASCII characters`;
}

function isPrintable(text: string): boolean {
  return /^[!-~]*$/.test(text);
}
