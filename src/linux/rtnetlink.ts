/** Links, addresses and routes as the kernel describes them (linux/rtnetlink.h, if_addr.h, if_link.h). */
import { type Address, addressBytes, addressFromBytes, bitLength, type Family } from "../net/address.ts";
import type { Mac } from "../net/mac.ts";
import { type Attributes, decodeAttributes, encodePayload, uint32, viewOf } from "./netlink-codec.ts";

/** A network device. */
export type Link = {
  readonly index: number;
  readonly name: string;
  readonly ethernet: boolean;
  readonly loopback: boolean;
  readonly up: boolean;
  /** All zeros if the device has none. */
  readonly mac: Mac;
};

/** An address on a device. */
export type InterfaceAddress = {
  readonly index: number;
  readonly address: Address;
  readonly length: number;
  readonly linkLocal: boolean;
  /** IFA_PROTO: who put it there; 0 if nobody said (and always before Linux 5.18). */
  readonly mark: number;
  /** It goes by itself: a privacy address (RFC 8981), or one that is deprecated. */
  readonly passing: boolean;
  /** Duplicate detection has not ended, or found that it is another host's: it is not answered for. */
  readonly unproven: boolean;
};

/** A next hop of a route of the main table: the device it leaves by, and the router if it names one. */
export type NextHop = { readonly index: number; readonly gateway: Address | undefined; readonly isDefault: boolean };

/** How long the kernel keeps an address; in seconds. */
export type Lifetime = { readonly validSeconds: number; readonly preferredSeconds: number };

/** Message types that ask for or tell of links, addresses and routes. */
export const messageType = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  setLink: 19,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
} as const;

const IFINFOMSG_LENGTH = 16;
const IFADDRMSG_LENGTH = 8;
const RTMSG_LENGTH = 12;
const RTNEXTHOP_LENGTH = 8;
const ARPHRD_ETHER = 1;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_LOWER_UP = 0x10000;
const [IFLA_ADDRESS, IFLA_IFNAME, IFLA_AF_SPEC, IFLA_EVENT] = [1, 3, 26, 44];
const IFLA_INET_CONF = 1;
const [IPV4_DEVCONF_ARP_ANNOUNCE, IPV4_DEVCONF_ARP_IGNORE] = [18, 19];
const IFLA_EVENT_NOTIFY_PEERS = 4;
const [IFA_ADDRESS, IFA_LOCAL, IFA_CACHEINFO, IFA_FLAGS, IFA_PROTO] = [1, 2, 6, 8, 11];
const [RTA_OIF, RTA_GATEWAY, RTA_MULTIPATH, RTA_TABLE, RTA_VIA] = [4, 5, 9, 15, 18];
/** Of IPv4 it says that the address is not the first of its subnet. */
const IFA_F_TEMPORARY = 0x01;
const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_DEPRECATED = 0x20;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_NOPREFIXROUTE = 0x200;
const RT_SCOPE_LINK = 253;
const RT_TABLE_MAIN = 254;
const RTN_UNICAST = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** The request body of a dump of links. */
export const linkDump: Uint8Array = new Uint8Array(IFINFOMSG_LENGTH);

/** The request body of a dump of addresses of both families. */
export const addressDump: Uint8Array = new Uint8Array(IFADDRMSG_LENGTH);

/** The request body of a dump of the main table's routes of one family. */
export function routeDump(family: 4 | 6): Uint8Array {
  const header = new Uint8Array(RTMSG_LENGTH);
  header[0] = family === 4 ? AF_INET : AF_INET6;
  return encodePayload(header, [[RTA_TABLE, uint32(RT_TABLE_MAIN)]]);
}

/** The device that a newLink or delLink message is about, or undefined if it is none (too short, or no name). */
export function decodeLink(payload: Uint8Array): Link | undefined {
  if (payload.length < IFINFOMSG_LENGTH) return undefined;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload, IFINFOMSG_LENGTH);
  const name = attributes.get(IFLA_IFNAME);
  const flags = view.getUint32(8, true);
  if (name === undefined) return undefined;
  return {
    index: view.getInt32(4, true),
    name: new TextDecoder().decode(name).replace(/\0.*$/s, ""),
    ethernet: view.getUint16(2, true) === ARPHRD_ETHER,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    up: (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0,
    mac: Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? new Uint8Array(6)),
  };
}

/**
 * The index of the device on which the network is to be told anew where its addresses are, if a newLink message says so: a
 * bond has another active slave, or a virtual machine has moved. VLANs above the device have messages of their own.
 */
export function decodePeerNotice(payload: Uint8Array): number | undefined {
  if (payload.length < IFINFOMSG_LENGTH) return undefined;
  const event = decodeAttributes(payload, IFINFOMSG_LENGTH).get(IFLA_EVENT);
  if (event?.length !== 4 || viewOf(event).getUint32(0, true) !== IFLA_EVENT_NOTIFY_PEERS) return undefined;
  return viewOf(payload).getInt32(4, true);
}

/** The address that a newAddress or delAddress message is about, or undefined if it holds none of IPv4 or IPv6. */
export function decodeInterfaceAddress(payload: Uint8Array): InterfaceAddress | undefined {
  if (payload.length < IFADDRMSG_LENGTH) return undefined;
  const attributes = decodeAttributes(payload, IFADDRMSG_LENGTH);
  const address = addressOf(attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS));
  if (address === undefined) return undefined;
  return {
    index: viewOf(payload).getUint32(4, true),
    address,
    length: payload[1] ?? 0,
    linkLocal: payload[3] === RT_SCOPE_LINK,
    mark: attributes.get(IFA_PROTO)?.[0] ?? 0,
    ...standing(address.family, addressFlags(payload, attributes)),
  };
}

