import { audienceKey, hearers } from "../announce/bgp-hearers.ts";
import { barredByLabels, type Vip } from "../announce/eligibility.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import type { ClusterNode } from "../api/node.ts";
import { memo } from "./memo.ts";
import type { NodeReport } from "./node-reports.ts";

/** The nodes that could announce an address by BGP where none are named: the very same set while nothing changes that. */
export type RouteRights = (vip: Vip) => ReadonlySet<string>;

type Sets = Map<string, ReadonlySet<string>>;

/** Knows whose word counts that it announces an address which every eligible node announces. */
export class RightsBook {
  #sets: Sets = new Map();

  /** As labels and peers have it, whether a node is drained or lives; the very same function for the very same objects. */
  readonly at = memo(
    (
      nodes: readonly ClusterNode[],
      peers: readonly BgpPeer[],
      reports: ReadonlyMap<string, NodeReport>,
    ): RouteRights => {
      const before = this.#sets;
      const sets: Sets = new Map();
      this.#sets = sets;
      return (vip) => {
        const key = audienceKey(vip);
        const set = sets.get(key) ?? sameAsBefore(before.get(key), holdersOf(vip, { nodes, peers, reports }));
        sets.set(key, set);
        return set;
      };
    },
  );
}

function sameAsBefore(before: ReadonlySet<string> | undefined, now: ReadonlySet<string>): ReadonlySet<string> {
  return before?.size === now.size && [...now].every((name) => before.has(name)) ? before : now;
}

type View = {
  readonly nodes: readonly ClusterNode[];
  readonly peers: readonly BgpPeer[];
  readonly reports: ReadonlyMap<string, NodeReport>;
};

function holdersOf(vip: Vip, { nodes, peers, reports }: View): ReadonlySet<string> {
  const mayAnnounce = (node: ClusterNode): boolean => {
    const vipNode = reports.get(node.name)?.of;
    if (vipNode === undefined || barredByLabels({ node, announcement: vip.announcement })) return false;
    return hearers({ node, vipNode }, vip, peers).length > 0;
  };
  return new Set(nodes.filter(mayAnnounce).map(({ name }) => name));
}
