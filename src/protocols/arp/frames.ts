import type { Address } from "../../net/address.ts";
import type { Mac } from "../../net/mac.ts";
import type { ArpPacket } from "./packet.ts";

/** The link-layer destination of all packets here but answers. */
export const broadcastMac: Mac = new Uint8Array(6).fill(0xff);

const noMac: Mac = new Uint8Array(6);
const noAddress: Address = { family: 4, value: 0n };

/** An announcement in request form (RFC 5227, 2.3): who has this address in his cache overwrites it. */
export function gratuitousRequest(address: Address, mac: Mac): ArpPacket {
  return { operation: "request", senderMac: mac, senderIp: address, targetMac: noMac, targetIp: address };
}

/** An announcement in reply form, for those stations and switches that heed only this one (RFC 5944, 4.6). */
export function gratuitousReply(address: Address, mac: Mac): ArpPacket {
  return { operation: "reply", senderMac: mac, senderIp: address, targetMac: mac, targetIp: address };
}

/** Asks whether somebody has the address, without touching anybody's cache (RFC 5227, 2.1.1). */
export function arpProbe(address: Address, mac: Mac): ArpPacket {
  return { operation: "request", senderMac: mac, senderIp: noAddress, targetMac: noMac, targetIp: address };
}
