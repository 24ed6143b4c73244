import type { KubeObject, Resource } from "../../kube/resource.ts";
import type { Importer } from "./imported.ts";

/** A system whose configuration can be imported, and where it lies in a cluster. */
export type System = {
  readonly name: string;
  readonly load: () => Promise<Importer>;
  /** What is read of a cluster; of each row the first that the cluster has. */
  readonly resources: readonly (readonly Resource[])[];
  /** The ConfigMaps that are read, as `namespace/name`. */
  readonly configMaps: readonly string[];
};

type Group = { readonly group: string; readonly namespaced: boolean };

const metallb: Group = { group: "metallb.io", namespaced: true };
const cilium: Group = { group: "cilium.io", namespaced: false };
const purelb: Group = { group: "purelb.io", namespaced: true };

/** Core Services. */
const services: Resource = { group: "", version: "v1", plural: "services", kind: "Service", namespaced: true };

/** Core ConfigMaps. */
export const CONFIG_MAPS: Resource<KubeObject & { readonly data?: object }> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

/** One kind in the versions that a cluster may serve, newest first. */
function versions({ group, namespaced }: Group, kind: string, ...served: readonly string[]): readonly Resource[] {
  const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return served.map((version) => ({ group, namespaced, kind, version, plural: plural.toLowerCase() }));
}

/** Every system, in the order of the help. */
export const systems: readonly System[] = [
  {
    name: "metallb",
    load: async () => (await import("./metallb.ts")).importMetalLB,
    configMaps: ["metallb-system/config"],
    resources: [
      [services],
      versions(metallb, "IPAddressPool", "v1beta1"),
      versions(metallb, "L2Advertisement", "v1beta1"),
      versions(metallb, "BGPAdvertisement", "v1beta1"),
      versions(metallb, "BGPPeer", "v1beta2", "v1beta1"),
      versions(metallb, "BFDProfile", "v1beta1"),
      versions(metallb, "Community", "v1beta1"),
    ],
  },
  {
    name: "kube-vip",
    load: async () => (await import("./kube-vip.ts")).importKubeVip,
    configMaps: ["kube-system/kubevip", "kube-system/plndr"],
    resources: [[services]],
  },
  {
    name: "cilium",
    load: async () => (await import("./cilium.ts")).importCilium,
    configMaps: [],
    resources: [
      [services],
      versions(cilium, "CiliumLoadBalancerIPPool", "v2", "v2alpha1"),
      versions(cilium, "CiliumL2AnnouncementPolicy", "v2alpha1"),
      versions(cilium, "CiliumBGPClusterConfig", "v2", "v2alpha1"),
      versions(cilium, "CiliumBGPPeerConfig", "v2", "v2alpha1"),
      versions(cilium, "CiliumBGPAdvertisement", "v2", "v2alpha1"),
      versions(cilium, "CiliumBGPPeeringPolicy", "v2alpha1"),
    ],
  },
  {
    name: "purelb",
    load: async () => (await import("./purelb.ts")).importPureLB,
    configMaps: [],
    resources: [[services], versions(purelb, "ServiceGroup", "v2", "v1"), versions(purelb, "LBNodeAgent", "v2", "v1")],
  },
];
