import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabNode } from "./layout.ts";

export type ProxyMode = "nftables" | "iptables";

/**
 * Writes the configuration of a node's kube-proxy and gives the file. Changes reach the kernel within about 0.2 s
 * (kube-proxy's default is 1 s); connection tracking limits stay the kernel's, for they are read-only in a namespace.
 */
export function writeProxyConfig(folder: string, node: LabNode, mode: ProxyMode, kubeconfig: string): string {
  const file = join(folder, `kube-proxy-${node.name}.json`);
  const config = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode,
    hostnameOverride: node.name,
    clusterCIDR: "10.244.0.0/16,fd24::/48",
    nodePortAddresses: ["primary"],
    clientConnection: { kubeconfig },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    nftables: { minSyncPeriod: "50ms" },
    iptables: { minSyncPeriod: "50ms" },
  };
  writeFileSync(file, JSON.stringify(config, undefined, 2));
  return file;
}
