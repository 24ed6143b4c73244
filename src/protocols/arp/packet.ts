/**
 * ARP for IPv4 over Ethernet: RFC 826, with probes and announcements of RFC 5227. Left out: other hardware and protocol
 * types, RARP, and building a cache, which is the kernel's.
 */
import { type Address, addressBytes, addressFromBytes } from "../../net/address.ts";
import type { Mac } from "../../net/mac.ts";
import { MalformedPacketError } from "../malformed-packet.ts";

/** An ARP packet; both protocol addresses are of family 4. */
export type ArpPacket = {
  readonly operation: "request" | "reply";
  readonly senderMac: Mac;
  readonly senderIp: Address;
  readonly targetMac: Mac;
  readonly targetIp: Address;
};

const LENGTH = 28;
const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const HARDWARE_LENGTH = 6;
const PROTOCOL_LENGTH = 4;
const operationCode = { request: 1, reply: 2 } as const;

/**
 * Decodes the 28 bytes of an ARP packet; bytes after them are Ethernet padding.
 * @throws {MalformedPacketError} if it is shorter, of another hardware or protocol type, or neither request nor reply
 */
export function decodeArp(bytes: Uint8Array): ArpPacket {
  if (bytes.length < LENGTH) throw new MalformedPacketError(`ARP: ${bytes.length} bytes, not ${LENGTH}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH);
  const types = [view.getUint16(0), view.getUint16(2), view.getUint8(4), view.getUint8(5)];
  if (types.join() !== [HARDWARE_ETHERNET, PROTOCOL_IPV4, HARDWARE_LENGTH, PROTOCOL_LENGTH].join())
    throw new MalformedPacketError(`ARP: types and lengths ${types.join(", ")} are not Ethernet and IPv4`);
  return {
    operation: operationOf(view.getUint16(6)),
    senderMac: bytes.slice(8, 14),
    senderIp: addressFromBytes(bytes.subarray(14, 18)),
    targetMac: bytes.slice(18, 24),
    targetIp: addressFromBytes(bytes.subarray(24, 28)),
  };
}

function operationOf(code: number): ArpPacket["operation"] {
  if (code === operationCode.request) return "request";
  if (code === operationCode.reply) return "reply";
  throw new MalformedPacketError(`ARP: operation ${code}`);
}

/** The 28 bytes of a packet. */
export function encodeArp(packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, HARDWARE_ETHERNET);
  view.setUint16(2, PROTOCOL_IPV4);
  view.setUint8(4, HARDWARE_LENGTH);
  view.setUint8(5, PROTOCOL_LENGTH);
  view.setUint16(6, operationCode[packet.operation]);
  bytes.set(packet.senderMac, 8);
  bytes.set(addressBytes(packet.senderIp), 14);
  bytes.set(packet.targetMac, 18);
  bytes.set(addressBytes(packet.targetIp), 24);
  return bytes;
}
