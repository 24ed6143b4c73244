import { addressBytes, addressFromBytes } from "../../net/address.ts";
import { BgpMessageError } from "./bgp-message-error.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { CapabilityCollector, encodeCapabilities } from "./capabilities.ts";
import type { Open } from "./message.ts";

/** Stands where two bytes are too few for the number (RFC 6793). */
export const AS_TRANS = 23_456;

/** The largest number that two bytes hold. */
export const LARGEST_TWO_OCTET_AS = 0xffff;

const VERSION = 4;
const CAPABILITIES = 2;
/** As the first parameter's type: lengths of two bytes follow (RFC 9072). */
const EXTENDED_LENGTH = 255;

/** The body of an OPEN (RFC 4271, 4.2). @throws {RangeError} if a number is out of range, or the capabilities need more than 253 bytes */
export function encodeOpen({ asn, holdTimeSeconds, routerId, capabilities }: Open): Uint8Array {
  const writer = new ByteWriter();
  writer.uint8(VERSION);
  writer.uint16(asn > LARGEST_TWO_OCTET_AS ? AS_TRANS : asn);
  writer.uint16(holdTimeSeconds);
  writer.bytes(addressBytes(routerId));
  writer.sized(parameters(encodeCapabilities(capabilities, asn)));
  return writer.written();
}

function parameters(capabilities: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  if (capabilities.length === 0) return writer.written();
  writer.uint8(CAPABILITIES);
  writer.sized(capabilities);
  return writer.written();
}

const malformed = (message: string): BgpMessageError => new BgpMessageError("malformedOpen", `OPEN: ${message}`);

/**
 * The OPEN in a body of at least 10 bytes.
 * @throws {BgpMessageError} 2/1 for another version than 4 (the data are ours), 2/2 for AS 0 or two different numbers, 2/3 for
 * identifier 0.0.0.0, 2/4 for a parameter that holds no capabilities, 2/6 for a hold time of 1 or 2 s, 2/0 for lengths that
 * do not fit each other or a four-octet AS number of another length
 */
export function decodeOpen(body: Uint8Array): Open {
  const reader = new ByteReader(body, malformed);
  const version = reader.uint8();
  if (version !== VERSION)
    throw new BgpMessageError("unsupportedVersion", `OPEN: version ${version}`, Uint8Array.of(0, VERSION));
  const twoOctetAs = reader.uint16();
  const holdTimeSeconds = acceptableHoldTime(reader.uint16());
  const routerId = addressFromBytes(reader.bytes(4));
  const { capabilities, fourOctetAs } = readParameters(reader);
  const asn = peerAs(twoOctetAs, fourOctetAs);
  if (routerId.value === 0n) throw new BgpMessageError("badIdentifier", "OPEN: identifier 0.0.0.0");
  return { kind: "open", asn, holdTimeSeconds, routerId, capabilities };
}

function acceptableHoldTime(seconds: number): number {
  if (seconds === 1 || seconds === 2)
    throw new BgpMessageError("unacceptableHoldTime", `OPEN: hold time of ${seconds} s`, Uint8Array.of(0, seconds));
  return seconds;
}

function peerAs(twoOctetAs: number, fourOctetAs: number | undefined): number {
  const asn = fourOctetAs ?? twoOctetAs;
  if (asn === 0) throw new BgpMessageError("badPeerAs", "OPEN: AS 0");
  if (twoOctetAs !== asn && twoOctetAs !== AS_TRANS)
    throw new BgpMessageError("badPeerAs", `OPEN: AS ${twoOctetAs} and AS ${asn}`);
  return asn;
}

function readParameters(reader: ByteReader): ReturnType<CapabilityCollector["collected"]> {
  const length = reader.uint8();
  const collector = new CapabilityCollector();
  if (length === 0 && reader.left() === 0) return collector.collected();
  const type = reader.uint8();
  const extended = length !== 0 && type === EXTENDED_LENGTH;
  const all = extended ? reader.uint16() : length - 1;
  if (all !== reader.left()) throw malformed(`${reader.left()} bytes of parameters left, not ${all}`);
  if (!extended) readParameter(type, reader.bytes(reader.uint8()), collector);
  while (reader.left() > 0) {
    const next = reader.uint8();
    readParameter(next, reader.bytes(extended ? reader.uint16() : reader.uint8()), collector);
  }
  return collector.collected();
}

function readParameter(type: number, value: Uint8Array, collector: CapabilityCollector): void {
  if (type !== CAPABILITIES) throw new BgpMessageError("unsupportedParameter", `OPEN: parameter of type ${type}`);
  const reader = new ByteReader(value, malformed);
  while (reader.left() > 0) {
    const code = reader.uint8();
    collector.add(code, reader.bytes(reader.uint8()));
  }
}
