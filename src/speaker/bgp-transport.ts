import type { NetworkState } from "../linux/interfaces.ts";
import { HERALD_MARK } from "../linux/interfaces.ts";
import type { InterfaceAddress } from "../linux/rtnetlink.ts";
import type { TcpHops } from "../linux/tcp-options.ts";
import { type Address, bitLength, type Family, sameAddress } from "../net/address.ts";
import { isLinkLocal } from "../net/link-local.ts";
import type { Endpoints, SessionSettings } from "../protocols/bgp/session.ts";
import type { BgpTransport } from "./bgp-messages.ts";

/**
 * This node's interfaces and addresses; `isVirtual`: whether Herald has put one there, which old kernels do not remember; `device`: of
 * a session.
 */
export type Surroundings = NetworkState & {
  readonly isVirtual: (address: Address) => boolean;
  readonly device: string | undefined;
};

/** Of what a packet arrives with that no router has forwarded. */
const MOST_HOPS = 255;

/** The VRF that the peer is in; undefined: none. */
export function vrfOf({ peer, device }: BgpTransport): string | undefined {
  return peer !== undefined && isLinkLocal(peer) ? undefined : device;
}

/** How far the segments of a session may go and come from: over the link alone to a peer of another AS, unless more is allowed. */
export function hopsOf({ hops = 1, ttlSecurity }: BgpTransport, { localAsn, peerAsn }: SessionSettings): TcpHops {
  if (ttlSecurity !== undefined) return { hops: MOST_HOPS, leastHops: MOST_HOPS + 1 - ttlSecurity };
  return { hops: localAsn === peerAsn ? MOST_HOPS : hops };
}

/**
 * Where packets of each family reach this node from a peer who speaks with its address `local`: there, and at an address of the
 * other family on the same interface, if there is one that is neither link-local nor Herald's.
 */
export function endpointsOf(local: Address, around: Surroundings): Endpoints {
  const other = local.family === 4 ? 6 : 4;
  const beside = addressBeside(local, other, around);
  const global = isLinkLocal(local) ? addressBeside(local, 6, around) : undefined;
  const hop = global === undefined ? { address: local } : { address: global, linkLocal: local };
  const nextHops = { [local.family]: hop, ...(beside && { [other]: { address: beside } }) };
  return { transport: local.family, nextHops };
}

/** The interface that has this node's address; for a link-local one, the one of that name. */
export function interfaceOf(local: Address, device: string | undefined, network: NetworkState): number | undefined {
  if (isLinkLocal(local)) return deviceIndex(device, network);
  return network.addresses.find(({ address }) => sameAddress(address, local))?.index;
}

/** The index of the device of this name, if there is one. */
export function deviceIndex(device: string | undefined, { links }: NetworkState): number | undefined {
  return links.find(({ name }) => name === device)?.index;
}

function addressBeside(local: Address, family: Family, around: Surroundings): Address | undefined {
  const { addresses, device, isVirtual } = around;
  const index = interfaceOf(local, device, around);
  const found = addresses.filter(
    (entry) => entry.index === index && entry.address.family === family && isUsable(entry) && !isVirtual(entry.address),
  );
  return found.toSorted((a, b) => rank(a) - rank(b))[0]?.address;
}

/** One in a subnet is known to neighbours, a single one may be anything that was put there; then one that lasts before one that passes. */
function rank({ address, length, passing }: InterfaceAddress): number {
  return 2 * Number(length === bitLength(address.family)) + Number(passing);
}

function isUsable({ address, linkLocal, mark, unproven }: InterfaceAddress): boolean {
  return !linkLocal && mark !== HERALD_MARK && !unproven && !isLoopback(address);
}

/** 127.0.0.0/8 and ::1, which stand beside a session's own address where that is on `lo`. */
function isLoopback({ family, value }: Address): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}
