import type { HoldFrame } from "../announce/hold-output.ts";
import { encodeFrame, etherType } from "../linux/ethernet.ts";
import type { Address } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { arpProbe, broadcastMac, gratuitousReply, gratuitousRequest } from "../protocols/arp/frames.ts";
import { type ArpPacket, encodeArp } from "../protocols/arp/packet.ts";
import { allNodesGroup, multicastMac, neighbourProbe, unsolicitedAdvertisement } from "../protocols/ndp/frames.ts";
import { encodeNdp, type NeighbourMessage, solicitedNodeGroup } from "../protocols/ndp/message.ts";
import type { FrameForm, Priority, QueuedFrame } from "./frame-queue.ts";

const purposes = { probe: "probe", takeOver: "announcement", repeat: "announcement", defence: "defence" } as const;

/** The frames that stand for one step of a hold, with their places in the queue. */
export function framesFor(
  address: Address,
  frame: HoldFrame,
): readonly { readonly frame: QueuedFrame; readonly priority: Priority }[] {
  const purpose = purposes[frame];
  const later = frame === "repeat";
  if (frame === "probe") return [{ frame: { address, form: "probe", purpose }, priority: 0 }];
  if (address.family === 6) return [{ frame: { address, form: "advertisement", purpose }, priority: later ? 2 : 0 }];
  return [
    { frame: { address, form: "gratuitousRequest", purpose }, priority: later ? 2 : 0 },
    { frame: { address, form: "gratuitousReply", purpose }, priority: later ? 2 : 1 },
  ];
}

/** The bytes of a frame about an address, sent by `mac`. */
export function frameBytes(form: FrameForm, address: Address, mac: Mac): Uint8Array {
  switch (form) {
    case "probe":
      return address.family === 4
        ? arpFrame(arpProbe(address, mac), mac, broadcastMac)
        : ndpFrame(neighbourProbe(address), mac, multicastMac(solicitedNodeGroup(address)));
    case "gratuitousRequest":
      return arpFrame(gratuitousRequest(address, mac), mac, broadcastMac);
    case "gratuitousReply":
      return arpFrame(gratuitousReply(address, mac), mac, broadcastMac);
    case "advertisement":
      return ndpFrame(unsolicitedAdvertisement(address, mac), mac, multicastMac(allNodesGroup));
  }
}

/** The bytes of a request for the hardware address of `target`, from the station of `own` and `mac`. */
export function requestBytes({ target, own, mac }: { target: Address; own: Address; mac: Mac }): Uint8Array {
  if (target.family === 4) {
    const nobody = new Uint8Array(mac.length);
    const packet = {
      operation: "request",
      senderMac: mac,
      senderIp: own,
      targetMac: nobody,
      targetIp: target,
    } as const;
    return arpFrame(packet, mac, broadcastMac);
  }
  const destination = solicitedNodeGroup(target);
  const message = { kind: "solicitation", source: own, destination, target, sourceMac: mac } as const;
  return ndpFrame(message, mac, multicastMac(destination));
}

/** An ARP packet as an Ethernet frame. */
export function arpFrame(packet: ArpPacket, source: Mac, destination: Mac): Uint8Array {
  return encodeFrame({ source, destination, etherType: etherType.arp, payload: encodeArp(packet) });
}

/** A neighbour message as an Ethernet frame. */
export function ndpFrame(message: NeighbourMessage, source: Mac, destination: Mac): Uint8Array {
  return encodeFrame({ source, destination, etherType: etherType.ipv6, payload: encodeNdp(message) });
}
