import { type GroupObject, parseGroup } from "../api/vip-group.ts";
import { parseVipNode, type VipNodeObject } from "../api/vip-node.ts";
import type { Lease } from "../kube/lease.ts";
import { LEASES } from "../kube/resources.ts";
import { agentOf, systemNamespace, witnessHolder } from "./agent-lease.ts";
import type { ClusterReader } from "./cluster.ts";
import { GROUPS, VIP_NODES } from "./herald-resources.ts";
import type { Voting } from "./votes.ts";

/** What the API server has of the nodes and their groups; `leases` undefined: they may not be read. */
export type NodeObjects = {
  readonly vipNodes: readonly VipNodeObject[];
  readonly groups: readonly GroupObject[];
  readonly leases: readonly Lease[] | undefined;
};

/** Lists the nodes, their groups and Leases. Who may not read the Leases does without. */
export async function listNodeObjects(cluster: ClusterReader): Promise<NodeObjects> {
  const { ApiError } = await import("../kube/api-error.ts");
  const [vipNodes, groups, leases] = await Promise.all([
    cluster.list(VIP_NODES),
    cluster.list(GROUPS),
    cluster.list(LEASES, { namespace: systemNamespace }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }),
  ]);
  return { vipNodes, groups, leases };
}

/** Who votes with whom, of the objects that can be read; `nowMs` is since the epoch. */
export function votingOf({ vipNodes, groups, leases }: NodeObjects, nowMs: number): Voting {
  const nodes = vipNodes.map(parseVipNode).flatMap((parsed) => ("value" in parsed ? [parsed.value] : []));
  const lists = groups.map(parseGroup).flatMap((parsed) => ("value" in parsed ? [parsed.value] : []));
  return {
    nodes: new Map(nodes.map((node) => [node.name, node])),
    groups: new Map(lists.map((group) => [group.name, group])),
    agents: new Map(nodes.map(({ name }) => [name, agentOf(leases, name, nowMs)])),
    witnesses: new Map(lists.map(({ name }) => [name, witnessHolder(leases, name)])),
  };
}
