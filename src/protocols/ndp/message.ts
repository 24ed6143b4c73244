/**
 * Neighbour solicitation and advertisement of IPv6: RFC 4861, sections 4.3, 4.4 and 7.1, in an IPv6 header without
 * extension headers (RFC 6980 forbids fragments here). Left out: routers, redirects, secure discovery, and a cache, which
 * is the kernel's.
 */
import { type Address, addressBytes, addressFromBytes } from "../../net/address.ts";
import type { Mac } from "../../net/mac.ts";
import { MalformedPacketError } from "../malformed-packet.ts";
import { icmpChecksum, NEXT_HEADER_ICMPV6 } from "./checksum.ts";
import { linkLayerOption, readLinkLayerOption } from "./options.ts";

/** Asks for the hardware address of `target`; from the unspecified address it is duplicate address detection (RFC 4862). */
export type NeighbourSolicitation = {
  readonly kind: "solicitation";
  readonly source: Address;
  readonly destination: Address;
  readonly target: Address;
  /** The source link-layer address option. */
  readonly sourceMac: Mac | undefined;
};

/** Says the hardware address of `target`. */
export type NeighbourAdvertisement = {
  readonly kind: "advertisement";
  readonly source: Address;
  readonly destination: Address;
  readonly target: Address;
  /** The target link-layer address option. */
  readonly targetMac: Mac | undefined;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
};

/** One of the two messages. */
export type NeighbourMessage = NeighbourSolicitation | NeighbourAdvertisement;

const IPV6_HEADER_LENGTH = 40;
const ICMP_LENGTH = 24;
const HOP_LIMIT = 255;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const ROUTER_FLAG = 0x80;
const SOLICITED_FLAG = 0x40;
const OVERRIDE_FLAG = 0x20;
const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;

/** Whether it is a multicast address (RFC 4291, 2.7). */
export function isMulticast({ value }: Address): boolean {
  return value >> 120n === 0xffn;
}

/**
 * Decodes an IPv6 packet (without Ethernet header; bytes after its payload are padding) and checks all that RFC 4861,
 * 7.1.1 and 7.1.2 demand, and that no group passes for a station (RFC 4291, 2.7: never a source).
 * @throws {MalformedPacketError} if it is no neighbour message or breaks one of their rules
 */
export function decodeNdp(bytes: Uint8Array): NeighbourMessage {
  const icmp = icmpOf(bytes);
  const source = addressFromBytes(bytes.subarray(8, 24));
  const destination = addressFromBytes(bytes.subarray(24, 40));
  if (icmpChecksum(bytes.subarray(8, 40), icmp) !== 0) throw new MalformedPacketError("NDP: wrong checksum");
  const target = addressFromBytes(icmp.subarray(8, 24));
  if (isMulticast(source)) throw new MalformedPacketError("NDP: multicast source");
  if (isMulticast(target)) throw new MalformedPacketError("NDP: multicast target");
  const options = icmp.subarray(ICMP_LENGTH);
  if (icmp[0] === SOLICITATION)
    return checkedSolicitation({
      kind: "solicitation",
      source,
      destination,
      target,
      sourceMac: readLinkLayerOption(options, SOURCE_LINK_LAYER),
    });
  const flags = icmp[4] ?? 0;
  return checkedAdvertisement({
    kind: "advertisement",
    source,
    destination,
    target,
    targetMac: readLinkLayerOption(options, TARGET_LINK_LAYER),
    router: (flags & ROUTER_FLAG) !== 0,
    solicited: (flags & SOLICITED_FLAG) !== 0,
    override: (flags & OVERRIDE_FLAG) !== 0,
  });
}

function icmpOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length < IPV6_HEADER_LENGTH + ICMP_LENGTH) throw new MalformedPacketError(`NDP: ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint16(4);
  if (view.getUint8(0) >> 4 !== 6) throw new MalformedPacketError("NDP: not IPv6");
  if (view.getUint8(6) !== NEXT_HEADER_ICMPV6) throw new MalformedPacketError("NDP: not ICMPv6");
  if (view.getUint8(7) !== HOP_LIMIT) throw new MalformedPacketError(`NDP: hop limit ${view.getUint8(7)}`);
  if (length < ICMP_LENGTH || IPV6_HEADER_LENGTH + length > bytes.length)
    throw new MalformedPacketError(`NDP: payload length ${length}`);
  const icmp = bytes.subarray(IPV6_HEADER_LENGTH, IPV6_HEADER_LENGTH + length);
  if ((icmp[0] !== SOLICITATION && icmp[0] !== ADVERTISEMENT) || icmp[1] !== 0)
    throw new MalformedPacketError(`NDP: type ${icmp[0]} code ${icmp[1]}`);
  return icmp;
}

function checkedSolicitation(message: NeighbourSolicitation): NeighbourSolicitation {
  if (message.source.value !== 0n) return message;
  if (message.sourceMac !== undefined)
    throw new MalformedPacketError("NDP: link-layer option of an unspecified source");
  if (message.destination.value !== solicitedNodeGroup(message.target).value)
    throw new MalformedPacketError("NDP: unspecified source to another than the solicited-node group");
  return message;
}

function checkedAdvertisement(message: NeighbourAdvertisement): NeighbourAdvertisement {
  if (message.solicited && isMulticast(message.destination))
    throw new MalformedPacketError("NDP: solicited advertisement to a multicast group");
  return message;
}

/** The IPv6 packet of a message, checksum and hop limit included. */
export function encodeNdp(message: NeighbourMessage): Uint8Array {
  const option =
    message.kind === "solicitation"
      ? linkLayerOption(SOURCE_LINK_LAYER, message.sourceMac)
      : linkLayerOption(TARGET_LINK_LAYER, message.targetMac);
  const bytes = new Uint8Array(IPV6_HEADER_LENGTH + ICMP_LENGTH + option.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 6 << 4);
  view.setUint16(4, ICMP_LENGTH + option.length);
  view.setUint8(6, NEXT_HEADER_ICMPV6);
  view.setUint8(7, HOP_LIMIT);
  bytes.set(addressBytes(message.source), 8);
  bytes.set(addressBytes(message.destination), 24);
  view.setUint8(40, message.kind === "solicitation" ? SOLICITATION : ADVERTISEMENT);
  view.setUint8(44, message.kind === "solicitation" ? 0 : flagsOf(message));
  bytes.set(addressBytes(message.target), 48);
  bytes.set(option, IPV6_HEADER_LENGTH + ICMP_LENGTH);
  view.setUint16(42, icmpChecksum(bytes.subarray(8, 40), bytes.subarray(IPV6_HEADER_LENGTH)));
  return bytes;
}

function flagsOf({ router, solicited, override }: NeighbourAdvertisement): number {
  return (router ? ROUTER_FLAG : 0) | (solicited ? SOLICITED_FLAG : 0) | (override ? OVERRIDE_FLAG : 0);
}

/** The group ff02::1:ffXX:XXXX that everybody with this address listens to (RFC 4291, 2.7.1). */
export function solicitedNodeGroup({ value }: Address): Address {
  return { family: 6, value: (0xff0200000000000000000001ffn << 24n) | (value & 0xffffffn) };
}
