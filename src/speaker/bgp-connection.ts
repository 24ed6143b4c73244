import { tcpError } from "../linux/tcp-error.ts";
import type { Address } from "../net/address.ts";
import type { BgpTcp } from "./bgp-ports.ts";

/** What happens to a connection; nothing after `closed`. */
export type ConnectionEvents = {
  received(bytes: Uint8Array): void;
  /** It takes no more bytes, and may again after `writable`. */
  full(): void;
  writable(): void;
  /** The peer or the network ended it; in words. */
  closed(why: string): void;
};

/** How long what was written may take to leave after `close`. */
export const CLOSE_MS = 1_000;

/** One connection to a peer. */
export class BgpConnection {
  readonly local: Address;
  readonly #tcp: BgpTcp;
  readonly #events: ConnectionEvents;
  #over = false;

  constructor(tcp: BgpTcp, events: ConnectionEvents) {
    const { stream, peer } = tcp;
    this.local = tcp.local.address;
    this.#tcp = tcp;
    this.#events = events;
    stream.on("data", (bytes: Uint8Array) => {
      // After `close` it is read all the same: what is left unread would make the kernel reset what was written.
      if (!this.#over) events.received(bytes);
    });
    stream.on("drain", () => {
      if (!this.#over) events.writable();
    });
    stream.on("error", (error) => this.#lost(tcpError("connection with", peer, error).message));
    stream.on("end", () => this.#lost("the peer closed the connection"));
    stream.on("close", () => this.#lost("the connection was closed"));
  }

  write(bytes: Uint8Array): void {
    if (!this.#over && !this.#tcp.stream.write(bytes)) this.#events.full();
  }

  /** Keeps what is written until `uncork`, so that it leaves in few packets. */
  cork(): void {
    this.#tcp.stream.cork();
  }

  uncork(): void {
    this.#tcp.stream.uncork();
  }

  /** Ends it once what was written has left, or after a second; no event follows. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    const { stream } = this.#tcp;
    const force = setTimeout(() => stream.destroy(), CLOSE_MS);
    stream.once("close", () => clearTimeout(force));
    stream.end();
  }

  /** @throws {RangeError} @throws {TcpError} */
  setPassword(password: string | undefined): void {
    this.#tcp.setPassword(password);
  }

  #lost(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#tcp.stream.destroy();
    this.#events.closed(why);
  }
}
