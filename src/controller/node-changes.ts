import type { ClusterNode } from "../api/node.ts";
import type { VipNode } from "../api/vip-node.ts";
import type { Change } from "./change.ts";

/** One VIPNode for each Node: made with it, and deleted with it where nobody collects garbage. */
export function nodeChanges(nodes: readonly ClusterNode[], vipNodes: readonly VipNode[]): readonly Change[] {
  const known = new Set(vipNodes.map(({ name }) => name));
  const wanted = new Set(nodes.map(({ name }) => name));
  return [
    ...nodes
      .filter(({ name }) => !known.has(name))
      .map((node): Change => ({ kind: "createVipNode", node, ...about(node) })),
    ...vipNodes
      .filter(({ name }) => !wanted.has(name))
      .map((vipNode): Change => ({ kind: "deleteVipNode", vipNode, ...about(vipNode) })),
  ];
}

function about({ name }: { readonly name: string }): {
  readonly keys: readonly string[];
  readonly notices: readonly [];
} {
  return { keys: [`node/${name}`], notices: [] };
}
