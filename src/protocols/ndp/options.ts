import { formatMac, isGroupMac, type Mac } from "../../net/mac.ts";
import { MalformedPacketError } from "../malformed-packet.ts";

const UNIT = 8;

/**
 * The hardware address in the first option of this type, or undefined if there is none (RFC 4861, 4.6.1).
 * @throws {MalformedPacketError} if an option is of length 0 or longer than what is left, or a link-layer option is not of
 * Ethernet's length or names no station
 */
export function readLinkLayerOption(options: Uint8Array, type: number): Mac | undefined {
  let found: Mac | undefined;
  for (let at = 0; at < options.length; ) {
    const length = (options[at + 1] ?? 0) * UNIT;
    if (length === 0 || at + length > options.length) throw new MalformedPacketError(`NDP: option length ${length}`);
    if (options[at] === type) {
      if (length !== UNIT) throw new MalformedPacketError(`NDP: link-layer option of ${length} bytes`);
      found ??= stationOf(options.slice(at + 2, at + UNIT));
    }
    at += length;
  }
  return found;
}

function stationOf(mac: Mac): Mac {
  if (isGroupMac(mac) || mac.every((byte) => byte === 0))
    throw new MalformedPacketError(`NDP: link-layer option with ${formatMac(mac)}, which is no station's`);
  return mac;
}

/** The 8 bytes of a link-layer option of Ethernet (RFC 2464, 6), or none for no address. */
export function linkLayerOption(type: number, mac: Mac | undefined): Uint8Array {
  return mac === undefined ? new Uint8Array() : Uint8Array.of(type, 1, ...mac);
}
