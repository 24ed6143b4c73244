import { SystemCallError } from "./libc.ts";
import type { UdpEndpoint } from "./socket-address.ts";
import { openUdpSocket, type UdpSocketOptions } from "./udp-socket.ts";

/** Sends from a port of its own, by TTL or hop limit 255 and CS6, and hears nothing. */
export type UdpSource = {
  readonly port: number;
  /** Gives the name of the errno if the kernel did not take it, which is a datagram lost; else undefined. */
  send(datagram: Uint8Array, to: UdpEndpoint): string | undefined;
  close(): void;
};

/** What a source is to be; `random` gives numbers in [0, 1). */
export type UdpSourceOptions = Pick<UdpSocketOptions, "address" | "interfaceName"> & { readonly random: () => number };

/** The ports that are nobody's (RFC 6335, 6), of which RFC 5881, 4 wants the source of a BFD session to be. */
const ports = { first: 49_152, count: 16_384 } as const;
const ATTEMPTS = 64;

/**
 * Opens a socket on a free port from 49152 to 65535 that chance chooses. Needs no capability since Linux 5.7.
 * @throws {SystemCallError} as openUdpSocket does; EADDRINUSE if 64 ports were taken
 */
export function openUdpSource({ random, ...where }: UdpSourceOptions): UdpSource {
  for (let left = ATTEMPTS; ; left--) {
    const port = ports.first + Math.floor(random() * ports.count);
    try {
      const { send, close } = openUdpSocket({ ...where, port, onDatagram: () => {} });
      return { port, send, close };
    } catch (error) {
      const taken = error instanceof SystemCallError && error.code === "EADDRINUSE";
      if (!taken || left <= 1) throw error;
    }
  }
}
