import { type Address, parseAddress } from "../net/address.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import type { Labels } from "./label-selector.ts";
import type { ObjectMeta } from "./object-meta.ts";

/** The label by which a cluster's owner keeps a node out of load balancing, whatever its value. */
export const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** The taint by which a cluster's owner says that a node is shut down and will not come back by itself. */
export const outOfServiceTaint = "node.kubernetes.io/out-of-service";

/** A Kubernetes Node as the planners see it. */
export type ClusterNode = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  /** Condition NetworkUnavailable is True. */
  readonly networkUnavailable: boolean;
  /** `kubectl cordon`: no new Pods. */
  readonly cordoned: boolean;
  /** It has the taint `outOfServiceTaint`. */
  readonly outOfService: boolean;
  /** InternalIP and ExternalIP addresses. */
  readonly addresses: readonly Address[];
  readonly podPrefixes: readonly Prefix[];
};

/** A Node as the API server has it, as far as Herald reads it. */
export type NodeObject = {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** The node that an object describes; addresses and prefixes that are none (host names) are left out. */
export function parseNode({ metadata, spec = {}, status = {} }: NodeObject): ClusterNode {
  const podPrefixes = spec.podCIDRs ?? (spec.podCIDR === undefined ? [] : [spec.podCIDR]);
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    labels: metadata.labels ?? {},
    networkUnavailable: (status.conditions ?? []).some(
      (condition) => condition.type === "NetworkUnavailable" && condition.status === "True",
    ),
    cordoned: spec.unschedulable === true,
    outOfService: (spec.taints ?? []).some(({ key }) => key === outOfServiceTaint),
    addresses: (status.addresses ?? [])
      .filter(({ type }) => type === "InternalIP" || type === "ExternalIP")
      .map(({ address }) => parseAddress(address))
      .filter((address) => address !== undefined),
    podPrefixes: podPrefixes.map(parsePrefix).filter((prefix) => prefix !== undefined),
  };
}
