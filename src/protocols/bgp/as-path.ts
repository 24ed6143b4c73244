import { ByteWriter } from "./byte-writer.ts";
import { AS_TRANS, LARGEST_TWO_OCTET_AS } from "./open.ts";

const AS_SEQUENCE = 2;
const LONGEST_SEGMENT = 255;
/** AS_SET, AS_SEQUENCE, and the two of confederations (RFC 5065). */
const LARGEST_SEGMENT_TYPE = 4;

/** The value of an AS_PATH of one sequence; to a peer that knows only two octets, AS_TRANS stands for what needs more. */
export function encodeAsPath(path: readonly number[], fourOctetAs: boolean): Uint8Array {
  const writer = new ByteWriter();
  for (let at = 0; at < path.length; at += LONGEST_SEGMENT) {
    const segment = path.slice(at, at + LONGEST_SEGMENT);
    writer.uint8(AS_SEQUENCE);
    writer.uint8(segment.length);
    for (const asn of segment) writeAsn(writer, asn, fourOctetAs);
  }
  return writer.written();
}

function writeAsn(writer: ByteWriter, asn: number, fourOctetAs: boolean): void {
  if (fourOctetAs) writer.uint32(asn);
  else writer.uint16(asn > LARGEST_TWO_OCTET_AS ? AS_TRANS : asn);
}

/** The value of the AS4_PATH that goes with it (RFC 6793, 4.2.2); undefined if the AS_PATH says all. */
export function encodeAs4Path(path: readonly number[], fourOctetAs: boolean): Uint8Array | undefined {
  const says = fourOctetAs || path.every((asn) => asn <= LARGEST_TWO_OCTET_AS);
  return says ? undefined : encodeAsPath(path, true);
}

/** What is wrong with the value of an AS_PATH or AS4_PATH of numbers of so many bytes (RFC 7606, 7.2; 7607), or undefined. */
export function asPathProblem(value: Uint8Array, numberLength: 2 | 4): string | undefined {
  for (let at = 0; at < value.length; ) {
    const [type = 0, count = 0] = value.subarray(at, at + 2);
    const numbers = value.subarray(at + 2, at + 2 + count * numberLength);
    const problem = segmentProblem(type, count) ?? numbersProblem(numbers, count, numberLength);
    if (problem !== undefined) return problem;
    at += 2 + numbers.length;
  }
  return undefined;
}

function segmentProblem(type: number, count: number): string | undefined {
  if (type === 0 || type > LARGEST_SEGMENT_TYPE) return `segment of type ${type}`;
  return count === 0 ? "segment of no numbers" : undefined;
}

function numbersProblem(numbers: Uint8Array, count: number, numberLength: 2 | 4): string | undefined {
  if (numbers.length < count * numberLength) return `segment of ${count} numbers in ${numbers.length} bytes`;
  return holdsZero(numbers, numberLength) ? "AS 0" : undefined;
}

function holdsZero(numbers: Uint8Array, numberLength: 2 | 4): boolean {
  for (let at = 0; at < numbers.length; at += numberLength)
    if (numbers.subarray(at, at + numberLength).every((byte) => byte === 0)) return true;
  return false;
}
