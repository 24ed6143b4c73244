import type { Socket } from "node:net";
import { parseAddress } from "../net/address.ts";
import { type TcpEndpoint, tcpError } from "./tcp-error.ts";
import { setTcpHops, type TcpHops } from "./tcp-options.ts";
import { setTcpPassword } from "./tcp-password.ts";

/** A connection that stands. `stream.destroy()` ends it, and closes its descriptor exactly once. */
export type TcpConnection = {
  /** Node's own stream, with its back-pressure; its errors are put into words by `tcpError`. */
  readonly stream: Socket;
  readonly local: TcpEndpoint;
  readonly peer: TcpEndpoint;
  /** The interface of a link-local peer. */
  readonly device?: string | undefined;
  /** Changes the password while it stands, as setTcpPassword does; nothing once it ended. @throws {RangeError} @throws {TcpError} */
  setPassword(password: string | undefined): void;
  /** Changes how far its segments may go and come from; nothing once it ended. @throws {TcpError} */
  setHops(hops: TcpHops): void;
};

/** The connection of a connected stream and its descriptor; undefined if the peer has left already. */
export function tcpConnection(stream: Socket, fd: number): TcpConnection | undefined {
  const local = endpoint(stream.localAddress, stream.localPort);
  const peer = endpoint(stream.remoteAddress, stream.remotePort);
  if (local === undefined || peer === undefined) return undefined;
  return {
    stream,
    local,
    peer,
    device: stream.remoteAddress?.split("%")[1],
    // Once it is destroyed, the descriptor's number may be another file's.
    setPassword: (password) => {
      if (!stream.destroyed) changePassword(fd, peer, password);
    },
    setHops: (hops) => {
      if (!stream.destroyed) setTcpHops(fd, hops, peer);
    },
  };
}

/** As setTcpPassword, with an error that names the peer. @throws {RangeError} @throws {TcpError} */
export function changePassword(fd: number, peer: TcpEndpoint, password: string | undefined): void {
  try {
    setTcpPassword(fd, peer.address, password);
  } catch (error) {
    throw error instanceof RangeError ? error : tcpError("set password for", peer, error);
  }
}

function endpoint(text: string | undefined, port: number | undefined): TcpEndpoint | undefined {
  // A link-local address comes with its interface.
  const address = parseAddress(text?.split("%")[0] ?? "");
  return address === undefined || port === undefined ? undefined : { address, port };
}
