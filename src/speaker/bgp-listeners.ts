import type { TcpListener } from "../linux/tcp-listener.ts";
import { tcpPasswordProblem } from "../linux/tcp-password.ts";
import type { Address, Family } from "../net/address.ts";
import type { BgpPorts, BgpTcp } from "./bgp-ports.ts";
import { deviceIndex } from "./bgp-transport.ts";

/** A peer that may connect, in its VRF. */
export type Caller = {
  readonly address: Address;
  readonly password?: string | undefined;
  readonly vrf?: string | undefined;
};

type Ports = Pick<BgpPorts, "listen" | "port" | "now" | "wake" | "network">;
type Place = { readonly family: Family; readonly vrf?: string | undefined };
/** `problem`: why nobody can connect; `refusal`: why not all that may. */
type Entry = {
  callers: readonly Caller[];
  listener?: TcpListener;
  problem?: string;
  refusal?: string;
  retryAtMs: number;
};

const never = Number.POSITIVE_INFINITY;
const RETRY_MS = 5_000;

/** The ports on which peers connect: one for each family and VRF, shared by all peers there, and only while there is one. */
export class BgpListeners {
  readonly #ports: Ports;
  readonly #onConnection: (connection: BgpTcp, vrf: string | undefined) => void;
  readonly #entries = new Map<string, Entry & Place>();

  constructor(ports: Ports, onConnection: (connection: BgpTcp, vrf: string | undefined) => void) {
    this.#ports = ports;
    this.#onConnection = onConnection;
  }

  /** From now on these may connect. One whose password cannot be used may not. */
  setCallers(callers: readonly Caller[]): void {
    if (this.#ports.port === undefined) return;
    const wanted = Map.groupBy(callers.filter(isSound), ({ address: { family }, vrf }) => this.#keyOf({ family, vrf }));
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key)) continue;
      entry.listener?.close();
      this.#entries.delete(key);
    }
    for (const [key, each] of wanted) this.#want(key, each);
  }

  /** To be called when the network is another one: a listener stays with the device that it was opened on, whatever its name. */
  networkChanged(): void {
    const entries = [...this.#entries];
    if (entries.every(([key, entry]) => key === this.#keyOf(entry))) return;
    this.setCallers(entries.flatMap(([, { callers }]) => callers));
  }

  /** Why peers of this family cannot connect, or one of them, whom the words name; undefined if all can, or soon. */
  problem(place: Place): string | undefined {
    if (this.#ports.port === undefined) return "this node listens on no port for BGP";
    const { problem, refusal } = this.#entries.get(this.#keyOf(place)) ?? {};
    return problem ?? refusal;
  }

  /** Why some peers cannot connect, in words; empty: all can, or none is to. */
  problems(): string {
    return [...this.#entries.values()].flatMap(({ problem, refusal }) => problem ?? refusal ?? []).join("; ");
  }

  /** Tries again what failed. */
  turn(nowMs: number): void {
    for (const [key, entry] of this.#entries) if (nowMs >= entry.retryAtMs) this.#open(key, entry);
  }

  wakeAtMs(): number {
    return Math.min(...[...this.#entries.values()].map(({ retryAtMs }) => retryAtMs));
  }

  close(): void {
    for (const { listener } of this.#entries.values()) listener?.close();
    this.#entries.clear();
  }

  /** Of the listener for this place; a VRF that was made anew is another one. */
  #keyOf({ family, vrf = "" }: Place): string {
    return `${family} ${vrf} ${deviceIndex(vrf, this.#ports.network())}`;
  }

  #want(key: string, callers: readonly Caller[]): void {
    const [first] = callers;
    if (first === undefined) return;
    const known = this.#entries.get(key);
    const entry = known ?? { callers, retryAtMs: never, family: first.address.family, vrf: first.vrf };
    entry.callers = callers;
    this.#entries.set(key, entry);
    if (known === undefined) this.#open(key, entry);
    else this.#admit(entry);
  }

  #open(key: string, entry: Entry & Place): void {
    const { family, vrf } = entry;
    const { port = 0, listen } = this.#ports;
    entry.retryAtMs = never;
    const local = { address: { family, value: 0n }, port };
    const onConnection = (connection: BgpTcp): void => {
      delete entry.problem;
      this.#onConnection(connection, vrf);
    };
    const onError = (error: Error): void => {
      entry.problem = error.message;
    };
    // Any number of hops, until it is known who connects.
    listen({ local, hops: 255, device: vrf, onConnection, onError }).then(
      (listener) => {
        if (this.#entries.get(key) !== entry) {
          listener.close();
          return;
        }
        delete entry.problem;
        entry.listener = listener;
        this.#admit(entry);
        this.#ports.wake();
      },
      (error: Error) => {
        entry.problem = error.message;
        entry.retryAtMs = this.#ports.now() + RETRY_MS;
        this.#ports.wake();
      },
    );
  }

  #admit(entry: Entry): void {
    try {
      entry.listener?.setPeers(entry.callers);
      delete entry.refusal;
    } catch (error) {
      entry.refusal = error instanceof Error ? error.message : String(error);
    }
  }
}

function isSound({ password }: Caller): boolean {
  return password === undefined || tcpPasswordProblem(password) === undefined;
}
