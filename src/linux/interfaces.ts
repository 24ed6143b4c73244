import { addressKey, bitLength } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import { formatPrefix } from "../net/prefix.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { InterfaceAddress, Link, NextHop } from "./rtnetlink.ts";

/** What the kernel says about this machine's network. */
export type NetworkState = {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  readonly nextHops: readonly NextHop[];
};

/** Nothing at all. */
export const emptyNetworkState: NetworkState = { links: [], addresses: [], nextHops: [] };

/** IFA_PROTO of the addresses that Herald puts on interfaces; the kernel itself uses 1 to 3. */
export const HERALD_MARK = 72;

/**
 * The Ethernet interfaces that lead to a network, by name: a default route leaves by them, or they have an address of their
 * own in a subnet of more than one address; not the host's end of a Pod's link, which comes and goes. Addresses with Herald's mark and those of which
 * `isVirtual` says that Herald announces them do not count.
 */
export function networkInterfaces(
  { links, addresses, nextHops }: NetworkState,
  isVirtual: (address: InterfaceAddress["address"]) => boolean,
): readonly NetworkInterface[] {
  const own = addresses.filter(
    ({ address, mark, linkLocal }) => mark !== HERALD_MARK && !linkLocal && !isVirtual(address),
  );
  return links
    .filter(({ ethernet, loopback }) => ethernet && !loopback)
    .map(({ name, index, mac, up }) => ({
      name,
      index,
      mac,
      up,
      subnets: own.filter((entry) => entry.index === index).map(({ address, length }) => ({ address, length })),
      carriesDefaultRoute: nextHops.some((hop) => hop.index === index && hop.isDefault),
      gateways: gatewaysOf(nextHops, index),
    }))
    .filter(leadsToNetwork)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function leadsToNetwork({ subnets, carriesDefaultRoute }: NetworkInterface): boolean {
  const shared = subnets.some(({ address, length }) => length < bitLength(address.family));
  return shared || (carriesDefaultRoute && subnets.length > 0);
}

function gatewaysOf(nextHops: readonly NextHop[], index: number): NetworkInterface["gateways"] {
  const found = nextHops
    .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))
    .flatMap((hop) => (hop.index === index && hop.gateway !== undefined ? [hop.gateway] : []));
  return [...new Map(found.map((gateway) => [addressKey(gateway), gateway])).values()];
}

/** Equal exactly for interfaces that are the same in everything; not for people. */
export function interfacesKey(interfaces: readonly NetworkInterface[]): string {
  return JSON.stringify(
    interfaces.map(({ mac, subnets, gateways, ...rest }) => ({
      ...rest,
      mac: formatMac(mac),
      subnets: subnets.map(formatPrefix).sort(),
      gateways: gateways.map(addressKey).sort(),
    })),
  );
}
