import type { FieldParts } from "../announce/field.ts";
import { parseEndpointSlice } from "../api/endpoint-slice.ts";
import { parseNode } from "../api/node.ts";
import { ENDPOINT_SLICES, NODES } from "../kube/resources.ts";
import type { ClusterReader } from "./cluster.ts";
import { listNodeObjects, votingOf } from "./node-objects.ts";
import type { Voting } from "./votes.ts";

/** Everything that decides which node may hold an address, and who votes with whom. */
export type NodeField = { readonly voting: Voting; readonly parts: FieldParts };

/** A Service whose endpoints count, because an address of it is under traffic policy Local. */
export type EndpointsOf = { readonly namespace: string; readonly name: string };

/** Reads it at a time (ms since the epoch), with the endpoints of these Services. */
export async function readNodeField(
  cluster: ClusterReader,
  services: readonly EndpointsOf[],
  nowMs: number,
): Promise<NodeField> {
  const [objects, nodes, ...slices] = await Promise.all([
    listNodeObjects(cluster),
    cluster.list(NODES),
    ...services.map(({ namespace, name }) =>
      cluster.list(ENDPOINT_SLICES, { namespace, labelSelector: `kubernetes.io/service-name=${name}` }),
    ),
  ]);
  const voting = votingOf(objects, nowMs);
  const parts = {
    vipNodes: [...voting.nodes.values()],
    nodes: nodes.map(parseNode),
    liveness: new Map([...voting.agents].map(([name, { liveness }]) => [name, liveness])),
    groups: [...voting.groups.values()],
    endpointSlices: slices
      .flat()
      .map(parseEndpointSlice)
      .filter((slice) => slice !== undefined),
  };
  return { voting, parts };
}
