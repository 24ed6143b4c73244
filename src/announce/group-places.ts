import type { GroupSpec } from "../api/vip-group.ts";
import type { NodeInterface, VipNode } from "../api/vip-node.ts";
import { hasReported, type Liveness } from "./eligibility.ts";
import { type Nodes, votes } from "./group-facts.ts";
import { lanNames } from "./lan.ts";

/** The LANs of a node, and of each whether an interface that is up leads there. */
export type NodePlace = {
  readonly name: string;
  /** Its agent lives and has said what it sees; of any other it is not known whether it has left a LAN. */
  readonly judged: boolean;
  /** As `judged`, or it votes and only its Lease is not judged yet: enough for the first group of a LAN, where nobody votes yet. */
  readonly founds: boolean;
  readonly votes: boolean;
  readonly lans: ReadonlyMap<string, boolean>;
  /** Those on which it would announce some address. */
  readonly carries: ReadonlySet<string>;
};

/** The interfaces of a node on which it would announce some address. */
export type Carrying = (node: VipNode) => readonly NodeInterface[];

/**
 * Where each node is, in order of name. An interface of several networks counts for that of a group which its node is in,
 * else for one that has groups.
 */
export function nodePlaces(nodes: Nodes, groups: readonly GroupSpec[], carrying: Carrying): readonly NodePlace[] {
  const grouped = new Set(groups.map(({ lan }) => lan));
  const joined = new Set(groups.flatMap(({ lan, members }) => members.map((name) => `${lan} ${name}`)));
  const lanOf = (node: VipNode, link: NodeInterface): string | undefined => {
    const known = lanNames(link);
    return known.find((lan) => joined.has(`${lan} ${node.name}`)) ?? known.find((lan) => grouped.has(lan)) ?? known[0];
  };
  const places = [...nodes.vipNodes.values()].map((node): NodePlace => {
    const lans = new Map<string, boolean>();
    for (const each of node.interfaces) {
      const lan = lanOf(node, each);
      if (lan !== undefined) lans.set(lan, each.up || lans.get(lan) === true);
    }
    const carries = new Set(carrying(node).flatMap((each) => lanOf(node, each) ?? []));
    return { name: node.name, ...judgement(node, nodes.liveness.get(node.name)), votes: votes(node), lans, carries };
  });
  return places.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function judgement(node: VipNode, liveness: Liveness = "unknown"): Pick<NodePlace, "judged" | "founds"> {
  const judged = liveness === "alive" && hasReported(node);
  return { judged, founds: judged || (liveness === "unknown" && node.groups !== undefined && hasReported(node)) };
}
