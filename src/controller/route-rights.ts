import { audienceKey, hearers } from "../announce/bgp-hearers.ts";
import { barredByLabels, type Vip } from "../announce/eligibility.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import type { ClusterNode } from "../api/node.ts";
import { memo } from "../runtime/memo.ts";
import type { NodeReport } from "./node-reports.ts";

/** Nodes by name, each with the peers by which it would tell of an address, of which there is one at least. */
export type Tellers = ReadonlyMap<string, ReadonlySet<string>>;

/** The nodes that could announce an address by BGP where none are named: the very same map while nothing changes that. */
export type RouteRights = (vip: Vip) => Tellers;

/** Knows whose word counts that it announces an address which every eligible node announces. */
export class RightsBook {
  #tellers = new Map<string, Tellers>();

  /** As labels and peers have it, whether a node is drained or lives; the very same function for the very same objects. */
  readonly at = memo(
    (
      nodes: readonly ClusterNode[],
      peers: readonly BgpPeer[],
      reports: ReadonlyMap<string, NodeReport>,
    ): RouteRights => {
      const before = this.#tellers;
      const known = new Map<string, Tellers>();
      this.#tellers = known;
      return (vip) => {
        const key = audienceKey(vip);
        const tellers = known.get(key) ?? sameAsBefore(before.get(key), tellersOf(vip, { nodes, peers, reports }));
        known.set(key, tellers);
        return tellers;
      };
    },
  );
}

function sameAsBefore(before: Tellers | undefined, now: Tellers): Tellers {
  const same = [...now].every(([name, peers]) => isSame(before?.get(name), peers));
  return before?.size === now.size && same ? before : now;
}

function isSame(before: ReadonlySet<string> | undefined, now: ReadonlySet<string>): boolean {
  return before?.size === now.size && [...now].every((peer) => before.has(peer));
}

type View = {
  readonly nodes: readonly ClusterNode[];
  readonly peers: readonly BgpPeer[];
  readonly reports: ReadonlyMap<string, NodeReport>;
};

function tellersOf(vip: Vip, { nodes, peers, reports }: View): Tellers {
  const tellers = nodes.map((node): readonly [string, ReadonlySet<string>] => {
    const vipNode = reports.get(node.name)?.of;
    if (vipNode === undefined || barredByLabels({ node, announcement: vip.announcement }))
      return [node.name, new Set()];
    return [node.name, new Set(hearers({ node, vipNode }, vip, peers).map(({ peer }) => peer))];
  });
  return new Map(tellers.filter(([, by]) => by.size > 0));
}
