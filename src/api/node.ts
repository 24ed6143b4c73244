import { type Address, parseAddress } from "../net/address.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import type { Labels } from "./label-selector.ts";
import type { ObjectMeta } from "./object-meta.ts";

/** The label by which a cluster's owner keeps a node out of load balancing, whatever its value. */
export const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** The taint by which a cluster's owner says that a node is shut down and will not come back by itself. */
export const outOfServiceTaint = "node.kubernetes.io/out-of-service";

/** The taint of the cluster autoscaler on a node that it is about to delete. */
const scaledDownTaint = "ToBeDeletedByClusterAutoscaler";

/** What kubelet says in condition Ready of a machine that is shutting down, by the message alone. */
const shutdownMessage = "node is shutting down";

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
  /** By what the Node says that its machine is about to go (`whyGoing`). */
  readonly going?: string;
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
    readonly conditions?: readonly NodeCondition[];
  };
};

type NodeCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

/** The node that an object describes; addresses and prefixes that are none (host names) are left out. */
export function parseNode(object: NodeObject): ClusterNode {
  const { metadata, spec = {}, status = {} } = object;
  const going = whyGoing(object);
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
    ...(going !== undefined && { going }),
    addresses: (status.addresses ?? [])
      .filter(({ type }) => type === "InternalIP" || type === "ExternalIP")
      .map(({ address }) => parseAddress(address))
      .filter((address) => address !== undefined),
    podPrefixes: podPrefixes.map(parsePrefix).filter((prefix) => prefix !== undefined),
  };
}

/** By what a Node says that its machine is about to go, and not only its agent, in words after "node"; undefined: it does not. */
export function whyGoing({ metadata, spec = {}, status = {} }: NodeObject): string | undefined {
  if ((status.conditions ?? []).some(isShutDown)) return "is shutting down";
  if (metadata.deletionTimestamp !== undefined) return "is being deleted";
  const taint = (spec.taints ?? []).find(({ key }) => key === outOfServiceTaint || key === scaledDownTaint);
  if (taint !== undefined) return `has taint ${taint.key}`;
  return spec.unschedulable === true ? "is cordoned" : undefined;
}

function isShutDown({ type, status, reason = "", message = "" }: NodeCondition): boolean {
  return type === "Ready" && status === "False" && `${reason} ${message}`.includes(shutdownMessage);
}
