import type { Nodes } from "../../../../src/announce/group-facts.ts";
import type { GroupList } from "../../../../src/announce/votes/member.ts";
import type { Group } from "../../../../src/api/vip-group.ts";
import type { NodeGroup, VipNode } from "../../../../src/api/vip-node.ts";

/** What the controller reads of a node whose Lease moves: where it votes, and which addresses it holds. */
export type Report = Omit<NodeGroup, "name"> & { readonly node: string; readonly holds: readonly number[] };

const name = "group";
const unseen = { uid: "", resourceVersion: "" };

/** The only group, as the controller reads it. */
export function groupOf({ epoch, members, witness, forced }: GroupList): Group {
  return { ...unseen, name, lan: "192.0.2.0/24", epoch, members, witness, forced, byLease: false };
}

/** The nodes that ever reported. */
export function nodesOf(reports: readonly Report[], isAlive: (node: string) => boolean): Nodes {
  return {
    vipNodes: new Map(reports.map((report) => [report.node, vipNodeOf(report)])),
    liveness: new Map(reports.map(({ node }) => [node, isAlive(node) ? "alive" : "dead"])),
  };
}

function vipNodeOf({ node, epoch, quorum, hears }: Report): VipNode {
  const nothing = { interfaces: [], gateways: [], announcing: [], refusing: [], conditions: [] };
  return { ...unseen, ...nothing, name: node, drain: false, groups: [{ name, epoch, quorum, hears }] };
}
