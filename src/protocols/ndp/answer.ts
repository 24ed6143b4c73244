import type { Address } from "../../net/address.ts";
import { isGroupMac, type Mac } from "../../net/mac.ts";
import { allNodesGroup, multicastMac } from "./frames.ts";
import { type NeighbourAdvertisement, type NeighbourMessage, solicitedNodeGroup } from "./message.ts";

/** What to send in answer, and to which hardware address; or why nothing. */
export type Answer =
  | { readonly reply: NeighbourAdvertisement; readonly destinationMac: Mac }
  | { readonly silent: "not-a-solicitation" | "not-ours" | "not-to-us" | "group-sender" | "claim" };

/** What answering needs to know besides the message. */
export type Responder = { readonly mac: Mac; readonly answersFor: (address: Address) => boolean };

/**
 * Answers a solicitation for an address that we own (RFC 4861, 7.2.4): to its sender, or, when he has no address yet
 * because he tests whether he may have this one (RFC 4862, 5.4.3), to all nodes. `senderMac` is the Ethernet source, for
 * the unicast probes that carry no link-layer option.
 */
export function answerSolicitation(message: NeighbourMessage, senderMac: Mac, responder: Responder): Answer {
  if (message.kind !== "solicitation") return { silent: "not-a-solicitation" };
  const { source, target, destination } = message;
  if (!responder.answersFor(target)) return { silent: "not-ours" };
  if (destination.value !== target.value && destination.value !== solicitedNodeGroup(target).value)
    return { silent: "not-to-us" };
  if (isGroupMac(senderMac)) return { silent: "group-sender" };
  if (source.value === target.value) return { silent: "claim" };
  const duplicateTest = source.value === 0n;
  return {
    reply: {
      kind: "advertisement",
      source: target,
      destination: duplicateTest ? allNodesGroup : source,
      target,
      targetMac: responder.mac,
      router: false,
      solicited: !duplicateTest,
      override: true,
    },
    destinationMac: duplicateTest ? multicastMac(allNodesGroup) : (message.sourceMac ?? senderMac),
  };
}

/** A station that says it has an address. */
export type Claim = { readonly address: Address; readonly mac: Mac };

/**
 * The claim that a message makes: an advertisement claims its target, a solicitation the address that it is sent from.
 * Duplicate address detection claims nothing, nor does what a group is said to have sent. `senderMac` is the Ethernet source.
 */
export function neighbourClaim(message: NeighbourMessage, senderMac: Mac): Claim | undefined {
  if (isGroupMac(senderMac)) return undefined;
  if (message.kind === "advertisement") return { address: message.target, mac: message.targetMac ?? senderMac };
  if (message.source.value === 0n) return undefined;
  return { address: message.source, mac: message.sourceMac ?? senderMac };
}
