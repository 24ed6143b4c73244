import type { Duplex } from "node:stream";
import type { NetworkState } from "../linux/interfaces.ts";
import type { TcpConnection } from "../linux/tcp-connection.ts";
import type { TcpListener, TcpListenOptions } from "../linux/tcp-listener.ts";
import type { TcpConnectOptions } from "../linux/tcp-socket.ts";
import type { Address } from "../net/address.ts";
import type { BfdPorts } from "./bfd-paths.ts";
import type { BgpSessionReport } from "./bgp-messages.ts";
import type { RouterPorts } from "./bgp-router-link.ts";

/** A connection that stands; see `TcpConnection`. */
export type BgpTcp = Omit<TcpConnection, "stream"> & { readonly stream: Duplex };

/** What a listener is opened with; see `listenTcp`. */
export type BgpListenOptions = Omit<TcpListenOptions, "onConnection"> & {
  readonly onConnection: (connection: BgpTcp) => void;
};

/** What BGP asks of the world. */
export type BgpPorts = {
  /** See `connectTcp`. */
  readonly connect: (options: TcpConnectOptions, signal: AbortSignal) => Promise<BgpTcp>;
  /** See `listenTcp`. */
  readonly listen: (options: BgpListenOptions) => Promise<TcpListener>;
  /** Where peers may connect; undefined: they may not. */
  readonly port?: number | undefined;
  readonly bfd: BfdPorts;
  readonly openRouterSocket: RouterPorts["openSocket"];
  readonly network: () => NetworkState;
  /** Whether Herald has put this address on an interface. */
  readonly isVirtual: (address: Address) => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds of the thread's clock, and how much later `machineMs` is. */
  readonly now: () => number;
  readonly machineOffsetMs: number;
  /** Asks for a turn soon, after what has come in was read. */
  readonly wake: () => void;
  readonly report: (report: BgpSessionReport) => void;
  /** Why peers cannot connect, in words; empty: they can, or there are none. Once each time that it changes. */
  readonly trouble: (message: string) => void;
};
