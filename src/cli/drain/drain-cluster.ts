import { promises as timers } from "node:timers";
import type { AdvertisementObject } from "../../api/vip-advertisement.ts";
import type { VipNodeObject } from "../../api/vip-node.ts";
import type { ApiClient } from "../../kube/api-client.ts";
import type { Lease } from "../../kube/lease.ts";
import { systemNamespace } from "../agent-lease.ts";
import { withClient } from "../cluster-client.ts";
import type { Given } from "../command.ts";
import { ADVERTISEMENTS, VIP_NODES } from "../herald-resources.ts";

/** What draining asks of a cluster, and of time. */
export type DrainCluster = {
  /** Undefined: there is none of this name. */
  vipNode(name: string): Promise<VipNodeObject | undefined>;
  /** The names of all, in order. */
  vipNodeNames(): Promise<readonly string[]>;
  /** Writes `spec.drain`, and gives back the object as it is then. */
  setDrain(name: string, drain: boolean): Promise<VipNodeObject>;
  advertisements(): Promise<readonly AdvertisementObject[]>;
  /** The Leases of agents; undefined: they may not be read. */
  leases(): Promise<readonly Lease[] | undefined>;
  /** Waits until it is worth asking again. */
  pause(): Promise<void>;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
};

const pollMs = 300;

/**
 * Opens the cluster that the options name, lets `use` work with it, and closes it.
 * @throws {Error} if the kubeconfig cannot be used, and whatever `use` throws
 */
export async function withDrainCluster<Result>(
  given: Given,
  use: (cluster: DrainCluster) => Promise<Result>,
): Promise<Result> {
  return withClient(given, async ({ client }) => use(await drainCluster(client)));
}

async function drainCluster(client: ApiClient): Promise<DrainCluster> {
  const [{ listAll }, { ApiError, isNotFound }, { LEASES }] = await Promise.all([
    import("../../controller/kube/list-cluster.ts"),
    import("../../kube/api-error.ts"),
    import("../../kube/resources.ts"),
  ]);
  const unless = (expected: (error: unknown) => boolean) => (error: unknown) => {
    if (expected(error)) return undefined;
    throw error;
  };
  return {
    vipNode: (name) => client.get(VIP_NODES, { name }).catch(unless(isNotFound)),
    vipNodeNames: async () => (await listAll(client, VIP_NODES)).map(({ metadata }) => metadata.name).sort(),
    setDrain: (name, drain) => client.mergePatch(VIP_NODES, { name }, { spec: { drain } }),
    advertisements: () => listAll(client, ADVERTISEMENTS),
    leases: () =>
      listAll(client, LEASES, { query: { namespace: systemNamespace } }).catch(
        unless((error) => error instanceof ApiError && error.status === 403),
      ),
    pause: () => timers.setTimeout(pollMs),
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
  };
}