/** The header has room for eight of them. */
function addressFlags(payload: Uint8Array, attributes: Attributes): number {
  const flags = attributes.get(IFA_FLAGS);
  return flags?.length === 4 ? viewOf(flags).getUint32(0, true) : (payload[2] ?? 0);
}

function standing(family: Family, flags: number): Pick<InterfaceAddress, "passing" | "unproven"> {
  const passes = family === 6 ? IFA_F_TEMPORARY | IFA_F_DEPRECATED : IFA_F_DEPRECATED;
  return { passing: (flags & passes) !== 0, unproven: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0 };
}

/** The next hops of a newRoute or delRoute message; none if it is not a unicast route of the main table. */
export function decodeNextHops(payload: Uint8Array): readonly NextHop[] {
  if (payload.length < RTMSG_LENGTH || payload[7] !== RTN_UNICAST) return [];
  const attributes = decodeAttributes(payload, RTMSG_LENGTH);
  const table = attributes.get(RTA_TABLE);
  if ((table?.length === 4 ? viewOf(table).getUint32(0, true) : payload[4]) !== RT_TABLE_MAIN) return [];
  const isDefault = payload[1] === 0;
  const multipath = attributes.get(RTA_MULTIPATH);
  if (multipath !== undefined) return decodeMultipath(multipath, isDefault);
  const device = attributes.get(RTA_OIF);
  if (device?.length !== 4) return [];
  return [{ index: viewOf(device).getUint32(0, true), gateway: gatewayOf(attributes), isDefault }];
}

function decodeMultipath(bytes: Uint8Array, isDefault: boolean): readonly NextHop[] {
  const view = viewOf(bytes);
  const hops: NextHop[] = [];
  for (let at = 0; at + RTNEXTHOP_LENGTH <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < RTNEXTHOP_LENGTH || at + length > bytes.length) break;
    const attributes = decodeAttributes(bytes.subarray(at, at + length), RTNEXTHOP_LENGTH);
    hops.push({ index: view.getInt32(at + 4, true), gateway: gatewayOf(attributes), isDefault });
    at += (length + 3) & ~3;
  }
  return hops;
}

function gatewayOf(attributes: Attributes): Address | undefined {
  return addressOf(attributes.get(RTA_GATEWAY) ?? attributes.get(RTA_VIA)?.subarray(2));
}

function addressOf(bytes: Uint8Array | undefined): Address | undefined {
  return bytes?.length === 4 || bytes?.length === 16 ? addressFromBytes(bytes) : undefined;
}

/**
 * The body of a newAddress request for a host address (/32, /128) of global scope: without duplicate address detection
 * and without a prefix route.
 */
export function encodeHostAddress(
  entry: { readonly index: number; readonly address: Address; readonly mark: number },
  lifetime: Lifetime,
): Uint8Array {
  const cacheInfo = new Uint8Array(16);
  viewOf(cacheInfo).setUint32(0, lifetime.preferredSeconds, true);
  viewOf(cacheInfo).setUint32(4, lifetime.validSeconds, true);
  const bytes = addressBytes(entry.address);
  return encodePayload(ifaddrmsg(entry.index, entry.address), [
    [IFA_LOCAL, bytes],
    [IFA_ADDRESS, bytes],
    [IFA_FLAGS, uint32(IFA_F_NODAD | IFA_F_NOPREFIXROUTE)],
    [IFA_CACHEINFO, cacheInfo],
    [IFA_PROTO, Uint8Array.of(entry.mark)],
  ]);
}

/** The body of a setLink request that sets `arp_ignore` and `arp_announce` of a device, and nothing else. */
export function encodeArpSettings(
  index: number,
  { ignore, announce }: { readonly ignore: number; readonly announce: number },
): Uint8Array {
  const header = new Uint8Array(IFINFOMSG_LENGTH);
  viewOf(header).setInt32(4, index, true);
  const settings = attributeList([
    [IPV4_DEVCONF_ARP_ANNOUNCE, uint32(announce)],
    [IPV4_DEVCONF_ARP_IGNORE, uint32(ignore)],
  ]);
  const family = attributeList([[AF_INET, attributeList([[IFLA_INET_CONF, settings]])]]);
  return encodePayload(header, [[IFLA_AF_SPEC, family]]);
}

function attributeList(attributes: Parameters<typeof encodePayload>[1]): Uint8Array {
  return encodePayload(new Uint8Array(0), attributes);
}

/** The body of a delAddress request for a host address. */
export function encodeAddressRemoval(entry: { readonly index: number; readonly address: Address }): Uint8Array {
  return encodePayload(ifaddrmsg(entry.index, entry.address), [[IFA_LOCAL, addressBytes(entry.address)]]);
}

function ifaddrmsg(index: number, address: Address): Uint8Array {
  const header = new Uint8Array(IFADDRMSG_LENGTH);
  header[0] = address.family === 4 ? AF_INET : AF_INET6;
  header[1] = bitLength(address.family);
  viewOf(header).setUint32(4, index, true);
  return header;
}
