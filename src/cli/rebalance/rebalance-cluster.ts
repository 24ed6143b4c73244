import { promises as timers } from "node:timers";
import { rebalanceAnnotation } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import { withClient } from "../cluster-client.ts";
import type { Given } from "../command.ts";
import { heldAddresses } from "../held-addresses.ts";
import { ADVERTISEMENTS, VIP_NODES } from "../herald-resources.ts";
import { readNodeField } from "../node-field.ts";
import type { Spread } from "./moves.ts";

/** What rebalancing asks of a cluster, and of time. */
export type RebalanceCluster = {
  /** Where the addresses are, and where they may be. */
  spread(): Promise<Spread>;
  /** Lets the controller move addresses to the node until a time (RFC 3339); undefined: no more. */
  allow(node: string, until: string | undefined): Promise<void>;
  /** Waits until it is worth asking again. */
  pause(): Promise<void>;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
};

const pollMs = 500;

/**
 * Opens the cluster that the options name, lets `use` work with it, and closes it.
 * @throws {Error} if the kubeconfig cannot be used, and whatever `use` throws
 */
export async function withRebalanceCluster<Result>(
  given: Given,
  use: (cluster: RebalanceCluster) => Promise<Result>,
): Promise<Result> {
  return withClient(given, async ({ client }) => use(await rebalanceCluster(client)));
}

async function rebalanceCluster(client: ApiClient): Promise<RebalanceCluster> {
  const { listAll } = await import("../../controller/kube/list-cluster.ts");
  const reader: Parameters<typeof readNodeField>[0] = {
    list: (resource, query = {}) => listAll(client, resource, { query }),
  };
  return {
    spread: async () => {
      const advertisements = heldAddresses(await reader.list(ADVERTISEMENTS));
      const local = advertisements.filter(({ trafficPolicy }) => trafficPolicy === "Local");
      const services = local.flatMap((each) => each.services);
      return { advertisements, parts: (await readNodeField(reader, services, Date.now())).parts };
    },
    allow: async (name, until) => {
      await client.mergePatch(
        VIP_NODES,
        { name },
        { metadata: { annotations: { [rebalanceAnnotation]: until ?? null } } },
      );
    },
    pause: () => timers.setTimeout(pollMs),
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
  };
}
