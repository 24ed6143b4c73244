import type { ControlPlane } from "../lab/control-plane.ts";
import { objectsOf } from "./controller-objects.ts";

/** What a system that Herald replaces has in a cluster: its workloads, and a Service `shop/web` that it serves. */
type Replaced = {
  readonly namespace: string;
  /** As `Kind/name`. */
  readonly workloads: readonly string[];
  readonly config?: string;
  readonly address: string;
  readonly annotations: object;
  readonly spec?: object;
};

/** By the title of the recipe that leads away from it. */
const systems: Readonly<Record<string, Replaced>> = {
  "Migrate from MetalLB": {
    namespace: "metallb-system",
    workloads: ["Deployment/controller", "DaemonSet/speaker"],
    address: "203.0.113.66",
    annotations: { "metallb.io/ip-allocated-from-pool": "lan" },
  },
  "Migrate from MetalLB's BGP": {
    namespace: "metallb-system",
    workloads: ["Deployment/controller", "DaemonSet/speaker"],
    address: "203.0.113.106",
    annotations: { "metallb.io/ip-allocated-from-pool": "routed" },
  },
  "Migrate from kube-vip": {
    namespace: "kube-system",
    workloads: ["Deployment/kube-vip-cloud-provider", "DaemonSet/kube-vip-ds"],
    address: "203.0.113.74",
    annotations: { "kube-vip.io/loadbalancerIPs": "203.0.113.74" },
    spec: { loadBalancerIP: "203.0.113.74" },
  },
  "Migrate from Cilium": {
    namespace: "kube-system",
    workloads: ["Deployment/cilium-operator", "DaemonSet/cilium"],
    config: "cilium-config",
    address: "203.0.113.82",
    annotations: { "lbipam.cilium.io/ips": "203.0.113.82" },
  },
  "Migrate from PureLB": {
    namespace: "purelb",
    workloads: ["Deployment/allocator", "DaemonSet/lbnodeagent"],
    address: "203.0.113.90",
    annotations: { "purelb.io/service-group": "default", "purelb.io/allocated-by": "PureLB" },
  },
};

/** Puts what the recipe leads away from into the cluster; nothing for a recipe that leads away from nothing. */
export async function installReplaced(plane: ControlPlane, title: string): Promise<void> {
  const system = systems[title];
  if (system === undefined) return;
  const { namespace, workloads, config, address, annotations, spec = {} } = system;
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...workloads.map((each) => workload(each, namespace)),
    ...(config === undefined ? [] : [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: config, namespace } }]),
  ];
  await plane.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  const cluster = objectsOf(plane);
  await cluster.createService("shop/web", spec, annotations);
  await cluster.patchServiceStatus("shop/web", {
    status: { loadBalancer: { ingress: [{ ip: address, ipMode: "VIP" }] } },
  });
}

function workload(kindAndName: string, namespace: string): object {
  const [kind = "", name = ""] = kindAndName.split("/");
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: "none" }] } };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template },
  };
}
