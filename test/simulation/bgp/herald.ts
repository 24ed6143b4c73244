import { planPeers } from "../../../src/agent/bgp-peer-plan.ts";
import { routesWish } from "../../../src/agent/bgp-route-plan.ts";
import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import { type Endpoints, Session, type SessionSettings, type StopReason } from "../../../src/protocols/bgp/session.ts";
import { address, clusterNode } from "../../support/builders.ts";
import type { Ear, End, Network } from "./network.ts";
import type { Cluster } from "./plan.ts";

/** Makes a session; a planted bug wraps it. */
export type MakeSession = (settings: SessionSettings, random: () => number, nowMs: number) => Session;

/** A real session. */
export const makeSession: MakeSession = (settings, random, nowMs) => new Session({ settings, random }, nowMs);

/** Where node number n is. */
export function endpointsOf(place: number): Endpoints {
  return {
    transport: 4,
    nextHops: { 4: { address: address(`10.0.0.${place}`) }, 6: { address: address(`fd00::${place}`) } },
  };
}

/** What of a node's process its sessions share. */
type Parts = { readonly network: Network; readonly node: string; readonly place: number; readonly make: MakeSession };

/** The session of a node's process with one router, over the network. */
class Peering {
  readonly session: Session;
  readonly #parts: Parts;
  readonly #router: string;
  readonly #ends = new Map<number, End>();
  #wakeMs = Number.POSITIVE_INFINITY;
  #wakes = { atMs: 0, count: 0 };
  #dead = false;

  constructor(peer: BgpPeer, parts: Parts) {
    const { network, node, place, make } = parts;
    const self = clusterNode(node, { addresses: [address(`10.0.0.${place}`)] });
    const [wish] = planPeers({ node: self, interfaces: [], peers: [peer], passwords: () => undefined }).wishes;
    if (wish === undefined) throw new Error(`no session with ${peer.name} is wished for`);
    this.#parts = parts;
    this.#router = peer.name;
    this.session = make(wish.settings, () => network.random.next(), network.scheduler.nowMs);
  }

