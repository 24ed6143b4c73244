import type { CoreV1Event, V1EndpointSlice, V1Lease, V1Namespace, V1Node, V1Service } from "@kubernetes/client-node";
import type { Json, KubeObject, Resource } from "./resource.ts";

/** Kubernetes' Services. */
export const SERVICES: Resource<Json<V1Service>> = {
  group: "",
  version: "v1",
  plural: "services",
  kind: "Service",
  namespaced: true,
};

/** Kubernetes' Nodes. */
export const NODES: Resource<Json<V1Node>> = {
  group: "",
  version: "v1",
  plural: "nodes",
  kind: "Node",
  namespaced: false,
};

/** Kubernetes' Namespaces. */
export const NAMESPACES: Resource<Json<V1Namespace>> = {
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
  namespaced: false,
};

/** Kubernetes' EndpointSlices (discovery.k8s.io/v1). */
export const ENDPOINT_SLICES: Resource<Json<V1EndpointSlice>> = {
  group: "discovery.k8s.io",
  version: "v1",
  plural: "endpointslices",
  kind: "EndpointSlice",
  namespaced: true,
};

/** Kubernetes' Leases (coordination.k8s.io/v1). */
export const LEASES: Resource<Json<V1Lease>> = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
  namespaced: true,
};

/** Events of the core group: the ones that `kubectl describe` counts and lists. */
export const EVENTS: Resource<Json<CoreV1Event>> = {
  group: "",
  version: "v1",
  plural: "events",
  kind: "Event",
  namespaced: true,
};

/** One of Herald's own cluster-scoped resources (herald.dev/v1beta1), such as `heraldResource<IPPool>("ippools", "IPPool")`. */
export function heraldResource<T extends KubeObject>(plural: string, kind: string): Resource<T> {
  return { group: "herald.dev", version: "v1beta1", plural, kind, namespaced: false };
}
