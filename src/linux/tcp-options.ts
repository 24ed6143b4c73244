import type { Family } from "../net/address.ts";
import { setSocketOption } from "./libc.ts";
import { type TcpEndpoint, tcpError } from "./tcp-error.ts";

const [SOL_IP, SOL_SOCKET, IPPROTO_TCP, SOL_IPV6] = [0, 1, 6, 41];
const [SO_REUSEADDR, SO_RCVBUF, SO_BINDTODEVICE] = [2, 8, 25];
const TCP_NODELAY = 1;
const IPV6_V6ONLY = 26;

/** Of the header that carries TCP: what leaves, by which class, and what is dropped of what arrives (RFC 5082). */
const network = {
  4: { level: SOL_IP, hops: 2, trafficClass: 1, leastHops: 21 },
  6: { level: SOL_IPV6, hops: 16, trafficClass: 67, leastHops: 73 },
} as const;

/** CS6, for network control (RFC 4594, 3.1). */
const TRAFFIC_CLASS = 0xc0;

/** Bytes that may wait to be read (the kernel doubles it): a peer that sends megabytes is slowed, and they are read in short pieces. */
const RECEIVE_BUFFER = 65_536;

/** How far segments may go and come from; none of it needs a capability. */
export type TcpHops = {
  /** TTL or hop limit of what is sent: 1 to 255. */
  readonly hops: number;
  /** Segments that arrive with less are dropped (IP_MINTTL, IPV6_MINHOPCOUNT): 1 to 255; undefined: none is. */
  readonly leastHops?: number | undefined;
};

/** What a TCP socket is to be, besides its addresses. */
export type TcpSettings = TcpHops & {
  /** The VRF, or the interface of a link-local address (SO_BINDTODEVICE). Needs CAP_NET_RAW before Linux 5.7, else nothing. */
  readonly device?: string | undefined;
};

type Row = readonly [operation: string, level: number, name: number, value: Uint8Array];

/**
 * Sets all of it, CS6, no delay and a small receive buffer besides, on a socket that is neither bound nor connected.
 * @throws {TcpError} that names the option and the subject: ENODEV without that device, EPERM
 */
export function setTcpOptions(fd: number, settings: TcpSettings, subject: TcpEndpoint): void {
  const { device } = settings;
  const { family } = subject.address;
  setRows(fd, subject, [
    ...(device === undefined
      ? []
      : ([[`bind to device ${device} for`, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`)]] as const)),
    ["set traffic class for", network[family].level, network[family].trafficClass, int32(TRAFFIC_CLASS)],
    ["set no delay for", IPPROTO_TCP, TCP_NODELAY, int32(1)],
    ["set receive buffer for", SOL_SOCKET, SO_RCVBUF, int32(RECEIVE_BUFFER)],
    ...hopsRows(family, settings),
  ]);
}

/** Sets how far segments may go, also of a connection that stands. @throws {TcpError} that names the option and the subject */
export function setTcpHops(fd: number, hops: TcpHops, subject: TcpEndpoint): void {
  setRows(fd, subject, hopsRows(subject.address.family, hops));
}

/** Lets a listener have its port while connections of the one before linger, and IPv4 to another. @throws {TcpError} */
export function setListenerOptions(fd: number, subject: TcpEndpoint): void {
  const ipv6Only: readonly Row[] = [["take IPv6 alone on", SOL_IPV6, IPV6_V6ONLY, int32(1)]];
  setRows(fd, subject, [
    ["set reuse of", SOL_SOCKET, SO_REUSEADDR, int32(1)],
    ...(subject.address.family === 6 ? ipv6Only : []),
  ]);
}

function hopsRows(family: Family, { hops, leastHops }: TcpHops): readonly Row[] {
  const { level, ...names } = network[family];
  return [
    ["set hops for", level, names.hops, int32(hops)],
    ["set least hops for", level, names.leastHops, int32(leastHops ?? 0)],
  ];
}

function setRows(fd: number, subject: TcpEndpoint, rows: readonly Row[]): void {
  for (const [operation, level, name, value] of rows) {
    try {
      setSocketOption(fd, { level, name }, value);
    } catch (error) {
      throw tcpError(operation, subject, error);
    }
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
