import type { Family } from "../net/address.ts";
import { type DatagramSource, datagramFilter } from "./datagram-filter.ts";
import {
  attachFilter,
  bindSocket,
  closeSocket,
  openSocket,
  receiveNow,
  SystemCallError,
  setSocketOption,
} from "./libc.ts";
import { sendTo } from "./send-to.ts";
import { addressFamily, socketAddress, type UdpEndpoint } from "./socket-address.ts";
import { readDatagrams } from "./udp-reading.ts";

const SOCK_DGRAM = 2;
const IPPROTO_UDP = 17;
const [SOL_IP, SOL_SOCKET, SOL_IPV6] = [0, 1, 41];
const [SO_RCVBUF, SO_PRIORITY, SO_BINDTODEVICE, SO_RCVBUFFORCE] = [8, 12, 25, 33];
const [IP_TOS, IP_TTL, IP_MTU_DISCOVER] = [1, 2, 10];
const [IPV6_UNICAST_HOPS, IPV6_MTU_DISCOVER, IPV6_TCLASS] = [16, 23, 67];

/** So that a router in between makes it less, which the receiver sees (RFC 5082). */
const HOPS = 255;
/** CS6, for network control (RFC 4594, 3.1). */
const TRAFFIC_CLASS = 0xc0;
const RECEIVE_BUFFER_LENGTH = 1 << 20;
const LARGEST_DATAGRAM = 8192;
/** Of the thread: what is read is used up before the next is. */
const into = new Uint8Array(LARGEST_DATAGRAM);

/** Datagrams among stations of one link that know each other's addresses and tags. */
export type UdpSocket = {
  /** Gives the name of the errno if the kernel did not take it, which is a datagram lost; else undefined. */
  send(datagram: Uint8Array, to: UdpEndpoint): string | undefined;
  /** From now on only what these sent is queued, from the first moment nobody. @throws {SystemCallError} if they are too many */
  setSources(sources: readonly DatagramSource[]): void;
  close(): void;
};

/** What a UDP socket is to be. */
export type UdpSocketOptions = UdpEndpoint & {
  /** The link, or the VRF; undefined: all that are in no VRF, and no link-local address. */
  readonly interfaceName?: string | undefined;
  /** The datagram, cut to 8,192 bytes, is only valid during the call. */
  readonly onDatagram: (datagram: Uint8Array) => void;
};

/**
 * Opens a socket bound to one of this host's addresses, on one interface if it is named. Needs CAP_NET_RAW before Linux 5.7.
 * @throws {SystemCallError} ENODEV without that interface, EADDRNOTAVAIL without that address, EADDRINUSE
 */
export function openUdpSocket(options: UdpSocketOptions): UdpSocket {
  const { family } = options.address;
  const fd = openSocket(addressFamily[family], SOCK_DGRAM, IPPROTO_UDP);
  const setSources = (sources: readonly DatagramSource[]): void => attachFilter(fd, datagramFilter(family, sources));
  try {
    setSources([]);
    if (options.interfaceName !== undefined)
      setOption(fd, [SOL_SOCKET, SO_BINDTODEVICE], Buffer.from(`${options.interfaceName}\0`));
    setOptions(fd, family);
    bindSocket(fd, socketAddress(options));
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  const { close } = readDatagrams(fd, {
    receive: (from) => receiveNow(from, into),
    onReceived: (length) => options.onDatagram(into.subarray(0, length)),
  });
  return { send: (datagram, to) => sendTo(fd, datagram, socketAddress(to)), setSources, close };
}

function setOptions(fd: number, family: Family): void {
  for (const [level, name, value] of family === 4 ? ipv4Options : ipv6Options)
    setOption(fd, [level, name], int32(value));
  // The kernel allows more than its limits only to processes with more rights; less will do.
  if (!trySetOption(fd, [SOL_SOCKET, SO_RCVBUFFORCE], int32(RECEIVE_BUFFER_LENGTH)))
    setOption(fd, [SOL_SOCKET, SO_RCVBUF], int32(RECEIVE_BUFFER_LENGTH));
  if (!trySetOption(fd, [SOL_SOCKET, SO_PRIORITY], int32(7))) setOption(fd, [SOL_SOCKET, SO_PRIORITY], int32(6));
}

/** A datagram larger than the link's packets goes in fragments, not nowhere: MTU discovery off. */
const ipv4Options = [
  [SOL_IP, IP_TTL, HOPS],
  [SOL_IP, IP_TOS, TRAFFIC_CLASS],
  [SOL_IP, IP_MTU_DISCOVER, 0],
] as const;

const ipv6Options = [
  [SOL_IPV6, IPV6_UNICAST_HOPS, HOPS],
  [SOL_IPV6, IPV6_TCLASS, TRAFFIC_CLASS],
  [SOL_IPV6, IPV6_MTU_DISCOVER, 0],
] as const;

function setOption(fd: number, [level, name]: readonly [number, number], value: Uint8Array): void {
  setSocketOption(fd, { level, name }, value);
}

function trySetOption(fd: number, option: readonly [number, number], value: Uint8Array): boolean {
  try {
    setOption(fd, option, value);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === "EPERM") return false;
    throw error;
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
