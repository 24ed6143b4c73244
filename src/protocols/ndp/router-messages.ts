/**
 * Router solicitation and advertisement of IPv6: RFC 4861, sections 4.1, 4.2 and 6.1, as far as it takes for two routers to learn
 * each other's link-local address. What is sent makes nobody a default router: its lifetime is 0.
 */
import { type Address, addressBytes, addressFromBytes } from "../../net/address.ts";
import type { Mac } from "../../net/mac.ts";
import { MalformedPacketError } from "../malformed-packet.ts";
import { icmpChecksum, NEXT_HEADER_ICMPV6 } from "./checksum.ts";
import { allNodesGroup } from "./frames.ts";
import { linkLayerOption, readLinkLayerOption } from "./options.ts";

const IPV6_HEADER_LENGTH = 40;
const HOP_LIMIT = 255;
const SOLICITATION = 133;
const ADVERTISEMENT = 134;
const SOLICITATION_LENGTH = 8;
const ADVERTISEMENT_LENGTH = 16;
const SOURCE_LINK_LAYER = 1;

/** ff02::2 (RFC 4291, 2.7.1). */
export const allRoutersGroup: Address = { family: 6, value: 0xff020000000000000000000000000002n };

/**
 * Decodes an IPv6 packet (without Ethernet header; bytes after its payload are padding) and checks all that RFC 4861, 6.1.2
 * demands. What it gives back is the router's link-local address; whether it wants to be a default router is not asked.
 * @throws {MalformedPacketError} if it is no router advertisement or breaks one of the rules
 */
export function decodeRouterAdvertisement(bytes: Uint8Array): Address {
  if (bytes.length < IPV6_HEADER_LENGTH + ADVERTISEMENT_LENGTH) throw malformed(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  checkHeader(view);
  const icmp = bytes.subarray(IPV6_HEADER_LENGTH, IPV6_HEADER_LENGTH + view.getUint16(4));
  if (icmp[0] !== ADVERTISEMENT || icmp[1] !== 0) throw malformed(`type ${icmp[0]} code ${icmp[1]}`);
  if (icmpChecksum(bytes.subarray(8, 40), icmp) !== 0) throw malformed("wrong checksum");
  const source = addressFromBytes(bytes.subarray(8, 24));
  if (source.value >> 118n !== 0x3fan) throw malformed("the source is not link-local");
  readLinkLayerOption(icmp.subarray(ADVERTISEMENT_LENGTH), SOURCE_LINK_LAYER);
  return source;
}

function checkHeader(view: DataView): void {
  const length = view.getUint16(4);
  if (view.getUint8(0) >> 4 !== 6) throw malformed("not IPv6");
  if (view.getUint8(6) !== NEXT_HEADER_ICMPV6) throw malformed("not ICMPv6");
  if (view.getUint8(7) !== HOP_LIMIT) throw malformed(`hop limit ${view.getUint8(7)}`);
  if (length < ADVERTISEMENT_LENGTH || IPV6_HEADER_LENGTH + length > view.byteLength)
    throw malformed(`payload length ${length}`);
}

function malformed(what: string): MalformedPacketError {
  return new MalformedPacketError(`router advertisement: ${what}`);
}

/** The IPv6 packet to all nodes by which a station is known as one that routes, but not by default. */
export function encodeRouterAdvertisement(source: Address, mac: Mac): Uint8Array {
  return packet({ source, destination: allNodesGroup, type: ADVERTISEMENT, length: ADVERTISEMENT_LENGTH, mac });
}

/** The IPv6 packet that asks all routers to advertise themselves. */
export function encodeRouterSolicitation(source: Address, mac: Mac): Uint8Array {
  return packet({ source, destination: allRoutersGroup, type: SOLICITATION, length: SOLICITATION_LENGTH, mac });
}

type Parts = {
  readonly source: Address;
  readonly destination: Address;
  readonly type: number;
  readonly length: number;
  readonly mac: Mac;
};

/** All fields of both messages but the type are 0: unspecified. */
function packet({ source, destination, type, length, mac }: Parts): Uint8Array {
  const option = linkLayerOption(SOURCE_LINK_LAYER, mac);
  const bytes = new Uint8Array(IPV6_HEADER_LENGTH + length + option.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 6 << 4);
  view.setUint16(4, length + option.length);
  view.setUint8(6, NEXT_HEADER_ICMPV6);
  view.setUint8(7, HOP_LIMIT);
  bytes.set(addressBytes(source), 8);
  bytes.set(addressBytes(destination), 24);
  view.setUint8(IPV6_HEADER_LENGTH, type);
  bytes.set(option, IPV6_HEADER_LENGTH + length);
  view.setUint16(IPV6_HEADER_LENGTH + 2, icmpChecksum(bytes.subarray(8, 40), bytes.subarray(IPV6_HEADER_LENGTH)));
  return bytes;
}
