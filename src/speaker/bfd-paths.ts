import { SystemCallError } from "../linux/libc.ts";
import type { UdpReceiver, UdpReceiverOptions } from "../linux/udp-receiver.ts";
import type { UdpSource, UdpSourceOptions } from "../linux/udp-source.ts";
import { type Address, addressKey } from "../net/address.ts";
import { type BfdArrival, BfdSessions, bfdPort } from "../protocols/bfd/admission.ts";
import { decodeBfd } from "../protocols/bfd/packet.ts";
import { BfdSession } from "../protocols/bfd/session.ts";
import { MalformedPacketError } from "../protocols/malformed-packet.ts";
import { BfdWatch, type WatchOptions } from "./bfd-watch.ts";

/** What BFD asks of the world. */
export type BfdPorts = {
  readonly openReceiver: (options: UdpReceiverOptions) => UdpReceiver;
  readonly openSource: (options: UdpSourceOptions) => UdpSource;
  readonly random: () => number;
  readonly now: () => number;
  /** Asks for a turn soon. */
  readonly wake: () => void;
  /** A packet that no decoder accepted was dropped. */
  readonly malformed: () => void;
  /** The kernel did not take a packet. */
  readonly sendFailed: () => void;
};

type Receiver = { readonly socket: UdpReceiver; readonly watches: Set<BfdWatch> };

/** Watches paths to peers: the sessions of bidirectional forwarding detection and their sockets, each opened while it is needed. */
export class BfdPaths {
  readonly #ports: BfdPorts;
  readonly #sessions = new BfdSessions<BfdWatch>();
  readonly #receivers = new Map<string, Receiver>();

  constructor(ports: BfdPorts) {
    this.#ports = ports;
  }

  /**
   * Watches a path from now on.
   * @throws {SystemCallError} if a socket cannot be opened, such as EADDRINUSE where another program does BFD on this host
   * @throws {RangeError} if the settings have problems, or the path is watched: a peer has one session for all between two addresses
   */
  watch(options: WatchOptions): BfdWatch {
    this.#makeRoom(options);
    const { random, openSource } = this.#ports;
    const discriminator = this.#freeDiscriminator();
    const session = new BfdSession({ settings: options.settings, discriminator, random });
    const { path, device } = options;
    const source = openSource({ address: path.local, interfaceName: device, random });
    const watch = new BfdWatch({ session, discriminator, source }, options);
    try {
      this.#listen(watch);
    } catch (error) {
      source.close();
      throw error;
    }
    this.#sessions.add({ path, discriminator, session: watch });
    this.#ports.wake();
    return watch;
  }

  /** Reads what has come, then does what is due. */
  turn(): void {
    for (const { socket } of this.#receivers.values()) socket.drain();
    const nowMs = this.#ports.now();
    for (const watch of this.#watches()) {
      const failed = watch.turn(nowMs);
      for (let i = 0; i < failed; i++) this.#ports.sendFailed();
      if (watch.isOver(nowMs)) this.#drop(watch);
    }
  }

  /** When `turn` has more to do; Infinity for never. */
  wakeAtMs(): number {
    return Math.min(...this.#watches().map((watch) => watch.wakeAtMs()));
  }

  /** Tells all peers once that it was stopped, and ends. */
  close(): void {
    const nowMs = this.#ports.now();
    for (const watch of this.#watches()) {
      watch.stop(nowMs);
      watch.turn(nowMs);
      this.#drop(watch);
    }
  }

  /** One that was stopped goes at once, when it has said so. */
  #makeRoom(options: WatchOptions): void {
    const before = this.#watches().find((other) => endsKey(other.options) === endsKey(options));
    if (before === undefined) return;
    if (!before.isStopped) throw new RangeError("another session's BFD is on this path");
    before.turn(this.#ports.now());
    this.#drop(before);
  }

  #watches(): readonly BfdWatch[] {
    return [...this.#receivers.values()].flatMap(({ watches }) => [...watches]);
  }

  #freeDiscriminator(): number {
    for (;;) {
      const discriminator = Math.floor(this.#ports.random() * 2 ** 32);
      if (this.#sessions.isFree(discriminator)) return discriminator;
    }
  }

  #listen(watch: BfdWatch): void {
    const key = receiverKey(watch.options);
    const receiver = this.#receivers.get(key) ?? { watches: new Set<BfdWatch>(), socket: this.#open(watch) };
    this.#receivers.set(key, receiver);
    receiver.watches.add(watch);
    try {
      receiver.socket.setSources(sources(receiver));
    } catch (error) {
      this.#leave(watch);
      throw error;
    }
  }

  #open({ options: { path, device } }: BfdWatch): UdpReceiver {
    const { kind, local, deviceIndex } = path;
    return this.#ports.openReceiver({
      address: local,
      port: bfdPort[kind],
      device,
      onLink: kind === "singleHop",
      onDatagram: (datagram, arrival) => this.#received(datagram, { kind, deviceIndex, ...arrival }),
    });
  }

  #received(datagram: Uint8Array, arrival: BfdArrival): void {
    try {
      const packet = decodeBfd(datagram);
      const admitted = this.#sessions.admit(packet, arrival);
      if (!("session" in admitted)) return;
      admitted.session.received(packet, this.#ports.now());
      this.#ports.wake();
    } catch (error) {
      if (!(error instanceof MalformedPacketError)) throw error;
      this.#ports.malformed();
    }
  }

  #drop(watch: BfdWatch): void {
    watch.closeSource();
    this.#sessions.remove(watch.discriminator);
    this.#leave(watch);
  }

  #leave(watch: BfdWatch): void {
    const key = receiverKey(watch.options);
    const receiver = this.#receivers.get(key);
    if (receiver === undefined) return;
    receiver.watches.delete(watch);
    if (receiver.watches.size > 0) narrow(receiver);
    else {
      receiver.socket.close();
      this.#receivers.delete(key);
    }
  }
}

function receiverKey({ path, device = "" }: WatchOptions): string {
  return `${addressKey(path.local)} ${path.kind} ${device} ${path.deviceIndex}`;
}

/** By which packets find their path, whatever else is asked of them. */
function endsKey(options: WatchOptions): string {
  return `${receiverKey(options)} ${addressKey(options.path.peer)}`;
}

function sources({ watches }: Receiver): readonly Address[] {
  return [...watches].map(({ options }) => options.path.peer);
}

/** Where the kernel does not take the shorter list, it lets in one peer too many, whose packets are for no session. */
function narrow(receiver: Receiver): void {
  try {
    receiver.socket.setSources(sources(receiver));
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
  }
}
