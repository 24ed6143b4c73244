import { type Address, addressBytes } from "../../net/address.ts";
import type { Mac } from "../../net/mac.ts";
import { type NeighbourAdvertisement, type NeighbourSolicitation, solicitedNodeGroup } from "./message.ts";

/** ff02::1 (RFC 4291, 2.7.1). */
export const allNodesGroup: Address = { family: 6, value: 0xff020000000000000000000000000001n };

const unspecified: Address = { family: 6, value: 0n };

/** The hardware address of an IPv6 multicast group: 33:33 and its last four bytes (RFC 2464, 7). */
export function multicastMac(group: Address): Mac {
  return Uint8Array.of(0x33, 0x33, ...addressBytes(group).subarray(12));
}

/** An announcement to all nodes: who has this address in his cache overwrites it (RFC 4861, 7.2.6). */
export function unsolicitedAdvertisement(address: Address, mac: Mac): NeighbourAdvertisement {
  return {
    kind: "advertisement",
    source: address,
    destination: allNodesGroup,
    target: address,
    targetMac: mac,
    router: false,
    solicited: false,
    override: true,
  };
}

/** Asks whether somebody has the address, without touching anybody's cache (RFC 4862, 5.4.2). */
export function neighbourProbe(address: Address): NeighbourSolicitation {
  return {
    kind: "solicitation",
    source: unspecified,
    destination: solicitedNodeGroup(address),
    target: address,
    sourceMac: undefined,
  };
}
