import type { Address } from "../../net/address.ts";
import { isGroupMac, type Mac } from "../../net/mac.ts";
import type { ArpPacket } from "./packet.ts";

/** What to send in answer, to the requester's own hardware address; or why nothing. */
export type Answer =
  | { readonly reply: ArpPacket }
  | { readonly silent: "not-a-request" | "not-ours" | "no-station" | "claim" };

/**
 * Answers a request for an address that we own with our hardware address (RFC 826). A probe, whose sender address is
 * 0.0.0.0 (RFC 5227, 2.1.1), is answered too; an announcement of the address by another station is not.
 */
export function answerArp(packet: ArpPacket, mac: Mac, answersFor: (address: Address) => boolean): Answer {
  if (packet.operation !== "request") return { silent: "not-a-request" };
  if (!answersFor(packet.targetIp)) return { silent: "not-ours" };
  if (!isStation(packet.senderMac)) return { silent: "no-station" };
  if (packet.senderIp.value === packet.targetIp.value) return { silent: "claim" };
  return {
    reply: {
      operation: "reply",
      senderMac: mac,
      senderIp: packet.targetIp,
      targetMac: packet.senderMac,
      targetIp: packet.senderIp,
    },
  };
}

/** Whether a hardware address can be a sender's: one, not a group, and not the zeros of a field that was left empty. */
function isStation(mac: Mac): boolean {
  return !isGroupMac(mac) && mac.some((byte) => byte !== 0);
}

/** A station that says it has an address. */
export type Claim = { readonly address: Address; readonly mac: Mac };

/**
 * The claim that a packet makes: whoever sends with an address has it (RFC 5227, 2.4), be it an answer, an announcement
 * or a question of his own. A probe claims nothing, nor does a packet without a station's hardware address.
 */
export function arpClaim({ senderIp, senderMac }: ArpPacket): Claim | undefined {
  return senderIp.value === 0n || !isStation(senderMac) ? undefined : { address: senderIp, mac: senderMac };
}
