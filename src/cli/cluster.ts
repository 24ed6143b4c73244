import type { KubeObject, Live, Resource } from "../kube/resource.ts";
import { withClient } from "./cluster-client.ts";
import type { CliOption, Given } from "./command.ts";

/** The options of every command that asks a cluster. */
export const clusterOptions: readonly CliOption[] = [
  { name: "kubeconfig", value: "FILE", help: "kubeconfig to use; default: $KUBECONFIG, then ~/.kube/config" },
  { name: "context", value: "NAME", help: "context of the kubeconfig; default: its current one" },
];

/** Which objects of a resource. */
export type ReadQuery = { readonly namespace?: string; readonly labelSelector?: string };

/** Reads of one cluster. */
export type ClusterReader = {
  /** All objects of a resource, in all namespaces if none is given. @throws {ApiError} 404 if the cluster has no such resource */
  list<T extends KubeObject>(resource: Resource<T>, query?: ReadQuery): Promise<readonly Live<T>[]>;
};

/**
 * Opens the cluster that the options name, lets `read` ask it, and closes it.
 * @throws {Error} if the kubeconfig cannot be used, and whatever `read` throws
 */
export async function withCluster<Result>(
  given: Given,
  read: (cluster: ClusterReader) => Promise<Result>,
): Promise<Result> {
  const { listAll } = await import("../controller/kube/list-cluster.ts");
  return withClient(given, ({ client }) =>
    read({ list: (resource, query = {}) => listAll(client, resource, { query }) }),
  );
}
