import { Socket } from "node:net";
import { type Address, formatAddress } from "../net/address.ts";
import { isLinkLocal } from "../net/link-local.ts";
import { bindSocket, closeSocket, openSocket } from "./libc.ts";
import { addressFamily, socketAddress } from "./socket-address.ts";
import { changePassword, type TcpConnection, tcpConnection } from "./tcp-connection.ts";
import { type TcpEndpoint, TcpError, tcpError } from "./tcp-error.ts";
import { setTcpOptions, type TcpSettings } from "./tcp-options.ts";

export type { TcpConnection } from "./tcp-connection.ts";

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0x800;
const IPPROTO_TCP = 6;

/** What a connection is to be. `device` is needed for a link-local peer. */
export type TcpConnectOptions = TcpSettings & {
  readonly peer: TcpEndpoint;
  /** The address to connect from; undefined: the kernel chooses. */
  readonly source?: Address | undefined;
  /** Both ends sign each segment, from the first (RFC 2385): 1 to 80 bytes. */
  readonly password?: string | undefined;
};

/**
 * Connects, with every option set before the first segment leaves. Needs no capability (`device`: before Linux 5.7 only).
 * Aborting ends it, also a moment before it stands; what stands is the caller's to destroy.
 * @throws {TcpError} ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, EADDRNOTAVAIL without that source, ENODEV without that device, EINVAL, …;
 * `ABORT_ERR` if it was aborted
 * @throws {RangeError} if the password cannot be used
 */
export async function connectTcp(options: TcpConnectOptions, signal: AbortSignal): Promise<TcpConnection> {
  const { peer } = options;
  if (signal.aborted) throw givenUp(peer);
  if (isLinkLocal(peer.address) && options.device === undefined) throw withoutInterface(peer);
  const fd = openTcp(options);
  const stream = adopt(fd);
  try {
    await connected(stream, options, signal);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  const connection = tcpConnection(stream, fd);
  if (connection !== undefined) return connection;
  stream.destroy();
  throw tcpError("connect to", peer, Object.assign(new Error("it left at once"), { code: "ECONNRESET" }));
}

/** Nothing comes from the stream between its connection and the caller's next step, so that he misses no error of it. */
function connected(stream: Socket, options: TcpConnectOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(givenUp(options.peer));
    const fail = (error: Error): void => reject(tcpError("connect to", options.peer, error));
    signal.addEventListener("abort", abort, { once: true });
    stream.once("close", () => signal.removeEventListener("abort", abort));
    stream.once("error", fail);
    stream.once("connect", () => {
      signal.removeEventListener("abort", abort);
      stream.off("error", fail);
      resolve();
    });
    stream.connect({ host: hostText(options), port: options.peer.port });
  });
}

/** Node would take the first interface that has a link-local address. */
function withoutInterface({ address, port }: TcpEndpoint): TcpError {
  const subject = `connect to ${formatAddress(address)} port ${port}`;
  return new TcpError(`${subject}: a link-local address needs its interface`, "EINVAL");
}

function givenUp({ address, port }: TcpEndpoint): TcpError {
  return new TcpError(`connect to ${formatAddress(address)} port ${port}: given up`, "ABORT_ERR");
}

/** A descriptor with all options, bound to its source; closed again if one of them cannot be had. */
function openTcp(options: TcpConnectOptions): number {
  const { peer, source, password } = options;
  const fd = openSocket(addressFamily[peer.address.family], SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
  try {
    setTcpOptions(fd, options, peer);
    if (password !== undefined) changePassword(fd, peer, password);
    if (source !== undefined) bindSource(fd, source);
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return fd;
}

function bindSource(fd: number, address: Address): void {
  try {
    bindSocket(fd, socketAddress({ address, port: 0 }));
  } catch (error) {
    throw tcpError("bind to source", { address, port: 0 }, error);
  }
}

/** From here on the descriptor is the stream's. */
function adopt(fd: number): Socket {
  try {
    return new Socket({ fd });
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
}

/** With the scope of a link-local address. */
function hostText({ peer, device }: TcpConnectOptions): string {
  const text = formatAddress(peer.address);
  return isLinkLocal(peer.address) ? `${text}%${device}` : text;
}
