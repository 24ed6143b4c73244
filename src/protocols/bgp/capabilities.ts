import type { Family } from "../../net/address.ts";
import { BgpMessageError } from "./bgp-message-error.ts";
import { ByteWriter } from "./byte-writer.ts";
import { encodeGracefulRestart, readGracefulRestart } from "./graceful-restart-capability.ts";
import {
  addressFamilyNumber,
  type Capabilities,
  type GracefulRestart,
  type OtherCapability,
  SAFI_UNICAST,
  unicastFamily,
} from "./message.ts";

/** The codes of the capabilities that are understood. */
export const capabilityCode = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  extendedMessage: 6,
  gracefulRestart: 64,
  fourOctetAs: 65,
} as const;

const FAMILY_LENGTH = 4;
const NEXT_HOP_ENTRY_LENGTH = 6;

/** The capabilities as a list of code, length and value (RFC 5492, section 4). @throws {RangeError} if a number is out of range */
export function encodeCapabilities(capabilities: Capabilities, asn: number): Uint8Array {
  const writer = new ByteWriter();
  const add = (code: number, value: Uint8Array): void => {
    writer.uint8(code);
    writer.sized(value);
  };
  for (const family of capabilities.families) add(capabilityCode.multiprotocol, unicast(family));
  if (capabilities.routeRefresh) add(capabilityCode.routeRefresh, new Uint8Array());
  if (capabilities.extendedNextHop) add(capabilityCode.extendedNextHop, ipv4OverIpv6);
  if (capabilities.extendedMessage) add(capabilityCode.extendedMessage, new Uint8Array());
  const { gracefulRestart } = capabilities;
  if (gracefulRestart !== undefined) add(capabilityCode.gracefulRestart, encodeGracefulRestart(gracefulRestart));
  if (capabilities.fourOctetAs) add(capabilityCode.fourOctetAs, uint32(asn));
  for (const { code, value } of capabilities.other) add(code, value);
  return writer.written();
}

function unicast(family: Family): Uint8Array {
  return Uint8Array.of(0, addressFamilyNumber[family], 0, SAFI_UNICAST);
}

const ipv4OverIpv6 = Uint8Array.of(0, addressFamilyNumber[4], 0, SAFI_UNICAST, 0, addressFamilyNumber[6]);

function uint32(value: number): Uint8Array {
  const writer = new ByteWriter();
  writer.uint32(value);
  return writer.written();
}

/**
 * The capabilities of one OPEN, added one by one. What is malformed within its own length is not understood, and so not
 * negotiated, but does not cost the session; except the four-octet AS number, without which AS paths cannot be agreed on.
 */
export class CapabilityCollector {
  readonly #families = new Set<Family>();
  readonly #other: OtherCapability[] = [];
  #routeRefresh = false;
  #extendedMessage = false;
  #extendedNextHop = false;
  #gracefulRestart: GracefulRestart | undefined;
  #fourOctetAs: number | undefined;

  /** The value is copied. The last of several is the one that counts (RFC 4724, section 3). @throws {BgpMessageError} 2/0 */
  add(code: number, value: Uint8Array): void {
    if (!this.#understands(code, value)) this.#other.push({ code, value: value.slice() });
  }

  /** What was added so far, and the number in the four-octet AS capability. */
  collected(): { readonly capabilities: Capabilities; readonly fourOctetAs: number | undefined } {
    const gracefulRestart = this.#gracefulRestart;
    const capabilities = {
      families: [...this.#families].sort(),
      routeRefresh: this.#routeRefresh,
      fourOctetAs: this.#fourOctetAs !== undefined,
      extendedMessage: this.#extendedMessage,
      extendedNextHop: this.#extendedNextHop,
      ...(gracefulRestart && { gracefulRestart }),
      other: this.#other,
    };
    return { capabilities, fourOctetAs: this.#fourOctetAs };
  }

  #understands(code: number, value: Uint8Array): boolean {
    switch (code) {
      case capabilityCode.multiprotocol:
        return this.#addFamily(value);
      case capabilityCode.routeRefresh:
        this.#routeRefresh ||= value.length === 0;
        return value.length === 0;
      case capabilityCode.extendedMessage:
        this.#extendedMessage ||= value.length === 0;
        return value.length === 0;
      case capabilityCode.extendedNextHop:
        return this.#addNextHops(value);
      case capabilityCode.gracefulRestart:
        return this.#setGracefulRestart(value);
      case capabilityCode.fourOctetAs:
        this.#fourOctetAs = readFourOctetAs(value);
        return true;
      default:
        return false;
    }
  }

  #addFamily(value: Uint8Array): boolean {
    const [high = 0, low = 0, _reserved, safi = 0] = value;
    const family = unicastFamily(high * 256 + low, safi);
    if (family === undefined || value.length !== FAMILY_LENGTH) return false;
    this.#families.add(family);
    return true;
  }

  /** RFC 8950, section 4: of each entry a family, and the family of its next hops. */
  #addNextHops(value: Uint8Array): boolean {
    if (value.length === 0 || value.length % NEXT_HOP_ENTRY_LENGTH !== 0) return false;
    for (let at = 0; at < value.length; at += NEXT_HOP_ENTRY_LENGTH)
      if (ipv4OverIpv6.every((byte, i) => value[at + i] === byte)) this.#extendedNextHop = true;
    return true;
  }

  #setGracefulRestart(value: Uint8Array): boolean {
    const gracefulRestart = readGracefulRestart(value);
    if (gracefulRestart === undefined) return false;
    this.#gracefulRestart = gracefulRestart;
    return true;
  }
}

function readFourOctetAs(value: Uint8Array): number {
  if (value.length !== 4) throw new BgpMessageError("malformedOpen", `OPEN: AS number of ${value.length} bytes`);
  return new DataView(value.buffer, value.byteOffset, value.length).getUint32(0);
}