  get #nowMs(): number {
    return this.#parts.network.scheduler.nowMs;
  }

  act(work: (session: Session, nowMs: number) => void): void {
    if (this.#dead) return;
    work(this.session, this.#nowMs);
    for (const command of this.session.takeCommands())
      if (command.kind === "connect") this.#connect(command.connection);
      else if (command.kind === "write") this.#end(command.connection).send(command.bytes);
      else this.#close(command.connection);
    this.session.takeNews();
    this.#check();
    this.#plan();
  }

  accept(end: End): Ear | undefined {
    const offer = this.session.offered(endpointsOf(this.#parts.place), this.#nowMs);
    if ("refused" in offer) return undefined;
    this.#ends.set(offer.connection, end);
    this.act(() => {});
    return this.#ear(offer.connection);
  }

  die(): void {
    this.#dead = true;
  }

  #connect(number: number): void {
    const { network, node } = this.#parts;
    this.#ends.set(number, network.connect(node, this.#router, this.#ear(number)));
  }

  #close(number: number): void {
    this.#end(number).close();
    this.#ends.delete(number);
  }

  #end(number: number): End {
    const end = this.#ends.get(number);
    if (end === undefined) throw new Error(`session of ${this.#parts.node}: no connection ${number}`);
    return end;
  }

  #ear(number: number): Ear {
    const ends = endpointsOf(this.#parts.place);
    return {
      connected: () => this.act((session, nowMs) => session.connected(number, ends, nowMs)),
      bytes: (bytes) => this.act((session, nowMs) => session.received(number, bytes, nowMs)),
      full: () => this.act((session, nowMs) => session.full(number, nowMs)),
      writable: () => this.act((session, nowMs) => session.writable(number, nowMs)),
      closed: (why) => {
        this.#ends.delete(number);
        this.act((session, nowMs) => session.closed(number, why, nowMs));
      },
    };
  }

  #check(): void {
    const { connections, state, routes } = this.session.describe(this.#nowMs);
    const established = connections.filter((each) => each.state === "Established");
    if (established.length > 1) throw new Error(`session of ${this.#parts.node}: two connections are Established`);
    if (connections.length !== this.#ends.size)
      throw new Error(`session of ${this.#parts.node}: a connection is forgotten`);
    if (state !== "Established" && routes.told > 0)
      throw new Error(`session of ${this.#parts.node}: told, but ${state}`);
  }

  #plan(): void {
    const wakeMs = Math.max(this.#nowMs, this.session.wakeAtMs());
    if (wakeMs === this.#wakeMs || wakeMs === Number.POSITIVE_INFINITY) return;
    this.#wakeMs = wakeMs;
    this.#parts.network.scheduler.silently(wakeMs - this.#nowMs, () => {
      if (this.#wakeMs !== wakeMs) return;
      this.#wakeMs = Number.POSITIVE_INFINITY;
      this.#countWake();
      this.act((session, nowMs) => session.tick(nowMs));
    });
  }

  #countWake(): void {
    this.#wakes = { atMs: this.#nowMs, count: this.#wakes.atMs === this.#nowMs ? this.#wakes.count + 1 : 1 };
    if (this.#wakes.count > MOST_WAKES)
      throw new Error(`session of ${this.#parts.node}: wants to be woken again at once`);
  }
}

/** At one moment: a plan is told in a few turns. */
const MOST_WAKES = 100;

const LONGEST_LAG_MS = 300;

/** A node: its process may be gone, and come again. */
export class HeraldNode {
  readonly name: string;
  readonly place: number;
  readonly #network: Network;
  readonly #cluster: Cluster;
  readonly #make: MakeSession;
  #peerings = new Map<string, Peering>();

  constructor(place: number, network: Network, cluster: Cluster, make: MakeSession) {
    this.name = cluster.nodes[place - 1] ?? "";
    this.place = place;
    this.#network = network;
    this.#cluster = cluster;
    this.#make = make;
  }

  get isUp(): boolean {
    return this.#peerings.size > 0;
  }

  /** A new process; it learns the routes somewhat later. */
  boot(): void {
    if (this.isUp) return;
    const parts = { network: this.#network, node: this.name, place: this.place, make: this.#make };
    this.#peerings = new Map(this.#cluster.peers.map((peer) => [peer.name, new Peering(peer, parts)]));
    this.#network.listen(this.name, (from, end) => this.#peerings.get(from)?.accept(end));
    for (const peering of this.#peerings.values()) peering.act((session, nowMs) => session.start(nowMs));
    this.follow();
  }

  /** The process is gone; `silently`: so is the machine for now. */
  kill(silently: boolean): void {
    for (const peering of this.#peerings.values()) peering.die();
    this.#peerings = new Map();
    this.#network.vanish(this.name, silently);
  }

  /** The sessions end for this reason; the process goes on. */
  stop(reason: StopReason): void {
    this.each((session, nowMs) => session.stop(reason, nowMs));
  }

  start(): void {
    this.each((session, nowMs) => session.start(nowMs));
  }

  /** Tells the sessions what is planned, as soon as the agent sees it. */
  follow(): void {
    for (const [router, peering] of this.#peerings)
      this.#network.scheduler.silently(this.#network.random.next() * LONGEST_LAG_MS, () => {
        const planned = this.#cluster.routes(this.name).find(({ peer }) => peer.name === router);
        if (planned) peering.act((session) => session.setRoutes(routesWish(planned, 1).routes));
      });
  }

  each(work: (session: Session, nowMs: number) => void): void {
    for (const peering of this.#peerings.values()) peering.act(work);
  }

  /** The state of the session with a router, and why. */
  standing(router: string): string {
    const { state, reason } = this.#peerings.get(router)?.session.describe(this.#network.scheduler.nowMs) ?? {};
    return `${state}: ${reason}`;
  }
}
