/**
 * Speakers of BGP joined by a network that is only memory, on one virtual clock. Streams are Node's own, so that their events
 * come by themselves between the steps of the clock.
 */
import { duplexPair } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { emptyNetworkState, type NetworkState } from "../../../src/linux/interfaces.ts";
import type { TcpEndpoint } from "../../../src/linux/tcp-error.ts";
import type { TcpPeer } from "../../../src/linux/tcp-listener.ts";
import type { TcpConnectOptions } from "../../../src/linux/tcp-socket.ts";
import type { UdpReceiverOptions } from "../../../src/linux/udp-receiver.ts";
import { type Address, formatAddress, sameAddress } from "../../../src/net/address.ts";
import type { BgpPeerCommand, BgpSessionReport } from "../../../src/speaker/bgp-messages.ts";
import type { BgpListenOptions, BgpPorts, BgpTcp } from "../../../src/speaker/bgp-ports.ts";
import { BgpSpeaker } from "../../../src/speaker/bgp-speaker.ts";
import { address } from "../../support/builders.ts";

/** A node, and its router. */
export const [here, there] = ["10.9.0.1", "10.9.0.2"] as const;

/** What the router of `peerCommand` has otherwise. */
export const swapped = { localAsn: 64_501, peerAsn: 64_500, routerId: address(there), passive: true };

/** Nothing that is sent there is answered. */
export const nobody = address("10.9.0.99");

type Listening = {
  readonly at: Address;
  readonly options: BgpListenOptions;
  readonly calls: string[];
  peers: readonly TcpPeer[];
};
type Receiving = { readonly place: RigPlace; readonly options: UdpReceiverOptions };

/** A node: what it reported, what it was asked of its sockets. */
export type RigNode = {
  readonly speaker: BgpSpeaker;
  readonly place: RigPlace;
  readonly reports: readonly BgpSessionReport[];
  /** Why peers cannot connect, each time that it changed. */
  readonly troubles: readonly string[];
  readonly calls: readonly string[];
  last(): BgpSessionReport | undefined;
};

/** What a test changes of a node meanwhile; `bfdFails`: what its socket for BFD says. */
export type RigPlace = { readonly at: Address; network: NetworkState; bfdFails?: string | undefined };

/** What a test changes of a node. */
export type NodeOptions = { readonly port?: number; readonly listenFails?: string };

/** The network. */
export class Rig {
  nowMs = 0;
  /** BFD packets are lost while it is set. */
  mute = false;
  readonly nodes: RigNode[] = [];
  readonly #listening: Listening[] = [];
  readonly #receiving: Receiving[] = [];

  node(text: string, { port, listenFails }: NodeOptions = {}): RigNode {
    const at = address(text);
    const place: RigPlace = { at, network: networkOf(text) };
    const reports: BgpSessionReport[] = [];
    const calls: string[] = [];
    const troubles: string[] = [];
    const speaker = new BgpSpeaker({
      ...this.#time(),
      port,
      report: (report) => void reports.push(report),
      trouble: (message) => void troubles.push(message),
      network: () => place.network,
      isVirtual: () => false,
      connect: async (options) => {
        if (sameAddress(options.peer.address, nobody)) await new Promise(() => {});
        return this.#connect(at, options, calls);
      },
      listen: async (options) => {
        calls.push(`listen ${options.local.port}`);
        if (listenFails !== undefined) throw new Error(listenFails);
        const entry: Listening = { at, options, calls, peers: [] };
        this.#listening.push(entry);
        return {
          setPeers: (peers) => {
            entry.peers = peers;
          },
          close: () => {
            calls.push("listens no more");
            this.#listening.splice(this.#listening.indexOf(entry), 1);
          },
        };
      },
      bfd: this.#bfd(place),
      openRouterSocket: () => ({ send: () => {}, close: () => {} }),
    });
    const node = { speaker, place, reports, troubles, calls, last: () => reports.at(-1) };
    this.nodes.push(node);
    return node;
  }

  /** A node and its router, who waits for it; what of the session is the same at both is given. */
  async meet(same: PeerOptions = {}, options: NodeOptions = {}): Promise<Record<"node" | "router", RigNode>> {
    const [node, router] = [this.node(here, options), this.node(there, { port: 179 })];
    router.speaker.apply(peerCommand(here, { ...same, settings: { ...same.settings, ...swapped } }));
    await this.run(20);
    node.speaker.apply(peerCommand(there, same));
    await this.run(200);
    return { node, router };
  }

