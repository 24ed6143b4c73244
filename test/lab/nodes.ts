import type { ApiClient } from "./api-client.ts";
import type { LabNode } from "./layout.ts";

const now = (): string => new Date().toISOString();

/** Creates the Node objects as a kubelet and a cloud-less cluster would leave them: Ready, with Pod ranges, no taints. */
export async function createNodes(api: ApiClient, nodes: readonly LabNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => createNode(api, node)));
}

async function createNode(api: ApiClient, node: LabNode): Promise<void> {
  await api.call("POST", "/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux" } },
    spec: { podCIDR: node.pods4, podCIDRs: [node.pods4, node.pods6] },
  });
  await api.call("PATCH", `/api/v1/nodes/${node.name}/status`, { status: nodeStatus(node) });
  // Admission taints every new Node as not ready; the controller that takes the taint off does not run here.
  await api.call("PATCH", `/api/v1/nodes/${node.name}`, { spec: { taints: null } });
}

function nodeStatus(node: LabNode): unknown {
  const capacity = { cpu: "4", memory: "8Gi", pods: "250" };
  const condition = (type: string, status: "True" | "False", reason: string): unknown => ({
    type,
    status,
    reason,
    message: reason,
    lastHeartbeatTime: now(),
    lastTransitionTime: now(),
  });
  return {
    addresses: [
      { type: "InternalIP", address: node.lan4 },
      { type: "InternalIP", address: node.lan6 },
      { type: "Hostname", address: node.name },
    ],
    capacity,
    allocatable: capacity,
    conditions: [condition("Ready", "True", "KubeletReady"), condition("NetworkUnavailable", "False", "RouteCreated")],
  };
}
