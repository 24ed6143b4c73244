import type { ReadCluster } from "../controller/cluster-objects.ts";
import type { FieldOptions } from "../controller/rehearsal.ts";
import type { AllocationOptions } from "../ipam/snapshot.ts";
import { clusterOptions } from "./cluster.ts";
import { withClient } from "./cluster-client.ts";
import { type CliOption, type Given, isOn } from "./command.ts";

/** How the cluster's controller was started, as far as that changes what it gives. */
export type ControllerFlags = Omit<AllocationOptions, "clusterFamily"> & FieldOptions;

const flag = (name: string, preset: "true" | "false", help: string): CliOption => ({
  name,
  value: "boolean",
  choices: ["true", "false"],
  preset: "true",
  default: preset,
  help: `as the controller runs: ${help}`,
});

/** The options of every command that works out what the controller would do. */
export const snapshotOptions: readonly CliOption[] = [
  ...clusterOptions,
  flag("default-class", "true", "also serve Services without a loadBalancerClass"),
  flag("allow-foreign-addresses", "false", "let Services ask for addresses outside all pools"),
  flag("write-load-balancer-ip", "true", "write the first address into spec.loadBalancerIP"),
  flag("observe", "false", "only write down which addresses Services show"),
];

/** What those options say. */
export function controllerFlags(given: Given): ControllerFlags {
  return {
    defaultClass: isOn(given, "default-class"),
    allowForeignAddresses: isOn(given, "allow-foreign-addresses"),
    writeLoadBalancerIP: isOn(given, "write-load-balancer-ip"),
    observe: isOn(given, "observe"),
  };
}

/** A cluster as its controller would plan from it; `namespace` is that of the kubeconfig's context. */
export type ClusterSnapshot = ReadCluster & { readonly namespace: string };

/**
 * The snapshot that the cluster's controller would plan from now (`nowMs` since the epoch), and what of it cannot be read.
 * @throws {Error} if the kubeconfig cannot be used or the API server refuses
 */
export async function clusterSnapshot(given: Given, nowMs: number): Promise<ClusterSnapshot> {
  const [{ listCluster }, { readCluster }] = await Promise.all([
    import("../controller/kube/list-cluster.ts"),
    import("../controller/cluster-objects.ts"),
  ]);
  return withClient(given, async ({ client, connection }) => {
    const read = readCluster(await listCluster(client), controllerFlags(given), nowMs);
    return { ...read, namespace: connection.namespace ?? defaultNamespace };
  });
}

/** Where a context names no namespace. */
const defaultNamespace = "default";
