import type { Announceable } from "../../../src/announce/bgp-announcers.ts";
import type { RouteAttributes } from "../../../src/announce/bgp-attributes.ts";
import { prefixKey } from "../../../src/announce/bgp-prefix.ts";
import { type PeerRoutes, planRoutes, type Shutdown } from "../../../src/announce/bgp-routes.ts";
import type { BgpAnnouncement } from "../../../src/api/bgp-announcement.ts";
import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import { addressKey, formatAddress } from "../../../src/net/address.ts";
import { formatPrefix, type Prefix } from "../../../src/net/prefix.ts";
import { routedVip } from "../../support/bgp-builders.ts";
import type { Random } from "../random.ts";

/** How a pool may announce: each draw changes some addresses between these. */
const ways: readonly Partial<BgpAnnouncement>[] = [
  {},
  { communities: [64_512 * 65_536 + 100], med: 50 },
  { prepend: 3, largeCommunities: [[64_512, 1, 2]] },
  { localPreference: 200, aggregate: { ipv4: 28, ipv6: 124 } },
  { peerSelector: { matchLabels: { uplink: "a" } } },
];

/** The addresses of the cluster, how they are announced and by whom: what a controller would have planned. */
export class Cluster {
  readonly peers: readonly BgpPeer[];
  readonly nodes: readonly string[];
  readonly #vips = new Map<string, Announceable>();
  readonly #shutdowns = new Map<string, Shutdown>();

  constructor(nodes: readonly string[], peers: readonly BgpPeer[]) {
    this.nodes = nodes;
    this.peers = peers;
  }

  /** Some addresses come, go, or are announced in another way or by other nodes. */
  change(random: Random): void {
    for (let left = 1 + random.below(10); left > 0; left--) {
      const number = random.below(60);
      const text = number % 3 === 0 ? `2001:db8::${number.toString(16)}` : `10.1.0.${number}`;
      const vip = routedVip(text, {
        bgp: random.pick(ways),
        ...(random.chance(0.3) && { announcers: this.#some(random) }),
      });
      if (random.chance(0.4)) this.#vips.delete(addressKey(vip.address));
      else this.#vips.set(addressKey(vip.address), vip);
    }
  }

  /** One address, announced by these nodes. */
  set(text: string, changes: Parameters<typeof routedVip>[1] = {}): void {
    const vip = routedVip(text, changes);
    this.#vips.set(addressKey(vip.address), vip);
  }

  /** How far a node is with shutting down. What it announces when it begins stays as the last choice. */
  shutDown(node: string, phase: Shutdown["phase"]): void {
    const announced = new Set(this.routes(node).flatMap(({ routes }) => routes.map(({ prefix }) => prefixKey(prefix))));
    this.#shutdowns.set(node, phase === "shutting" ? { phase, announced } : { phase });
  }

  phaseOf(node: string): Shutdown["phase"] {
    return this.#shutdowns.get(node)?.phase ?? "none";
  }

  /** What a node is to announce to each router. */
  routes(node: string): readonly PeerRoutes[] {
    const shutdown = this.#shutdowns.get(node) ?? { phase: "none" };
    return planRoutes({ vips: [...this.#vips.values()], node: { name: node, labels: {}, shutdown }, peers: this.peers })
      .peers;
  }

  #some(random: Random): readonly string[] {
    return this.nodes.filter(() => random.chance(0.5));
  }
}

/** The planned attributes of a route, and the next hop with which it is to arrive. */
type Shown = Pick<RouteAttributes, "origin" | "asPath" | "med" | "localPref" | "communities" | "largeCommunities"> & {
  readonly nextHop: string;
};

/** A route as text: equal exactly for equal ones. */
export function routeText(prefix: Prefix, { asPath, nextHop, med, localPref, ...lists }: Shown): string {
  const numbers = [med ?? "-", localPref ?? "-", lists.communities.join(), lists.largeCommunities.join(";")];
  return [formatPrefix(prefix), lists.origin, `path ${asPath.join()}`, `by ${nextHop}`, ...numbers].join(" ");
}

/** The next hops of a node, by family. */
export function nextHopText(hop: { readonly address: Parameters<typeof formatAddress>[0] }): string {
  return formatAddress(hop.address);
}
