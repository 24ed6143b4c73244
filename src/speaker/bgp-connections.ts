import { type Address, formatAddress } from "../net/address.ts";
import type { Command, Endpoints, SessionSettings } from "../protocols/bgp/session.ts";
import { BgpConnection } from "./bgp-connection.ts";
import type { BgpTransport } from "./bgp-messages.ts";
import type { BgpPorts, BgpTcp } from "./bgp-ports.ts";
import { endpointsOf, hopsOf } from "./bgp-transport.ts";

/** What happens to the connections of a session, by their numbers. */
export type ConnectionsEvents = {
  connected(connection: number, endpoints: Endpoints): void;
  received(connection: number, bytes: Uint8Array): void;
  full(connection: number): void;
  writable(connection: number): void;
  closed(connection: number, why: string): void;
};

type Ports = Pick<BgpPorts, "connect" | "network" | "isVirtual" | "now">;
type Attempt = { readonly abort: AbortController; readonly password: string | undefined };

const never = Number.POSITIVE_INFINITY;
/** A peer that is there answers in a thousandth of it. */
const SILENT_MS = 5_000;

/** The connections of one session: those that stand, and those that are being made. */
export class BgpConnections {
  readonly #ports: Ports;
  readonly #settings: SessionSettings;
  readonly #events: ConnectionsEvents;
  readonly #standing = new Map<number, BgpConnection>();
  readonly #attempts = new Map<number, Attempt>();
  /** When the first of the attempts began that the peer has not answered; Infinity: it owes no answer. */
  #unansweredSinceMs = never;
  #transport: BgpTransport;

  constructor(ports: Ports, { settings, transport }: Wish, events: ConnectionsEvents) {
    this.#ports = ports;
    this.#settings = settings;
    this.#transport = transport;
    this.#events = events;
  }

  /** Does what a session asks of its transport. */
  carryOut(commands: readonly Command[]): void {
    const written = new Set<BgpConnection>();
    for (const command of commands) {
      if (command.kind === "connect") this.#connect(command.connection);
      else if (command.kind === "close") this.#close(command.connection);
      else this.#write(command, written);
    }
    for (const each of written) each.uncork();
    if (this.#attempts.size === 0) this.#unansweredSinceMs = never;
  }

  /** Takes a connection that stands, under this number. */
  add(connection: number, tcp: BgpTcp): void {
    const { received, full, writable, closed } = this.#events;
    const each = new BgpConnection(tcp, {
      received: (bytes) => received(connection, bytes),
      full: () => full(connection),
      writable: () => writable(connection),
      closed: (why) => {
        this.#standing.delete(connection);
        closed(connection, why);
      },
    });
    this.#standing.set(connection, each);
  }

  /** What stands and what follows signs with this from now on, each as far as it can. @throws {RangeError} @throws {TcpError} the first */
  setPassword(password: string | undefined): void {
    const { password: _, ...transport } = this.#transport;
    this.#transport = password === undefined ? transport : { ...transport, password };
    const failures = [...this.#standing.values()].map((each) => failureOf(() => each.setPassword(password)));
    const first = failures.find((failure) => failure !== undefined);
    if (first !== undefined) throw first;
  }

  /** Where packets reach this node now, by the connections that stand. */
  endpoints(): readonly (readonly [connection: number, Endpoints])[] {
    return [...this.#standing].map(([connection, { local }]) => [connection, this.#endpointsOf(local)]);
  }

  /** This node's address of a connection that stands. */
  localOf(connection: number): BgpConnection["local"] | undefined {
    return this.#standing.get(connection)?.local;
  }

  /** The peer has not answered for 5 s, in words; undefined if nothing is asked, or not for so long. */
  silence(nowMs: number): string | undefined {
    const { peer, port, password } = this.#transport;
    if (nowMs < this.#unansweredSinceMs + SILENT_MS || peer === undefined) return undefined;
    const hint = password === undefined ? "" : "; a wrong password looks like this";
    return `connect to ${formatAddress(peer)} port ${port}: no answer for ${SILENT_MS / 1_000} s${hint}`;
  }

  /** When `silence` will have something new to say. */
  silentAtMs(nowMs: number): number {
    const atMs = this.#unansweredSinceMs + SILENT_MS;
    return atMs > nowMs ? atMs : never;
  }

  #write({ connection, bytes }: Extract<Command, { kind: "write" }>, written: Set<BgpConnection>): void {
    const standing = this.#standing.get(connection);
    if (standing === undefined) return;
    if (!written.has(standing)) standing.cork();
    written.add(standing);
    standing.write(bytes);
  }

  #connect(connection: number): void {
    const { peer, port, source, device, password } = this.#transport;
    if (peer === undefined) return;
    const attempt = { abort: new AbortController(), password };
    this.#attempts.set(connection, attempt);
    this.#unansweredSinceMs = Math.min(this.#unansweredSinceMs, this.#ports.now());
    const to = { peer: { address: peer, port }, source, device, password };
    this.#ports.connect({ ...to, ...hopsOf(this.#transport, this.#settings) }, attempt.abort.signal).then(
      (tcp) => this.#connected(connection, tcp, attempt),
      (error: Error) => {
        if (this.#answered(connection)) this.#events.closed(connection, error.message);
      },
    );
  }

  #connected(connection: number, tcp: BgpTcp, { password: before }: Attempt): void {
    if (!this.#answered(connection)) {
      drop(tcp);
      return;
    }
    const { password } = this.#transport;
    const failure = before === password ? undefined : failureOf(() => tcp.setPassword(password));
    if (failure !== undefined) {
      drop(tcp);
      this.#events.closed(connection, failure.message);
      return;
    }
    this.add(connection, tcp);
    this.#events.connected(connection, this.#endpointsOf(tcp.local.address));
  }

  #endpointsOf(local: Address): Endpoints {
    const { network, isVirtual } = this.#ports;
    return endpointsOf(local, { ...network(), isVirtual, device: this.#transport.device });
  }

  /** Whether the attempt was still wanted. */
  #answered(connection: number): boolean {
    if (!this.#attempts.delete(connection)) return false;
    this.#unansweredSinceMs = never;
    return true;
  }

  #close(connection: number): void {
    this.#attempts.get(connection)?.abort.abort();
    this.#attempts.delete(connection);
    this.#standing.get(connection)?.close();
    this.#standing.delete(connection);
  }
}

/** What of a session's wish its connections go by. */
type Wish = { readonly settings: SessionSettings; readonly transport: BgpTransport };

function failureOf(work: () => void): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function drop({ stream }: BgpTcp): void {
  stream.on("error", () => {}).destroy();
}
