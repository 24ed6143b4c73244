import { createServer, type Server, type Socket } from "node:net";
import { type Address, addressKey } from "../net/address.ts";
import { attachFilter, bindSocket, closeSocket, openSocket, SystemCallError } from "./libc.ts";
import { addressFamily, socketAddress } from "./socket-address.ts";
import { sourceFilter } from "./source-filter.ts";
import { changePassword, type TcpConnection, tcpConnection } from "./tcp-connection.ts";
import { type TcpEndpoint, TcpError, tcpError } from "./tcp-error.ts";
import { setListenerOptions, setTcpOptions, type TcpSettings } from "./tcp-options.ts";

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0x800;
const IPPROTO_TCP = 6;

/** Somebody who may connect; with a password only if he signs with it (RFC 2385). */
export type TcpPeer = { readonly address: Address; readonly password?: string | undefined };

/** What a listener is to be. `local` may be an unspecified address, which stands for all of its family. */
export type TcpListenOptions = TcpSettings & {
  readonly local: TcpEndpoint;
  /** The connection is the callee's to destroy. It has the listener's settings; its peer's own follow by `setHops`. */
  readonly onConnection: (connection: TcpConnection) => void;
  /** One could not be accepted (EMFILE, …); the listener goes on. */
  readonly onError: (error: Error) => void;
};

/** A port on which peers may connect. */
export type TcpListener = {
  /**
   * From now on these alone are answered, from the first moment nobody; what stands is left as it is. The kernel knows passwords by
   * address: of two peers with one address the last password counts for both.
   * @throws {RangeError | TcpError} the first, if passwords cannot be used: their peers are not answered, all others are
   */
  setPeers(peers: readonly TcpPeer[]): void;
  /** What was accepted stays. */
  close(): void;
};

/**
 * Listens, for nobody until `setPeers`. With CAP_NET_ADMIN the kernel drops segments from anybody else as if no host were there;
 * without it a stranger's connection is reset as soon as it stands. A port below 1024 needs CAP_NET_BIND_SERVICE; all else as
 * connectTcp. Settings with few hops make no sense before the peer is known: 255.
 * @throws {TcpError} EACCES without that capability, EADDRINUSE, EADDRNOTAVAIL without that address, ENODEV without that device
 */
export async function listenTcp(options: TcpListenOptions): Promise<TcpListener> {
  const { local } = options;
  const fd = openListener(options);
  const signing = new Map<string, TcpPeer>();
  const known = new Set<string>();
  const server = createServer((stream) => accept(stream, known, options.onConnection));
  await listening(server, fd, local);
  server.on("error", (error) => options.onError(tcpError("accept on", local, error)));
  return {
    setPeers: (peers) => {
      if (!server.listening) return;
      const failures = setPasswords(fd, local, { peers, signing });
      const admitted = peers.filter(({ address }) => !failures.has(addressKey(address)));
      known.clear();
      for (const { address } of admitted) known.add(addressKey(address));
      filterSources(fd, local, admitted);
      const [failure] = failures.values();
      if (failure !== undefined) throw failure;
    },
    close: () => void server.close(),
  };
}

type Passwords = { readonly peers: readonly TcpPeer[]; readonly signing: Map<string, TcpPeer> };

/** What failed, by the peer's address; `signing` is what the kernel has, whatever fails. */
function setPasswords(fd: number, { port }: TcpEndpoint, { peers, signing }: Passwords): ReadonlyMap<string, unknown> {
  const failures = new Map<string, unknown>();
  const set = (key: string, peer: TcpPeer): void => {
    try {
      changePassword(fd, { address: peer.address, port }, peer.password);
      if (peer.password === undefined) signing.delete(key);
      else signing.set(key, peer);
    } catch (error) {
      failures.set(key, error);
    }
  };
  const wanted = new Map(peers.filter(signs).map((peer) => [addressKey(peer.address), peer]));
  for (const [key, { address }] of [...signing]) if (!wanted.has(key)) set(key, { address });
  for (const [key, peer] of wanted) set(key, peer);
  return failures;
}

const signs = ({ password }: TcpPeer): boolean => password !== undefined;

/** A filter of a TCP socket needs CAP_NET_ADMIN (of a UDP socket none); without it, `accept` alone knows who may come in. */
function filterSources(fd: number, local: TcpEndpoint, peers: readonly TcpPeer[]): void {
  const stations = peers.map(({ address }) => address);
  try {
    attachFilter(fd, sourceFilter(local.address.family, stations));
  } catch (error) {
    if (!(error instanceof SystemCallError && error.code === "EPERM")) throw tcpError("filter for", local, error);
  }
}

function openListener(options: TcpListenOptions): number {
  const { local } = options;
  const fd = openSocket(addressFamily[local.address.family], SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
  try {
    filterSources(fd, local, []);
    setListenerOptions(fd, local);
    setTcpOptions(fd, options, local);
    bind(fd, local);
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return fd;
}

function bind(fd: number, local: TcpEndpoint): void {
  try {
    bindSocket(fd, socketAddress(local));
  } catch (error) {
    const failure = tcpError("listen on", local, error);
    if (failure.code !== "EACCES") throw failure;
    throw new TcpError(`${failure.message}: it needs CAP_NET_BIND_SERVICE`, failure.code, error);
  }
}

function listening(server: Server, fd: number, local: TcpEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(tcpError("listen on", local, error));
    server.once("error", fail);
    server.listen({ fd }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function accept(stream: Socket, known: ReadonlySet<string>, onConnection: TcpListenOptions["onConnection"]): void {
  const connection = tcpConnection(stream, descriptorOf(stream));
  if (connection !== undefined && known.has(addressKey(connection.peer.address))) onConnection(connection);
  else stream.on("error", () => {}).resetAndDestroy();
}

/** Node keeps it to itself, but says it; no option of an accepted connection can be set otherwise. */
function descriptorOf(stream: Socket): number {
  const { _handle: handle } = stream as unknown as { readonly _handle?: { readonly fd?: number } };
  return handle?.fd ?? -1;
}