  /** Lets time go by in steps of 20 ms. */
  async run(forMs: number): Promise<void> {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; this.nowMs += 20) {
      for (const { speaker } of this.nodes) speaker.turn();
      for (let i = 0; i < 4; i++) await nextTurn();
    }
  }

  #time(): Pick<BgpPorts, "now" | "random" | "wake" | "machineOffsetMs"> {
    let chance = 0.37;
    const random = (): number => {
      chance = (chance * 997.13) % 1;
      return chance;
    };
    return { now: () => this.nowMs, random, wake: () => {}, machineOffsetMs: 1_000_000 };
  }

  #connect(from: Address, { peer, password }: TcpConnectOptions, calls: string[]): BgpTcp {
    calls.push(`connect with ${password ?? "no password"}`);
    const to = this.#listening.find(
      ({ at, options }) => sameAddress(at, peer.address) && options.local.port === peer.port,
    );
    const known = to?.peers.find((each) => sameAddress(each.address, from));
    if (to === undefined || known === undefined || known.password !== password)
      throw new Error(`connect to ${formatAddress(peer.address)} port ${peer.port}: connection refused (ECONNREFUSED)`);
    const [mine, theirs] = duplexPair();
    const local = { address: from, port: 50_000 };
    to.options.onConnection(tcp(theirs, peer, local, to.calls));
    return tcp(mine, local, peer, calls);
  }

  #bfd(place: RigPlace): BgpPorts["bfd"] {
    return {
      ...this.#time(),
      malformed: () => {},
      sendFailed: () => {},
      openReceiver: (options) => {
        if (place.bfdFails !== undefined) throw new Error(place.bfdFails);
        const entry = { place, options };
        this.#receiving.push(entry);
        return {
          setSources: () => {},
          drain: () => {},
          close: () => void this.#receiving.splice(this.#receiving.indexOf(entry), 1),
        };
      },
      openSource: () => ({
        port: 50_000,
        close: () => {},
        send: (datagram, to) => {
          if (!this.mute) this.#deliver(datagram, place.at, to);
          return undefined;
        },
      }),
    };
  }

  #deliver(datagram: Uint8Array, source: Address, { address: destination, port }: TcpEndpoint): void {
    for (const { place, options } of [...this.#receiving])
      if (sameAddress(place.at, destination) && options.port === port)
        options.onDatagram(datagram, { source, destination, hops: 255 });
  }
}

function tcp(stream: BgpTcp["stream"], local: TcpEndpoint, peer: TcpEndpoint, calls: string[]): BgpTcp {
  return {
    stream,
    local,
    peer,
    setPassword: (password) => void calls.push(`sign with ${password}`),
    setHops: ({ hops, leastHops }) => void calls.push(`hops ${hops}, at least ${leastHops}`),
  };
}

/** An interface with the address, and beside it others (without more 2001:db8::1), and the VRF `red` with the same index. */
export function networkOf(text: string, { index = 2, beside = ["2001:db8::1"] }: NetworkOptions = {}): NetworkState {
  const entry = { index, linkLocal: false, mark: 0, passing: false, unproven: false };
  return {
    ...emptyNetworkState,
    links: [{ index, name: "red", ethernet: false, loopback: false, up: true, mac: new Uint8Array(6) }],
    addresses: [
      { ...entry, address: address(text), length: 24 },
      ...beside.map((each) => ({ ...entry, address: address(each), length: 64 })),
    ],
  };
}

type NetworkOptions = { readonly index?: number; readonly beside?: readonly string[] };

type PeerOptions = { settings?: object; transport?: object; bfd?: BgpPeerCommand["bfd"] };

/** A session with the node at an address, whose speaker is of AS 64501; `to` changes it. */
export function peerCommand(peer: string, { settings, transport, bfd }: PeerOptions = {}): BgpPeerCommand {
  return {
    kind: "bgpPeer",
    name: "tor",
    settings: {
      localAsn: 64_500,
      peerAsn: 64_501,
      routerId: address("10.9.0.1"),
      holdTimeSeconds: 90,
      keepaliveSeconds: 30,
      connectRetrySeconds: 2,
      passive: false,
      families: [4, 6],
      gracefulRestart: { restartTimeSeconds: 120 },
      required: [],
      ...settings,
    },
    transport: { peer: address(peer), port: 179, ...transport },
    ...(bfd && { bfd }),
  };
}
