import { NODES } from "../../kube/resources.ts";
import type { ClusterReader } from "../cluster.ts";
import { ADVERTISEMENTS, BGP_PEERS } from "../herald-resources.ts";
import { listNodeObjects } from "../node-objects.ts";
import type { BgpObjects } from "./bgp-field.ts";

/** Lists what decides which router hears of which address. Who may not read the Leases does without. */
export async function readBgpObjects(cluster: ClusterReader): Promise<BgpObjects> {
  const [peers, nodes, advertisements, { vipNodes, leases }] = await Promise.all([
    cluster.list(BGP_PEERS),
    cluster.list(NODES),
    cluster.list(ADVERTISEMENTS),
    listNodeObjects(cluster),
  ]);
  return { peers, nodes, advertisements, vipNodes, leases };
}
