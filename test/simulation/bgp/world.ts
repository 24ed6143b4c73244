import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import type { Random } from "../random.ts";
import { Scheduler } from "../scheduler.ts";
import { endpointsOf, HeraldNode, type MakeSession } from "./herald.ts";
import { Network } from "./network.ts";
import { Cluster, nextHopText, routeText } from "./plan.ts";
import { PlanHistory } from "./planned.ts";
import { RouterPeering } from "./router.ts";
import { anyConfig, anyPeer, plainConfig, plainPeer } from "./settings.ts";

/** How a world is made. `plain`: nothing of how it is set up is left to chance. */
export type WorldOptions = {
  readonly nodes: number;
  readonly routers: number;
  readonly make: MakeSession;
  readonly plain?: boolean;
};

/** From the plan to the session, and a new process's wait for it. */
const LONGEST_LAG_MS = 1_000;

const names = (what: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${what}${i + 1}`);
const pairOf = (node: string, router: string): string => `${node} ${router}`;

/** Some nodes with Herald, some routers, and the network between them, under a virtual clock. */
export class World {
  readonly scheduler = new Scheduler();
  readonly network: Network;
  readonly random: Random;
  readonly cluster: Cluster;
  readonly nodes: readonly HeraldNode[];
  readonly routers: readonly string[];
  readonly peerings = new Map<string, RouterPeering>();
  readonly #planned = new PlanHistory();
  readonly #plain: boolean;

  constructor(random: Random, { nodes, routers, make, plain = false }: WorldOptions) {
    this.random = random;
    this.#plain = plain;
    this.network = new Network(this.scheduler, random);
    this.routers = names("router", routers);
    const peers = this.routers.map((name, i) => (plain ? plainPeer(name, i + 1) : anyPeer(name, i + 1, random)));
    this.cluster = new Cluster(names("node", nodes), peers);
    this.nodes = this.cluster.nodes.map((_, i) => new HeraldNode(i + 1, this.network, this.cluster, make));
    for (const [i, told] of peers.entries()) this.#addRouter(told, i + 1);
    this.#note();
    for (const node of this.nodes) node.boot();
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  /** The router's side towards a node. @throws {Error} if there is no such pair */
  peering(node: string, router: string): RouterPeering {
    const found = this.peerings.get(pairOf(node, router));
    if (found === undefined) throw new Error(`no peering of ${node} with ${router}`);
    return found;
  }

  /** Lets time go by; `each` happens after every event. */
  async run(forMs: number, each: () => void = () => {}): Promise<void> {
    const endMs = this.nowMs + forMs;
    while ((this.scheduler.nextAtMs() ?? Number.POSITIVE_INFINITY) <= endMs) {
      await this.scheduler.step();
      each();
    }
    this.scheduler.nowMs = endMs;
  }

  /** The plan is another: it is noted, and every agent follows it. */
  changed(): void {
    this.#note();
    for (const node of this.nodes) node.follow();
  }

  /** The routes, as text, that a router shall know from a node. */
  wanted(node: HeraldNode, router: string): readonly string[] {
    const planned = this.cluster.routes(node.name).find(({ peer: { name } }) => name === router);
    const { nextHops } = endpointsOf(node.place);
    return (planned?.routes ?? []).map(({ prefix, attributes }) => {
      const hop = nextHops[prefix.address.family];
      return routeText(prefix, { ...attributes, nextHop: hop === undefined ? "nothing" : nextHopText(hop) });
    });
  }

  #note(): void {
    for (const node of this.nodes)
      for (const router of this.routers)
        this.#planned.note(pairOf(node.name, router), this.wanted(node, router), this.nowMs);
  }

  #addRouter(told: BgpPeer, place: number): void {
    const { network, random } = this;
    const router = told.name;
    for (const node of this.cluster.nodes) {
      const config = this.#plain ? plainConfig(told, place) : anyConfig(told, place, random);
      const heard = (route: string, sinceMs: number): void => this.#hear(pairOf(node, router), route, sinceMs);
      this.peerings.set(pairOf(node, router), new RouterPeering({ network, router, node, config, heard }));
    }
    network.listen(router, (from, end) => this.peerings.get(pairOf(from, router))?.accept(end));
  }

  /** Only what was planned while the connection was there is told over it. */
  #hear(pair: string, route: string, sinceMs: number): void {
    if (this.#planned.untilMs(pair, route) < sinceMs - LONGEST_LAG_MS)
      throw new Error(`${pair}: told what nobody planned: ${route}`);
  }
}
